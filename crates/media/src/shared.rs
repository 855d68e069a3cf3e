//! What the threads of a stream share.

use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use protocol::{Frame, StreamName};

use crate::ledger::Span;
use crate::queue::Queue;
use crate::window::{Segment, Window};
use crate::{Config, Status};

pub(crate) struct Shared {
    pub(crate) name: StreamName,
    pub(crate) config: Config,
    /// The stream's own directory.
    pub(crate) dir: PathBuf,
    /// Start of every file name; which stream of the process it is.
    pub(crate) stem: String,
    pub(crate) queue: Queue<Frame>,
    status: Mutex<Status>,
    window: Mutex<Window>,
}

impl Shared {
    pub(crate) fn new(name: StreamName, config: Config, dir: PathBuf, stem: String) -> Self {
        Self {
            name,
            dir,
            stem,
            queue: Queue::new(config.queue),
            status: Mutex::default(),
            window: Mutex::new(Window::new(config.window, config.window_bytes)),
            config,
        }
    }

    /// Everything but the counts of the queue and the window, to read or change.
    pub(crate) fn status_mut(&self) -> MutexGuard<'_, Status> {
        lock(&self.status)
    }

    pub(crate) fn status(&self) -> Status {
        let status = self.status_mut().clone();
        Status {
            dropped_queue: self.queue.dropped(),
            segments: self.window().segments().len(),
            ..status
        }
    }

    pub(crate) fn window(&self) -> MutexGuard<'_, Window> {
        lock(&self.window)
    }

    /// Puts a finished segment of `bytes` bytes into the playlist, and deletes what nobody may ask for any more.
    pub(crate) fn list(&self, name: String, span: &Span, bytes: u64) {
        let mut window = self.window();
        let begun = window.media_sequence() > 0 || window.segments().len() > 0;
        let expired = window.push(Segment {
            name,
            start: span.start,
            duration: span.duration,
            bytes,
            discontinuity: span.first && begun,
        });
        drop(window);
        self.delete(&expired);
    }

    /// Makes room on a full disk: what is live goes before what was.
    pub(crate) fn make_room(&self) {
        let expired = self.window().halve();
        self.delete(&expired);
    }

    fn delete(&self, names: &[String]) {
        for name in names {
            if let Err(error) = fs::remove_file(self.dir.join(name)) {
                tracing::debug!(stream = %self.name, name, %error, "a segment could not be deleted");
            }
        }
    }
}

/// A thread that panicked leaves plain values behind: they are still good.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
