//! Which values are black and white on the screen.

use protocol::Dtype;

use crate::Error;

/// Values shown as black (0) and white (255); linear between, clipped outside. Always finite, `black < white`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    black: f64,
    white: f64,
}

impl Window {
    /// `None` unless both are finite and `black < white`.
    pub fn new(black: f64, white: f64) -> Option<Self> {
        (black.is_finite() && white.is_finite() && black < white && (white - black).is_finite())
            .then_some(Self { black, white })
    }

    /// Everything an integer dtype can hold; `None` for floats, which have no such range.
    pub fn full_range(dtype: Dtype) -> Option<Self> {
        let (black, white) = match dtype {
            Dtype::Bool => (0.0, 1.0),
            Dtype::U8 => (0.0, f64::from(u8::MAX)),
            Dtype::I8 => (f64::from(i8::MIN), f64::from(i8::MAX)),
            Dtype::U16 => (0.0, f64::from(u16::MAX)),
            Dtype::I16 => (f64::from(i16::MIN), f64::from(i16::MAX)),
            Dtype::U32 => (0.0, f64::from(u32::MAX)),
            Dtype::I32 => (f64::from(i32::MIN), f64::from(i32::MAX)),
            Dtype::F32 | Dtype::F64 => return None,
        };
        Some(Self { black, white })
    }

    /// The value shown as black.
    pub const fn black(self) -> f64 {
        self.black
    }

    /// The value shown as white.
    pub const fn white(self) -> f64 {
        self.white
    }

    /// Whether 8-bit values are their own grey levels.
    pub(crate) fn is_identity_for(self, dtype: Dtype) -> bool {
        dtype == Dtype::U8 && self.black == 0.0 && self.white == 255.0
    }
}

impl TryFrom<[f64; 2]> for Window {
    type Error = Error;

    /// From minimum and maximum, as somebody typed them.
    fn try_from([min, max]: [f64; 2]) -> Result<Self, Error> {
        for (field, got) in [("min", min), ("max", max)] {
            if !got.is_finite() {
                return Err(Error::NotFinite { field, got });
            }
        }
        if min < max && !(max - min).is_finite() {
            let (field, got) = ("max - min", max - min);
            return Err(Error::NotFinite { field, got });
        }
        Self::new(min, max).ok_or(Error::Empty { min, max })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_typed_values_is_named() {
        let refused = |min, max| Window::try_from([min, max]).unwrap_err().to_string();
        assert_eq!(refused(f64::NAN, 1.0), "min is NaN: expected a finite number");
        assert_eq!(
            refused(0.0, f64::INFINITY),
            "max is inf: expected a finite number"
        );
        assert_eq!(
            refused(-1.7e308, 1.7e308),
            "max - min is inf: expected a finite number"
        );
        assert_eq!(refused(5.0, 5.0), "min is 5, max is 5: expected min below max");
        assert_eq!(refused(5.0, 3.0), "min is 5, max is 3: expected min below max");
        assert_eq!(Window::try_from([-0.02, 0.4]).unwrap().white(), 0.4);
    }
}
