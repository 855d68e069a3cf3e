//! A part of a frame as it was captured, or a smaller copy of it that says how it was made.

use protocol::Dtype;
use protocol::frame::Shape;

use crate::elements::{Element, with_element};

/// A rectangle of whole pixels, not empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// Its first column.
    pub x: u32,
    /// Its first row.
    pub y: u32,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl Region {
    /// All of a frame.
    pub const fn whole(shape: Shape) -> Self {
        Self {
            x: 0,
            y: 0,
            width: shape.width() as u32,
            height: shape.height() as u32,
        }
    }

    /// What of it is in a frame, if anything.
    pub fn within(self, shape: Shape) -> Option<Self> {
        let clip = |first: u32, count: u32, side: usize| {
            let rest = (side as u32).checked_sub(first)?;
            let count = count.min(rest);
            (count > 0).then_some(count)
        };
        Some(Self {
            width: clip(self.x, self.width, shape.width())?,
            height: clip(self.y, self.height, shape.height())?,
            ..self
        })
    }
}

/// What one pixel of a smaller copy tells about its block of captured pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The mean of the block: of integers rounded to the nearest, halves up; of floats without the NaNs, and NaN where
    /// there is nothing else. Thin structures stay visible and noise goes down.
    Mean,
    /// The pixel in the middle of the block: row and column `n / 2` of `n`.
    Nearest,
}

impl Method {
    /// The mean where there is one: truth values have none.
    pub const fn of(dtype: Dtype) -> Self {
        match dtype {
            Dtype::Bool => Self::Nearest,
            _ => Self::Mean,
        }
    }
}

/// Which pixels of a frame, and how many of them, along each side, become one. Blocks at the right and lower edge of
/// the region are cut short by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reduction {
    region: Region,
    factor: u32,
}

impl Reduction {
    /// The least reduction of `region` that leaves at most `max_pixels` (at least 1).
    pub fn to_fit(region: Region, max_pixels: u64) -> Self {
        let max_pixels = max_pixels.max(1);
        let pixels = u64::from(region.width) * u64::from(region.height);
        // Never more than the least that fits: rounding up the sides only takes more room.
        let mut factor = ((pixels as f64 / max_pixels as f64).sqrt() as u32).max(1);
        loop {
            let reduction = Self { region, factor };
            if (reduction.height() * reduction.width()) as u64 <= max_pixels {
                return reduction;
            }
            factor += 1;
        }
    }

    /// Which pixels.
    pub const fn region(&self) -> Region {
        self.region
    }

    /// Captured pixels per pixel, along each side; 1: as captured.
    pub const fn factor(&self) -> u32 {
        self.factor
    }

    /// Rows that are left.
    pub const fn height(&self) -> usize {
        self.region.height.div_ceil(self.factor) as usize
    }

    /// Columns that are left.
    pub const fn width(&self) -> usize {
        self.region.width.div_ceil(self.factor) as usize
    }

    /// Whether nothing is left out of a frame of this shape.
    pub fn is_whole(&self, shape: Shape) -> bool {
        self.factor == 1 && self.region == Region::whole(shape)
    }

