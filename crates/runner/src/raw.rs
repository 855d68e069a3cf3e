//! The newest frames of every stream as they were captured, for whoever asks for exact pixels.

mod density;
pub mod file;

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use protocol::frame::Format;
use protocol::{Frame, Stamp, StreamName, WallTime};
use tokio::sync::watch;

/// What a frame costs beside its pixels, in bytes, rounded up: so the bound holds for frames of one pixel, too.
const FRAME_OVERHEAD: usize = 512;

/// How much is kept.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Of all streams together, in bytes; 0 keeps nothing.
    pub bytes: usize,
    /// Of each stream, in capture time behind its newest frame.
    pub window: Duration,
}

/// A frame as its producer sent it. Cloning shares the pixels.
#[derive(Clone, Debug)]
pub struct Raw {
    /// Which frame, captured when.
    pub stamp: Stamp,
    /// How to read `payload`.
    pub format: Arc<Format>,
    /// C-contiguous, little-endian, `format.byte_len()` bytes: what came over the wire, not a copy.
    pub payload: Bytes,
}

impl Raw {
    fn cost(&self) -> usize {
        self.payload.len() + FRAME_OVERHEAD
    }
}

/// Which frame of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The newest.
    Latest,
    /// The one of this number.
    Seq(u64),
}

/// What is kept of one producer session of a stream. Numbers in between may be missing: lost on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Producer session.
    pub session: u64,
    /// Number and capture time of the oldest frame.
    pub first: (u64, WallTime),
    /// Number and capture time of the newest frame.
    pub last: (u64, WallTime),
    /// How many.
    pub frames: usize,
    /// Bytes of their pixels.
    pub bytes: usize,
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            session, first, last, ..
        } = self;
        write!(f, "{} to {} of session {session:016x}", first.0, last.0)
    }
}

/// Bounded; overflow policy: the stream that holds most bytes loses its oldest frame, so that a small stream keeps
/// its window beside a large one. A frame is kept by sharing its receive buffer, which `transport` makes exactly as
/// large as the frame: bytes counted are bytes held.
pub struct Rings {
    limits: Limits,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    streams: BTreeMap<StreamName, Ring>,
    cost: usize,
}

/// One stream, oldest session first.
#[derive(Default)]
struct Ring {
    sessions: VecDeque<Session>,
    cost: usize,
    /// Frames that ever came.
    came: watch::Sender<u64>,
}

/// One session, oldest frame first; never empty, numbers ascend.
struct Session {
    session: u64,
    frames: VecDeque<Raw>,
    bytes: usize,
}

