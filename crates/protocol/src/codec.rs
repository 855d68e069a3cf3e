//! Typed messages to and from the parts `[topic, header, payload]`.
//!
//! Headers are MessagePack maps; unknown keys are ignored, so that a newer producer can talk to an older runner.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::frame::{Format, Shape};
use crate::metric::{Block, Data};
use crate::{
    DecodeError, Dtype, Event, Frame, Message, Metric, PixelSize, SeriesName, Stamp, StreamName, VERSION,
    WallTime,
};

/// Largest header, in bytes: room for some thousand named values.
pub const MAX_HEADER_BYTES: usize = 1 << 20;

/// The parts of one ZeroMQ message.
pub type Parts = [Bytes; 3];

const FRAME: &str = "frame/";
const METRIC: &str = "metric/";
const EVENT: &str = "event/";

/// All keys of all headers; which ones must be there depends on the topic.
#[derive(Default, Serialize, Deserialize)]
struct Header<'a> {
    v: u64,
    session: u64,
    seq: u64,
    t: WallTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shape: Option<Vec<u64>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    dtype: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fps: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unit: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    range: Option<[f64; 2]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pixel_size: Option<[f64; 2]>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pixel_unit: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    frame: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    values: Option<BTreeMap<Cow<'a, str>, f64>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dt: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    names: Option<Vec<Cow<'a, str>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scale: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end: Option<bool>,
}

/// What can be read of a header whose `v` this crate does not know.
#[derive(Deserialize)]
struct VersionOnly {
    v: u64,
}

/// The parts of `message`. The payload is shared, not copied.
pub fn encode(message: &Message) -> Parts {
    let (kind, payload, header) = match message {
        Message::Frame(frame) => (
            FRAME,
            frame.payload.clone(),
            Header {
                shape: Some(frame.format.shape.dims()),
                dtype: Some(frame.format.dtype.typestr().into()),
                fps: frame.format.fps,
                unit: frame.format.unit.as_deref().map(Into::into),
                range: frame.format.range,
                pixel_size: frame.format.pixel_size.as_ref().map(PixelSize::sides),
                pixel_unit: frame.format.pixel_size.as_ref().and_then(pixel_unit),
                ..Header::default()
            },
        ),
        Message::Metric(metric) => {
            let mut header = Header {
                frame: metric.frame,
                unit: metric.unit.as_deref().map(Into::into),
                ..Header::default()
            };
            let payload = match &metric.data {
                Data::Values(values) => {
                    header.values = Some(
                        values
                            .iter()
                            .map(|(name, value)| (name.as_str().into(), *value))
                            .collect(),
                    );
                    Bytes::new()
                }
                Data::Block(block) => {
                    header.shape = Some(vec![block.rows as u64, block.channels as u64]);
                    header.dtype = Some(block.dtype.typestr().into());
                    header.dt = Some(block.dt_ns);
                    header.scale = (block.scale != 1.0).then_some(block.scale);
                    header.names = block
                        .names
                        .as_ref()
                        .map(|all| all.iter().map(|name| name.as_str().into()).collect());
                    block.payload.clone()
                }
            };
            (METRIC, payload, header)
        }
        Message::Event(event) => (
            EVENT,
            Bytes::new(),
            Header {
                event: Some(event.text.as_str().into()),
                end: event.end.then_some(true),
                ..Header::default()
            },
        ),
    };
    let Stamp { session, seq, t } = message.stamp();
    let header = Header {
        v: VERSION,
        session,
        seq,
        t,
        ..header
    };
    let header = rmp_serde::to_vec_named(&header).expect("a header of plain values always serialises");
    [
        format!("{kind}{}", message.stream()).into(),
        header.into(),
        payload,
    ]
}

