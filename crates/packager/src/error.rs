//! Why something cannot be packaged.

use crate::MediaTime;

/// What is wrong with what came. Nothing was taken in, and the packager stays usable: the encoder's life is at fault.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Life numbers name files and tell pages what to decode with.
    #[error("life {life} is refused: expected a number above {newest:?} that fits 32 bits")]
    Life {
        /// What came.
        life: u64,
        /// The newest life before.
        newest: Option<u64>,
    },
    /// The picture size does not fit the boxes.
    #[error("picture of {width} x {height} is refused: expected sides of 1 to 65,535 pixels")]
    Size {
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
    },
    /// The decoder configuration record does not parse.
    #[error("decoder configuration record (avcC) of {bytes} bytes is refused: {reason}")]
    Avcc {
        /// How long it is.
        bytes: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// An access unit came before a life was begun.
    #[error("access unit at {} us is refused: no life was begun", .0.as_us())]
    NoLife(MediaTime),
    /// A life began with something that cannot be decoded by itself.
    #[error("access unit at {} us is refused: the first one of life {life} has to be a key frame", .media.as_us())]
    NoKey {
        /// The life.
        life: u64,
        /// When it would have been shown.
        media: MediaTime,
    },
    /// A life holds frames of one producer.
    #[error("frame of session {got:016x} is refused: life {life} is of session {expected:016x}")]
    Session {
        /// The life.
        life: u64,
        /// Session of the life.
        expected: u64,
        /// What came.
        got: u64,
    },
    /// Media time stood still or went back.
    #[error("access unit at {} us is refused: expected a time after {} us", .got.as_us(), .newest.as_us())]
    Time {
        /// Time of the newest access unit.
        newest: MediaTime,
        /// What came.
        got: MediaTime,
    },
    /// Too large for the memory that was allowed.
    #[error("access unit of {bytes} bytes is refused: expected at most {limit}")]
    TooLarge {
        /// What came.
        bytes: usize,
        /// A sixteenth of [`crate::Config::memory_bytes`].
        limit: usize,
    },
    /// The lengths before the NAL units do not add up to the access unit.
    #[error("access unit of {bytes} bytes is refused: the NAL unit at byte {at} does not fit")]
    Nal {
        /// Size of the access unit.
        bytes: usize,
        /// Where the NAL unit's length stands.
        at: usize,
    },
    /// The boxes could not be written.
    #[error("cannot write MP4 boxes: {0}")]
    Boxes(#[from] mp4_atom::Error),
}
