//! How large what one pixel shows is.

use crate::DecodeError;

/// Height and width of the part of the scene that one pixel shows.
#[derive(Clone, Debug, PartialEq)]
pub struct PixelSize {
    height: f64,
    width: f64,
    unit: String,
}

impl PixelSize {
    /// The unit where none is given: micrometre, with the micro sign U+00B5.
    pub const DEFAULT_UNIT: &str = "µm";
    /// Longest unit, in bytes.
    pub const MAX_UNIT_BYTES: usize = 16;

    /// Sides in `unit`, finite and above 0; the unit has 1 to [`Self::MAX_UNIT_BYTES`] bytes, none of them a control
    /// character. What keyboards without a micro sign make of µm (`um`, or a Greek mu) is read as [`Self::DEFAULT_UNIT`].
    ///
    /// # Errors
    /// [`DecodeError::Value`] names the key outside those limits.
    pub fn new(height: f64, width: f64, unit: &str) -> Result<Self, DecodeError> {
        let is_length = |side: f64| side.is_finite() && side > 0.0;
        if !(is_length(height) && is_length(width)) {
            return Err(DecodeError::Value {
                key: "pixel_size",
                expected: "two finite numbers above 0, height and width",
                got: format!("[{height}, {width}]"),
            });
        }
        if !(1..=Self::MAX_UNIT_BYTES).contains(&unit.len()) || unit.chars().any(char::is_control) {
            return Err(DecodeError::Value {
                key: "pixel_unit",
                expected: "1 to 16 bytes without control characters, such as µm",
                got: format!("{:?}", unit.chars().take(40).collect::<String>()),
            });
        }
        let unit = match unit {
            "um" | "\u{3bc}m" => Self::DEFAULT_UNIT,
            other => other,
        };
        Ok(Self {
            height,
            width,
            unit: unit.to_owned(),
        })
    }

    /// `[height, width]`, in [`Self::unit`].
    pub const fn sides(&self) -> [f64; 2] {
        [self.height, self.width]
    }

    /// `[height, width]` in metres, if the unit is one of length with a usual name: `m` to `pm`, or `Å`.
    pub fn metres(&self) -> Option<[f64; 2]> {
        let metres = match self.unit.as_str() {
            "m" => 1.0,
            "cm" => 1e-2,
            "mm" => 1e-3,
            Self::DEFAULT_UNIT => 1e-6,
            "nm" => 1e-9,
            // The letter, and the sign for the unit that looks like it.
            "\u{c5}" | "\u{212b}" => 1e-10,
            "pm" => 1e-12,
            _ => return None,
        };
        Some(self.sides().map(|side| side * metres))
    }

    /// Unit of both sides.
    pub fn unit(&self) -> &str {
        &self.unit
    }
}