impl Rings {
    /// Nothing kept yet.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            inner: Mutex::default(),
        }
    }

    /// What bounds them.
    pub const fn limits(&self) -> Limits {
        self.limits
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a frame, whose number is above those of its session so far, and forgets what no longer fits. A frame
    /// that alone is more than the limit leaves its stream with none: an older one must not pass for the newest.
    pub fn push(&self, frame: Frame) {
        if self.limits.bytes == 0 {
            return;
        }
        // Freed when the lock is not held: returning megabytes to the system takes a while.
        let mut forgotten = Vec::new();
        let mut inner = self.lock();
        let Inner { streams, cost } = &mut *inner;
        let now = frame.stamp.t;
        if !streams.contains_key(&frame.stream) {
            streams.insert(frame.stream.clone(), Ring::default());
        }
        let Some(ring) = streams.get_mut(&frame.stream) else {
            return;
        };
        *cost -= ring.cost;
        ring.push(frame);
        let is_old = |oldest: &Raw| {
            now.since(oldest.stamp.t)
                .is_some_and(|age| age > self.limits.window)
        };
        while ring.oldest().is_some_and(is_old) {
            forgotten.extend(ring.pop());
        }
        if ring
            .newest()
            .is_some_and(|newest| newest.cost() > self.limits.bytes)
        {
            forgotten.extend(std::iter::from_fn(|| ring.pop()));
        }
        ring.came.send_modify(|came| *came += 1);
        *cost += ring.cost;
        while *cost > self.limits.bytes {
            let Some(largest) = streams.values_mut().max_by_key(|ring| ring.cost) else {
                break;
            };
            let Some(oldest) = largest.pop() else { break };
            *cost -= oldest.cost();
            forgotten.push(oldest);
        }
        drop(inner);
        drop(forgotten);
    }

    /// How many frames of `stream` ever came; changes with every one.
    pub fn came(&self, stream: &StreamName) -> watch::Receiver<u64> {
        let mut inner = self.lock();
        inner.streams.entry(stream.clone()).or_default().came.subscribe()
    }

    /// The newest frame of `stream`, and the how-manieth it is of all that ever came.
    pub fn newest(&self, stream: &StreamName) -> Option<(u64, Raw)> {
        let inner = self.lock();
        let ring = inner.streams.get(stream)?;
        let came = *ring.came.borrow();
        Some((came, ring.newest()?.clone()))
    }

    /// A frame of `stream`, of its newest session unless another one is named.
    ///
    /// # Errors
    /// A sentence that says which frames are kept instead.
    pub fn get(&self, stream: &StreamName, session: Option<u64>, which: Which) -> Result<Raw, String> {
        let found = {
            let inner = self.lock();
            inner
                .streams
                .get(stream)
                .and_then(|ring| ring.get(session, which))
                .cloned()
        };
        found.ok_or_else(|| {
            let of = session.map_or_else(String::new, |session| format!(" of session {session:016x}"));
            let asked = match which {
                Which::Latest => format!("no frame{of}"),
                Which::Seq(seq) => format!("no frame {seq}{of}"),
            };
            let kept: Vec<String> = self.kept(stream).iter().map(ToString::to_string).collect();
            let has = match kept.is_empty() {
                true => "none".to_owned(),
                false => kept.join(", "),
            };
            format!("stream {stream} keeps {asked}: it has {has}")
        })
    }

    /// What is kept of `stream`, oldest session first; of more sessions than anybody reads, the newest.
    pub fn kept(&self, stream: &StreamName) -> Vec<Kept> {
        const MAX_SESSIONS: usize = 64;
        let inner = self.lock();
        let Some(ring) = inner.streams.get(stream) else {
            return Vec::new();
        };
        let unlisted = ring.sessions.len().saturating_sub(MAX_SESSIONS);
        ring.sessions
            .iter()
            .skip(unlisted)
            .filter_map(Session::kept)
            .collect()
    }
}

impl Ring {
    fn push(&mut self, frame: Frame) {
        let Frame {
            stamp,
            format,
            payload,
            ..
        } = frame;
        // The format is that of the frame before almost always: one for all of them.
        let same = self.newest().filter(|newest| *newest.format == format);
        let format = same.map_or_else(|| Arc::new(format), |newest| newest.format.clone());
        let raw = Raw {
            stamp,
            format,
            payload,
        };
        self.cost += raw.cost();
        match self.sessions.back_mut() {
            Some(newest) if newest.session == stamp.session => {
                newest.bytes += raw.payload.len();
                newest.frames.push_back(raw);
            }
            _ => self.sessions.push_back(Session {
                session: stamp.session,
                bytes: raw.payload.len(),
                frames: VecDeque::from([raw]),
            }),
        }
    }

    fn oldest(&self) -> Option<&Raw> {
        self.sessions.front()?.frames.front()
    }

    fn newest(&self) -> Option<&Raw> {
        self.sessions.back()?.frames.back()
    }

    fn pop(&mut self) -> Option<Raw> {
        let oldest = self.sessions.front_mut()?;
        let raw = oldest.frames.pop_front()?;
        oldest.bytes -= raw.payload.len();
        if oldest.frames.is_empty() {
            self.sessions.pop_front();
        }
        self.cost -= raw.cost();
        Some(raw)
    }

    fn get(&self, session: Option<u64>, which: Which) -> Option<&Raw> {
        let mut newest_first = self.sessions.iter().rev();
        let session = match session {
            None => newest_first.next()?,
            Some(session) => newest_first.find(|kept| kept.session == session)?,
        };
        match which {
            Which::Latest => session.frames.back(),
            Which::Seq(seq) => {
                let index = session.frames.binary_search_by_key(&seq, |raw| raw.stamp.seq);
                session.frames.get(index.ok()?)
            }
        }
    }
}

impl Session {
    fn kept(&self) -> Option<Kept> {
        let place = |raw: &Raw| (raw.stamp.seq, raw.stamp.t);
        Some(Kept {
            session: self.session,
            first: place(self.frames.front()?),
            last: place(self.frames.back()?),
            frames: self.frames.len(),
            bytes: self.bytes,
        })
    }
}

#[cfg(test)]
#[path = "raw_tests.rs"]
mod tests;
