//! What the threads of a stream share.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use packager::Packager;
use protocol::{Frame, StreamName};

use crate::ledger::Span;
use crate::queue::Queue;
use crate::window::{Segment, Window};
use crate::{Config, Status, playlist};

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
    /// The playlist of the window: there may be hundreds of segments and of viewers who ask.
    playlist: Mutex<Option<String>>,
    pub(crate) packager: Arc<Packager>,
}

impl Shared {
    /// How much longer than the window the timeline is: it must reach back to the first frame of every listed segment.
    const TIMELINE_MARGIN: Duration = Duration::from_secs(60);

    pub(crate) fn new(name: StreamName, config: Config, dir: PathBuf, stem: String) -> Self {
        let packager = Packager::new(packager::Config {
            part: config.part,
            segment: config.segment,
            timeline: config.window + Self::TIMELINE_MARGIN,
            ..packager::Config::new(&stem)
        });
        Self {
            name,
            dir,
            stem,
            queue: Queue::new(config.queue),
            status: Mutex::default(),
            window: Mutex::new(Window::new(config.window, config.window_bytes)),
            playlist: Mutex::default(),
            packager: Arc::new(packager),
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

    pub(crate) fn playlist(&self) -> Option<String> {
        lock(&self.playlist).clone()
    }

    /// Puts a finished segment of `bytes` bytes into the playlist, and deletes what nobody may ask for any more.
    /// `first`: of a life.
    pub(crate) fn list(&self, name: String, span: &Span, bytes: u64, first: bool) {
        let mut window = self.window();
        let begun = window.media_sequence() > 0 || window.segments().len() > 0;
        let expired = window.push(Segment {
            name,
            start: span.start,
            duration: span.duration,
            bytes,
            discontinuity: first && begun,
        });
        self.changed(window, &expired);
    }

    /// Makes room on a full disk: what is live goes before what was.
    pub(crate) fn make_room(&self) {
        let mut window = self.window();
        let expired = window.halve();
        self.changed(window, &expired);
    }

    /// The playlist first: nobody may be told of a file that is gone.
    fn changed(&self, window: MutexGuard<'_, Window>, expired: &[String]) {
        *lock(&self.playlist) = playlist::render(&window, self.config.segment);
        drop(window);
        self.delete(expired);
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
