//! The segments that LL-HLS players may ask for, the newest of them growing.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::name::Name;
use crate::part::OpenPart;
use crate::segment::Segment;
use crate::{Config, Error, Fragment, Init, MediaTime};

/// Finished segments that always stay listed, in target durations (RFC 8216bis, 6.2.2).
const MIN_TARGETS: u32 = 3;
/// Segments that stay after they left the playlist, for players that read it a moment ago.
const GRACE: usize = 5;
/// A part may be this fraction of a frame's period shorter than asked for, so that jitter does not add a frame now
/// and then. The usual rates of cameras are far from where this choice tips over (12, 22, 32, … fps at 0.1 s).
const TOLERANCE: u32 = 5;

const SEGMENT_TYPE: &str = "video/mp4";

/// What there is under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum File {
    /// The file; immutable.
    Ready {
        /// All of it.
        bytes: Bytes,
        /// Media type.
        content_type: &'static str,
    },
    /// The part that is being made: worth waiting for [`crate::Packager::changes`].
    Hinted,
    /// Never heard of, not there yet, or gone.
    Unknown,
}

impl File {
    fn ready(bytes: &Bytes) -> Self {
        Self::Ready {
            bytes: bytes.clone(),
            content_type: SEGMENT_TYPE,
        }
    }
}

/// A sliding window. Bounded in media time and bytes; overflow policy: the oldest segment leaves the playlist, and
/// memory a little later.
#[derive(Debug)]
pub(crate) struct Window {
    config: Config,
    listed: VecDeque<Segment>,
    /// Left the playlist, oldest first.
    leaving: VecDeque<Segment>,
    /// The segment that grows, with the part that grows.
    open: Option<(Segment, OpenPart)>,
    /// Number of the next segment.
    next_msn: u64,
    /// Discontinuities that left the playlist.
    discontinuity_sequence: u64,
    /// Life of the newest segment.
    life: Option<u64>,
    /// Parts made so far.
    parts: u64,
    /// Distance of frames, as far as known.
    period: Duration,
    /// Bytes of all finished parts.
    bytes: usize,
}

impl Window {
    pub(crate) const fn new(config: Config) -> Self {
        Self {
            config,
            listed: VecDeque::new(),
            leaving: VecDeque::new(),
            open: None,
            next_msn: 0,
            discontinuity_sequence: 0,
            life: None,
            parts: 0,
            period: Duration::ZERO,
            bytes: 0,
        }
    }

    /// Takes a frame in; `period` is how far apart frames are.
    pub(crate) fn push(&mut self, fragment: &Fragment, period: Duration) -> Result<(), Error> {
        self.period = period;
        if let Some((segment, part)) = &self.open {
            let full = segment.bytes() + part.bytes() >= self.config.segment_bytes();
            if fragment.key || full {
                self.end(fragment.media)?;
            } else if part.duration(fragment.media) + period / TOLERANCE >= self.config.part {
                self.close_part(fragment.media)?;
            }
        }
        let (_, part) = self.open.get_or_insert_with(|| {
            let life = Some(fragment.init.life);
            let discontinuity = self.life.is_some() && self.life != life;
            self.life = life;
            // An encoder that was restarted for the same pictures needs no other init segment.
            let previous = self.listed.back().map(|segment| &segment.init);
            let same = previous.filter(|init| init.segment == fragment.init.segment);
            let segment = Segment {
                msn: self.next_msn,
                init: Arc::clone(same.unwrap_or(&fragment.init)),
                start: fragment.stamp.t,
                discontinuity,
                independent: fragment.key,
                parts: Vec::new(),
                whole: None,
            };
            self.next_msn += 1;
            (segment, OpenPart::default())
        });
        part.push(fragment);
        Ok(())
    }

    /// Ends the part and the segment: their last frame is shown until `end`.
    pub(crate) fn end(&mut self, end: MediaTime) -> Result<(), Error> {
        self.close_part(end)?;
        if let Some((mut segment, _)) = self.open.take() {
            segment.finish();
            self.listed.push_back(segment);
            self.shrink();
        }
        Ok(())
    }

    fn close_part(&mut self, end: MediaTime) -> Result<(), Error> {
        if let Some((segment, open)) = &mut self.open
            && !open.is_empty()
        {
            self.parts += 1;
            let part = open.close(self.parts, end)?;
            self.bytes += part.bytes.len();
            segment.parts.push(part);
        }
        Ok(())
    }

