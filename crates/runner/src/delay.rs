//! How long frames take from capture to the runner.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use protocol::WallTime;

/// Smallest delay of the last [`Delay::SPAN`]: the way itself, without what a busy moment added.
///
/// Where the producer has another clock, this is the way plus the difference of the clocks, and may be negative.
#[derive(Debug, Default)]
pub struct Delay {
    /// When a bucket begins, and the smallest delay in it, in ns.
    buckets: VecDeque<(Instant, i64)>,
}

impl Delay {
    /// How far back it looks, from the newest frame on.
    pub const SPAN: Duration = Duration::from_secs(2);
    /// So that memory does not depend on the frame rate.
    const BUCKET: Duration = Duration::from_millis(100);

    /// A frame captured at `t` arrived at `wall`, which is `now`.
    pub fn note(&mut self, t: WallTime, wall: WallTime, now: Instant) {
        let delay_ns = wall.as_ns().saturating_sub(t.as_ns());
        match self.buckets.back_mut() {
            Some((start, least)) if now.saturating_duration_since(*start) < Self::BUCKET => {
                *least = delay_ns.min(*least);
            }
            _ => self.buckets.push_back((now, delay_ns)),
        }
        while let Some((start, _)) = self.buckets.front()
            && now.saturating_duration_since(*start) > Self::SPAN
        {
            self.buckets.pop_front();
        }
    }

    /// In ms; `None` until a frame came.
    pub fn least_ms(&self) -> Option<f64> {
        let least_ns = self.buckets.iter().map(|(_, least)| *least).min()?;
        Some(least_ns as f64 / 1e6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_of_two_seconds_and_no_more_memory_for_more_frames() {
        let begin = Instant::now();
        let mut delay = Delay::default();
        assert_eq!(delay.least_ms(), None);
        let mut note = |at_ms: u64, delay_ms: i64| {
            let captured_ns = at_ms as i64 * 1_000_000;
            let arrived = WallTime::from_ns(captured_ns + delay_ms * 1_000_000);
            delay.note(
                WallTime::from_ns(captured_ns),
                arrived,
                begin + Duration::from_millis(at_ms),
            );
            (delay.least_ms(), delay.buckets.len())
        };
        assert_eq!(note(0, 7), (Some(7.0), 1));
        assert_eq!(note(50, 5), (Some(5.0), 1));
        assert_eq!(note(60, 9), (Some(5.0), 1));
        assert_eq!(note(1_990, 8), (Some(5.0), 2));
        assert_eq!(note(2_110, 8), (Some(8.0), 2));
        // A producer whose clock is ahead.
        assert_eq!(note(2_120, -40), (Some(-40.0), 2));
        for ms in 3_000..9_000 {
            assert!(note(ms, 3).1 <= 21);
        }
        assert_eq!(note(9_000, 4).0, Some(3.0));
    }
}
