//! How a stream is doing.

/// What a stream's encoder does at the moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// No ffmpeg runs, for no frame came yet or none came for a while.
    #[default]
    Idle,
    /// An ffmpeg was started and has given back no frame yet.
    Starting,
    /// Encoded frames come.
    Running,
    /// The last ffmpeg failed; the next one starts after a pause.
    Backoff,
}

impl Phase {
    /// The phase in one lower-case word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Backoff => "backoff",
        }
    }
}

/// A moment of a stream. Counts are since its start.
///
/// Every pushed frame ends as exactly one of `listed`, `dropped_queue` and `dropped_encoder`; until then it is in the
/// queue or in the encoder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// What the encoder does.
    pub phase: Phase,
    /// Why the last ffmpeg failed; gone with the next finished segment.
    pub reason: Option<String>,
    /// Frames replaced by newer ones because the encoder was behind or down.
    pub dropped_queue: u64,
    /// Frames in no finished segment of an ffmpeg that died, or that failed to start.
    pub dropped_encoder: u64,
    /// Frames written to an ffmpeg.
    pub encoded: u64,
    /// Frames that came back encoded and were handed to the packager; those in no segment yet may still be lost.
    pub published: u64,
    /// Frames in segments that were listed.
    pub listed: u64,
    /// Failures of ffmpeg.
    pub restarts: u64,
    /// Segments in the playlist now.
    pub segments: usize,
}
