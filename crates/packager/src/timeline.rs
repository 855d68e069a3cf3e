//! Frame number, capture time and media time of every encoded frame.

use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::time::Duration;

use protocol::{Stamp, WallTime};

use crate::MediaTime;

/// Frames in a chunk at most.
const CHUNK_FRAMES: usize = 1_024;
/// Frames in the timeline at most: 17 min at 1,000 fps, in some 12 MiB.
const MAX_FRAMES: usize = 1 << 20;

/// Which frames are asked for; both ends are included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Range {
    /// By capture time.
    Capture(RangeInclusive<WallTime>),
    /// By sequence number, of one producer session or of all that are remembered.
    Sequence {
        /// The producer's session.
        session: Option<u64>,
        /// The numbers.
        seq: RangeInclusive<u64>,
    },
    /// By media time.
    Media(RangeInclusive<MediaTime>),
}

/// Frames of one encoder life, in presentation order. The columns are equally long, and not empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Number of the life.
    pub life: u64,
    /// Session of the producer.
    pub session: u64,
    /// Sequence numbers.
    pub seq: Vec<u64>,
    /// Capture times; jitter may let them go back a little.
    pub t: Vec<WallTime>,
    /// Media times, strictly rising.
    pub media: Vec<MediaTime>,
}

/// Answer of [`crate::Packager::timeline`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frames {
    /// One per life that has such frames, oldest first.
    pub spans: Vec<Span>,
    /// Whether there were more frames than asked for; those that are missing come after these.
    pub more: bool,
}

impl Frames {
    /// Frames in all spans.
    pub fn count(&self) -> usize {
        self.spans.iter().map(|span| span.seq.len()).sum()
    }
}

/// Bounded in media time and in frames; overflow policy: the oldest go, a chunk at a time.
#[derive(Debug)]
pub(crate) struct Timeline {
    chunks: VecDeque<Chunk>,
    frames: usize,
    limit: Duration,
}

impl Timeline {
    pub(crate) const fn new(limit: Duration) -> Self {
        Self {
            chunks: VecDeque::new(),
            frames: 0,
            limit,
        }
    }

    pub(crate) fn push(&mut self, life: u64, stamp: Stamp, media: MediaTime) {
        let taken = self
            .chunks
            .back_mut()
            .is_some_and(|chunk| chunk.push(life, stamp, media));
        if !taken {
            if let Some(chunk) = self.chunks.back_mut() {
                chunk.rows.shrink_to_fit();
            }
            self.chunks.push_back(Chunk::new(life, stamp, media));
        }
        self.frames += 1;
        while let Some(chunk) = self.chunks.front()
            && self.chunks.len() > 1
            && (media.since(chunk.last_media()) > self.limit || self.frames > MAX_FRAMES)
        {
            self.frames -= chunk.rows.len();
            self.chunks.pop_front();
        }
    }

    /// At most `limit` frames of the range, the oldest ones.
    pub(crate) fn frames(&self, range: &Range, limit: usize) -> Frames {
        let mut frames = Frames::default();
        let mut count = 0;
        for chunk in self.chunks.iter().filter(|chunk| chunk.may_have(range)) {
            for (stamp, media) in chunk.iter().filter(|(stamp, media)| holds(range, stamp, *media)) {
                if count == limit {
                    frames.more = true;
                    return frames;
                }
                count += 1;
                push(&mut frames.spans, chunk.life, stamp, media);
            }
        }
        frames
    }
}

fn holds(range: &Range, stamp: &Stamp, media: MediaTime) -> bool {
    match range {
        Range::Capture(t) => t.contains(&stamp.t),
        Range::Sequence { seq, .. } => seq.contains(&stamp.seq),
        Range::Media(range) => range.contains(&media),
    }
}

fn push(spans: &mut Vec<Span>, life: u64, stamp: Stamp, media: MediaTime) {
    if spans.last().is_none_or(|span| span.life != life) {
        spans.push(Span {
            life,
            session: stamp.session,
            seq: Vec::new(),
            t: Vec::new(),
            media: Vec::new(),
        });
    }
    if let Some(span) = spans.last_mut() {
        span.seq.push(stamp.seq);
        span.t.push(stamp.t);
        span.media.push(media);
    }
}

/// Frames of one life near enough to each other that 12 bytes tell one.
#[derive(Debug)]
struct Chunk {
    life: u64,
    first: Stamp,
    media: MediaTime,
    /// Smallest and largest of what is in the rows: numbers and times come as the producer likes.
    seq: RangeInclusive<u64>,
    t: RangeInclusive<WallTime>,
    rows: Vec<Row>,
}

/// One frame, counted from the first one of its chunk.
#[derive(Clone, Copy, Debug)]
struct Row {
    seq: u32,
    media_us: u32,
    t_ns: i32,
}

impl Chunk {
    fn new(life: u64, first: Stamp, media: MediaTime) -> Self {
        Self {
            life,
            first,
            media,
            seq: first.seq..=first.seq,
            t: first.t..=first.t,
            rows: vec![Row {
                seq: 0,
                media_us: 0,
                t_ns: 0,
            }],
        }
    }

    /// Whether the frame belongs here and was taken in.
    fn push(&mut self, life: u64, stamp: Stamp, media: MediaTime) -> bool {
        if life != self.life || stamp.session != self.first.session || self.rows.len() == CHUNK_FRAMES {
            return false;
        }
        let Some(row) = self.row(stamp, media) else {
            return false;
        };
        self.rows.push(row);
        self.seq = *self.seq.start().min(&stamp.seq)..=*self.seq.end().max(&stamp.seq);
        self.t = *self.t.start().min(&stamp.t)..=*self.t.end().max(&stamp.t);
        true
    }

    /// The frame as a row, if it is near enough.
    fn row(&self, stamp: Stamp, media: MediaTime) -> Option<Row> {
        Some(Row {
            seq: stamp.seq.checked_sub(self.first.seq)?.try_into().ok()?,
            media_us: media.as_us().checked_sub(self.media.as_us())?.try_into().ok()?,
            t_ns: stamp
                .t
                .as_ns()
                .checked_sub(self.first.t.as_ns())?
                .try_into()
                .ok()?,
        })
    }

    fn last_media(&self) -> MediaTime {
        let last_us = self.rows.last().map_or(0, |row| row.media_us);
        MediaTime::from_us(self.media.as_us() + u64::from(last_us))
    }

    fn iter(&self) -> impl Iterator<Item = (Stamp, MediaTime)> {
        self.rows.iter().map(|row| {
            let stamp = Stamp {
                session: self.first.session,
                seq: self.first.seq + u64::from(row.seq),
                t: self.first.t.offset_ns(i64::from(row.t_ns)),
            };
            (
                stamp,
                MediaTime::from_us(self.media.as_us() + u64::from(row.media_us)),
            )
        })
    }

    /// Whether a frame of the range may be here.
    fn may_have(&self, range: &Range) -> bool {
        match range {
            Range::Capture(t) => overlap(t, &self.t),
            Range::Sequence { session, seq } => {
                session.is_none_or(|session| session == self.first.session) && overlap(seq, &self.seq)
            }
            Range::Media(media) => overlap(media, &(self.media..=self.last_media())),
        }
    }
}

fn overlap<T: Ord>(a: &RangeInclusive<T>, b: &RangeInclusive<T>) -> bool {
    a.start() <= b.end() && b.start() <= a.end()
}
