//! The time, and waiting for it: one for the process, one for tests.

use std::time::{Duration, Instant};

use protocol::WallTime;
use tokio_util::sync::CancellationToken;

/// What sources know of time.
pub trait Clock {
    /// Monotonic time, for pacing.
    fn now(&self) -> Instant;

    /// Time since the Unix epoch, for capture times.
    fn wall(&self) -> WallTime;

    /// Waits, or returns early once stopped.
    fn sleep(&self, pause: Duration);

    /// Whether the node is to end.
    fn is_stopped(&self) -> bool;
}

/// The system's clocks; stopped by a token.
#[derive(Clone, Debug)]
pub struct System {
    stop: CancellationToken,
}

impl System {
    /// How long a stop may go unnoticed.
    const NOTICE: Duration = Duration::from_millis(50);

    /// Sleeps end soon after `stop` is cancelled.
    pub fn new(stop: CancellationToken) -> Self {
        Self { stop }
    }
}

impl Clock for System {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn wall(&self) -> WallTime {
        std::time::SystemTime::now().into()
    }

    fn sleep(&self, pause: Duration) {
        let start = Instant::now();
        while let Some(left) = pause.checked_sub(start.elapsed())
            && !left.is_zero()
            && !self.is_stopped()
        {
            std::thread::sleep(left.min(Self::NOTICE));
        }
    }

    fn is_stopped(&self) -> bool {
        self.stop.is_cancelled()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::cell::Cell;

    use super::*;

    /// Stands still but for sleeps, each of which oversleeps; stops after a given time.
    pub(crate) struct Manual {
        start: Instant,
        elapsed: Cell<Duration>,
        pub(crate) oversleep: Duration,
        pub(crate) stop_after: Duration,
    }

    impl Manual {
        /// Wall time at the start.
        pub(crate) const WALL: WallTime = WallTime::from_ns(1_760_000_000_000_000_000);

        pub(crate) fn new() -> Self {
            Self {
                start: Instant::now(),
                elapsed: Cell::default(),
                oversleep: Duration::ZERO,
                stop_after: Duration::MAX,
            }
        }

        pub(crate) fn elapsed(&self) -> Duration {
            self.elapsed.get()
        }

        pub(crate) fn advance(&self, by: Duration) {
            self.elapsed.set(self.elapsed.get() + by);
        }
    }

    impl Clock for Manual {
        fn now(&self) -> Instant {
            self.start + self.elapsed.get()
        }

        fn wall(&self) -> WallTime {
            Self::WALL.offset_ns(self.elapsed.get().as_nanos() as i64)
        }

        fn sleep(&self, pause: Duration) {
            self.advance(pause + self.oversleep);
        }

        fn is_stopped(&self) -> bool {
            self.elapsed.get() >= self.stop_after
        }
    }

    #[test]
    fn a_stop_ends_a_long_sleep() {
        let stop = CancellationToken::new();
        let sleeper = std::thread::spawn({
            let clock = System::new(stop.clone());
            move || clock.sleep(Duration::from_secs(3_600))
        });
        stop.cancel();
        let deadline = Instant::now() + Duration::from_secs(10);
        while !sleeper.is_finished() {
            assert!(Instant::now() < deadline, "still asleep");
            std::thread::yield_now();
        }
        assert!(sleeper.join().is_ok());
    }
}
