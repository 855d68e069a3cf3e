//! Which frame is which access unit, and which frames are in which segment. Pure.
//!
//! Frame n in is access unit n out, and a key frame out begins a segment. So capture time, frame number and
//! presentation time of a unit are those that went in, not what is left of them after two roundings.

use std::collections::VecDeque;
use std::time::Duration;

use protocol::{Stamp, WallTime};

use crate::flv::WRAP_MS;

/// How far a time may be from the one that went in: rounding to 1/90,000 s, then to ms, and some more.
const TOLERANCE_MS: u64 = 3;

/// A frame that was written to an encoder.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Written {
    pub(crate) stamp: Stamp,
    /// Presentation time in this life.
    pub(crate) pts_us: u64,
    /// How long it is shown, unless a frame follows.
    pub(crate) period: Duration,
}

impl Written {
    pub(crate) fn end_us(&self) -> u64 {
        self.pts_us + self.period.as_micros() as u64
    }
}

/// The frames written to one encoder that are in no finished segment yet.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Presentation time of frame 0, in all of the stream.
    offset: Duration,
    /// Frames in the encoder, oldest first.
    inside: VecDeque<Written>,
    /// First frame of the segment that is being written, and how many are in it.
    open: Option<(Written, u64)>,
    /// The newest frame that went in, and that came out.
    newest_in: Option<Written>,
    newest_out: Option<Written>,
    /// Whether no more frames go in.
    closed: bool,
}

/// A finished segment.
#[derive(Debug, PartialEq)]
pub(crate) struct Span {
    /// Capture time of its first frame.
    pub(crate) start: WallTime,
    /// To the first frame after it.
    pub(crate) duration: Duration,
    pub(crate) frames: u64,
}

/// Why what came out cannot be what went in.
#[derive(Debug, PartialEq, thiserror::Error)]
pub(crate) enum Mismatch {
    #[error("more frames came out than went in")]
    TooMany,
    #[error("the first frame is no key frame")]
    NoKeyFrame,
    #[error("a frame that went in at {expected_ms} ms came out at {got_ms} ms")]
    Time { expected_ms: u64, got_ms: u64 },
}

impl Ledger {
    pub(crate) fn new(offset: Duration) -> Self {
        Self {
            offset,
            ..Self::default()
        }
    }

    /// A frame goes in.
    pub(crate) fn write(&mut self, frame: Written) {
        self.inside.push_back(frame);
        self.newest_in = Some(frame);
    }

