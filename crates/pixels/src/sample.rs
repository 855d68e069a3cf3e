//! Some values of a frame, spread evenly over it: enough for what describes the whole.

use protocol::frame::{Format, Shape};
use protocol::{Dtype, Frame};

use crate::elements::{Element, with_element};
use crate::{Error, Mask, Window};

/// Fractions of the values that an automatic window leaves below and above it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Percentiles {
    low: f64,
    high: f64,
}

impl Percentiles {
    /// # Errors
    /// [`Error::Percentiles`] unless `0 <= low < high <= 100`.
    pub fn new(low: f64, high: f64) -> Result<Self, Error> {
        match 0.0 <= low && low < high && high <= 100.0 {
            true => Ok(Self { low, high }),
            false => Err(Error::Percentiles { low, high }),
        }
    }
}

impl Default for Percentiles {
    /// 0.1 to 99.9: a few hot pixels do not darken everything else.
    fn default() -> Self {
        Self { low: 0.1, high: 99.9 }
    }
}

/// Values that say nothing about the scene. NaN and infinities never do.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ignore {
    /// Pixels without light, such as the frame round a registered picture.
    pub zero: bool,
    /// This and everything above.
    pub saturated: Option<f64>,
}

/// Values of one frame, without what was to be ignored. Of RGBA, alpha is none.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    values: Vec<f64>,
    is_integer: bool,
    ignored: u64,
    not_finite: u64,
}

impl Sample {
    /// About `pixels` pixels of the frame, or of its pixels in `within`; others from frame to frame.
    ///
    /// # Panics
    /// If `within` is for frames of another size.
    pub fn of(frame: &Frame, within: Option<&Mask>, pixels: usize, ignore: Ignore) -> Self {
        let mut sample = Self::default();
        sample.take(frame, within, pixels, ignore);
        sample
    }

    /// As [`Self::of`], in the memory of the sample before.
    pub(crate) fn take(&mut self, frame: &Frame, within: Option<&Mask>, pixels: usize, ignore: Ignore) {
        self.values.clear();
        (self.ignored, self.not_finite) = (0, 0);
        self.add(frame, within, pixels, ignore);
    }

    /// As [`Self::of`], beside the values that are there already.
    pub(crate) fn add(&mut self, frame: &Frame, within: Option<&Mask>, pixels: usize, ignore: Ignore) {
        let Frame {
            format,
            payload,
            stamp,
            ..
        } = frame;
        self.is_integer = !format.dtype.is_float();
        let shape = format.shape;
        let all = within.map_or(shape.width() * shape.height(), Mask::pixels);
        let step = step(all, pixels, within.map_or(shape.width(), |_| 1));
        let first = (stamp.seq % step as u64) as usize;
        with_element!(format.dtype, T => match within {
            None => self.pick::<T>(format, payload, (first..all).step_by(step), ignore),
            Some(mask) => {
                assert!(mask.fits(shape), "the mask is for frames of another size");
                self.pick::<T>(format, payload, in_mask(mask, shape, first, step), ignore);
            }
        });
    }

    fn pick<T: Element>(
        &mut self,
        format: &Format,
        payload: &[u8],
        pixels: impl Iterator<Item = usize>,
        ignore: Ignore,
    ) {
        let channels = format.shape.channels();
        let saturated = ignore.saturated.unwrap_or(f64::INFINITY);
        let is_bool = format.dtype == Dtype::Bool;
        for pixel in pixels {
            for element in pixel * channels..pixel * channels + channels.min(3) {
                let bytes = &payload[element * T::SIZE..(element + 1) * T::SIZE];
                let value = T::read(bytes).to_f64();
                let value = if is_bool { value.min(1.0) } else { value };
                if !value.is_finite() {
                    self.not_finite += 1;
                } else if (ignore.zero && value == 0.0) || value >= saturated {
                    self.ignored += 1;
                } else {
                    self.values.push(value);
                }
            }
        }
    }

    /// The values, in no promised order.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Values left out as zero or saturated.
    pub const fn ignored(&self) -> u64 {
        self.ignored
    }

    /// Values left out as NaN or infinite.
    pub const fn not_finite(&self) -> u64 {
        self.not_finite
    }

    /// Whether the dtype is one of whole numbers.
    pub const fn is_integer(&self) -> bool {
        self.is_integer
    }

    /// The window between two percentiles (nearest rank); of a constant sample, one that begins at it. `None` of no
    /// value at all. Changes the order of the values.
    pub fn window(&mut self, percentiles: Percentiles) -> Option<Window> {
        self.ends(percentiles).and_then(or_constant)
    }

    /// The values at both percentiles, as for [`Self::window`].
    pub(crate) fn ends(&mut self, percentiles: Percentiles) -> Option<[f64; 2]> {
        let last = self.values.len().checked_sub(1)?;
        let rank = |percent: f64| (percent / 100.0 * last as f64).round() as usize;
        let (low, high) = (rank(percentiles.low), rank(percentiles.high));
        let (_, &mut black, above) = self.values.select_nth_unstable_by(low, f64::total_cmp);
        let white = match high - low {
            0 => black,
            further => *above.select_nth_unstable_by(further - 1, f64::total_cmp).1,
        };
        Some([black, white])
    }
}

/// The window between two values; of equal ones, one that begins there.
pub(crate) fn or_constant([black, white]: [f64; 2]) -> Option<Window> {
    Window::new(black, white).or_else(|| Window::new(black, black + black.abs().max(1.0)))
}

/// Distance between the pixels of a sample. It has no divisor in common with the width, or only some columns would be
/// seen.
fn step(all: usize, pixels: usize, width: usize) -> usize {
    const fn gcd(a: usize, b: usize) -> usize {
        if b == 0 { a } else { gcd(b, a % b) }
    }
    let mut step = (all / pixels.max(1)).max(1);
    while gcd(step, width) != 1 {
        step += 1;
    }
    step
}

/// Every `step`th pixel of a mask, from the `first` on, as places in the frame.
fn in_mask(mask: &Mask, shape: Shape, first: usize, step: usize) -> impl Iterator<Item = usize> {
    let mut skip = first;
    mask.spans().iter().flat_map(move |span| {
        let start = span.row as usize * shape.width() + span.start as usize;
        let picked = (skip..span.len()).step_by(step);
        // What is left of the last step goes on in the next run.
        skip = match picked.len() {
            0 => skip - span.len(),
            count => skip + count * step - span.len(),
        };
        picked.map(move |column| start + column)
    })
}

#[cfg(test)]
#[path = "sample_tests.rs"]
mod tests;
