//! What waits to be sent: the newest few frames of every stream, and a bounded number of other messages.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use protocol::metric::Data;
use protocol::{Frame, Message};
use tokio::sync::Notify;

/// Bounded and never waited for by those who put: of a stream's frames, and of other messages, the oldest goes when
/// there are too many. Both are counted. First in, first out, one taker.
#[derive(Debug)]
pub(crate) struct Outbox {
    waiting: Mutex<Waiting>,
    arrived: Notify,
    max_frames: usize,
    max_frame_bytes: usize,
    max_messages: usize,
    max_bytes: usize,
    replaced: AtomicU64,
    dropped: AtomicU64,
}

#[derive(Debug, Default)]
struct Waiting {
    queue: VecDeque<Message>,
    /// Messages in `queue` that are no frames, and their size.
    messages: usize,
    bytes: usize,
}

impl Outbox {
    /// Room for `max_frames` of `max_frame_bytes` together per stream (the newest always fits), and for `max_messages` others of `max_bytes` together.
    pub(crate) fn new(
        (max_frames, max_frame_bytes): (usize, usize),
        (max_messages, max_bytes): (usize, usize),
    ) -> Self {
        Self {
            waiting: Mutex::default(),
            arrived: Notify::new(),
            max_frames: max_frames.max(1),
            max_frame_bytes,
            max_messages: max_messages.max(1),
            max_bytes,
            replaced: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
        }
    }

    /// Puts a frame last; the oldest waiting ones of its stream make room.
    pub(crate) fn put_frame(&self, frame: Frame) {
        let mut waiting = self.lock();
        let mut of_stream = Vec::new();
        let mut bytes = frame.payload.len();
        for (index, message) in waiting.queue.iter().enumerate() {
            if let Message::Frame(other) = message
                && other.stream == frame.stream
            {
                of_stream.push((index, other.payload.len()));
                bytes += other.payload.len();
            }
        }
        let mut replaced = Vec::new();
        for (index, len) in &of_stream {
            let left = of_stream.len() - replaced.len();
            if left < self.max_frames && bytes <= self.max_frame_bytes {
                break;
            }
            bytes -= len;
            // Those before it are gone already.
            replaced.extend(waiting.queue.remove(index - replaced.len()));
        }
        waiting.queue.push_back(Message::Frame(frame));
        drop(waiting);
        self.arrived.notify_one();
        self.replaced.fetch_add(replaced.len() as u64, Ordering::Relaxed);
        // Here, after the lock, megabytes are given back to the allocator.
    }

    /// Puts a metric or an event last; the oldest of them make room.
    pub(crate) fn put(&self, message: Message) {
        let mut waiting = self.lock();
        waiting.messages += 1;
        waiting.bytes += size(&message);
        waiting.queue.push_back(message);
        let mut dropped = 0;
        while waiting.messages > self.max_messages || (waiting.bytes > self.max_bytes && waiting.messages > 1)
        {
            let oldest = waiting
                .queue
                .iter()
                .position(|message| !matches!(message, Message::Frame(_)));
            let Some(oldest) = oldest.and_then(|index| waiting.queue.remove(index)) else {
                break;
            };
            waiting.forget(&oldest);
            dropped += 1;
        }
        drop(waiting);
        self.arrived.notify_one();
        self.dropped.fetch_add(dropped, Ordering::Relaxed);
    }

    /// Takes what has waited longest, or waits for something. Losing the future loses nothing.
    pub(crate) async fn take(&self) -> Message {
        loop {
            if let Some(message) = self.try_take() {
                return message;
            }
            self.arrived.notified().await;
        }
    }

    /// Waits until something waits.
    pub(crate) async fn filled(&self) {
        while self.is_empty() {
            self.arrived.notified().await;
        }
    }

    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.lock().queue.is_empty()
    }

    /// Frames that a newer one replaced.
    pub(crate) fn replaced(&self) -> u64 {
        self.replaced.load(Ordering::Relaxed)
    }

    /// Metrics and events that made room.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    fn try_take(&self) -> Option<Message> {
        let mut waiting = self.lock();
        let message = waiting.queue.pop_front()?;
        waiting.forget(&message);
        Some(message)
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Nothing can panic half-way through a change, so a poisoned lock still holds a sound queue.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn forget(&mut self, message: &Message) {
        if !matches!(message, Message::Frame(_)) {
            self.messages -= 1;
            self.bytes -= size(message);
        }
    }
}