    /// Lets go what is beyond the limits.
    fn shrink(&mut self) {
        let mut duration: Duration = self.listed.iter().map(Segment::duration).sum();
        let keep = self.config.memory.max(self.target() * MIN_TARGETS);
        let too_long = |window: &Self, duration: Duration| {
            let first = window.listed.front().map(Segment::duration);
            first.is_some_and(|first| duration.saturating_sub(first) >= keep)
        };
        while too_long(self, duration)
            || (self.leaving.is_empty() && self.is_too_large() && self.listed.len() > 1)
        {
            if let Some(segment) = self.listed.pop_front() {
                duration -= segment.duration();
                self.discontinuity_sequence += u64::from(segment.discontinuity);
                self.leaving.push_back(segment);
            }
            while self.leaving.len() > GRACE || (self.is_too_large() && !self.leaving.is_empty()) {
                if let Some(segment) = self.leaving.pop_front() {
                    self.bytes -= segment.bytes();
                }
            }
        }
    }

    fn is_too_large(&self) -> bool {
        self.bytes > self.config.window_bytes()
    }

    /// Duration that no segment is longer than, when both are rounded to seconds.
    pub(crate) fn target(&self) -> Duration {
        let durations = self.segments().map(Segment::duration);
        let longest = durations.chain([self.config.segment]).max().unwrap_or_default();
        Duration::from_secs((longest + Duration::from_millis(500)).as_secs().max(1))
    }

    /// Duration of a part when frames come as regularly as they should: whole frames.
    pub(crate) fn usual_part(&self) -> Duration {
        if self.period.is_zero() {
            return self.config.part;
        }
        let shortest = self.config.part.saturating_sub(self.period / TOLERANCE);
        let frames = shortest
            .as_micros()
            .div_ceil(self.period.as_micros().max(1))
            .max(1);
        self.period
            .saturating_mul(u32::try_from(frames).unwrap_or(u32::MAX))
    }

    /// The listed segments, oldest first; the last one may still grow.
    pub(crate) fn segments(&self) -> impl DoubleEndedIterator<Item = &Segment> + Clone {
        self.listed
            .iter()
            .chain(self.open.iter().map(|(segment, _)| segment))
    }

    pub(crate) const fn discontinuity_sequence(&self) -> u64 {
        self.discontinuity_sequence
    }

    pub(crate) fn stem(&self) -> &str {
        &self.config.stem
    }

    /// Number of the segment that grows (or will be next), and how many finished parts it has.
    pub(crate) fn progress(&self) -> (u64, u64) {
        self.open.as_ref().map_or((self.next_msn, 0), |(segment, _)| {
            (segment.msn, segment.parts.len() as u64)
        })
    }

    /// Whether a segment grows.
    pub(crate) const fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// The part that is being made, if any.
    pub(crate) fn hint(&self) -> Option<Name> {
        let (segment, _) = self.open.as_ref()?;
        Some(Name::Part {
            msn: segment.msn,
            part: segment.parts.len() as u64,
        })
    }

    /// What there is under a name; `init` is the init segment of the newest life.
    pub(crate) fn file(&self, name: &str, init: Option<&Arc<Init>>) -> File {
        let Some(name) = Name::parse(&self.config.stem, name) else {
            return File::Unknown;
        };
        if self.hint() == Some(name) {
            return File::Hinted;
        }
        let mut segments = self.leaving.iter().chain(self.segments());
        let segment = |msn| {
            self.leaving
                .iter()
                .chain(self.segments())
                .find(move |s| s.msn == msn)
        };
        let bytes = match name {
            Name::Init { life } => segments
                .find(|segment| segment.init.life == life)
                .map(|segment| &segment.init)
                .or(init.filter(|init| init.life == life))
                .map(|init| &init.segment),
            Name::Segment { msn } => segment(msn).and_then(|segment| segment.whole.as_ref()),
            Name::Part { msn, part } => segment(msn)
                .zip(usize::try_from(part).ok())
                .and_then(|(segment, part)| segment.parts.get(part))
                .map(|part| &part.bytes),
        };
        bytes.map_or(File::Unknown, File::ready)
    }
}
