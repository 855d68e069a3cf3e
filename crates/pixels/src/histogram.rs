//! How often values occur.

use crate::{Sample, Window};

/// Counts of a sample's values in bins of one width.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// Value where the first bin begins, and where the last one ends, which belongs to it.
    pub range: Window,
    /// Values in each bin.
    pub counts: Vec<u64>,
    /// Values below the range.
    pub below: u64,
    /// Values above the range.
    pub above: u64,
}

impl Histogram {
    /// Counts values in at most `bins` bins over `range`, 1 to 65,536. Whole numbers get no bins narrower than they are,
    /// which would stay empty.
    pub fn new(sample: &Sample, range: Window, bins: usize) -> Self {
        const MAX_BINS: usize = 1 << 16;
        let bins = bins.clamp(1, MAX_BINS);
        let width = range.white() - range.black();
        let bins = match sample.is_integer() {
            // Saturates.
            true => bins.min(width.ceil() as usize),
            false => bins,
        };
        let per_unit = bins as f64 / width;
        let mut histogram = Self {
            range,
            counts: vec![0; bins],
            below: 0,
            above: 0,
        };
        for &value in sample.values() {
            if value < range.black() {
                histogram.below += 1;
            } else if value > range.white() {
                histogram.above += 1;
            } else {
                let bin = ((value - range.black()) * per_unit) as usize;
                histogram.counts[bin.min(bins - 1)] += 1;
            }
        }
        histogram
    }
}

#[cfg(test)]
mod tests {
    use protocol::frame::{Format, Shape};
    use protocol::{Dtype, Frame, Stamp, WallTime};

    use super::*;
    use crate::sample::Ignore;

    fn sample(dtype: Dtype, payload: Vec<u8>) -> Sample {
        let width = (payload.len() / dtype.size()) as u64;
        let frame = Frame {
            stream: "test".parse().unwrap(),
            stamp: Stamp {
                session: 1,
                seq: 0,
                t: WallTime::default(),
            },
            format: Format::new(Shape::new(1, width, 1).unwrap(), dtype),
            payload: payload.into(),
        };
        Sample::of(&frame, None, usize::MAX, Ignore::default())
    }

    fn window(black: f64, white: f64) -> Window {
        Window::new(black, white).unwrap()
    }

    #[test]
    fn every_value_is_counted_once() {
        let values = [f32::NAN, -0.5, 0.0, 0.24, 0.25, 0.5, 0.99, 1.0, 1.01, 7.0];
        let sample = sample(Dtype::F32, values.iter().flat_map(|v| v.to_le_bytes()).collect());
        let histogram = Histogram::new(&sample, window(0.0, 1.0), 4);
        assert_eq!(histogram.counts, [2, 1, 1, 2]);
        assert_eq!((histogram.below, histogram.above), (1, 2));
        assert_eq!(sample.not_finite(), 1);
    }

    #[test]
    fn whole_numbers_have_no_bins_between_them() {
        let sample = sample(Dtype::U8, vec![10, 11, 11, 12, 14]);
        let histogram = Histogram::new(&sample, window(10.0, 14.0), 256);
        assert_eq!(histogram.counts, [1, 2, 1, 1]);
        let histogram = Histogram::new(&sample, window(10.0, 10.5), 256);
        assert_eq!((histogram.counts, histogram.above), (vec![1], 4));
    }
}
