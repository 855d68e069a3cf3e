//! What crosses a process boundary: frames, metrics and events, their stamps, and their bytes (wire version 1).
//!
//! Pure: no sockets, no tasks, no clock reads. `docs/protocol.md` describes the same wire for other languages,
//! and `tests/fixtures/wire.json` holds example bytes that every implementation tests against.

pub mod codec;
mod dtype;
mod error;
pub mod event;
pub mod frame;
pub mod metric;
mod name;
mod pixel_size;
mod time;

pub use dtype::Dtype;
pub use error::DecodeError;
pub use event::Event;
pub use frame::Frame;
pub use metric::Metric;
pub use name::{NameError, SeriesName, StreamName};
pub use pixel_size::PixelSize;
pub use time::{Stamp, WallTime};

/// The wire version this crate speaks, the value of every header's `v`.
pub const VERSION: u64 = 1;

/// One decoded ZeroMQ message.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// A picture.
    Frame(Frame),
    /// Numbers.
    Metric(Metric),
    /// Something that happened.
    Event(Event),
}

impl Message {
    /// The stream that the topic names.
    pub fn stream(&self) -> &StreamName {
        match self {
            Self::Frame(frame) => &frame.stream,
            Self::Metric(metric) => &metric.stream,
            Self::Event(event) => &event.stream,
        }
    }

    /// Producer session, sequence number and capture time.
    pub fn stamp(&self) -> Stamp {
        match self {
            Self::Frame(frame) => frame.stamp,
            Self::Metric(metric) => metric.stamp,
            Self::Event(event) => event.stamp,
        }
    }
}
