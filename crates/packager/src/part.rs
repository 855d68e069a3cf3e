//! A part of a segment: what LL-HLS players fetch.

use std::time::Duration;

use bytes::Bytes;

use crate::movie_fragment::{self, Sample};
use crate::{Error, Fragment, MediaTime};

/// Boxes of a part without its samples, at most.
const BOXES_BYTES: usize = 128;
/// Boxes of a part for each sample.
const ENTRY_BYTES: usize = 12;

/// A finished part.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// To the first frame after it.
    pub(crate) duration: Duration,
    /// Whether it begins with a key frame.
    pub(crate) independent: bool,
    /// One `moof` and one `mdat`.
    pub(crate) bytes: Bytes,
}

/// A part that still grows.
#[derive(Debug, Default)]
pub(crate) struct OpenPart {
    samples: Vec<OpenSample>,
    bytes: usize,
}

#[derive(Debug)]
struct OpenSample {
    media: MediaTime,
    key: bool,
    data: Bytes,
}

impl OpenPart {
    pub(crate) fn push(&mut self, fragment: &Fragment) {
        let data = fragment.data();
        self.bytes += data.len();
        self.samples.push(OpenSample {
            media: fragment.media,
            key: fragment.key,
            data,
        });
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// Bytes of its samples.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// From its first frame to `end`.
    pub(crate) fn duration(&self, end: MediaTime) -> Duration {
        self.samples
            .first()
            .map_or(Duration::ZERO, |first| end.since(first.media))
    }

    /// The part, whose last frame is shown until `end`; takes the samples.
    pub(crate) fn close(&mut self, sequence: u64, end: MediaTime) -> Result<Part, Error> {
        let open = std::mem::take(self);
        let next = open.samples.iter().skip(1).map(|sample| sample.media);
        let rows: Vec<_> = open
            .samples
            .iter()
            .zip(next.chain([end]))
            .map(|(sample, next)| Sample {
                duration_us: u32::try_from(next.since(sample.media).as_micros()).unwrap_or(u32::MAX),
                bytes: sample.data.len() as u32,
                key: sample.key,
            })
            .collect();
        let first = open.samples.first();
        let start = first.map_or(end, |first| first.media);
        let mut bytes = Vec::with_capacity(BOXES_BYTES + rows.len() * ENTRY_BYTES + open.bytes);
        movie_fragment::write(&mut bytes, sequence, start, &rows)?;
        for sample in &open.samples {
            bytes.extend_from_slice(&sample.data);
        }
        Ok(Part {
            duration: end.since(start),
            independent: first.is_some_and(|first| first.key),
            bytes: bytes.into(),
        })
    }
}
