//! When the next frame is due: deadlines on a fixed grid, never a sum of sleeps.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// How fast frames are published.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rate {
    /// Frames per second, above 0 and at most [`Rate::MAX_FPS`].
    Fps(f64),
    /// As fast as the source gives them.
    Max,
}

impl Rate {
    /// Fastest paced rate, frames/s; beyond it pacing costs more than the frames.
    pub const MAX_FPS: f64 = 100_000.0;

    /// The nominal rate, if there is one.
    pub const fn fps(self) -> Option<f64> {
        match self {
            Self::Fps(fps) => Some(fps),
            Self::Max => None,
        }
    }
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "max" {
            return Ok(Self::Max);
        }
        match text.parse::<f64>() {
            Ok(fps) if fps > 0.0 && fps <= Self::MAX_FPS => Ok(Self::Fps(fps)),
            _ => Err(format!(
                "expected frames per second above 0 and at most {}, or max",
                Self::MAX_FPS
            )),
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fps(fps) => write!(f, "{fps} fps"),
            Self::Max => f.write_str("as fast as they come"),
        }
    }
}

/// What to do about the next frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// When it is due, since the start; already past if the node is late.
    pub due: Duration,
    /// Deadlines given up just now.
    pub skipped: u64,
}

/// Hands out the deadlines `n / fps`, computed from the index `n`, so that errors never add up.
///
/// A node that is late by a moment catches up at once; one that is late by more (a suspended laptop, a disk that hung)
/// gives up the missed deadlines and goes on with the present ones: a long burst of frames helps nobody.
/// Reads no clock: time comes in, decisions go out.
#[derive(Clone, Debug)]
pub struct Pacer {
    rate: Rate,
    index: u64,
    skipped: u64,
}

impl Pacer {
    /// Longest delay that is caught up with; beyond it all missed deadlines are skipped.
    pub const MAX_CATCH_UP: Duration = Duration::from_millis(500);

    /// A pacer whose first deadline is at 0.
    pub const fn new(rate: Rate) -> Self {
        Self {
            rate,
            index: 0,
            skipped: 0,
        }
    }

    /// The next deadline, when `now` has passed since the start.
    pub fn next(&mut self, now: Duration) -> Step {
        let Rate::Fps(fps) = self.rate else {
            return Step { due: now, skipped: 0 };
        };
        let deadline = |index: u64| Duration::from_secs_f64(index as f64 / fps);
        let mut skipped = 0;
        if now.saturating_sub(deadline(self.index)) > Self::MAX_CATCH_UP {
            // On with the newest deadline that is not in the future.
            let current = (now.as_secs_f64() * fps).floor() as u64;
            skipped = current.saturating_sub(self.index);
        }
        self.index += skipped;
        self.skipped += skipped;
        let due = deadline(self.index);
        self.index += 1;
        Step { due, skipped }
    }

    /// Deadlines given up since the start.
    pub const fn skipped(&self) -> u64 {
        self.skipped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn deadlines_do_not_drift_over_a_million_frames() {
        for fps in [30.0, 30_000.0 / 1001.0, 59.94, 0.1, 7.3] {
            let mut pacer = Pacer::new(Rate::Fps(fps));
            let mut now = Duration::ZERO;
            for _ in 0..1_000_000 {
                let step = pacer.next(now);
                // Every wake-up is late by 80 us, as on a real machine.
                now = step.due.max(now) + Duration::from_micros(80);
                assert_eq!(step.skipped, 0);
            }
            let exact = 999_999.0 / fps;
            let error = (now.as_secs_f64() - 80e-6 - exact).abs();
            assert!(error < 1e-6, "{fps} fps: off by {error} s after a million frames");
        }
    }

    #[test]
    fn a_short_hiccup_is_caught_up_frame_by_frame() {
        let mut pacer = Pacer::new(Rate::Fps(100.0));
        assert_eq!(pacer.next(Duration::ZERO).due, Duration::ZERO);
        // 495 ms late: 50 deadlines come at once, then the grid as before.
        for index in 1..=50 {
            let due = index * 10 * MS;
            assert_eq!(pacer.next(505 * MS), Step { due, skipped: 0 });
        }
        assert_eq!(pacer.next(505 * MS).due, 510 * MS);
        assert_eq!(pacer.skipped(), 0);
    }

    #[test]
    fn a_long_stall_skips_its_deadlines_and_counts_them() {
        let mut pacer = Pacer::new(Rate::Fps(100.0));
        pacer.next(Duration::ZERO);
        let step = pacer.next(10_004 * MS);
        assert_eq!(
            step,
            Step {
                due: 10_000 * MS,
                skipped: 999
            }
        );
        assert_eq!(pacer.next(10_004 * MS).due, 10_010 * MS);
        assert_eq!(pacer.skipped(), 999);
    }

    #[test]
    fn max_is_due_at_once_and_skips_nothing() {
        let mut pacer = Pacer::new(Rate::Max);
        for now in [Duration::ZERO, 5 * MS, 50_000 * MS] {
            assert_eq!(pacer.next(now), Step { due: now, skipped: 0 });
        }
    }

    #[test]
    fn rates_are_positive_numbers_or_max() {
        assert_eq!("29.97".parse(), Ok(Rate::Fps(29.97)));
        assert_eq!("max".parse(), Ok(Rate::Max));
        for bad in ["0", "-1", "nan", "inf", "fast", "", "1e9"] {
            assert!(bad.parse::<Rate>().is_err(), "{bad:?}");
        }
    }
}
