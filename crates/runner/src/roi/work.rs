//! Who measures: a few threads for all streams.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::Rois;
use crate::hub::Hub;

/// Streams with frames to measure, each at most once, in turn.
///
/// Threads belong to no stream: sixteen small streams cost no sixteen threads, and one large stream takes turns with
/// them frame by frame. A stream is never on two threads, so its samples come in order. Half of the machine's
/// processors measure at most, so that encoders, which everybody waits for, have the other half.
#[derive(Debug, Default)]
pub struct Work {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    streams: VecDeque<Arc<Rois>>,
    is_over: bool,
}

impl Work {
    /// How many threads are to [`measure`].
    pub fn threads() -> usize {
        std::thread::available_parallelism().map_or(1, |processors| (processors.get() / 2).max(1))
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// There are frames of a stream to measure, which nobody takes care of yet.
    pub fn add(&self, rois: Arc<Rois>) {
        self.lock().streams.push_back(rois);
        self.changed.notify_one();
    }

    /// Nothing more is measured.
    pub fn end(&self) {
        self.lock().is_over = true;
        self.changed.notify_all();
    }

    /// The stream whose turn it is, waiting for one. `None`: it is over.
    fn next(&self) -> Option<Arc<Rois>> {
        let mut waiting = self.lock();
        loop {
            if waiting.is_over {
                return None;
            }
            if let Some(rois) = waiting.streams.pop_front() {
                return Some(rois);
            }
            waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Measures frames of all streams until [`Work::end`].
pub fn measure(hub: &Hub) {
    while let Some(rois) = hub.measuring.next() {
        if rois.measure_next(hub) {
            hub.measuring.add(rois);
        }
    }
}