    /// Reduces a frame: C-contiguous, little-endian `bytes` of `shape` and `dtype`, within which the region is; comes
    /// out as C-contiguous [`Self::height`] x [`Self::width`] pixels of the same dtype.
    ///
    /// # Panics
    /// When the region is not within the frame, or `bytes` has not its length.
    pub fn apply(&self, shape: Shape, dtype: Dtype, bytes: &[u8]) -> Vec<u8> {
        assert_eq!(
            self.region.within(shape),
            Some(self.region),
            "region within {shape}"
        );
        assert_eq!(bytes.len(), shape.byte_len(dtype), "bytes of {shape}");
        let pixel = shape.channels() * dtype.size();
        let mut out = Vec::with_capacity(self.height() * self.width() * pixel);
        let columns = self.region.x as usize * pixel..(self.region.x + self.region.width) as usize * pixel;
        let rows: Vec<&[u8]> = bytes
            .chunks_exact(shape.width() * pixel)
            .skip(self.region.y as usize)
            .take(self.region.height as usize)
            .map(|row| &row[columns.clone()])
            .collect();
        let factor = self.factor as usize;
        for rows in rows.chunks(factor) {
            match Method::of(dtype) {
                _ if factor == 1 => out.extend_from_slice(rows[0]),
                Method::Nearest => nearest(rows[rows.len() / 2], pixel, factor, &mut out),
                Method::Mean => with_element!(dtype, E => match shape.channels() {
                    1 => means::<E, 1>(rows, factor, &mut out),
                    3 => means::<E, 3>(rows, factor, &mut out),
                    _ => means::<E, 4>(rows, factor, &mut out),
                }),
            }
        }
        out
    }
}

fn nearest(row: &[u8], pixel: usize, factor: usize, out: &mut Vec<u8>) {
    for block in row.chunks(factor * pixel) {
        let middle = block.len() / pixel / 2 * pixel;
        out.extend_from_slice(&block[middle..middle + pixel]);
    }
}

/// Means of the blocks that `rows` are cut into, of `C` channels each.
fn means<E: Mean, const C: usize>(rows: &[&[u8]], factor: usize, out: &mut Vec<u8>) {
    let block = factor * C * E::SIZE;
    let Some(row) = rows.first() else { return };
    let mut sums = vec![[(E::Sum::default(), 0); C]; row.len().div_ceil(block)];
    // Row after row, as they are in memory.
    for row in rows {
        for (block, sums) in row.chunks(block).zip(&mut sums) {
            for (channel, (sum, count)) in sums.iter_mut().enumerate() {
                for pixel in block.chunks_exact(C * E::SIZE) {
                    let value = E::read(&pixel[channel * E::SIZE..(channel + 1) * E::SIZE]);
                    value.add(sum, count);
                }
            }
        }
    }
    for (sum, count) in sums.iter().flatten() {
        E::mean(*sum, *count, out);
    }
}

/// How the mean of an element type is made.
trait Mean: Element {
    /// Holds the sum of a whole frame: 2^28 pixels of at most 32 bits, or floats.
    type Sum: Copy + Default;
    fn add(self, sum: &mut Self::Sum, count: &mut i64);
    /// Writes the mean as an element.
    fn mean(sum: Self::Sum, count: i64, out: &mut Vec<u8>);
}

macro_rules! integer_mean {
    ($($type:ty),*) => {$(
        impl Mean for $type {
            type Sum = i64;

            #[inline(always)]
            fn add(self, sum: &mut i64, count: &mut i64) {
                *sum += i64::from(self);
                *count += 1;
            }

            fn mean(sum: i64, count: i64, out: &mut Vec<u8>) {
                let mean = (2 * sum + count).div_euclid(2 * count.max(1));
                out.extend_from_slice(&(mean as $type).to_le_bytes());
            }
        }
    )*};
}

macro_rules! float_mean {
    ($($type:ty),*) => {$(
        impl Mean for $type {
            type Sum = f64;

            #[inline(always)]
            fn add(self, sum: &mut f64, count: &mut i64) {
                let is_number = !self.is_nan();
                *sum += if is_number { f64::from(self) } else { 0.0 };
                *count += i64::from(is_number);
            }

            fn mean(sum: f64, count: i64, out: &mut Vec<u8>) {
                let mean = match count {
                    // The same bits everywhere, unlike those of 0 / 0.
                    0 => <$type>::NAN,
                    count => (sum / count as f64) as $type,
                };
                out.extend_from_slice(&mean.to_le_bytes());
            }
        }
    )*};
}

integer_mean!(u8, i8, u16, i16, u32, i32);
float_mean!(f32, f64);

#[cfg(test)]
#[path = "reduce_tests.rs"]
mod tests;
