//! Small messages for tests.

use protocol::frame::{Format, Shape};
use protocol::metric::Data;
use protocol::{Dtype, Event, Frame, Metric, Stamp, WallTime};

pub fn stamp(seq: u64) -> Stamp {
    Stamp {
        session: 7,
        seq,
        t: WallTime::from_ns(1_760_000_000_000_000_000 + seq as i64),
    }
}

/// A grey frame of one row of `width` bytes, all of them `seq` modulo 256.
pub fn frame(stream: &str, seq: u64, width: u64) -> Frame {
    sized(stream, seq, 1, width)
}

/// A grey frame of `height` rows of `width` bytes, all of them `seq` modulo 256.
pub fn sized(stream: &str, seq: u64, height: u64, width: u64) -> Frame {
    let format = Format::new(Shape::new(height, width, 1).unwrap(), Dtype::U8);
    Frame {
        stream: stream.parse().unwrap(),
        stamp: stamp(seq),
        payload: vec![seq as u8; format.byte_len()].into(),
        format,
    }
}

pub fn metric(stream: &str, seq: u64) -> Metric {
    Metric {
        stream: stream.parse().unwrap(),
        stamp: stamp(seq),
        frame: None,
        unit: None,
        data: Data::Values(vec![("value".parse().unwrap(), seq as f64)]),
    }
}

pub fn event(stream: &str, seq: u64, text: &str) -> Event {
    Event {
        stream: stream.parse().unwrap(),
        stamp: stamp(seq),
        text: text.into(),
        end: false,
    }
}
