//! Faults on purpose: frames that get lost and times that are not regular, the same ones for the same seed.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::config::Config;
use crate::pacer::Rate;
use crate::source::Error;

/// What `--drop` and `--jitter` do to a stream.
#[derive(Debug)]
pub struct Faults {
    drop: f64,
    jitter: Duration,
    losses: StdRng,
    delays: StdRng,
}

impl Faults {
    /// As `--drop`, `--jitter` and `--seed` say, for a source that is published at `rate`.
    ///
    /// # Errors
    /// When the delays would not leave the frames in order: they have to be shorter than the time between two frames,
    /// and there has to be such a time.
    pub fn of(config: &Config, rate: Rate) -> Result<Self, Error> {
        let jitter = config.jitter.unwrap_or_default();
        if !jitter.is_zero() {
            let fps = rate.fps().ok_or_else(|| {
                let reason = "only for frames that are paced: these are published as they come, see --fps";
                Error::flag("--jitter", reason)
            })?;
            let period = Duration::from_secs_f64(fps.recip());
            if jitter >= period {
                let [jitter_ms, period_ms] = [jitter, period].map(|time| time.as_secs_f64() * 1e3);
                let reason = format!(
                    "{jitter_ms} ms: expected less than the {period_ms:.3} ms between two frames at {fps} fps"
                );
                return Err(Error::flag("--jitter", reason));
            }
        }
        Ok(Self::new(config.drop.unwrap_or(0.0), jitter, config.seed()))
    }

    /// Loses a share `drop` of the frames, 0 to 1, and delays each by up to `jitter`.
    pub fn new(drop: f64, jitter: Duration, seed: u64) -> Self {
        // Two sequences, so that asking for delays does not change which frames get lost.
        let mut seeds = StdRng::seed_from_u64(seed);
        Self {
            drop,
            jitter,
            losses: StdRng::from_rng(&mut seeds),
            delays: StdRng::from_rng(&mut seeds),
        }
    }

    /// How much later than its deadline the next frame is captured: evenly spread from 0 to the jitter.
    pub fn delay(&mut self) -> Duration {
        self.jitter.mul_f64(self.delays.random())
    }

    /// Whether the next frame gets lost.
    pub fn loses(&mut self) -> bool {
        self.losses.random::<f64>() < self.drop
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::config;

    const MS: Duration = Duration::from_millis(1);

    fn losses(faults: &mut Faults) -> Vec<bool> {
        (0..10_000).map(|_| faults.loses()).collect()
    }

    #[test]
    fn the_share_asked_for_is_lost_here_and_there_and_the_same_with_the_same_seed() {
        let lost = losses(&mut Faults::new(0.05, Duration::ZERO, 7));
        let count = lost.iter().filter(|&&lost| lost).count();
        // Four standard deviations of a binomial with n = 10,000 and p = 0.05.
        assert!((413..=587).contains(&count), "{count} of 10000");
        assert!(
            lost.windows(2).any(|pair| pair == [true, true]),
            "never two in a row"
        );
        assert_eq!(lost, losses(&mut Faults::new(0.05, 9 * MS, 7)));
        assert_ne!(lost, losses(&mut Faults::new(0.05, Duration::ZERO, 8)));
    }

    #[test]
    fn nothing_is_lost_or_late_unless_asked_for() {
        let mut faults = Faults::of(&config(&["synthetic"]), Rate::Max).unwrap();
        assert!(!losses(&mut faults).contains(&true));
        assert_eq!(faults.delay(), Duration::ZERO);
    }

    #[test]
    fn delays_fill_the_jitter_and_do_not_exceed_it() {
        let mut faults = Faults::new(0.0, 10 * MS, 1);
        let delays: Vec<Duration> = (0..1000).map(|_| faults.delay()).collect();
        assert!(delays.iter().all(|&delay| delay <= 10 * MS));
        assert!(delays.iter().any(|&delay| delay < MS) && delays.iter().any(|&delay| delay > 9 * MS));
    }

    #[test]
    fn a_jitter_that_would_disorder_frames_is_refused_with_both_times() {
        let check =
            |arguments: &[&str], rate| Faults::of(&config(arguments), rate).err().map(|e| e.to_string());
        assert_eq!(check(&["barcode", "--jitter", "33.3"], Rate::Fps(30.0)), None);
        assert_eq!(
            check(&["barcode", "--jitter", "50"], Rate::Fps(23.7)).as_deref(),
            Some("--jitter: 50 ms: expected less than the 42.194 ms between two frames at 23.7 fps")
        );
        let unpaced = check(&["barcode", "--jitter", "5"], Rate::Max).unwrap();
        assert!(
            unpaced.starts_with("--jitter: only for frames that are paced"),
            "{unpaced}"
        );
    }
}
