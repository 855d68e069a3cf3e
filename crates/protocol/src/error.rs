//! Why a message was refused.

use crate::{Dtype, NameError};

/// What was wrong with a message: which part or key, what was expected, what came.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DecodeError {
    /// Wrong number of parts.
    #[error("message has {0} parts: expected 3 (topic, header, payload)")]
    Parts(usize),
    /// Part 0 is no topic of this wire.
    #[error("part 0: topic {0:?}: expected frame/<stream>, metric/<stream> or event/<stream>")]
    Topic(String),
    /// A stream or series name outside the rules.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Part 1 is larger than any header.
    #[error("part 1: header has {0} bytes: expected at most {max}", max = crate::codec::MAX_HEADER_BYTES)]
    HeaderSize(usize),
    /// Part 1 is no MessagePack map, or a key is missing or of another type.
    #[error("part 1: header: {0}")]
    Header(String),
    /// Another wire version.
    #[error("part 1: v is {0}: expected {expected}", expected = crate::VERSION)]
    Version(u64),
    /// A shape outside the limits.
    #[error("part 1: shape {0}: expected [h, w] or [h, w, c] with sides of 1 to 16384 and c of 1, 3 or 4")]
    Shape(String),
    /// A dtype that is not on the wire.
    #[error(
        "part 1: dtype {0:?}: expected a little-endian NumPy typestr, one of |b1 |u1 |i1 <u2 <i2 <u4 <i4 <f4 <f8"
    )]
    Dtype(String),
    /// A value outside its range.
    #[error("part 1: {key} is {got}: expected {expected}")]
    Value {
        /// Header key.
        key: &'static str,
        /// What is allowed.
        expected: &'static str,
        /// What came.
        got: String,
    },
    /// Part 2 does not hold what the header announces.
    #[error("part 2: payload has {got} bytes: expected {expected} for shape {shape} of {dtype}")]
    Payload {
        /// Bytes that shape and dtype ask for.
        expected: u64,
        /// Bytes that came.
        got: usize,
        /// Announced shape.
        shape: String,
        /// Announced dtype.
        dtype: Dtype,
    },
}

impl DecodeError {
    /// A short stable label, for counters.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Parts(_) => "parts",
            Self::Topic(_) => "topic",
            Self::Name(_) => "name",
            Self::HeaderSize(_) | Self::Header(_) => "header",
            Self::Version(_) => "version",
            Self::Shape(_) => "shape",
            Self::Dtype(_) => "dtype",
            Self::Value { .. } => "value",
            Self::Payload { .. } => "payload",
        }
    }
}