/// The message that `parts` hold. The payload is shared, not copied.
///
/// # Errors
/// [`DecodeError`] names the part or key, what was expected and what came.
pub fn decode(parts: &[Bytes]) -> Result<Message, DecodeError> {
    let [topic, header, payload] = parts else {
        return Err(DecodeError::Parts(parts.len()));
    };
    let topic = Topic::parse(topic)?;
    if header.len() > MAX_HEADER_BYTES {
        return Err(DecodeError::HeaderSize(header.len()));
    }
    let header = parse_header(header)?;
    let stamp = Stamp {
        session: header.session,
        seq: header.seq,
        t: header.t,
    };
    match topic {
        Topic::Frame(stream) => decode_frame(stream, stamp, &header, payload).map(Message::Frame),
        Topic::Metric(stream) => decode_metric(stream, stamp, header, payload).map(Message::Metric),
        Topic::Event(stream) => decode_event(stream, stamp, &header).map(Message::Event),
    }
}

enum Topic {
    Frame(StreamName),
    Metric(StreamName),
    Event(StreamName),
}

impl Topic {
    fn parse(part: &[u8]) -> Result<Self, DecodeError> {
        let unknown = || {
            let start = &part[..part.len().min(80)];
            DecodeError::Topic(String::from_utf8_lossy(start).into_owned())
        };
        let text = std::str::from_utf8(part).map_err(|_| unknown())?;
        if let Some(name) = text.strip_prefix(FRAME) {
            Ok(Self::Frame(name.parse()?))
        } else if let Some(name) = text.strip_prefix(METRIC) {
            Ok(Self::Metric(name.parse()?))
        } else if let Some(name) = text.strip_prefix(EVENT) {
            Ok(Self::Event(name.parse()?))
        } else {
            Err(unknown())
        }
    }
}

fn parse_header(bytes: &[u8]) -> Result<Header<'_>, DecodeError> {
    match rmp_serde::from_slice::<Header<'_>>(bytes) {
        Ok(header) if header.v == VERSION => Ok(header),
        Ok(header) => Err(DecodeError::Version(header.v)),
        // Another version may well have other keys: say that it is another version, not that a key is missing.
        Err(error) => match rmp_serde::from_slice::<VersionOnly>(bytes) {
            Ok(VersionOnly { v }) if v != VERSION => Err(DecodeError::Version(v)),
            _ => Err(DecodeError::Header(error.to_string())),
        },
    }
}

fn required<T>(key: &'static str, value: Option<T>) -> Result<T, DecodeError> {
    value.ok_or_else(|| DecodeError::Header(format!("missing key `{key}`")))
}

fn dtype_of(header: &Header<'_>) -> Result<Dtype, DecodeError> {
    let typestr = required("dtype", header.dtype.as_deref())?;
    Dtype::from_typestr(typestr).ok_or_else(|| DecodeError::Dtype(typestr.chars().take(40).collect()))
}

fn pixel_size_of(header: &Header<'_>) -> Result<Option<PixelSize>, DecodeError> {
    match (header.pixel_size, header.pixel_unit.as_deref()) {
        (Some([height, width]), unit) => {
            PixelSize::new(height, width, unit.unwrap_or(PixelSize::DEFAULT_UNIT)).map(Some)
        }
        (None, Some(_)) => Err(DecodeError::Header(
            "missing key `pixel_size`, of `pixel_unit`".into(),
        )),
        (None, None) => Ok(None),
    }
}

/// The key, which the default goes without.
fn pixel_unit(size: &PixelSize) -> Option<Cow<'_, str>> {
    (size.unit() != PixelSize::DEFAULT_UNIT).then(|| size.unit().into())
}

fn decode_frame(
    stream: StreamName,
    stamp: Stamp,
    header: &Header<'_>,
    payload: &Bytes,
) -> Result<Frame, DecodeError> {
    let shape = Shape::from_dims(required("shape", header.shape.as_deref())?)?;
    let dtype = dtype_of(header)?;
    if let Some(fps) = header.fps
        && !(fps.is_finite() && fps > 0.0)
    {
        return Err(DecodeError::Value {
            key: "fps",
            expected: "a finite number above 0",
            got: fps.to_string(),
        });
    }
    if let Some([min, max]) = header.range
        && !(min.is_finite() && max.is_finite() && min < max)
    {
        let got = format!("[{min}, {max}]");
        return Err(DecodeError::Value {
            key: "range",
            expected: "two finite numbers, min < max",
            got,
        });
    }
    let format = Format {
        shape,
        dtype,
        fps: header.fps,
        unit: header.unit.as_deref().map(Into::into),
        range: header.range,
        pixel_size: pixel_size_of(header)?,
    };
    if payload.len() != format.byte_len() {
        return Err(DecodeError::Payload {
            expected: format.byte_len() as u64,
            got: payload.len(),
            shape: format!("{:?}", shape.dims()),
            dtype,
        });
    }
    Ok(Frame {
        stream,
        stamp,
        format,
        payload: payload.clone(),
    })
}

