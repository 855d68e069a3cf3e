//! Numbers measured beside the pictures.

use std::fmt;

use bytes::Bytes;

use crate::{Dtype, SeriesName, Stamp, StreamName};

/// One message of numbers. Each named value, or each channel of a block, belongs to the series `stream/name`.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// Which stream.
    pub stream: StreamName,
    /// Which message of it; `t` is the time of the values, or of the block's first row.
    pub stamp: Stamp,
    /// `seq` of the frame that the values describe.
    pub frame: Option<u64>,
    /// Unit of all values, such as `mV`.
    pub unit: Option<String>,
    /// The numbers.
    pub data: Data,
}

/// Named values at one time, or a block of regularly sampled channels.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// Values of one moment; NaN and infinities are values.
    Values(Vec<(SeriesName, f64)>),
    /// Samples of many moments.
    Block(Block),
}

/// `rows x channels` samples, row-major and little-endian, `dt_ns` apart.
#[derive(Clone, PartialEq)]
pub struct Block {
    /// Moments.
    pub rows: usize,
    /// Series.
    pub channels: usize,
    /// Element type.
    pub dtype: Dtype,
    /// Nanoseconds from row to row; fractional, for 30 kHz is 33,333.3 ns.
    pub dt_ns: f64,
    /// One name per channel; absent: `0`, `1`, …
    pub names: Option<Vec<SeriesName>>,
    /// Multiplies every element to give the value in `unit`, such as 0.05 uV per bit.
    pub scale: f64,
    /// `rows * channels` elements; cloning shares them.
    pub payload: Bytes,
}

impl Block {
    /// Most channels of a block.
    pub const MAX_CHANNELS: usize = 4_096;

    /// Values of one channel in row order, scaled.
    ///
    /// # Panics
    /// If `channel >= self.channels`.
    pub fn channel(&self, channel: usize) -> impl Iterator<Item = f64> + '_ {
        assert!(channel < self.channels, "channel {channel} of {}", self.channels);
        let size = self.dtype.size();
        self.payload
            .chunks_exact(size * self.channels)
            .map(move |row| self.dtype.value(&row[channel * size..(channel + 1) * size]) * self.scale)
    }

    /// Nanoseconds from the first row to row `row`.
    pub fn offset_ns(&self, row: usize) -> i64 {
        (row as f64 * self.dt_ns).round() as i64
    }
}

impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Block")
            .field("rows", &self.rows)
            .field("channels", &self.channels)
            .field("dtype", &self.dtype)
            .field("dt_ns", &self.dt_ns)
            .finish_non_exhaustive()
    }
}
