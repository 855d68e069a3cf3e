//! Between ingest, which never waits, and measuring, which may be behind.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use protocol::Frame;

/// Frames that may wait: half a second at 120 frames/s.
const MAX_FRAMES: usize = 64;
/// Bytes of their pixels; one frame may always wait.
const MAX_BYTES: usize = 64 << 20;

/// Frames of one stream that are to be measured. Bounded; overflow policy: the oldest are skipped, and counted.
#[derive(Debug, Default)]
pub struct Queue(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    frames: VecDeque<Frame>,
    bytes: usize,
    skipped: u64,
    /// Somebody has been told that there is something to do, and has not found nothing yet.
    is_taken_care_of: bool,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves a frame; says whether somebody must be told that there is something to do.
    pub fn push(&self, frame: Frame) -> bool {
        // Freed when the lock is not held: returning megabytes to the system takes a while.
        let mut skipped = Vec::new();
        let mut inner = self.lock();
        let bytes = frame.payload.len();
        while inner.frames.len() >= MAX_FRAMES || inner.bytes + bytes > MAX_BYTES {
            let Some(oldest) = inner.pop() else { break };
            inner.skipped += 1;
            skipped.push(oldest);
        }
        inner.bytes += bytes;
        inner.frames.push_back(frame);
        !std::mem::replace(&mut inner.is_taken_care_of, true)
    }

    /// The oldest frame. `None`: there is nothing to do, until [`Self::push`] says so.
    pub fn pop(&self) -> Option<Frame> {
        let mut inner = self.lock();
        let frame = inner.pop();
        inner.is_taken_care_of = frame.is_some();
        frame
    }

    /// Frames skipped so far.
    pub fn skipped(&self) -> u64 {
        self.lock().skipped
    }
}

impl Inner {
    fn pop(&mut self) -> Option<Frame> {
        let frame = self.frames.pop_front()?;
        self.bytes -= frame.payload.len();
        Some(frame)
    }
}

#[cfg(test)]
mod tests {
    use protocol::frame::{Format, Shape};
    use protocol::{Dtype, Stamp, WallTime};

    use super::*;

    fn frame(seq: u64, side: u64) -> Frame {
        let format = Format::new(Shape::new(side, side, 1).unwrap(), Dtype::U8);
        Frame {
            stream: "camera".parse().unwrap(),
            stamp: Stamp {
                session: 1,
                seq,
                t: WallTime::default(),
            },
            payload: vec![0; format.byte_len()].into(),
            format,
        }
    }

    #[test]
    fn somebody_is_told_once_until_there_is_nothing_left() {
        let queue = Queue::default();
        assert!(queue.push(frame(0, 1)) && !queue.push(frame(1, 1)));
        assert_eq!(queue.pop().unwrap().stamp.seq, 0);
        assert!(!queue.push(frame(2, 1)));
        assert_eq!(queue.pop().unwrap().stamp.seq, 1);
        assert_eq!(queue.pop().unwrap().stamp.seq, 2);
        assert!(queue.pop().is_none());
        assert!(queue.push(frame(3, 1)));
        assert_eq!(queue.skipped(), 0);
    }

    #[test]
    fn the_oldest_make_room_and_are_counted() {
        let queue = Queue::default();
        for seq in 0..MAX_FRAMES as u64 + 5 {
            queue.push(frame(seq, 1));
        }
        assert_eq!((queue.skipped(), queue.pop().unwrap().stamp.seq), (5, 5));
        // 16 MiB each: four have room, and none of the small ones beside them.
        for seq in 100..106 {
            queue.push(frame(seq, 4_096));
        }
        assert_eq!(queue.pop().unwrap().stamp.seq, 102);
        // Larger than all that may wait.
        queue.push(frame(200, 16_384));
        assert_eq!(queue.pop().unwrap().stamp.seq, 200);
        assert!(queue.pop().is_none());
    }
}
