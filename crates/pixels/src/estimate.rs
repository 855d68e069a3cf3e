//! A window for values that come without a range.

use std::time::Duration;

use protocol::{Frame, WallTime};

use crate::Window;
use crate::elements::{Element, with_element};

/// Pixels looked at per frame.
const SAMPLES_PER_FRAME: usize = 4_096;
/// Most values kept.
const MAX_SAMPLES: usize = 64 * 1_024;
/// Fraction left out at either end, so that a few hot pixels do not darken everything else.
const TAIL: f64 = 0.001;

/// Watches the first second of a stream and settles on the window from its 0.1 % to its 99.9 % quantile. A picture of
/// one value, of a closed shutter say, teaches nothing: it watches on.
#[derive(Debug, Default)]
pub struct Estimate {
    samples: Vec<f64>,
    first: Option<WallTime>,
    /// Number of samples at which the window is next worked out: doubles, so that sorting stays cheap.
    due: usize,
    window: Option<Window>,
    settled: bool,
}

impl Estimate {
    /// Capture time that is watched.
    pub const DURATION: Duration = Duration::from_secs(1);

    /// The window for `frame`, learning from it during the first second.
    ///
    /// Until a finite value has come it is 0 to 1; for a picture of one value it begins at that.
    pub fn window(&mut self, frame: &Frame) -> Window {
        if !self.settled {
            self.learn(frame);
        }
        self.window
            .unwrap_or(Window::new(0.0, 1.0).expect("0 to 1 is a window"))
    }

    fn learn(&mut self, frame: &Frame) {
        let first = *self.first.get_or_insert(frame.stamp.t);
        let watched = frame.stamp.t.since(first).unwrap_or_default();
        let room = MAX_SAMPLES - self.samples.len();
        with_element!(frame.format.dtype, T => sample::<T>(&frame.payload, room, &mut self.samples));
        let is_over = watched >= Self::DURATION || self.samples.len() >= MAX_SAMPLES;
        if !is_over && self.samples.len() < self.due {
            return;
        }
        self.due = 2 * self.samples.len();
        let ends = ends_of(&mut self.samples);
        self.window = ends.and_then(|[black, white]| {
            Window::new(black, white).or_else(|| Window::new(black, black + black.abs().max(1.0)))
        });
        if is_over {
            self.settled = ends.is_some_and(|[black, white]| black < white);
            (self.samples, self.first, self.due) = (Vec::new(), None, 0);
        }
    }
}

/// Adds finite values, evenly spaced over the frame, at most `room`.
fn sample<T: Element>(payload: &[u8], room: usize, samples: &mut Vec<f64>) {
    let elements = payload.len() / T::SIZE;
    let step = elements.div_ceil(SAMPLES_PER_FRAME).max(1);
    let values = payload
        .chunks_exact(T::SIZE)
        .step_by(step)
        .map(|bytes| T::read(bytes).to_f64());
    samples.extend(values.filter(|value| value.is_finite()).take(room));
}

/// The quantiles; none of nothing.
fn ends_of(samples: &mut [f64]) -> Option<[f64; 2]> {
    samples.sort_unstable_by(f64::total_cmp);
    let last = samples.len().checked_sub(1)?;
    let tail = (last as f64 * TAIL) as usize;
    Some([samples[tail], samples[last - tail]])
}

#[cfg(test)]
mod tests {
    use protocol::frame::{Format, Shape};
    use protocol::{Dtype, Stamp};

    use super::*;

    fn frame(t_ms: i64, values: &[f32]) -> Frame {
        let shape = Shape::new(1, values.len() as u64, 1).unwrap();
        Frame {
            stream: "test".parse().unwrap(),
            stamp: Stamp {
                session: 1,
                seq: 0,
                t: WallTime::from_ns(t_ms * 1_000_000),
            },
            format: Format::new(shape, Dtype::F32),
            payload: values
                .iter()
                .flat_map(|v| v.to_le_bytes())
                .collect::<Vec<_>>()
                .into(),
        }
    }

    #[test]
    fn settles_after_one_second_of_capture_time() {
        let mut estimate = Estimate::default();
        estimate.window(&frame(0, &[0.0, 1.0]));
        let window = estimate.window(&frame(1_000, &[-0.02, 0.4]));
        assert_eq!((window.black(), window.white()), (f64::from(-0.02_f32), 1.0));
        assert_eq!(estimate.window(&frame(1_100, &[500.0, 600.0])), window);
    }

    #[test]
    fn a_closed_shutter_is_not_the_scene() {
        let mut estimate = Estimate::default();
        let dark = [7.0; 4];
        for t_ms in [0, 500, 1_000, 1_500, 2_000, 2_500] {
            let window = estimate.window(&frame(t_ms, &dark));
            assert_eq!((window.black(), window.white()), (7.0, 14.0));
        }
        let window = estimate.window(&frame(3_000, &[100.0, 300.0]));
        assert_eq!((window.black(), window.white()), (100.0, 300.0));
        let settled = estimate.window(&frame(4_000, &[100.0, 400.0]));
        assert_eq!((settled.black(), settled.white()), (100.0, 400.0));
        assert_eq!(estimate.window(&frame(4_100, &[5_000.0, 9_000.0])), settled);
    }

    #[test]
    fn nan_infinities_and_constant_pictures_still_give_a_window() {
        let mut estimate = Estimate::default();
        let window = estimate.window(&frame(0, &[f32::NAN, f32::INFINITY]));
        assert_eq!((window.black(), window.white()), (0.0, 1.0));
        let window = estimate.window(&frame(10, &[f32::NAN, 3.0, 3.0]));
        assert_eq!((window.black(), window.white()), (3.0, 6.0));
    }

    #[test]
    fn hot_pixels_do_not_stretch_the_window() {
        let mut values: Vec<f32> = (0..4_000).map(|v| v as f32 / 4_000.0).collect();
        values[17] = 1e9;
        let window = Estimate::default().window(&frame(0, &values));
        assert!(window.white() < 1.0, "{window:?}");
    }
}
