//! Between a producer that never waits and an encoder that may be slow, stuck or dead.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Bounded queue; overflow policy: drop oldest, counted.
pub(crate) struct Queue<T> {
    inner: Mutex<Inner<T>>,
    changed: Condvar,
    capacity: usize,
}

struct Inner<T> {
    items: VecDeque<T>,
    dropped: u64,
    woken: bool,
    /// Set once: nothing more goes in; what is in may be taken until then.
    closed: Option<Instant>,
}

/// What a wait ended with.
#[derive(Debug, PartialEq)]
pub(crate) enum Popped<T> {
    Item(T),
    /// Somebody called [`Queue::wake`].
    Woken,
    TimedOut,
    /// Closed and empty.
    Closed,
}

impl<T> Queue<T> {
    pub(crate) fn new(capacity: usize) -> Self {
        let inner = Inner {
            items: VecDeque::with_capacity(capacity),
            dropped: 0,
            woken: false,
            closed: None,
        };
        Self {
            inner: Mutex::new(inner),
            changed: Condvar::new(),
            capacity,
        }
    }

    /// Never waits for room: the oldest item makes it. After [`Queue::close`] the item itself is dropped.
    pub(crate) fn push(&self, item: T) {
        let mut inner = self.lock();
        if inner.closed.is_some() {
            inner.dropped += 1;
            return;
        }
        // Freed after the lock is: a frame may be many megabytes.
        let oldest = if inner.items.len() >= self.capacity {
            inner.dropped += 1;
            inner.items.pop_front()
        } else {
            None
        };
        inner.items.push_back(item);
        drop(inner);
        self.changed.notify_one();
        drop(oldest);
    }

    /// The oldest item, waiting until `deadline` (for ever if `None`).
    pub(crate) fn pop(&self, deadline: Option<Instant>) -> Popped<T> {
        self.wait(deadline, |inner| {
            if let Some(item) = inner.items.pop_front() {
                Some(Popped::Item(item))
            } else if inner.closed.is_some() {
                Some(Popped::Closed)
            } else {
                std::mem::take(&mut inner.woken).then_some(Popped::Woken)
            }
        })
    }

    /// Waits until `deadline` or the queue is closed, and leaves the items to age; whether it was closed.
    pub(crate) fn pause(&self, deadline: Instant) -> bool {
        let closed = |inner: &mut Inner<T>| inner.closed.map(|_| Popped::Closed);
        matches!(self.wait(Some(deadline), closed), Popped::Closed)
    }

    fn wait(
        &self,
        deadline: Option<Instant>,
        mut ready: impl FnMut(&mut Inner<T>) -> Option<Popped<T>>,
    ) -> Popped<T> {
        let mut inner = self.lock();
        loop {
            if let Some(popped) = ready(&mut inner) {
                return popped;
            }
            inner = match deadline.map(|at| at.saturating_duration_since(Instant::now())) {
                None => self.changed.wait(inner).unwrap_or_else(PoisonError::into_inner),
                Some(left) if left.is_zero() => return Popped::TimedOut,
                Some(left) => {
                    let waited = self.changed.wait_timeout(inner, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    /// Ends the current or next [`Queue::pop`].
    pub(crate) fn wake(&self) {
        self.lock().woken = true;
        self.changed.notify_one();
    }

    /// Nothing more goes in. `deadline` is for those who empty the queue.
    pub(crate) fn close(&self, deadline: Instant) {
        self.lock().closed.get_or_insert(deadline);
        self.changed.notify_all();
    }

    /// When everything has to be over, once the queue is closed.
    pub(crate) fn closed(&self) -> Option<Instant> {
        self.lock().closed
    }

    /// Items dropped so far.
    pub(crate) fn dropped(&self) -> u64 {
        self.lock().dropped
    }

    fn lock(&self) -> MutexGuard<'_, Inner<T>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_makes_room_and_is_counted() {
        let queue = Queue::new(2);
        (0..5).for_each(|n| queue.push(n));
        assert_eq!(
            (queue.pop(None), queue.pop(None)),
            (Popped::Item(3), Popped::Item(4))
        );
        assert_eq!(queue.dropped(), 3);
        assert_eq!(queue.pop(Some(Instant::now())), Popped::TimedOut);
    }

    #[test]
    fn a_closed_queue_gives_what_it_has_and_takes_nothing() {
        let queue = Queue::new(2);
        queue.push(1);
        queue.close(Instant::now());
        queue.push(2);
        assert_eq!(
            (queue.pop(None), queue.pop(None)),
            (Popped::Item(1), Popped::Closed)
        );
        assert_eq!(queue.dropped(), 1);
    }

    #[test]
    fn a_wake_ends_a_wait_without_an_item() {
        let queue = Queue::<u8>::new(1);
        queue.wake();
        assert_eq!(queue.pop(None), Popped::Woken);
    }
}