    /// No more frames go in.
    pub(crate) fn close(&mut self) {
        self.closed = true;
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    /// An access unit came out at `time_ms` (modulo [`WRAP_MS`]): the frame that it is and, if it is a key frame, the
    /// segment that it ended.
    ///
    /// # Errors
    /// [`Mismatch`]: from here on nothing can be said about what comes out. The frame is still in the ledger.
    pub(crate) fn take(&mut self, time_ms: u64, key: bool) -> Result<(Written, Option<Span>), Mismatch> {
        let frame = *self.inside.front().ok_or(Mismatch::TooMany)?;
        let expected_us = self.offset.as_micros() as u64 + frame.pts_us;
        let expected_ms = (expected_us + 500) / 1_000 % WRAP_MS;
        let ahead_ms = (time_ms + WRAP_MS - expected_ms) % WRAP_MS;
        if ahead_ms.min(WRAP_MS - ahead_ms) > TOLERANCE_MS {
            return Err(Mismatch::Time {
                expected_ms,
                got_ms: time_ms,
            });
        }
        let finished = match &mut self.open {
            None if !key => return Err(Mismatch::NoKeyFrame),
            Some((_, frames)) if !key => {
                *frames += 1;
                None
            }
            open => open.replace((frame, 1)).map(|open| span(open, frame.pts_us)),
        };
        self.inside.pop_front();
        self.newest_out = Some(frame);
        Ok((frame, finished))
    }

    /// The encoder ended well: the last segment.
    pub(crate) fn finish(&mut self) -> Option<Span> {
        let open = self.open.take()?;
        Some(span(open, self.newest_out?.end_us()))
    }

    /// Empties the ledger: how many frames are in no finished segment.
    pub(crate) fn take_rest(&mut self) -> u64 {
        let open = self.open.take().map_or(0, |(_, frames)| frames);
        open + std::mem::take(&mut self.inside).len() as u64
    }

    /// Where the frames that came out end, in this life.
    pub(crate) fn end_us(&self) -> u64 {
        self.newest_out.map_or(0, |frame| frame.end_us())
    }

    /// From the oldest frame in no finished segment to the newest one.
    pub(crate) fn waiting(&self) -> Duration {
        let oldest = self.open.map(|(first, _)| first).or(self.inside.front().copied());
        let us = oldest
            .zip(self.newest_in)
            .map(|(old, new)| new.pts_us - old.pts_us);
        Duration::from_micros(us.unwrap_or(0))
    }
}

fn span((first, frames): (Written, u64), end_us: u64) -> Span {
    Span {
        start: first.stamp.t,
        duration: Duration::from_micros(end_us - first.pts_us),
        frames,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD: Duration = Duration::from_millis(100);

    fn written(seq: u64, ms: u64) -> Written {
        Written {
            stamp: Stamp {
                session: 1,
                seq,
                t: WallTime::from_ns(7_000 + ms as i64 * 1_000_000),
            },
            pts_us: ms * 1_000,
            period: PERIOD,
        }
    }

    fn ledger(offset: Duration, times_ms: &[u64]) -> Ledger {
        let mut ledger = Ledger::new(offset);
        for (seq, ms) in times_ms.iter().enumerate() {
            ledger.write(written(seq as u64, *ms));
        }
        ledger
    }

    fn span(start_ms: i64, duration_ms: u64, frames: u64) -> Option<Span> {
        Some(Span {
            start: WallTime::from_ns(7_000 + start_ms * 1_000_000),
            duration: Duration::from_millis(duration_ms),
            frames,
        })
    }

    #[test]
    fn units_are_the_frames_in_order_and_key_frames_end_segments() {
        let mut ledger = ledger(Duration::ZERO, &[0, 10, 700, 1_010, 1_950]);
        assert_eq!(ledger.take(0, true), Ok((written(0, 0), None)));
        assert_eq!(ledger.take(10, false), Ok((written(1, 10), None)));
        assert_eq!(ledger.waiting(), Duration::from_millis(1_950));
        assert_eq!(ledger.take(700, true), Ok((written(2, 700), span(0, 700, 2))));
        assert_eq!(ledger.take(1_010, false), Ok((written(3, 1_010), None)));
        assert_eq!(ledger.waiting(), Duration::from_millis(1_250));
        assert_eq!(ledger.take(1_950, false), Ok((written(4, 1_950), None)));
        assert_eq!(ledger.finish(), span(700, 1_350, 3));
        assert_eq!((ledger.take_rest(), ledger.end_us()), (0, 2_050_000));
    }

    #[test]
    fn frames_in_no_finished_segment_are_lost_with_the_encoder() {
        let mut ledger = ledger(Duration::ZERO, &[0, 10, 20]);
        assert_eq!(ledger.finish(), None);
        ledger.take(0, true).expect("the first frame");
        assert_eq!((ledger.take_rest(), ledger.end_us()), (3, 100_000));
        assert_eq!(ledger.take(10, false), Err(Mismatch::TooMany));
    }

    #[test]
    fn times_are_compared_on_the_circle_that_they_go_round() {
        // One frame before the wrap, one after it.
        let offset = Duration::from_millis(3 * WRAP_MS - 5);
        let check = |time_ms, expected: Result<(), Mismatch>| {
            let got = ledger(offset, &[0]).take(time_ms, true).map(|_| ());
            assert_eq!(got, expected, "{time_ms}");
        };
        check(WRAP_MS - 5, Ok(()));
        check(WRAP_MS - 2, Ok(()));
        let wrong = |got_ms| {
            Err(Mismatch::Time {
                expected_ms: WRAP_MS - 5,
                got_ms,
            })
        };
        check(WRAP_MS - 1, wrong(WRAP_MS - 1));
        check(0, wrong(0));
        let mut ledger = ledger(offset, &[0, 5, 40]);
        ledger.take(WRAP_MS - 5, true).expect("the first frame");
        ledger.take(WRAP_MS - 1, false).expect("a frame at the wrap");
        ledger.take(35, false).expect("a frame after it");
    }

    #[test]
    fn a_stream_that_cannot_begin_a_segment_is_refused() {
        assert_eq!(
            ledger(Duration::ZERO, &[0]).take(0, false),
            Err(Mismatch::NoKeyFrame)
        );
    }
}
