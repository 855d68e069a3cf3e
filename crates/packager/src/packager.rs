//! One writer, many readers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::ring::Ring;
use crate::timeline::Timeline;
use crate::window::Window;
use crate::{
    AccessUnit, Config, Error, File, Fragment, Frames, Init, MediaTime, Next, Range, Start, playlist,
};

/// What was encoded of one stream, in every form that is served from memory.
///
/// All methods take `&self` and hold one lock for microseconds (a millisecond when a large segment ends); none waits
/// for a reader.
#[derive(Debug)]
pub struct Packager {
    state: Mutex<State>,
    changes: watch::Sender<u64>,
    unit_bytes: usize,
}

#[derive(Debug)]
struct State {
    /// The newest life, also after its end.
    init: Option<Arc<Init>>,
    /// Whether the newest life takes frames.
    running: bool,
    /// The newest frame and how long it will be shown, as far as is known.
    newest: Option<(MediaTime, Duration)>,
    /// Frames so far.
    frames: u64,
    ring: Ring,
    window: Window,
    timeline: Timeline,
}

impl Packager {
    /// A packager of one stream.
    pub fn new(config: Config) -> Self {
        Self {
            unit_bytes: config.segment_bytes(),
            changes: watch::Sender::new(0),
            state: Mutex::new(State {
                init: None,
                running: false,
                newest: None,
                frames: 0,
                ring: Ring::new(config.ring_bytes()),
                timeline: Timeline::new(config.timeline),
                window: Window::new(config),
            }),
        }
    }

    /// Another encoder begins. Ends the life before, if nobody did.
    ///
    /// # Errors
    /// When the life's number does not rise, the size is none, or the decoder configuration does not parse.
    pub fn begin(&self, start: Start) -> Result<(), Error> {
        let init = Init::new(&start)?;
        let mut state = self.lock();
        let newest = state.init.as_ref().map(|init| init.life);
        if newest >= Some(start.life) || u32::try_from(start.life).is_err() {
            return Err(Error::Life {
                life: start.life,
                newest,
            });
        }
        state.end(None)?;
        state.init = Some(Arc::new(init));
        state.running = true;
        self.changed(state);
        Ok(())
    }

    /// The next frame of the life. It reaches live viewers at once, and LL-HLS when its part is full.
    ///
    /// # Errors
    /// When the frame does not belong to the life that was begun, or is no access unit; it is not taken in then.
    pub fn push(&self, unit: AccessUnit) -> Result<(), Error> {
        if unit.data.len() > self.unit_bytes {
            return Err(Error::TooLarge {
                bytes: unit.data.len(),
                limit: self.unit_bytes,
            });
        }
        let mut state = self.lock();
        state.push(&unit)?;
        self.changed(state);
        Ok(())
    }

    /// The life is over: its last frame is shown until `end`. Parts and segments close; what there is stays.
    pub fn end(&self, end: MediaTime) {
        let mut state = self.lock();
        // Fails only if the boxes of a part cannot be written, whose samples are then lost.
        let _ = state.end(Some(end));
        self.changed(state);
    }

    /// Tells that there is something new: a frame, a part, a life.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Number of the newest fragment.
    pub fn newest(&self) -> Option<u64> {
        self.lock().ring.newest()
    }

    /// Number of the newest key frame that is in memory: where [`Packager::next`] would skip to.
    pub fn newest_key(&self) -> Option<u64> {
        self.lock().ring.newest_key()
    }

    /// What a live viewer gets who has had fragment number `after`, or nothing yet. `None`: wait for
    /// [`Packager::changes`].
    ///
    /// The fragment after that one; but the newest key frame to begin with, or when that fragment is gone, or when the
    /// viewer is behind (`skip`) and there is a newer key frame to go on from.
    pub fn next(&self, after: Option<u64>, skip: bool) -> Option<Next> {
        self.lock().ring.next(after, skip)
    }

    /// The low-latency media playlist, `None` before the first part.
    pub fn playlist(&self) -> Option<String> {
        playlist::render(&self.lock().window)
    }

    /// Media sequence number of the segment that grows, or will be the next one, and how many parts of it are ready.
    pub fn progress(&self) -> (u64, u64) {
        self.lock().window.progress()
    }

    /// What there is under a name that the playlist gave.
    pub fn file(&self, name: &str) -> File {
        let state = self.lock();
        state.window.file(name, state.init.as_ref())
    }

    /// The encoded frames of a range that are remembered, at most `limit` of them, in presentation order.
    pub fn timeline(&self, range: &Range, limit: usize) -> Frames {
        self.lock().timeline.frames(range, limit)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No step leaves the state half done that could panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changed(&self, state: MutexGuard<'_, State>) {
        drop(state);
        self.changes.send_modify(|count| *count += 1);
    }
}

impl State {
    fn push(&mut self, unit: &AccessUnit) -> Result<(), Error> {
        let init = self.init.as_ref().filter(|_| self.running);
        let init = Arc::clone(init.ok_or(Error::NoLife(unit.media))?);
        if unit.stamp.session != init.session {
            return Err(Error::Session {
                life: init.life,
                expected: init.session,
                got: unit.stamp.session,
            });
        }
        if let Some((newest, _)) = self.newest
            && newest >= unit.media
        {
            return Err(Error::Time {
                newest,
                got: unit.media,
            });
        }
        if !unit.key && !self.window.is_open() {
            return Err(Error::NoKey {
                life: init.life,
                media: unit.media,
            });
        }
        unit.check_nals(init.length_size)?;
        let life = init.life;
        let fragment = Arc::new(Fragment::new(self.frames, init, unit)?);
        self.window.push(&fragment, unit.period)?;
        self.frames += 1;
        self.newest = Some((unit.media, unit.period));
        self.timeline.push(life, unit.stamp, unit.media);
        self.ring.push(fragment);
        Ok(())
    }

    /// Ends the life, at a guess if it is not known when.
    fn end(&mut self, end: Option<MediaTime>) -> Result<(), Error> {
        self.running = false;
        let Some((newest, period)) = self.newest else {
            return Ok(());
        };
        let shown_once = MediaTime::from_us(newest.as_us() + 1);
        let end = end.unwrap_or_else(|| newest.after(period)).max(shown_once);
        self.window.end(end)
    }
}
