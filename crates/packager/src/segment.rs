//! A segment: the parts from one key frame to the next.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use protocol::WallTime;

use crate::Init;
use crate::part::Part;

/// A segment, finished or growing.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    /// Media sequence number.
    pub(crate) msn: u64,
    /// What it is decoded with: of its own life, or of an earlier one that looks the same.
    pub(crate) init: Arc<Init>,
    /// Capture time of its first frame.
    pub(crate) start: WallTime,
    /// Whether it is the first one of another life than the segment before it.
    pub(crate) discontinuity: bool,
    /// Whether it begins with a key frame.
    pub(crate) independent: bool,
    pub(crate) parts: Vec<Part>,
    /// All parts, once no more follow.
    pub(crate) whole: Option<Bytes>,
}

impl Segment {
    pub(crate) fn duration(&self) -> Duration {
        self.parts.iter().map(|part| part.duration).sum()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.parts.iter().map(|part| part.bytes.len()).sum()
    }

    /// No more parts follow: joins them. From now on the parts are slices of the whole, so that memory is taken once.
    pub(crate) fn finish(&mut self) {
        let mut whole = BytesMut::with_capacity(self.bytes());
        for part in &self.parts {
            whole.extend_from_slice(&part.bytes);
        }
        let whole = whole.freeze();
        let mut start = 0;
        for part in &mut self.parts {
            let end = start + part.bytes.len();
            part.bytes = whole.slice(start..end);
            start = end;
        }
        self.whole = Some(whole);
    }
}
