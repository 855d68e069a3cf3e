//! When samples are due and what capture time they carry, without drift and without bursts.

use std::time::{Duration, Instant};

use protocol::WallTime;

use crate::clock::Clock;

/// From the first sample of a regular series to sample `index`, at `rate_hz` (above 0) samples per second.
///
/// Computed from the index, never by adding up, so that errors do not grow; to the nanosecond for a hundred days.
pub fn offset(index: u64, rate_hz: f64) -> Duration {
    // The cast saturates: nobody waits for 584 years.
    Duration::from_nanos((index as f64 / rate_hz * 1e9).round() as u64)
}

/// Ties offsets from a start to the monotonic clock (when to send) and to the wall clock (what time to write).
///
/// A sequence that falls more than [`Schedule::MAX_LAG`] behind (a suspended machine, a stopped process) is not made
/// up for in a burst: everything from there on happens later, and its capture times say so.
#[derive(Clone, Debug)]
pub struct Schedule {
    start: Instant,
    start_wall: WallTime,
    moved: Duration,
}

impl Schedule {
    /// The longest lag that is caught up with.
    pub const MAX_LAG: Duration = Duration::from_secs(1);

    /// Offset 0 is now.
    pub fn start(clock: &dyn Clock) -> Self {
        Self {
            start: clock.now(),
            start_wall: clock.wall(),
            moved: Duration::ZERO,
        }
    }

    /// Capture time of the sample at `offset`.
    pub fn time(&self, offset: Duration) -> WallTime {
        let ns = (offset + self.moved).as_nanos();
        self.start_wall.offset_ns(i64::try_from(ns).unwrap_or(i64::MAX))
    }

    /// Waits until `offset` is due; `false` if the clock was stopped first.
    pub fn wait(&mut self, offset: Duration, clock: &dyn Clock) -> bool {
        loop {
            if clock.is_stopped() {
                return false;
            }
            let elapsed = clock.now().saturating_duration_since(self.start);
            match offset.saturating_add(self.moved).checked_sub(elapsed) {
                Some(left) if !left.is_zero() => clock.sleep(left),
                _ => {
                    let lag = elapsed.saturating_sub(offset + self.moved);
                    if lag > Self::MAX_LAG {
                        tracing::warn!(
                            lag_ms = lag.as_millis(),
                            "was held up: everything from here on is later"
                        );
                        self.moved += lag;
                    }
                    return true;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::tests::Manual;

    #[test]
    fn the_hundred_millionth_sample_is_placed_to_the_nanosecond() {
        assert_eq!(offset(1, 30.0), Duration::from_nanos(33_333_333));
        assert_eq!(offset(144_000_000, 40_000.0), Duration::from_secs(3_600));
        assert_eq!(
            offset(144_000_001, 40_000.0),
            Duration::from_nanos(3_600_000_025_000)
        );
    }

    #[test]
    fn overslept_waits_do_not_add_up() {
        let mut clock = Manual::new();
        clock.oversleep = Duration::from_millis(3);
        let mut schedule = Schedule::start(&clock);
        for index in 0..10_000 {
            assert!(schedule.wait(offset(index, 100.0), &clock));
        }
        assert_eq!(clock.elapsed(), Duration::from_millis(99_990 + 3));
    }

    #[test]
    fn a_short_lag_is_caught_up_with() {
        let clock = Manual::new();
        let mut schedule = Schedule::start(&clock);
        clock.advance(Duration::from_millis(950));
        for index in 0..=9 {
            assert!(schedule.wait(offset(index, 10.0), &clock));
        }
        assert_eq!(clock.elapsed(), Duration::from_millis(950));
        assert!(schedule.wait(offset(10, 10.0), &clock));
        assert_eq!(clock.elapsed(), Duration::from_secs(1));
    }

    #[test]
    fn a_long_lag_moves_the_rest_instead_of_bursting() {
        let clock = Manual::new();
        let mut schedule = Schedule::start(&clock);
        clock.advance(Duration::from_secs(60));
        assert!(schedule.wait(offset(1, 10.0), &clock));
        assert_eq!(schedule.time(offset(1, 10.0)), clock.wall());
        assert!(schedule.wait(offset(2, 10.0), &clock));
        assert_eq!(clock.elapsed(), Duration::from_millis(60_100));
        assert_eq!(schedule.time(offset(2, 10.0)), clock.wall());
    }

    #[test]
    fn a_stop_ends_the_wait() {
        let mut clock = Manual::new();
        clock.stop_after = Duration::from_secs(5);
        let mut schedule = Schedule::start(&clock);
        assert!(schedule.wait(Duration::from_secs(4), &clock));
        assert!(!schedule.wait(Duration::from_secs(6), &clock));
    }
}
