//! A frame stream as a live playlist.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use packager::Packager;
use protocol::{Frame, StreamName, WallTime};

use crate::shared::Shared;
use crate::supervisor::Supervisor;
use crate::{Config, Display, Error, Status};

/// How long after its deadline a stop waits for threads to notice.
const STOP_GRACE: Duration = Duration::from_millis(500);
const STOP_POLL: Duration = Duration::from_millis(2);

/// Encodes the frames of one stream for as long as it lives. All methods may be called from any thread.
///
/// Nothing a viewer or an encoder does reaches whoever calls [`Stream::push`].
pub struct Stream {
    shared: Arc<Shared>,
    supervisor: Option<JoinHandle<()>>,
}

impl Stream {
    /// Starts the threads of a stream; ffmpeg starts with the first frame. An ffmpeg that is missing or too old is no
    /// error here but the reason in [`Stream::status`]: it may appear.
    ///
    /// # Errors
    /// [`Error::Config`], [`Error::Directory`] or [`Error::Thread`].
    pub fn start(name: StreamName, config: Config, display: impl Display + 'static) -> Result<Self, Error> {
        // File names are made of numbers: a stream's name comes from outside.
        static STREAMS: AtomicU64 = AtomicU64::new(0);
        config.check()?;
        let number = STREAMS.fetch_add(1, Ordering::Relaxed);
        let stem = format!("{}_{number}", config.prefix);
        let dir = config.dir.join(number.to_string());
        fs::create_dir(&dir).map_err(|source| Error::Directory {
            path: dir.clone(),
            source,
        })?;
        let shared = Arc::new(Shared::new(name, config, dir, stem));
        let supervisor = Supervisor::new(Arc::clone(&shared));
        let supervisor = std::thread::Builder::new()
            .name("media-writer".into())
            .spawn(move || supervisor.run(display))
            .map_err(Error::Thread)?;
        Ok(Self {
            shared,
            supervisor: Some(supervisor),
        })
    }

    /// Hands over a frame. Never waits: if the queue is full the oldest frame in it is dropped and counted.
    pub fn push(&self, frame: Frame) {
        self.shared.queue.push(frame);
    }

    /// How the stream is doing.
    pub fn status(&self) -> Status {
        self.shared.status()
    }

    /// The media playlist, or `None` until the first segment is finished.
    pub fn playlist(&self) -> Option<String> {
        self.shared.playlist()
    }

    /// What the playlist holds: capture time of its first frame, and the end of its last segment. (Where capture time
    /// went back the former may be the later.) `None` until the first segment is finished.
    pub fn dvr(&self) -> Option<(WallTime, WallTime)> {
        self.shared.window().range()
    }

    /// What live viewers and LL-HLS are served from, in memory: every encoded frame, as soon as it exists.
    pub fn packager(&self) -> &Arc<Packager> {
        &self.shared.packager
    }

    /// The file of a segment that is in the playlist or was a moment ago; `None` for any other name.
    pub fn segment(&self, file_name: &str) -> Option<PathBuf> {
        let known = self.shared.window().holds(file_name);
        known.then(|| self.shared.dir.join(file_name))
    }

    /// Encodes what is in the queue, lets ffmpeg finish the last segment, kills it at `deadline`, and removes the
    /// segments. Blocks for `deadline` at most, and a little. What became of all frames is in the status.
    pub fn stop(mut self, deadline: Duration) -> Status {
        self.finish(deadline);
        self.status()
    }

    fn finish(&mut self, deadline: Duration) {
        let Some(supervisor) = self.supervisor.take() else {
            return;
        };
        let deadline = Instant::now() + deadline;
        self.shared.queue.close(deadline);
        while !supervisor.is_finished() {
            if Instant::now() > deadline + STOP_GRACE {
                tracing::error!(stream = %self.shared.name, "the encoder's thread did not end");
                break;
            }
            std::thread::sleep(STOP_POLL);
        }
        if let Err(error) = fs::remove_dir_all(&self.shared.dir) {
            tracing::debug!(stream = %self.shared.name, %error, "the segments could not be removed");
        }
    }
}

impl Drop for Stream {
    /// Ends at once: the last segment is lost. See [`Stream::stop`].
    fn drop(&mut self) {
        self.finish(Duration::ZERO);
    }
}
