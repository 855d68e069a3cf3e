//! How many a second, by capture time.

use std::collections::VecDeque;
use std::time::Duration;

use protocol::WallTime;

/// Most capture times kept: beyond 2,000 per second the rate is taken over less than the full span.
const MAX_KEPT: usize = 4_096;

/// Rate over the last [`Rate::SPAN`] of capture time.
#[derive(Debug, Default)]
pub struct Rate {
    /// Capture time and how many samples it brought.
    recent: VecDeque<(WallTime, u64)>,
    /// Sum of the counts in `recent`.
    total: u64,
}

impl Rate {
    /// Capture time that the rate is taken over.
    pub const SPAN: Duration = Duration::from_secs(2);

    /// Counts `count` samples captured from `t` on. A clock that steps back begins anew.
    pub fn note(&mut self, t: WallTime, count: u64) {
        if self.recent.back().is_some_and(|&(last, _)| t < last) {
            *self = Self::default();
        }
        self.recent.push_back((t, count));
        self.total += count;
        while let Some(&(oldest, count)) = self.recent.front()
            && (self.recent.len() > MAX_KEPT || t.since(oldest).is_none_or(|age| age > Self::SPAN))
        {
            self.recent.pop_front();
            self.total -= count;
        }
    }

    /// Per second; `None` until two moments are known.
    pub fn per_second(&self) -> Option<f64> {
        let (&(first, _), &(last, newest)) = (self.recent.front()?, self.recent.back()?);
        let span = last.since(first)?.as_secs_f64();
        (span > 0.0).then(|| (self.total - newest) as f64 / span)
    }

    /// Mean time from one moment to the next; `None` until two are known.
    pub fn period(&self) -> Option<Duration> {
        let (&(first, _), &(last, _)) = (self.recent.front()?, self.recent.back()?);
        let intervals = u32::try_from(self.recent.len().checked_sub(1)?)
            .ok()
            .filter(|&n| n > 0)?;
        Some(last.since(first)? / intervals)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at_ms(ms: i64) -> WallTime {
        WallTime::from_ns(ms * 1_000_000)
    }

    #[test]
    fn counts_by_capture_time_over_the_last_two_seconds() {
        let mut rate = Rate::default();
        assert_eq!(rate.per_second(), None);
        for ms in (0..5_000).step_by(100) {
            rate.note(at_ms(ms), 1);
        }
        for ms in (5_000..8_000).step_by(50) {
            rate.note(at_ms(ms), 1);
        }
        assert!((rate.per_second().unwrap() - 20.0).abs() < 1e-9, "{rate:?}");
        assert_eq!(rate.period(), Some(Duration::from_millis(50)));
    }

    #[test]
    fn blocks_count_their_rows() {
        let mut rate = Rate::default();
        for ms in (0..=1_000).step_by(20) {
            rate.note(at_ms(ms), 800);
        }
        assert!((rate.per_second().unwrap() - 40_000.0).abs() < 1e-6);
    }

    #[test]
    fn a_clock_that_steps_back_begins_anew() {
        let mut rate = Rate::default();
        rate.note(at_ms(10_000), 1);
        rate.note(at_ms(10_100), 1);
        rate.note(at_ms(500), 1);
        assert_eq!(rate.per_second(), None);
        rate.note(at_ms(600), 1);
        assert!((rate.per_second().unwrap() - 10.0).abs() < 1e-9);
    }
}
