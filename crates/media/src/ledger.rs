//! Which frames are in which segment. Pure.
//!
//! Frame n in is access unit n out, so that the frames of a segment are the oldest ones that no segment has yet: the
//! start of a segment is the capture time of a real frame, and rounding never adds up.

use std::collections::VecDeque;
use std::time::Duration;

use protocol::WallTime;

use crate::clock::ticks;

/// The frames written to one encoder that are in no finished segment yet.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    frames: VecDeque<(u64, WallTime)>,
    newest_us: u64,
    /// Start of the newest finished segment.
    segment_us: Option<u64>,
    /// Set when no more frames follow: how long the last one is shown.
    last_frame: Option<Duration>,
}

/// What is known of a finished segment.
#[derive(Debug, PartialEq)]
pub(crate) struct Span {
    /// Capture time of its first frame.
    pub(crate) start: WallTime,
    /// To the first frame after it.
    pub(crate) duration: Duration,
    pub(crate) frames: u64,
    pub(crate) first: bool,
}

impl Ledger {
    /// A frame goes in, at `pts_us` microseconds of presentation time.
    pub(crate) fn write(&mut self, pts_us: u64, t: WallTime) {
        self.frames.push_back((pts_us, t));
        self.newest_us = pts_us;
    }

    /// No more frames go in; the last one lasts for `last_frame`.
    pub(crate) fn close(&mut self, last_frame: Duration) {
        self.last_frame = Some(last_frame);
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.last_frame.is_some()
    }

    /// A segment of `duration` came out: takes its frames. `None` if there is no frame that could be in it.
    pub(crate) fn take(&mut self, duration: Duration) -> Option<Span> {
        let (start_us, start) = *self.frames.front()?;
        let end = ticks(start_us) + (duration.as_secs_f64() * 90_000.0).round() as u64;
        // At least one, or the same frame would start two segments.
        let beyond = self.frames.iter().skip(1).position(|(us, _)| ticks(*us) >= end);
        let frames = beyond.map_or(self.frames.len(), |n| n + 1);
        self.frames.drain(..frames);
        let next_us = self.frames.front().map(|(us, _)| *us);
        let first = self.segment_us.replace(start_us).is_none();
        Some(Span {
            start,
            duration: next_us.map_or(duration, |us| Duration::from_micros(us - start_us)),
            frames: frames as u64,
            first,
        })
    }

    /// The encoder ended well after [`Ledger::close`]: all that is left is in the newest segment, whose real duration
    /// and additional frames these are. (ffmpeg takes frames to be regular when it states the last duration.)
    pub(crate) fn finish(&mut self) -> Option<(Duration, u64)> {
        let end_us = self.newest_us + self.last_frame?.as_micros() as u64;
        let duration = Duration::from_micros(end_us - self.segment_us?);
        Some((duration, self.take_rest()))
    }

    /// Empties the ledger: how many frames are in no segment.
    pub(crate) fn take_rest(&mut self) -> u64 {
        std::mem::take(&mut self.frames).len() as u64
    }

    /// From the oldest frame in no segment to the newest one.
    pub(crate) fn waiting(&self) -> Duration {
        let oldest_us = self.frames.front().map_or(self.newest_us, |(us, _)| *us);
        Duration::from_micros(self.newest_us - oldest_us)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger(times_ms: &[u64]) -> Ledger {
        let mut ledger = Ledger::default();
        for ms in times_ms {
            ledger.write(ms * 1_000, WallTime::from_ns(7_000 + *ms as i64 * 1_000_000));
        }
        ledger
    }

    fn span(start_ms: i64, duration_ms: u64, frames: u64, first: bool) -> Option<Span> {
        Some(Span {
            start: WallTime::from_ns(7_000 + start_ms * 1_000_000),
            duration: Duration::from_millis(duration_ms),
            frames,
            first,
        })
    }

    #[test]
    fn segments_share_out_the_frames_in_order() {
        let mut ledger = ledger(&[0, 400, 900, 1_010, 1_950, 2_050]);
        assert_eq!(
            ledger.take(Duration::from_micros(1_009_999)),
            span(0, 1_010, 3, true)
        );
        assert_eq!(ledger.waiting(), Duration::from_millis(1_040));
        assert_eq!(
            ledger.take(Duration::from_millis(1_040)),
            span(1_010, 1_040, 2, false)
        );
    }

    #[test]
    fn the_last_segment_ends_with_the_last_frame_whatever_ffmpeg_guessed() {
        let mut ledger = ledger(&[0, 10, 700]);
        ledger.close(Duration::from_millis(100));
        assert_eq!(ledger.take(Duration::from_millis(100)), span(0, 700, 2, true));
        assert_eq!(ledger.finish(), Some((Duration::from_millis(800), 1)));
        assert_eq!(ledger.take_rest(), 0);
    }

    #[test]
    fn frames_in_no_segment_are_lost_with_the_encoder() {
        let mut ledger = ledger(&[0, 10, 20]);
        assert_eq!(ledger.finish(), None);
        assert_eq!(ledger.take_rest(), 3);
        assert_eq!(ledger.take(Duration::from_secs(1)), None);
    }
}
