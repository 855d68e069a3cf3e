//! Who watches the single frames of a stream, counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The live viewers of one stream; clones count together.
#[derive(Clone, Debug, Default)]
pub struct Audience {
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    now: AtomicU64,
    skipped: AtomicU64,
}

/// One viewer, for as long as this lives.
#[derive(Debug)]
pub struct Seat(Audience);

impl Audience {
    /// One more viewer.
    pub fn join(&self) -> Seat {
        self.counts.now.fetch_add(1, Ordering::Relaxed);
        Seat(self.clone())
    }

    /// Viewers at this moment.
    pub fn now(&self) -> u64 {
        self.counts.now.load(Ordering::Relaxed)
    }

    /// Frames that viewers were skipped over, all of them together.
    pub fn skipped(&self) -> u64 {
        self.counts.skipped.load(Ordering::Relaxed)
    }
}

impl Seat {
    /// This viewer was skipped over so many frames.
    pub fn skipped(&self, frames: u64) {
        self.0.counts.skipped.fetch_add(frames, Ordering::Relaxed);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.counts.now.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn viewers_come_and_go_and_what_they_missed_stays_counted() {
        let audience = Audience::default();
        let (first, second) = (audience.join(), audience.join());
        first.skipped(3);
        second.skipped(4);
        assert_eq!((audience.now(), audience.skipped()), (2, 7));
        drop(first);
        assert_eq!((audience.now(), audience.skipped()), (1, 7));
    }
}
