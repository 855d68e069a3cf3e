//! Regions of interest: drawn by HTTP, measured on every frame, remembered.

mod edits;
mod measured;
mod refusals;

use std::collections::BTreeMap;

use protocol::frame::{Format, Shape};
use protocol::{Dtype, Frame, Metric, Stamp, WallTime, metric};
use serde_json::{Value, json};
use tests::http::{self, Response, refused};
use tests::{Addresses, Lab, PATIENCE, Peer, Runner, now_ns, wait_for};

/// Frames are measured where no picture can be made.
const NO_ENCODER: &str = "--ffmpeg /nonexistent/ffmpeg";
const ROIS: &str = "/api/v1/streams/camera/rois";
const T0_NS: i64 = 1_760_000_000_123_456_789;
/// Between two frames: a baseline takes both.
const DT_NS: i64 = 100_000_001;
const SHAPE: (usize, usize) = (24, 40);

fn frame(session: u64, seq: u64, (height, width): (usize, usize), dtype: Dtype) -> Frame {
    let shape = Shape::new(height as u64, width as u64, 1).expect("a shape");
    Frame {
        stream: "camera".parse().expect("a name"),
        stamp: Stamp {
            session,
            seq,
            t: WallTime::from_ns(T0_NS + seq as i64 * DT_NS),
        },
        format: Format {
            unit: Some("photons".into()),
            ..Format::new(shape, dtype)
        },
        payload: bytes(&values(seq, dtype, height * width), dtype).into(),
    }
}

/// Waits until a frame has been measured.
fn wait_measured(runner: &Runner, session: u64, seq: u64) {
    let session = format!("{session:016x}");
    runner.wait_for_stream(("metric", "camera.roi"), "measured", PATIENCE, |stream| {
        (stream["seq"] == seq && stream["session"] == *session).then_some(())
    });
}

fn publish(peer: &mut Peer, frame: &Frame) {
    peer.publish(protocol::Message::Frame(frame.clone()));
}

#[track_caller]
fn ok(response: &Response, status: u16) -> Value {
    assert_eq!(response.status, status, "{}", response.text());
    assert_eq!(response.cache_control(), "no-store");
    response.json()
}

fn rectangle(x: f64, y: f64, width: f64, height: f64) -> Value {
    json!({"type": "rectangle", "x": x, "y": y, "width": width, "height": height})
}

fn ellipse(x: f64, y: f64, width: f64, height: f64) -> Value {
    json!({"type": "ellipse", "x": x, "y": y, "width": width, "height": height})
}

/// A series as it is kept.
#[derive(Debug, Default)]
struct Series {
    unit: Value,
    /// Numbers of the frames that were measured, capture times in ms, and values.
    samples: Vec<(u64, f64, f64)>,
}

/// All series of the stream's regions, by name.
fn measured(runner: &Runner) -> BTreeMap<String, Series> {
    let answer = runner.get("/api/v1/series?stream=camera.roi").json();
    let list = |value: &Value| value.as_array().expect("a list").clone();
    let number = |value: &Value| match value.as_str() {
        Some("NaN") => f64::NAN,
        _ => value.as_f64().expect("a number"),
    };
    let series = |series: &Value| {
        let columns = [&series["frame"], &series["t"], &series["v"]].map(list);
        let [frames, times, values] = &columns;
        assert!(frames.len() == times.len() && times.len() == values.len());
        let rows = frames.iter().zip(times).zip(values);
        let samples = rows.map(|((frame, t), v)| (frame.as_u64().expect("a frame"), number(t), number(v)));
        let read = Series {
            unit: series["unit"].clone(),
            samples: samples.collect(),
        };
        (series["name"].as_str().expect("a name").to_owned(), read)
    };
    list(&answer["series"]).iter().map(series).collect()
}

/// xorshift64, Marsaglia 2003.
fn noise(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state >> 16
    }
}

/// The values of a frame: all that the dtype holds, or such as pipelines give; of floats every eleventh is NaN.
fn values(seq: u64, dtype: Dtype, count: usize) -> Vec<f64> {
    let mut next = noise(seq);
    let value = |index: usize| {
        let bits = next();
        match dtype {
            Dtype::Bool => (bits & 1) as f64,
            Dtype::U8 => f64::from(bits as u8),
            Dtype::I8 => f64::from(bits as i8),
            Dtype::U16 => f64::from(bits as u16),
            Dtype::I16 => f64::from(bits as i16),
            Dtype::U32 => f64::from(bits as u32),
            Dtype::I32 => f64::from(bits as i32),
            Dtype::F32 | Dtype::F64 if index % 11 == 3 => f64::NAN,
            Dtype::F32 => f64::from(0.3_f32 + (bits as u16) as f32 / 1e6),
            Dtype::F64 => 1e6 + f64::from(bits as u32) / 1e9,
        }
    };
    (0..count).map(value).collect()
}

fn bytes(values: &[f64], dtype: Dtype) -> Vec<u8> {
    let of = |&value: &f64| match dtype {
        Dtype::Bool | Dtype::U8 => vec![value as u8],
        Dtype::I8 => (value as i8).to_le_bytes().to_vec(),
        Dtype::U16 => (value as u16).to_le_bytes().to_vec(),
        Dtype::I16 => (value as i16).to_le_bytes().to_vec(),
        Dtype::U32 => (value as u32).to_le_bytes().to_vec(),
        Dtype::I32 => (value as i32).to_le_bytes().to_vec(),
        Dtype::F32 => (value as f32).to_le_bytes().to_vec(),
        Dtype::F64 => value.to_le_bytes().to_vec(),
    };
    values.iter().flat_map(of).collect()
}
