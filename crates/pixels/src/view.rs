//! How the values of a stream are looked at.

use protocol::Dtype;

use crate::{Colormap, Error, Window};

/// Everything between values and colours. The values stay what they are.
///
/// A value's place in the window, 0 (black) to 1 (white), is raised to the power of gamma, and that times 255 is its
/// grey level, which the colormap colours. RGB has colours of its own: there every channel goes through window, gamma
/// and invert, and neither colormap nor highlight apply.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// Values shown as black and white.
    pub window: Window,
    /// Below 1 brightens what is dark, above 1 darkens it.
    pub gamma: Gamma,
    /// Colours of grey levels.
    pub colormap: Colormap,
    /// Black is white, and the colormap runs backwards.
    pub invert: bool,
    /// Values marked whatever the window is.
    pub highlight: Option<Highlight>,
}

impl From<Window> for View {
    /// Linear, grey, nothing marked.
    fn from(window: Window) -> Self {
        Self {
            window,
            gamma: Gamma::default(),
            colormap: Colormap::default(),
            invert: false,
            highlight: None,
        }
    }
}

impl View {
    /// Whether 8-bit values are their own grey levels.
    pub(crate) fn is_identity_for(&self, dtype: Dtype) -> bool {
        self.window.is_identity_for(dtype) && self.gamma == Gamma::default() && !self.invert
    }

    /// Whether grey values get colours.
    pub(crate) fn is_coloured(&self) -> bool {
        self.colormap != Colormap::Gray || self.highlight.is_some()
    }
}

/// Exponent of the display curve, 0.05 to 20.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gamma(f64);

impl Gamma {
    /// # Errors
    /// [`Error::Gamma`] outside 0.05 to 20.
    pub fn new(gamma: f64) -> Result<Self, Error> {
        match gamma {
            0.05..=20.0 => Ok(Self(gamma)),
            _ => Err(Error::Gamma(gamma)),
        }
    }

    /// The exponent.
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl Default for Gamma {
    /// 1: linear.
    fn default() -> Self {
        Self(1.0)
    }
}

/// Values that carry no light or more than could be counted: blue and red.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Highlight {
    zero: f64,
    saturated: f64,
}

impl Highlight {
    /// `zero` and everything below is blue, `saturated` and everything above is red: for a camera of 12 bits, 4095.
    ///
    /// # Errors
    /// [`Error::NotFinite`], or [`Error::Empty`] unless `zero < saturated`.
    pub fn new(zero: f64, saturated: f64) -> Result<Self, Error> {
        // The same rules: what is between them is not marked.
        Window::try_from([zero, saturated]).map(|_| Self { zero, saturated })
    }

    /// This and everything below is blue.
    pub const fn zero(self) -> f64 {
        self.zero
    }

    /// This and everything above is red.
    pub const fn saturated(self) -> f64 {
        self.saturated
    }

    /// What the dtype itself cannot go beyond; for floats 0 and 1.
    pub fn of(dtype: Dtype) -> Self {
        let window = Window::full_range(dtype);
        Self {
            zero: window.map_or(0.0, Window::black),
            saturated: window.map_or(1.0, Window::white),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gamma_out_of_range_is_named() {
        for gamma in [0.0, -1.0, 20.1, f64::NAN, f64::INFINITY] {
            assert!(Gamma::new(gamma).is_err(), "{gamma}");
        }
        assert_eq!(
            Gamma::new(0.0).unwrap_err().to_string(),
            "gamma is 0: expected 0.05 to 20"
        );
        assert_eq!(Gamma::new(0.45).unwrap().get(), 0.45);
    }

    #[test]
    fn highlight_begins_where_a_dtype_ends() {
        let of = |dtype| {
            let Highlight { zero, saturated } = Highlight::of(dtype);
            (zero, saturated)
        };
        assert_eq!(of(Dtype::U16), (0.0, 65_535.0));
        assert_eq!(of(Dtype::I16), (-32_768.0, 32_767.0));
        assert_eq!(of(Dtype::F32), (0.0, 1.0));
    }
}
