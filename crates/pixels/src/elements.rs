//! Little-endian elements as Rust numbers, wherever in memory they begin.

/// One element type of the wire.
pub(crate) trait Element: Copy {
    /// Bytes per element.
    const SIZE: usize;
    /// From exactly [`Self::SIZE`] bytes.
    fn read(bytes: &[u8]) -> Self;
    /// The value; exact for all dtypes of the wire.
    fn to_f64(self) -> f64;
    /// `(value - black) * per_unit`.
    fn place(self, black: f64, per_unit: f64) -> f32;
    /// Whether [`Self::place`] is right for these: it may calculate in single precision.
    fn can_place(black: f64, per_unit: f64) -> bool;
}

/// Differences of 32-bit integers and float64 need 64 bits; all others are exact in f32, which is four times as
/// fast once vectorised.
macro_rules! element {
    ($type:ty, $float:ty) => {
        impl Element for $type {
            const SIZE: usize = size_of::<$type>();

            #[inline(always)]
            fn read(bytes: &[u8]) -> Self {
                let mut array = [0; size_of::<$type>()];
                array.copy_from_slice(bytes);
                <$type>::from_le_bytes(array)
            }

            #[inline(always)]
            fn to_f64(self) -> f64 {
                self as f64
            }

            #[inline(always)]
            fn place(self, black: f64, per_unit: f64) -> f32 {
                ((self as $float - black as $float) * per_unit as $float) as f32
            }

            fn can_place(black: f64, per_unit: f64) -> bool {
                let is_moderate = |value: f64| (1e-30..1e30).contains(&value.abs());
                size_of::<$float>() == 8 || (is_moderate(per_unit) && (black == 0.0 || is_moderate(black)))
            }
        }
    };
}

element!(u8, f32);
element!(i8, f32);
element!(u16, f32);
element!(i16, f32);
element!(u32, f64);
element!(i32, f64);
element!(f32, f32);
element!(f64, f64);

/// Calls `$body` with `$element` naming the Rust type of `$dtype`. Booleans are read as `u8`.
macro_rules! with_element {
    ($dtype:expr, $element:ident => $body:expr) => {{
        use protocol::Dtype;
        match $dtype {
            Dtype::Bool | Dtype::U8 => {
                type $element = u8;
                $body
            }
            Dtype::I8 => {
                type $element = i8;
                $body
            }
            Dtype::U16 => {
                type $element = u16;
                $body
            }
            Dtype::I16 => {
                type $element = i16;
                $body
            }
            Dtype::U32 => {
                type $element = u32;
                $body
            }
            Dtype::I32 => {
                type $element = i32;
                $body
            }
            Dtype::F32 => {
                type $element = f32;
                $body
            }
            Dtype::F64 => {
                type $element = f64;
                $body
            }
        }
    }};
}
pub(crate) use with_element;
