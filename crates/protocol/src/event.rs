//! Something that happened at one moment.

use crate::{Stamp, StreamName};

/// A moment worth naming, such as `stimulus on`, or the end of a producer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Which stream.
    pub stream: StreamName,
    /// Which message of it, and when it happened.
    pub stamp: Stamp,
    /// What happened, 1 to 256 bytes.
    pub text: String,
    /// The producer session in `stamp` sends nothing more: its streams have ended, not stalled.
    pub end: bool,
}

impl Event {
    /// Longest text, in bytes.
    pub const MAX_LEN: usize = 256;
}
