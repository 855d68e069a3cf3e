//! Pauses that grow, are capped, and never fall into step with each other.

use std::time::Duration;

use rand::RngExt;

/// Doubling pauses from `first` to `cap`, each shortened by up to a quarter at random.
#[derive(Clone, Debug)]
pub struct Backoff {
    first: Duration,
    cap: Duration,
    next: Duration,
}

impl Backoff {
    /// The first pause and the longest one.
    pub fn new(first: Duration, cap: Duration) -> Self {
        Self {
            first,
            cap,
            next: first.min(cap),
        }
    }

    /// The pause before the next try.
    pub fn pause(&mut self) -> Duration {
        let pause = self.next;
        self.next = (pause * 2).min(self.cap);
        pause.mul_f64(rand::rng().random_range(0.75..=1.0))
    }

    /// After a success: the next pause is the first one again.
    pub fn reset(&mut self) {
        self.next = self.first.min(self.cap);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_cap_and_start_over_after_a_reset() {
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_millis(350));
        for (low, high) in [(75, 100), (150, 200), (262, 350), (262, 350)] {
            let pause = backoff.pause();
            assert!(
                (Duration::from_millis(low)..=Duration::from_millis(high)).contains(&pause),
                "{pause:?}"
            );
        }
        backoff.reset();
        assert!(backoff.pause() <= Duration::from_millis(100));
    }
}
