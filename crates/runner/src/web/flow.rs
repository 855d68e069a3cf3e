//! What may be under way to one live viewer. Pure.

use std::collections::VecDeque;
use std::time::Duration;

use packager::MediaTime;

/// Fragments that may be under way however long they are: a slow source is not held up by its own pace.
const FRAGMENTS: usize = 8;
/// Media that may be under way however many fragments that is.
const SPAN: Duration = Duration::from_millis(400);
/// Bytes that may be under way. One fragment may always be, whatever its size.
const BYTES: usize = 2 << 20;
/// A viewer is skipped ahead when that brings it so much closer to the live edge; a shorter way it goes by itself.
const WORTH_A_SKIP: Duration = Duration::from_millis(400);

/// Fragments sent to a viewer, and how far it says that it has taken them.
///
/// What is sent and not taken fills the buffers of two machines, and is old by the time it is drawn: this keeps it
/// short, so that whatever happens to a viewer, what it gets next is fresh.
#[derive(Debug, Default)]
pub struct Flow {
    under_way: VecDeque<Sent>,
    bytes: usize,
    last: Option<Sent>,
}

#[derive(Clone, Copy, Debug)]
struct Sent {
    number: u64,
    media: MediaTime,
    bytes: usize,
}

impl Flow {
    /// Whether one more fragment may be sent.
    pub fn is_open(&self) -> bool {
        let (Some(oldest), Some(newest)) = (self.under_way.front(), self.under_way.back()) else {
            return true;
        };
        let span = newest.media.since(oldest.media);
        self.bytes < BYTES && (self.under_way.len() < FRAGMENTS || span < SPAN)
    }

    /// Whether the viewer has taken everything.
    pub fn is_empty(&self) -> bool {
        self.under_way.is_empty()
    }

    /// A fragment is sent.
    pub fn sent(&mut self, number: u64, media: MediaTime, bytes: usize) {
        let sent = Sent { number, media, bytes };
        self.bytes += sent.bytes;
        self.under_way.push_back(sent);
        self.last = Some(sent);
    }

    /// The viewer has taken every fragment up to `number`. What was never sent cannot be taken.
    pub fn taken(&mut self, number: u64) {
        while let Some(oldest) = self.under_way.front()
            && oldest.number <= number
        {
            self.bytes -= oldest.bytes;
            self.under_way.pop_front();
        }
    }

    /// Number of the newest fragment sent.
    pub fn last(&self) -> Option<u64> {
        self.last.map(|last| last.number)
    }

    /// Whether the viewer is better off if it goes on at a key frame at `key`, and loses what is before it.
    pub fn is_behind(&self, key: MediaTime) -> bool {
        self.last.is_some_and(|last| key.since(last.media) > WORTH_A_SKIP)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: usize = 1_000;

    /// Sends frames of `fps` from `first` on until no more may be sent, but not more than 1,000; how many.
    fn fill(flow: &mut Flow, first: u64, fps: u64, bytes: usize) -> u64 {
        (first..first + 1_000)
            .take_while(|&number| {
                let is_open = flow.is_open();
                if is_open {
                    flow.sent(number, MediaTime::from_us(number * 1_000_000 / fps), bytes);
                }
                is_open
            })
            .count() as u64
    }

    #[test]
    fn eight_frames_or_four_tenths_of_a_second_are_under_way_whichever_is_more() {
        for (fps, frames) in [(1, 8), (10, 8), (20, 9), (30, 13), (120, 49), (1_000, 401)] {
            assert_eq!(
                fill(&mut Flow::default(), 0, fps, FRAME),
                frames,
                "{fps} frames/s"
            );
        }
    }

    #[test]
    fn large_frames_are_held_back_by_their_bytes_but_one_is_always_under_way() {
        let mut flow = Flow::default();
        assert_eq!(fill(&mut flow, 0, 30, 600 << 10), 4);
        flow.taken(0);
        assert_eq!(fill(&mut flow, 4, 30, 600 << 10), 1);
        let mut flow = Flow::default();
        assert_eq!(fill(&mut flow, 0, 30, 50 << 20), 1);
        flow.taken(0);
        assert!(flow.is_empty() && flow.is_open());
        assert_eq!(fill(&mut flow, 1, 30, 50 << 20), 1);
    }

    #[test]
    fn what_the_viewer_has_taken_makes_room_for_as_much() {
        let mut flow = Flow::default();
        let sent = fill(&mut flow, 0, 30, FRAME);
        assert_eq!(fill(&mut flow, sent, 30, FRAME), 0);
        flow.taken(4);
        assert_eq!(fill(&mut flow, sent, 30, FRAME), 5);
        // An old number again, and numbers that were never sent, change nothing.
        flow.taken(2);
        assert_eq!(fill(&mut flow, sent + 5, 30, FRAME), 0);
        flow.taken(u64::MAX);
        assert!(flow.is_empty());
        assert_eq!(flow.last(), Some(sent + 4));
        assert_eq!(fill(&mut flow, sent + 5, 30, FRAME), 13);
    }

    #[test]
    fn a_viewer_is_behind_when_a_key_frame_is_far_after_what_it_got_last() {
        let mut flow = Flow::default();
        let key = |ms: u64| MediaTime::from_us(ms * 1_000);
        assert!(!flow.is_behind(key(5_000)), "it has nothing to lose yet");
        flow.sent(0, key(1_000), FRAME);
        for (ms, behind) in [
            (0, false),
            (1_000, false),
            (1_400, false),
            (1_401, true),
            (61_000, true),
        ] {
            assert_eq!(flow.is_behind(key(ms)), behind, "{ms} ms");
        }
    }
}
