//! Capture times to presentation times, and which frames belong to one encoder life. Pure.

use std::time::Duration;

use protocol::WallTime;

/// A frame may be this much older than the one before it and still count as jitter.
const JITTER_NS: i64 = 100_000_000;
/// Smallest step of presentation time: more than a tick of the encoder's 1/90,000 s, so that every frame has a tick of
/// its own.
const STEP_US: i64 = 12;
/// Shortest pause in capture time that ends a life.
const MIN_GAP: Duration = Duration::from_secs(2);
/// Shortest silence that ends a life.
const MIN_SILENCE: Duration = Duration::from_millis(1_500);
/// Frame distance assumed until two frames came.
const UNKNOWN_PERIOD: Duration = Duration::from_millis(40);

/// Presentation times of one life: microseconds of capture time since its first frame.
#[derive(Debug)]
pub(crate) struct Clock {
    epoch: WallTime,
    /// Time of the newest frame, as it came and as it was given out.
    last: Option<(WallTime, u64)>,
}

impl Clock {
    pub(crate) fn new(epoch: WallTime) -> Self {
        Self { epoch, last: None }
    }

    /// The presentation time of a frame captured at `t`, in us: strictly increasing, so jitter is nudged forward.
    /// `None` if the frame does not continue this life: time went back, or paused for longer than `period` explains.
    pub(crate) fn pts_us(&mut self, t: WallTime, period: Duration) -> Option<u64> {
        let since_epoch_us = t.as_ns().saturating_sub(self.epoch.as_ns()).div_euclid(1_000);
        let pts_us = match self.last {
            None => since_epoch_us.max(0),
            Some((last_t, last_us)) => {
                let step_ns = t.as_ns().saturating_sub(last_t.as_ns());
                let gap_ns = (period * 3).max(MIN_GAP).as_nanos() as i64;
                let nudged = since_epoch_us.max(last_us.cast_signed() + STEP_US);
                // Neither one step nor all nudges together may be more than jitter.
                let behind_us = nudged - since_epoch_us;
                if step_ns < -JITTER_NS || behind_us > JITTER_NS / 1_000 + STEP_US || step_ns > gap_ns {
                    return None;
                }
                nudged
            }
        }
        .cast_unsigned();
        self.last = Some((t, pts_us));
        Some(pts_us)
    }

    /// From the first frame to the newest one.
    pub(crate) fn length(&self) -> Duration {
        Duration::from_micros(self.last.map_or(0, |(_, pts_us)| pts_us))
    }
}

/// How far apart frames are: what the producer said, or what was seen, whichever is longer.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    nominal: Option<Duration>,
    last: Option<WallTime>,
    /// The newest distances; their median shrugs off a pause.
    recent: [Option<Duration>; 5],
    next: usize,
}

impl Pace {
    pub(crate) fn observe(&mut self, t: WallTime, fps: Option<f64>) {
        let nominal = fps.and_then(|fps| Duration::try_from_secs_f64(fps.recip()).ok());
        self.nominal = nominal.map(|period| period.min(Duration::from_secs(3_600)));
        if let Some(distance) = self.last.and_then(|last| t.since(last)) {
            self.recent[self.next] = Some(distance);
            self.next = (self.next + 1) % self.recent.len();
        }
        self.last = Some(t);
    }

    /// Distance of frames; never nothing, or a life would begin at the time of the last frame before it.
    pub(crate) fn period(&self) -> Duration {
        let mut recent: Vec<_> = self.recent.iter().flatten().collect();
        recent.sort_unstable();
        let observed = recent.get(recent.len() / 2).map(|period| **period);
        let period = self.nominal.max(observed).unwrap_or(UNKNOWN_PERIOD);
        period.max(Duration::from_micros(STEP_US as u64))
    }

    /// How long nothing may come before the life is ended, so that the last frames can be seen.
    pub(crate) fn silence(&self) -> Duration {
        (self.period() * 3).max(MIN_SILENCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD: Duration = Duration::from_millis(33);

    fn at_ms(ms: i64) -> WallTime {
        WallTime::from_ns(1_760_000_000_000_000_000 + ms * 1_000_000)
    }

    /// Presentation times in us (or the end of the life) of frames captured at `times_ms`.
    fn check(times_ms: &[i64], expected: &[Option<u64>]) {
        let mut clock = Clock::new(at_ms(times_ms[0]));
        let got: Vec<_> = times_ms
            .iter()
            .map(|ms| clock.pts_us(at_ms(*ms), PERIOD))
            .collect();
        assert_eq!(got, expected, "{times_ms:?}");
    }

    #[test]
    fn presentation_time_is_capture_time_since_the_first_frame() {
        check(&[5, 38, 1_900], &[Some(0), Some(33_000), Some(1_895_000)]);
    }

    #[test]
    fn jitter_is_nudged_forward_and_does_not_shift_later_frames() {
        check(
            &[0, 30, 25, 30, 60],
            &[Some(0), Some(30_000), Some(30_012), Some(30_024), Some(60_000)],
        );
    }

    #[test]
    fn a_jump_back_or_a_long_pause_ends_the_life() {
        check(&[0, 500, 399], &[Some(0), Some(500_000), None]);
        check(&[0, 2_000, 4_001], &[Some(0), Some(2_000_000), None]);
    }

    #[test]
    fn time_that_creeps_back_in_small_steps_ends_the_life_too() {
        check(&[90, 0, -90], &[Some(0), Some(12), None]);
    }

    #[test]
    fn a_slow_source_may_pause_for_longer() {
        let mut clock = Clock::new(at_ms(0));
        let period = Duration::from_secs(5);
        assert_eq!(clock.pts_us(at_ms(0), period), Some(0));
        assert_eq!(clock.pts_us(at_ms(10_000), period), Some(10_000_000));
    }

    #[test]
    fn every_frame_has_a_tick_of_its_own() {
        // In the encoder's time base of 1/90,000 s.
        let tick = |us: u64| (us * 9 + 50) / 100;
        for us in 0..1_000 {
            assert!(tick(us) < tick(us + STEP_US as u64), "{us}");
        }
    }

    #[test]
    fn the_pace_is_the_longer_of_said_and_seen_and_forgets_one_pause() {
        let mut pace = Pace::default();
        pace.observe(at_ms(0), None);
        assert_eq!(pace.period(), UNKNOWN_PERIOD);
        for ms in [5_000, 10_000, 15_000, 75_000, 80_000] {
            pace.observe(at_ms(ms), Some(30.0));
        }
        assert_eq!(pace.period(), Duration::from_secs(5));
        assert_eq!(pace.silence(), Duration::from_secs(15));
    }

    #[test]
    fn frames_of_one_time_are_still_a_step_apart() {
        let mut pace = Pace::default();
        (0..3).for_each(|_| pace.observe(at_ms(0), Some(1e300)));
        assert_eq!(pace.period(), Duration::from_micros(12));
    }
}