/// Memory that a waiting message holds, roughly, in bytes.
fn size(message: &Message) -> usize {
    const OVERHEAD: usize = 128;
    const PER_VALUE: usize = 48;
    OVERHEAD
        + match message {
            Message::Frame(frame) => frame.payload.len(),
            Message::Metric(metric) => match &metric.data {
                Data::Values(values) => values.len() * PER_VALUE,
                Data::Block(block) => block.payload.len(),
            },
            Message::Event(event) => event.text.len(),
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{event, frame, metric};

    fn seqs(outbox: &Outbox) -> Vec<u64> {
        std::iter::from_fn(|| outbox.try_take())
            .map(|message| message.stamp().seq)
            .collect()
    }

    #[test]
    fn a_newer_frame_replaces_the_waiting_one_of_its_stream_only() {
        let outbox = Outbox::new((1, 1 << 20), (8, 1 << 20));
        for seq in 0..5 {
            outbox.put_frame(frame("a", seq, 16));
        }
        outbox.put_frame(frame("b", 10, 16));
        outbox.put_frame(frame("a", 5, 16));
        assert_eq!(outbox.replaced(), 5);
        assert_eq!(seqs(&outbox), [10, 5]);
        assert!(outbox.is_empty());
    }

    #[test]
    fn a_few_frames_of_each_stream_wait_in_order() {
        let outbox = Outbox::new((3, 1 << 20), (8, 1 << 20));
        for seq in 0..5 {
            outbox.put_frame(frame("a", seq, 16));
            outbox.put_frame(frame("b", 10 + seq, 16));
        }
        assert_eq!(outbox.replaced(), 4);
        assert_eq!(seqs(&outbox), [2, 12, 3, 13, 4, 14]);
    }

    #[test]
    fn large_frames_wait_in_smaller_numbers_and_the_newest_always_fits() {
        let outbox = Outbox::new((16, 1000), (8, 1 << 20));
        for seq in 0..5 {
            outbox.put_frame(frame("a", seq, 400));
        }
        outbox.put_frame(frame("b", 10, 400));
        assert_eq!(outbox.replaced(), 3);
        outbox.put_frame(frame("a", 5, 5000));
        assert_eq!(outbox.replaced(), 5);
        assert_eq!(seqs(&outbox), [10, 5]);
    }

    #[test]
    fn the_oldest_messages_make_room_and_frames_stay() {
        let outbox = Outbox::new((1, 1 << 20), (3, 1 << 20));
        outbox.put_frame(frame("a", 100, 16));
        for seq in 0..10 {
            outbox.put(Message::Metric(metric("m", seq)));
        }
        assert_eq!(outbox.dropped(), 7);
        assert_eq!(seqs(&outbox), [100, 7, 8, 9]);
    }

    #[test]
    fn bytes_are_bounded_too_and_the_newest_always_fits() {
        let outbox = Outbox::new((1, 1 << 20), (1000, 1000));
        for seq in 0..20 {
            outbox.put(Message::Event(event("m", seq, &"x".repeat(256))));
        }
        assert_eq!(seqs(&outbox), [18, 19]);
        let tight = Outbox::new((1, 1 << 20), (1000, 1));
        tight.put(Message::Metric(metric("m", 1)));
        tight.put(Message::Metric(metric("m", 2)));
        assert_eq!(seqs(&tight), [2]);
    }

    #[test]
    fn an_event_stays_between_the_frames_around_it() {
        let outbox = Outbox::new((2, 1 << 20), (8, 1 << 20));
        outbox.put_frame(frame("a", 0, 16));
        outbox.put(Message::Event(event("a", 50, "on")));
        outbox.put_frame(frame("a", 1, 16));
        assert_eq!(seqs(&outbox), [0, 50, 1]);
    }
}