fn decode_metric(
    stream: StreamName,
    stamp: Stamp,
    header: Header<'_>,
    payload: &Bytes,
) -> Result<Metric, DecodeError> {
    let unit = header.unit.as_deref().map(Into::into);
    let frame = header.frame;
    let data = match &header.values {
        Some(values) => {
            let named = values
                .iter()
                .map(|(name, value)| Ok((name.parse::<SeriesName>()?, *value)));
            Data::Values(named.collect::<Result<_, DecodeError>>()?)
        }
        None => Data::Block(decode_block(&header, payload)?),
    };
    Ok(Metric {
        stream,
        stamp,
        frame,
        unit,
        data,
    })
}

fn decode_block(header: &Header<'_>, payload: &Bytes) -> Result<Block, DecodeError> {
    let Some(dims) = header.shape.as_deref() else {
        return Err(DecodeError::Header(
            "missing key `values`, or `shape`, `dtype` and `dt` of a block".into(),
        ));
    };
    let &[rows, channels] = dims else {
        let got = format!("{} dimensions", dims.len());
        return Err(DecodeError::Value {
            key: "shape",
            expected: "[n, channels]",
            got,
        });
    };
    let channel_range = 1..=Block::MAX_CHANNELS as u64;
    if !channel_range.contains(&channels) {
        return Err(DecodeError::Value {
            key: "shape",
            expected: "1 to 4096 channels",
            got: channels.to_string(),
        });
    }
    let dtype = dtype_of(header)?;
    let dt_ns = required("dt", header.dt)?;
    if !(dt_ns.is_finite() && dt_ns > 0.0 && rows as f64 * dt_ns < 1e18) {
        let expected = "nanoseconds, finite and above 0, the block within 30 years";
        return Err(DecodeError::Value {
            key: "dt",
            expected,
            got: dt_ns.to_string(),
        });
    }
    let scale = header.scale.unwrap_or(1.0);
    if !scale.is_finite() {
        return Err(DecodeError::Value {
            key: "scale",
            expected: "a finite number",
            got: scale.to_string(),
        });
    }
    let expected = rows
        .checked_mul(channels)
        .and_then(|elements| elements.checked_mul(dtype.size() as u64));
    if expected != Some(payload.len() as u64) {
        return Err(DecodeError::Payload {
            expected: expected.unwrap_or(u64::MAX),
            got: payload.len(),
            shape: format!("[{rows}, {channels}]"),
            dtype,
        });
    }
    let names = match &header.names {
        None => None,
        Some(names) if names.len() as u64 == channels => {
            let named = names.iter().map(|name| name.parse::<SeriesName>());
            Some(named.collect::<Result<_, _>>()?)
        }
        Some(names) => {
            let got = format!("{} names for {channels} channels", names.len());
            return Err(DecodeError::Value {
                key: "names",
                expected: "one name per channel",
                got,
            });
        }
    };
    Ok(Block {
        rows: rows as usize,
        channels: channels as usize,
        dtype,
        dt_ns,
        names,
        scale,
        payload: payload.clone(),
    })
}

fn decode_event(stream: StreamName, stamp: Stamp, header: &Header<'_>) -> Result<Event, DecodeError> {
    let text = required("event", header.event.as_deref())?;
    if text.is_empty() || text.len() > Event::MAX_LEN {
        let got = format!("{} bytes", text.len());
        return Err(DecodeError::Value {
            key: "event",
            expected: "1 to 256 bytes",
            got,
        });
    }
    Ok(Event {
        stream,
        stamp,
        text: text.into(),
        end: header.end.unwrap_or(false),
    })
}
