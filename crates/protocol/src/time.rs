//! When something was captured, and its place in the order of its producer.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Nanoseconds since the Unix epoch, the header key `t`. Covers the years 1970 to 2262.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WallTime {
    ns: i64,
}

impl WallTime {
    /// From nanoseconds since the Unix epoch.
    pub const fn from_ns(ns: i64) -> Self {
        Self { ns }
    }

    /// Nanoseconds since the Unix epoch.
    pub const fn as_ns(self) -> i64 {
        self.ns
    }

    /// Milliseconds since the Unix epoch, as JavaScript counts time; exact to about 0.2 us in this century.
    pub fn as_ms_f64(self) -> f64 {
        self.ns as f64 / 1e6
    }

    /// Time from `earlier` to `self`, or `None` if `self` is the earlier one.
    pub fn since(self, earlier: Self) -> Option<Duration> {
        let ns = self.ns.checked_sub(earlier.ns)?;
        u64::try_from(ns).ok().map(Duration::from_nanos)
    }

    /// `ns` nanoseconds later (earlier if negative), saturating at the ends of the range.
    pub const fn offset_ns(self, ns: i64) -> Self {
        Self {
            ns: self.ns.saturating_add(ns),
        }
    }
}

impl From<std::time::SystemTime> for WallTime {
    /// Saturates: a clock before 1970 reads as 1970.
    fn from(time: std::time::SystemTime) -> Self {
        let since = time.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Self {
            ns: i64::try_from(since.as_nanos()).unwrap_or(i64::MAX),
        }
    }
}

impl fmt::Display for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}.{:09}s",
            self.ns.div_euclid(1_000_000_000),
            self.ns.rem_euclid(1_000_000_000)
        )
    }
}

/// What every header carries: which producer life, the how-manieth message of it, and when it was captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Random per producer start: a change means that the producer was restarted.
    pub session: u64,
    /// +1 per message of this topic and session: a gap means loss.
    pub seq: u64,
    /// Capture time.
    pub t: WallTime,
}
