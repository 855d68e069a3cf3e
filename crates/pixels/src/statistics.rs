//! Mean, extremes, sum and spread of the pixels of a region, exactly.

use protocol::Dtype;
use protocol::frame::Format;

use crate::Mask;
use crate::elements::{Element, with_element};

/// What a region's values are like. NaNs are left out, as by NumPy's `nanmean` and its kin; of no value at all
/// everything but the count is NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Statistics {
    /// Values that are not NaN.
    pub count: u64,
    /// Arithmetic mean.
    pub mean: f64,
    /// Least.
    pub min: f64,
    /// Greatest.
    pub max: f64,
    /// Of all.
    pub sum: f64,
    /// Standard deviation of the values as they are: NumPy's `std`, `ddof=0`.
    pub std: f64,
}

impl Statistics {
    const NONE: Self = Self {
        count: 0,
        mean: f64::NAN,
        min: f64::NAN,
        max: f64::NAN,
        sum: f64::NAN,
        std: f64::NAN,
    };
}

impl Mask {
    /// Statistics of the frame's pixels in this mask: of every element of them, so of RGB of all three colours
    /// together. Of RGBA, alpha is none.
    ///
    /// # Panics
    /// If the mask is for frames of another size, or `payload` is not `format.byte_len()` bytes.
    pub fn statistics(&self, format: &Format, payload: &[u8]) -> Statistics {
        let shape = format.shape;
        assert!(self.fits(shape), "the mask is for frames of another size");
        assert_eq!(payload.len(), format.byte_len(), "payload and format differ");
        let size = format.dtype.size();
        let pixel_bytes = shape.channels() * size;
        let pixels = self.spans().iter().map(|span| {
            let start = span.row as usize * shape.width() + span.start as usize;
            &payload[start * pixel_bytes..(start + span.len()) * pixel_bytes]
        });
        match shape.channels() {
            4 => statistics(format.dtype, pixels.map(|run| colours(run, size))),
            _ => statistics(format.dtype, pixels),
        }
    }
}

/// Pixels of RGBA without their alpha.
pub(crate) fn colours(run: &[u8], size: usize) -> Vec<u8> {
    let mut colours = Vec::with_capacity(run.len() / 4 * 3);
    for pixel in run.chunks_exact(4 * size) {
        colours.extend_from_slice(&pixel[..3 * size]);
    }
    colours
}

/// Of the elements in all `runs`.
fn statistics(dtype: Dtype, runs: impl Iterator<Item: AsRef<[u8]>> + Clone) -> Statistics {
    match dtype {
        Dtype::Bool => integers::<u8>(runs, |byte| i32::from(byte != 0)),
        Dtype::U8 => integers::<u8>(runs, i32::from),
        Dtype::I8 => integers::<i8>(runs, i32::from),
        Dtype::U16 => integers::<u16>(runs, i32::from),
        Dtype::I16 => integers::<i16>(runs, i32::from),
        Dtype::U32 | Dtype::I32 | Dtype::F32 | Dtype::F64 => with_element!(dtype, T => reals::<T>(runs)),
    }
}

/// Exact throughout: 2^30 elements, the most that a frame has, of 16 bits have squares that add up to less than 2^62.
fn integers<T: Element>(
    runs: impl Iterator<Item: AsRef<[u8]>>,
    value_of: impl Fn(T) -> i32 + Copy,
) -> Statistics {
    /// Elements whose sum fits into 32 bits.
    const BLOCK: usize = 4_096;
    let (mut count, mut sum, mut squares) = (0_u64, 0_i64, 0_u64);
    let (mut min, mut max) = (i32::MAX, i32::MIN);
    for run in runs {
        for block in run.as_ref().chunks(BLOCK * T::SIZE) {
            let mut block_sum = 0_i32;
            for bytes in block.chunks_exact(T::SIZE) {
                let value = value_of(T::read(bytes));
                block_sum += value;
                let magnitude = value.unsigned_abs();
                squares += u64::from(magnitude * magnitude);
                min = min.min(value);
                max = max.max(value);
            }
            sum += i64::from(block_sum);
            count += (block.len() / T::SIZE) as u64;
        }
    }
    if count == 0 {
        return Statistics::NONE;
    }
    let (n, total) = (i128::from(count), i128::from(sum));
    let spread = n * i128::from(squares) - total * total;
    Statistics {
        count,
        mean: sum as f64 / count as f64,
        min: min.into(),
        max: max.into(),
        sum: sum as f64,
        std: (spread as f64).sqrt() / count as f64,
    }
}

