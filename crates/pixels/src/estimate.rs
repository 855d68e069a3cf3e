//! A window for values that come without a range.

use std::time::Duration;

use protocol::{Frame, WallTime};

use crate::Window;
use crate::sample::{Ignore, Percentiles, Sample, or_constant};

/// Pixels looked at per frame.
const PIXELS_PER_FRAME: usize = 4_096;
/// About so many values are kept at most.
const MAX_VALUES: usize = 64 * 1_024;

/// Watches the first second of a stream and settles on the window from its 0.1 % to its 99.9 % quantile, so that a few
/// hot pixels do not darken everything else. A picture of one value, of a closed shutter say, teaches nothing: it
/// watches on.
#[derive(Debug, Default)]
pub struct Estimate {
    kept: Sample,
    first: Option<WallTime>,
    /// Number of values at which the window is next worked out: doubles, so that this stays cheap.
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
        self.kept.add(frame, None, PIXELS_PER_FRAME, Ignore::default());
        let count = self.kept.values().len();
        let is_over = watched >= Self::DURATION || count >= MAX_VALUES;
        if !is_over && count < self.due {
            return;
        }
        self.due = 2 * count;
        let ends = self.kept.ends(Percentiles::default());
        self.window = ends.and_then(or_constant);
        if is_over {
            self.settled = ends.is_some_and(|[black, white]| black < white);
            (self.kept, self.first, self.due) = (Sample::default(), None, 0);
        }
    }
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
    fn all_columns_are_seen_and_alpha_is_none() {
        // 512 x 512, of which only the last column is bright: 0.2 %, and a step of 64 pixels would pass by it.
        let side = 512;
        let picture = |channels: usize| {
            let pixels = (0..side * side).map(|pixel| if pixel % side == side - 1 { 900_u16 } else { 100 });
            let values = pixels.flat_map(|value| match channels {
                1 => vec![value],
                _ => vec![value, value, value, u16::MAX],
            });
            Frame {
                format: Format::new(
                    Shape::new(side as u64, side as u64, channels as u64).unwrap(),
                    Dtype::U16,
                ),
                payload: values.flat_map(u16::to_le_bytes).collect::<Vec<_>>().into(),
                ..frame(0, &[0.0])
            }
        };
        for channels in [1, 4] {
            let window = Estimate::default().window(&picture(channels));
            assert_eq!((window.black(), window.white()), (100.0, 900.0), "{channels}");
        }
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
