//! When a frame is shown, on the clock of its stream.

use std::time::Duration;

/// Presentation time in a stream, microseconds since its first frame. Goes on over encoder lives, never back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MediaTime {
    us: u64,
}

impl MediaTime {
    /// From microseconds since the first frame of the stream.
    pub const fn from_us(us: u64) -> Self {
        Self { us }
    }

    /// Microseconds since the first frame of the stream.
    pub const fn as_us(self) -> u64 {
        self.us
    }

    /// Time from `earlier` to `self`; zero if `self` is the earlier one.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.us.saturating_sub(earlier.us))
    }

    /// `duration` later, rounded down to a microsecond; saturates.
    pub fn after(self, duration: Duration) -> Self {
        Self::from_us(
            self.us
                .saturating_add(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)),
        )
    }
}
