//! What may be under way to one viewer.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// An answer within this time means that a second frame on the way does not wait behind the first: two under way are
/// 30 frames/s with twice a frame's time from here to there and back.
const PROMPT: Duration = Duration::from_millis(100);
/// A larger frame travels alone.
const SECOND_BYTES: usize = 8 << 20;

/// Frames sent to a viewer and not yet acknowledged, oldest first; each with `T`, which is kept until then.
///
/// At most two, so that what comes next is always the newest there is: a slow link gets fewer frames, not older ones.
#[derive(Debug)]
pub struct Pace<T> {
    under_way: VecDeque<Sent<T>>,
    acknowledged: Option<Instant>,
    is_prompt: bool,
    bytes_per_s: Option<f64>,
}

#[derive(Debug)]
struct Sent<T> {
    seq: u64,
    bytes: usize,
    at: Instant,
    left: Instant,
    _kept: T,
}

impl<T> Default for Pace<T> {
    fn default() -> Self {
        Self {
            under_way: VecDeque::new(),
            acknowledged: None,
            is_prompt: false,
            bytes_per_s: None,
        }
    }
}

impl<T> Pace<T> {
    /// Whether one more frame may be sent. The second one may once the viewer has shown that it is quick.
    pub fn is_open(&self) -> bool {
        match self.under_way.front() {
            None => true,
            Some(first) => self.under_way.len() == 1 && self.is_prompt && first.bytes <= SECOND_BYTES,
        }
    }

    /// A message of so many `bytes` begins to leave.
    pub fn sent(&mut self, seq: u64, bytes: usize, at: Instant, kept: T) {
        self.under_way.push_back(Sent {
            seq,
            bytes,
            at,
            left: at,
            _kept: kept,
        });
    }

    /// All of the newest message has left.
    pub fn left(&mut self, at: Instant) {
        if let Some(newest) = self.under_way.back_mut() {
            newest.left = at;
        }
    }

    /// The viewer has taken the first frame under way that has this number, and those before it. The number of one
    /// that is not under way changes nothing.
    pub fn taken(&mut self, seq: f64, now: Instant) {
        let Some(index) = self.under_way.iter().position(|sent| sent.seq as f64 == seq) else {
            return;
        };
        let Some(newest) = self.under_way.drain(..=index).next_back() else {
            return;
        };
        self.is_prompt = now.saturating_duration_since(newest.at) < PROMPT;
        // The link is busy with one frame at a time.
        let begun = self
            .acknowledged
            .map_or(newest.at, |before| before.max(newest.at));
        let took_s = now.saturating_duration_since(begun).as_secs_f64().max(1e-6);
        let now_per_s = newest.bytes as f64 / took_s;
        self.bytes_per_s = Some(match self.bytes_per_s {
            None => now_per_s,
            Some(before) => 0.75 * before + 0.25 * now_per_s,
        });
        self.acknowledged = Some(now);
    }

    /// What the link and the viewer take lately, in bytes/s; `None` before the first acknowledgement.
    pub fn bytes_per_s(&self) -> Option<f64> {
        self.bytes_per_s
    }

    /// How long an acknowledgement has been due; `None` where none is.
    pub fn waits(&self, now: Instant) -> Option<Duration> {
        let first = self.under_way.front()?;
        let since = self
            .acknowledged
            .map_or(first.left, |before| before.max(first.left));
        Some(now.saturating_duration_since(since))
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;

    const FRAME: usize = 500_000;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_second_frame_is_under_way_only_to_a_viewer_that_is_quick() {
        let start = Instant::now();
        let mut pace = Pace::default();
        pace.sent(0, FRAME, start, ());
        assert!(!pace.is_open(), "nothing is known of it yet");
        pace.taken(0.0, start + ms(99));
        pace.sent(1, FRAME, start + ms(99), ());
        assert!(pace.is_open());
        pace.sent(2, FRAME, start + ms(120), ());
        assert!(!pace.is_open(), "never three");
        pace.taken(1.0, start + ms(250));
        assert!(!pace.is_open(), "it took 151 ms");
        pace.taken(2.0, start + ms(260));
        assert!(pace.is_open());
        pace.sent(3, FRAME, start + ms(260), ());
        assert!(!pace.is_open());
    }

    #[test]
    fn a_large_frame_travels_alone() {
        let start = Instant::now();
        let mut pace = Pace::default();
        for (seq, bytes, second) in [
            (0, FRAME, false),
            (1, SECOND_BYTES, true),
            (2, SECOND_BYTES + 1, false),
        ] {
            pace.sent(seq, bytes, start, ());
            assert_eq!(pace.is_open(), second, "{bytes} bytes");
            pace.taken(seq as f64, start);
        }
    }

    #[test]
    fn acknowledgements_take_what_is_under_way_and_nothing_else() {
        let start = Instant::now();
        let mut pace = Pace::default();
        let kept = Rc::new(());
        let send = |pace: &mut Pace<_>, seq| pace.sent(seq, FRAME, start, kept.clone());
        send(&mut pace, 5);
        for seq in [4.0, 6.0, f64::INFINITY, f64::NAN, -5.0] {
            pace.taken(seq, start);
        }
        assert!(!pace.is_open());
        pace.taken(5.0, start);
        assert_eq!(Rc::strong_count(&kept), 1, "nothing is kept for what has arrived");
        // The same number twice: of two producers, or of one frame in two views.
        send(&mut pace, 7);
        send(&mut pace, 7);
        pace.taken(7.0, start);
        assert_eq!(Rc::strong_count(&kept), 2);
        pace.taken(7.0, start);
        // One for both.
        send(&mut pace, 8);
        send(&mut pace, 9);
        pace.taken(9.0, start);
        assert_eq!(Rc::strong_count(&kept), 1);
        // A number that JavaScript cannot hold comes back as its neighbour.
        send(&mut pace, u64::MAX - 1);
        pace.taken(u64::MAX as f64, start);
        assert_eq!(pace.waits(start), None);
    }

    #[test]
    fn the_link_is_measured_from_one_acknowledgement_to_the_next() {
        let start = Instant::now();
        let mut pace = Pace::default();
        assert_eq!(pace.bytes_per_s(), None);
        pace.sent(0, 1_000_000, start, ());
        pace.taken(0.0, start + ms(500));
        assert_eq!(pace.bytes_per_s(), Some(2e6));
        // Two at once: the second one waits for the first.
        pace.sent(1, 1_000_000, start + ms(500), ());
        pace.sent(2, 1_000_000, start + ms(500), ());
        pace.taken(1.0, start + ms(1_000));
        pace.taken(2.0, start + ms(1_500));
        assert_eq!(pace.bytes_per_s(), Some(2e6));
        // A pause of the producer is not one of the link.
        pace.sent(3, 1_000_000, start + ms(60_000), ());
        pace.taken(3.0, start + ms(60_500));
        assert_eq!(pace.bytes_per_s(), Some(2e6));
    }

    #[test]
    fn an_acknowledgement_is_due_from_when_the_frame_has_left() {
        let start = Instant::now();
        let mut pace = Pace::default();
        assert_eq!(pace.waits(start), None);
        pace.sent(0, FRAME, start, ());
        pace.left(start + ms(3_000));
        assert_eq!(pace.waits(start + ms(3_500)), Some(ms(500)));
        pace.taken(0.0, start + ms(4_000));
        assert_eq!(pace.waits(start + ms(9_000)), None);
    }
}
