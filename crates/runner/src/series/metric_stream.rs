//! What is known of a metric stream but its samples.

use std::collections::{HashMap, VecDeque};
use std::time::Instant;

use protocol::WallTime;

use crate::rate::Rate;
use crate::sequence::Sequence;

/// A metric stream as its messages tell it.
#[derive(Debug, Default)]
pub struct MetricStream {
    /// Restarts and losses.
    pub sequence: Sequence,
    /// Samples of one series per second.
    pub rate: Rate,
    /// Series of this stream.
    pub series: usize,
    /// `seq` and `t` of the newest message.
    pub newest: Option<(u64, WallTime)>,
    /// When it came.
    pub arrived: Option<Instant>,
    /// Its producer said that it is over.
    pub ended: bool,
    /// Which frame the samples of a moment describe, where that was said; oldest first.
    frames: VecDeque<(WallTime, u64)>,
}

impl MetricStream {
    /// Whether it takes memory for frames.
    pub(super) fn has_frames(&self) -> bool {
        !self.frames.is_empty()
    }

    /// The samples of a moment describe a frame; of more than `max_frames` the oldest are forgotten.
    pub(super) fn describes(&mut self, t: WallTime, frame: u64, max_frames: usize) {
        if self.frames.back() != Some(&(t, frame)) {
            let excess = (self.frames.len() + 1).saturating_sub(max_frames);
            self.frames.drain(..excess.min(self.frames.len()));
            self.frames.push_back((t, frame));
        }
    }

    /// Which frames its samples describe, by their moments from `from` to `to`, both included.
    pub(super) fn frames(&self, from: WallTime, to: WallTime) -> HashMap<WallTime, u64> {
        let between = |(t, _): &(WallTime, u64)| (from..=to).contains(t);
        self.frames.iter().copied().filter(between).collect()
    }
}
