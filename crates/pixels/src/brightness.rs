//! How bright a whole frame is, at the cost of reading it once.

use protocol::Dtype;
use protocol::frame::Format;

use crate::elements::Element;
use crate::statistics::colours;

/// Mean and maximum of all elements of a frame but alpha. NaNs are left out; of no value at all both are NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Brightness {
    /// Arithmetic mean.
    pub mean: f64,
    /// Greatest.
    pub max: f64,
}

impl Brightness {
    /// Of one frame.
    ///
    /// # Panics
    /// If `payload` is not `format.byte_len()` bytes.
    pub fn of(format: &Format, payload: &[u8]) -> Self {
        assert_eq!(payload.len(), format.byte_len(), "payload and format differ");
        match format.shape.channels() {
            4 => of_elements(format.dtype, &colours(payload, format.dtype.size())),
            _ => of_elements(format.dtype, payload),
        }
    }
}

fn of_elements(dtype: Dtype, payload: &[u8]) -> Brightness {
    match dtype {
        Dtype::Bool => integers::<u8, u8>(payload, |byte| u8::from(byte != 0)),
        Dtype::U8 => integers::<u8, u8>(payload, |value| value),
        Dtype::I8 => integers::<i8, i8>(payload, |value| value),
        Dtype::U16 => integers::<u16, u16>(payload, |value| value),
        Dtype::I16 => integers::<i16, i16>(payload, |value| value),
        Dtype::U32 => integers::<u32, u32>(payload, |value| value),
        Dtype::I32 => integers::<i32, i32>(payload, |value| value),
        Dtype::F32 => reals::<f32>(payload),
        Dtype::F64 => reals::<f64>(payload),
    }
}

/// Exact: 2^30 elements, the most that a frame has, of 32 bits add up to less than 2^62.
fn integers<T: Element, V: Copy + Ord + Into<i64>>(payload: &[u8], value_of: impl Fn(T) -> V) -> Brightness {
    /// Extremes within it stay in the dtype, and there are as many lanes as a register holds.
    const BLOCK: usize = 4_096;
    let mut sum = 0_i64;
    let mut max = None;
    for block in payload.chunks(BLOCK * T::SIZE) {
        let values = || block.chunks_exact(T::SIZE).map(|bytes| value_of(T::read(bytes)));
        sum += values().map(Into::into).sum::<i64>();
        max = max.max(values().max());
    }
    let max: Option<i64> = max.map(Into::into);
    Brightness {
        mean: sum as f64 / (payload.len() / T::SIZE) as f64,
        max: max.map_or(f64::NAN, |max| max as f64),
    }
}

/// In double precision, in lanes that are added up at the end.
fn reals<T: Element>(payload: &[u8]) -> Brightness {
    const LANES: usize = 8;
    let mut lanes = [(0.0, 0.0, f64::NEG_INFINITY); LANES];
    let take = |lane: &mut (f64, f64, f64), bytes: &[u8]| {
        let value = T::read(bytes).to_f64();
        let (count, sum, max) = *lane;
        *lane = match value.is_nan() {
            true => (count, sum, max),
            false => (count + 1.0, sum + value, if value > max { value } else { max }),
        };
    };
    let mut blocks = payload.chunks_exact(LANES * T::SIZE);
    for block in &mut blocks {
        for (lane, bytes) in lanes.iter_mut().zip(block.chunks_exact(T::SIZE)) {
            take(lane, bytes);
        }
    }
    for bytes in blocks.remainder().chunks_exact(T::SIZE) {
        take(&mut lanes[0], bytes);
    }
    let plus = |(n, a, x): (f64, f64, f64), (m, b, y): (f64, f64, f64)| (n + m, a + b, x.max(y));
    let (count, sum, max) = lanes.into_iter().fold((0.0, 0.0, f64::NEG_INFINITY), plus);
    Brightness {
        mean: sum / count,
        max: if count > 0.0 { max } else { f64::NAN },
    }
}

#[cfg(test)]
mod tests {
    use protocol::frame::Shape;

    use super::*;
    use crate::Mask;

    /// xorshift64, Marsaglia 2003.
    fn noise(count: usize) -> Vec<u8> {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        };
        std::iter::repeat_with(next).take(count).collect()
    }

    #[test]
    fn it_is_what_the_statistics_of_the_whole_frame_say() {
        for dtype in Dtype::ALL {
            for channels in [1, 3, 4] {
                let format = Format::new(Shape::new(61, 101, channels).unwrap(), dtype);
                let mut payload = noise(format.byte_len());
                if dtype.is_float() {
                    // Without the outermost exponents, beside which nothing else counts; but with NaNs.
                    for (index, value) in payload.chunks_exact_mut(dtype.size()).enumerate() {
                        let exponent = if index % 7 == 0 { 0x7f } else { 0x40 };
                        value[dtype.size() - 1] = exponent;
                    }
                }
                let expected = Mask::whole(format.shape).statistics(&format, &payload);
                let got = Brightness::of(&format, &payload);
                let close = |got: f64, expected: f64| {
                    (got.is_nan() && expected.is_nan())
                        || got == expected
                        || (got - expected).abs() <= 1e-12 * expected.abs()
                };
                assert!(
                    close(got.mean, expected.mean) && close(got.max, expected.max),
                    "{dtype} x {channels}: {got:?}, expected {expected:?}"
                );
            }
        }
    }

    #[test]
    fn negative_values_nothing_and_infinity() {
        let of = |values: &[f32]| {
            let payload: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            let shape = Shape::new(1, values.len() as u64, 1).unwrap();
            Brightness::of(&Format::new(shape, Dtype::F32), &payload)
        };
        let nan = f32::NAN;
        assert_eq!(
            of(&[-3.0, nan, -1.0]),
            Brightness {
                mean: -2.0,
                max: -1.0
            }
        );
        assert_eq!(of(&[f32::INFINITY, 0.0]).mean, f64::INFINITY);
        let none = of(&[nan; 9]);
        assert!(none.mean.is_nan() && none.max.is_nan());
    }
}
