//! Which values are black and white on the screen.

use protocol::Dtype;

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

    /// Grey levels per unit of value.
    pub(crate) fn levels_per_unit(self) -> f64 {
        255.0 / (self.white - self.black)
    }

    /// Whether 8-bit values are their own grey levels.
    pub(crate) fn is_identity_for(self, dtype: Dtype) -> bool {
        dtype == Dtype::U8 && self.black == 0.0 && self.white == 255.0
    }
}
