//! Input that is passed over: counted, and logged without flooding.

use std::fmt::Display;
use std::time::{Duration, Instant};

/// Counts what was passed over; logs the first, then at most one every [`Refused::PAUSE`].
#[derive(Debug)]
pub struct Refused {
    source: String,
    count: u64,
    logged: Option<Instant>,
    /// The count that was logged last.
    logged_count: u64,
}

impl Refused {
    /// Shortest time between two log lines.
    pub const PAUSE: Duration = Duration::from_secs(10);

    /// Of the file or pipe called `source`.
    pub fn new(source: impl Into<String>) -> Self {
        Self {
            source: source.into(),
            count: 0,
            logged: None,
            logged_count: 0,
        }
    }

    /// One more: `what` says where it was, what was expected and what came. Returns whether it was logged.
    pub fn add(&mut self, what: &dyn Display, now: Instant) -> bool {
        self.count += 1;
        let due = self
            .logged
            .is_none_or(|last| now.saturating_duration_since(last) >= Self::PAUSE);
        if due {
            self.logged = Some(now);
            self.logged_count = self.count;
            tracing::warn!(source = self.source, skipped = self.count, "{what}");
        }
        due
    }

    /// Logs how many there were, if that is not known from the line before.
    pub fn finish(&mut self) {
        if self.count > self.logged_count {
            self.logged_count = self.count;
            tracing::warn!(source = self.source, skipped = self.count, "no more to come");
        }
    }

    /// How many so far.
    pub fn count(&self) -> u64 {
        self.count
    }
}

/// `text` in quotes, cut to what a log line can bear.
pub(crate) fn excerpt(text: &str) -> String {
    const MAX_CHARS: usize = 40;
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_counted_and_one_in_ten_seconds_is_logged() {
        let mut refused = Refused::new("x.csv");
        let start = Instant::now();
        let logged =
            (0..300).filter(|&tenth| refused.add(&"bad", start + Duration::from_millis(tenth * 100)));
        assert_eq!(logged.count(), 3);
        assert_eq!(refused.count(), 300);
    }
}