/// In double precision, in lanes that are added up at the end, so that errors stay far below a millionth; the spread
/// from deviations from one of the values, so that a large mean takes no digits away from it.
fn reals<T: Element>(runs: impl Iterator<Item: AsRef<[u8]>> + Clone) -> Statistics {
    const LANES: usize = 8;
    let first_finite = |run: &[u8]| {
        let values = run.chunks_exact(T::SIZE).map(|bytes| T::read(bytes).to_f64());
        values.clone().find(|value| value.is_finite())
    };
    let pivot = runs
        .clone()
        .find_map(|run| first_finite(run.as_ref()))
        .unwrap_or(0.0);
    let mut lanes = [Lane::default(); LANES];
    for run in runs {
        let run = run.as_ref();
        let mut blocks = run.chunks_exact(LANES * T::SIZE);
        for block in &mut blocks {
            for (lane, bytes) in lanes.iter_mut().zip(block.chunks_exact(T::SIZE)) {
                lane.take(T::read(bytes).to_f64(), pivot);
            }
        }
        for bytes in blocks.remainder().chunks_exact(T::SIZE) {
            lanes[0].take(T::read(bytes).to_f64(), pivot);
        }
    }
    let total = lanes.into_iter().reduce(Lane::plus).unwrap_or_default();
    if total.count == 0.0 {
        return Statistics::NONE;
    }
    let off_pivot = total.deviations / total.count;
    let variance = total.squares / total.count - off_pivot * off_pivot;
    Statistics {
        count: total.count as u64,
        mean: total.sum / total.count,
        min: total.min,
        max: total.max,
        sum: total.sum,
        // Rounding may leave a little less than nothing; NaN, of infinities, stays.
        std: if variance < 0.0 { 0.0 } else { variance.sqrt() },
    }
}

/// One of the running totals that are kept beside each other.
#[derive(Clone, Copy)]
struct Lane {
    /// Exact to 2^53.
    count: f64,
    sum: f64,
    /// Of differences from the pivot.
    deviations: f64,
    /// Of their squares.
    squares: f64,
    min: f64,
    max: f64,
}

impl Default for Lane {
    fn default() -> Self {
        Self {
            count: 0.0,
            sum: 0.0,
            deviations: 0.0,
            squares: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
        }
    }
}

impl Lane {
    /// Without branches, so that lanes go side by side.
    #[inline(always)]
    fn take(&mut self, value: f64, pivot: f64) {
        let is_value = !value.is_nan();
        let or_zero = |number: f64| if is_value { number } else { 0.0 };
        let deviation = or_zero(value - pivot);
        self.count += or_zero(1.0);
        self.sum += or_zero(value);
        self.deviations += deviation;
        self.squares += deviation * deviation;
        self.min = if value < self.min { value } else { self.min };
        self.max = if value > self.max { value } else { self.max };
    }

    fn plus(self, other: Self) -> Self {
        Self {
            count: self.count + other.count,
            sum: self.sum + other.sum,
            deviations: self.deviations + other.deviations,
            squares: self.squares + other.squares,
            min: self.min.min(other.min),
            max: self.max.max(other.max),
        }
    }
}

#[cfg(test)]
#[path = "statistics_tests.rs"]
mod tests;
