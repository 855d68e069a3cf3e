//! Element types, as NumPy writes them.

use std::fmt;
use std::str::FromStr;

/// Type of one element, little-endian. The wire carries NumPy's typestr; flags also take its plain name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dtype {
    /// `|b1`, one byte, zero or not.
    Bool,
    /// `|u1`
    U8,
    /// `|i1`
    I8,
    /// `<u2`
    U16,
    /// `<i2`
    I16,
    /// `<u4`
    U32,
    /// `<i4`
    I32,
    /// `<f4`
    F32,
    /// `<f8`
    F64,
}

impl Dtype {
    /// Every dtype of the wire.
    pub const ALL: [Self; 9] = [
        Self::Bool,
        Self::U8,
        Self::I8,
        Self::U16,
        Self::I16,
        Self::U32,
        Self::I32,
        Self::F32,
        Self::F64,
    ];

    /// Bytes per element.
    pub const fn size(self) -> usize {
        match self {
            Self::Bool | Self::U8 | Self::I8 => 1,
            Self::U16 | Self::I16 => 2,
            Self::U32 | Self::I32 | Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    /// NumPy's `dtype.str`, what the wire carries.
    pub const fn typestr(self) -> &'static str {
        match self {
            Self::Bool => "|b1",
            Self::U8 => "|u1",
            Self::I8 => "|i1",
            Self::U16 => "<u2",
            Self::I16 => "<i2",
            Self::U32 => "<u4",
            Self::I32 => "<i4",
            Self::F32 => "<f4",
            Self::F64 => "<f8",
        }
    }

    /// NumPy's `dtype.name`, what people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::U8 => "uint8",
            Self::I8 => "int8",
            Self::U16 => "uint16",
            Self::I16 => "int16",
            Self::U32 => "uint32",
            Self::I32 => "int32",
            Self::F32 => "float32",
            Self::F64 => "float64",
        }
    }

    /// The dtype of a typestr, exactly as on the wire.
    pub fn from_typestr(typestr: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dtype| dtype.typestr() == typestr)
    }

    /// One little-endian element as a number, which holds every value of every dtype; of `bool`, 0 or 1.
    ///
    /// # Panics
    /// Unless `element` has exactly [`Self::size`] bytes.
    pub fn value(self, element: &[u8]) -> f64 {
        match (self, element) {
            (Self::Bool, &[a]) => f64::from(u8::from(a != 0)),
            (Self::U8, &[a]) => f64::from(a),
            (Self::I8, &[a]) => f64::from(a as i8),
            (Self::U16, &[a, b]) => f64::from(u16::from_le_bytes([a, b])),
            (Self::I16, &[a, b]) => f64::from(i16::from_le_bytes([a, b])),
            (Self::U32, &[a, b, c, d]) => f64::from(u32::from_le_bytes([a, b, c, d])),
            (Self::I32, &[a, b, c, d]) => f64::from(i32::from_le_bytes([a, b, c, d])),
            (Self::F32, &[a, b, c, d]) => f64::from(f32::from_le_bytes([a, b, c, d])),
            (Self::F64, &[a, b, c, d, e, f, g, h]) => f64::from_le_bytes([a, b, c, d, e, f, g, h]),
            _ => panic!("an element of {self} of {} bytes", element.len()),
        }
    }

    /// Whether values are floating-point and so have no natural full range.
    pub const fn is_float(self) -> bool {
        matches!(self, Self::F32 | Self::F64)
    }
}

impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Dtype {
    type Err = String;

    /// Takes a name (`uint16`) or a typestr (`<u2`).
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|dtype| dtype.name() == text || dtype.typestr() == text)
            .ok_or_else(|| {
                let names = Self::ALL.map(Self::name).join(", ");
                format!("unknown dtype {text:?}: expected one of {names}")
            })
    }
}
