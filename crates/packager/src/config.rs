//! What a packager keeps and how it cuts.

use std::time::Duration;

/// Settings of one stream's packager.
#[derive(Clone, Debug)]
pub struct Config {
    /// Start of every file name: safe in a URL, unique per run and stream, so that names are immutable.
    pub stem: String,
    /// Usual duration of an LL-HLS part.
    pub part: Duration,
    /// Usual duration of a segment: how far apart the encoder was asked to set key frames.
    pub segment: Duration,
    /// How much video the LL-HLS playlist lists; at least three target durations, whatever is said here.
    pub memory: Duration,
    /// Bound of all media bytes held. A fourth is for live viewers, the rest for LL-HLS, and no access unit may be
    /// larger than a sixteenth.
    pub memory_bytes: usize,
    /// How far the timeline reaches back, in media time.
    pub timeline: Duration,
}

impl Config {
    /// Parts of 0.1 s, segments of 1 s, 12 s of video in at most 256 MiB, and a timeline of 11 min.
    pub fn new(stem: impl Into<String>) -> Self {
        Self {
            stem: stem.into(),
            part: Duration::from_millis(100),
            segment: Duration::from_secs(1),
            memory: Duration::from_secs(12),
            memory_bytes: 256 << 20,
            timeline: Duration::from_secs(660),
        }
    }

    /// Bytes that live viewers may be behind.
    pub(crate) const fn ring_bytes(&self) -> usize {
        self.memory_bytes / 4
    }

    /// Bytes of LL-HLS segments, listed or leaving.
    pub(crate) const fn window_bytes(&self) -> usize {
        self.memory_bytes / 4 * 3
    }

    /// Bytes after which a segment ends without waiting for a key frame, and the largest access unit: some of both
    /// have to fit.
    pub(crate) const fn segment_bytes(&self) -> usize {
        self.memory_bytes / 16
    }
}
