//! Frames as files: what comes out is what was sent, bit for bit.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

use protocol::frame::{Format, Shape};
use protocol::{Dtype, Frame, Stamp, WallTime};
use serde_json::{Value, json};
use tests::http::{Response, refused};
use tests::{Lab, PATIENCE, Peer, Runner, wait_for};
use tiff::decoder::{Decoder, DecodingResult};

const T0_NS: i64 = 1_760_000_000_123_456_789;
const SESSION: u64 = 0x00ab_cdef;
/// Frames can be had where no picture can.
const NO_ENCODER: &str = "--ffmpeg /nonexistent/ffmpeg";

/// Bytes in which every value occurs, so NaNs and infinities do as well, different from frame to frame.
fn payload(len: usize, seq: u64) -> Vec<u8> {
    let mut state = seq.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut next = || {
        // xorshift64, Marsaglia 2003.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..len).map(|_| next()).collect()
}

fn frame(seq: u64, shape: (u64, u64, u64), dtype: Dtype) -> Frame {
    let format = Format {
        unit: Some("ΔF/F".into()),
        ..Format::new(Shape::new(shape.0, shape.1, shape.2).expect("a shape"), dtype)
    };
    Frame {
        stream: "camera".parse().expect("a name"),
        stamp: Stamp {
            session: SESSION,
            seq,
            t: WallTime::from_ns(T0_NS + seq as i64 * 1_000_001),
        },
        payload: payload(format.byte_len(), seq).into(),
        format,
    }
}

fn publish(runner: &Runner, frames: &[Frame]) -> Peer {
    let mut peer = Peer::join(runner.addresses.ingest);
    for frame in frames {
        peer.publish(protocol::Message::Frame(frame.clone()));
    }
    let last = frames.last().expect("a frame").stamp;
    runner.wait_for_stream(("frame", "camera"), "complete", PATIENCE, |stream| {
        (stream["seq"] == last.seq && stream["session"] == format!("{:016x}", last.session)).then_some(())
    });
    peer
}

fn fetch(runner: &Runner, file: &str) -> Response {
    runner.get(&format!("/api/v1/streams/camera/frames/{file}"))
}

#[track_caller]
fn fetched(runner: &Runner, frame: &Frame, extension: &str, content_type: &str) -> Response {
    let response = fetch(runner, &format!("{}.{extension}", frame.stamp.seq));
    assert_eq!(response.status, 200, "{}", response.text());
    assert_eq!(response.content_type, content_type);
    assert_eq!(response.header("x-streamview-session"), "0000000000abcdef");
    assert_eq!(response.header("x-streamview-seq"), frame.stamp.seq.to_string());
    assert_eq!(
        response.header("x-streamview-capture-ns"),
        frame.stamp.t.as_ns().to_string()
    );
    assert_eq!(response.header("x-streamview-unit"), "%CE%94F/F");
    response
}

/// The values of a TIFF file as little-endian bytes, read by another's decoder.
fn read_tiff(file: &[u8]) -> (Dtype, Vec<u8>) {
    macro_rules! bytes {
        ($values:expr) => {
            $values
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect()
        };
    }
    let mut decoder = Decoder::new(std::io::Cursor::new(file)).expect("TIFF");
    match decoder.read_image().expect("a picture") {
        DecodingResult::U8(values) => (Dtype::U8, values),
        DecodingResult::I8(values) => (Dtype::I8, bytes!(values)),
        DecodingResult::U16(values) => (Dtype::U16, bytes!(values)),
        DecodingResult::I16(values) => (Dtype::I16, bytes!(values)),
        DecodingResult::U32(values) => (Dtype::U32, bytes!(values)),
        DecodingResult::I32(values) => (Dtype::I32, bytes!(values)),
        DecodingResult::F32(values) => (Dtype::F32, bytes!(values)),
        DecodingResult::F64(values) => (Dtype::F64, bytes!(values)),
        _ => panic!("a dtype that nobody sent"),
    }
}

fn read_png(file: &[u8]) -> Vec<u8> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(file))
        .read_info()
        .expect("PNG");
    let mut values = vec![0; reader.output_buffer_size().expect("a size")];
    reader.next_frame(&mut values).expect("a picture");
    if reader.info().bit_depth == png::BitDepth::Sixteen {
        values
            .as_chunks_mut::<2>()
            .0
            .iter_mut()
            .for_each(|value| value.reverse());
    }
    values
}

/// The same, as ffmpeg reads it.
fn read_with_ffmpeg(file: &Path, format: &Format) -> Vec<u8> {
    let pixels = match (format.shape.channels(), format.dtype.size()) {
        (1, 1) => "gray",
        (1, _) => "gray16le",
        (3, 1) => "rgb24",
        (3, _) => "rgb48le",
        (_, 1) => "rgba",
        _ => "rgba64le",
    };
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(file)
        .args(["-f", "rawvideo", "-pix_fmt", pixels, "pipe:1"])
        .stdin(Stdio::null())
        .output()
        .expect("ffmpeg");
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

#[test]
fn every_dtype_comes_back_as_it_was_sent() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, NO_ENCODER);
    let formats = Dtype::ALL
        .into_iter()
        .flat_map(|dtype| [1, 3, 4].map(|channels| (dtype, channels)));
    let frames: Vec<Frame> = formats
        .enumerate()
        .map(|(seq, (dtype, channels))| frame(seq as u64, (23, 37, channels), dtype))
        .collect();
    let _peer = publish(&runner, &frames);
    for frame in &frames {
        let Format { shape, dtype, .. } = frame.format;
        let what = format!("{dtype} {shape}");
        let npy = fetched(&runner, frame, "npy", "application/octet-stream");
        let array = npy::Array::open(&lab.write("frame.npy", &npy.body)).expect("an array");
        let dims: Vec<u64> = array.shape().iter().map(|&side| side as u64).collect();
        assert_eq!((array.dtype(), dims), (dtype, shape.dims()), "{what}");
        assert!(array.slice(0..array.rows()) == frame.payload, "{what}");

        let tiff = fetched(&runner, frame, "tiff", "image/tiff").body;
        let (read, values) = read_tiff(&tiff);
        // TIFF knows no bytes of truth.
        assert_eq!(
            read,
            if dtype == Dtype::Bool { Dtype::U8 } else { dtype },
            "{what}"
        );
        assert!(values == frame.payload, "{what}");

        if matches!(dtype, Dtype::Bool | Dtype::U8 | Dtype::U16) {
            let png = fetched(&runner, frame, "png", "image/png").body;
            assert!(read_png(&png) == frame.payload, "{what}");
            for (name, file) in [("frame.png", png), ("frame.tiff", tiff)] {
                let values = read_with_ffmpeg(&lab.write(name, file), &frame.format);
                assert!(values == frame.payload, "{what}: {name}");
            }
        } else {
            let refusal = fetch(&runner, &format!("{}.png", frame.stamp.seq));
            refused(&refusal, 406, &["png", dtype.name(), "npy"]);
        }
    }
    let newest = frames.last().expect("a frame");
    let latest = fetch(&runner, "latest.npy");
    assert_eq!(latest.header("x-streamview-seq"), newest.stamp.seq.to_string());
    assert!(latest.body.ends_with(&newest.payload));
}

#[test]
fn a_live_camera_has_its_newest_frames_at_hand() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, "--raw-window 2s");
    let _camera = lab.camera(&runner, "camera");
    runner.wait_live("camera", PATIENCE);
    let kept = wait_for("two seconds of frames", PATIENCE, || {
        let kept = runner.get("/api/v1/streams/camera/frames").json()["sessions"][0].take();
        match kept["from_seq"].as_u64() {
            Some(seq) if seq > 0 => Ok(kept),
            _ => Err(kept.to_string()),
        }
    });
    let span_ms = kept["to_ms"].as_f64().expect("ms") - kept["from_ms"].as_f64().expect("ms");
    assert!(span_ms <= 2_000.0, "{kept}");
    let latest = fetch(&runner, "latest.png");
    assert_eq!(read_png(&latest.body).len(), 96 * 128);
    let seq: u64 = latest.header("x-streamview-seq").parse().expect("a number");
    assert!(seq >= kept["to_seq"].as_u64().expect("a number"), "{seq}: {kept}");
    // The barcode of a synthetic frame says which it is; two fetches of one frame are the same.
    let again = fetch(&runner, &format!("{seq}.npy"));
    assert!(again.body.ends_with(&read_png(&latest.body)));
}

/// A value of the API.
fn number(json: &Value) -> f64 {
    match json.as_str() {
        None => json.as_f64().expect("a number"),
        Some(word) => word.parse().expect("NaN, Infinity or -Infinity"),
    }
}

#[test]
fn every_pixel_is_what_was_sent() {
    const SHAPE: (u64, u64) = (5, 7);
    let lab = Lab::new();
    let runner = Runner::start(&lab, NO_ENCODER);
    let formats = Dtype::ALL
        .into_iter()
        .flat_map(|dtype| [1, 3, 4].map(|channels| (dtype, channels)));
    let mut frames: Vec<Frame> = formats
        .enumerate()
        .map(|(seq, (dtype, channels))| frame(seq as u64, (SHAPE.0, SHAPE.1, channels), dtype))
        .collect();
    // What JSON has no number for, and the ends of double precision.
    let mut special = frame(frames.len() as u64, (SHAPE.0, SHAPE.1, 1), Dtype::F64);
    let values = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, 5e-324].repeat(7);
    special.payload = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    frames.push(special);
    let _peer = publish(&runner, &frames);
    for frame in &frames {
        let Format { shape, dtype, .. } = &frame.format;
        let pixels = frame.payload.chunks_exact(shape.channels() * dtype.size());
        for (index, pixel) in pixels.enumerate() {
            let (x, y) = (index % shape.width(), index / shape.width());
            let url = format!("{}/pixel?x={x}&y={y}&session=abcdef", frame.stamp.seq);
            let response = fetch(&runner, &url);
            assert_eq!(response.status, 200, "{}", response.text());
            assert_eq!(
                response.header("cache-control"),
                "public, max-age=3600, immutable"
            );
            let mut answer = response.json();
            let got: Vec<f64> = answer["values"]
                .as_array()
                .expect("a list")
                .iter()
                .map(number)
                .collect();
            let what = format!("{dtype} {shape} at {x}, {y}: {got:?}");
            assert_eq!(got.len(), shape.channels(), "{what}");
            for (value, element) in got.into_iter().zip(pixel.chunks_exact(dtype.size())) {
                assert_eq!(element_of(value, *dtype, element), element, "{what}");
            }
            answer["values"].take();
            assert_eq!(
                answer,
                json!({
                    "run": answer["run"], "stream": "camera", "session": "0000000000abcdef", "seq": frame.stamp.seq,
                    "t_ms": frame.stamp.t.as_ms_f64(), "x": x, "y": y, "values": null, "unit": "ΔF/F",
                    "dtype": dtype.name(),
                })
            );
        }
    }
    let latest = fetch(&runner, "latest/pixel?x=0&y=0");
    assert_eq!(latest.json()["seq"], frames.last().expect("a frame").stamp.seq);
    for moving in ["latest/pixel?x=0&y=0&session=abcdef", "0/pixel?x=0&y=0"] {
        assert_eq!(fetch(&runner, moving).header("cache-control"), "no-store");
    }
    for (file, status, words) in [
        ("0/pixel?x=7&y=4", 422, &["x is 7", "0 to 6"][..]),
        ("0/pixel?x=6&y=5", 422, &["y is 5", "0 to 4"]),
        ("0/pixel?x=6", 400, &["y is missing"]),
        ("0/pixel?x=-1&y=0", 400, &["x is \"-1\""]),
        ("0/pixel?x=%2B1&y=0", 400, &["x is \"+1\""]),
        ("0/pixel?x=&y=0", 400, &["x is \"\""]),
        ("0/pixel?x=0&y=1.5", 400, &["y is \"1.5\""]),
        ("0/pixel?x=0&y=99999999999999999999", 400, &["y is"]),
        ("0/pixel?x=0&y=0&z=0", 400, &["z"]),
        ("0/pixel?x=0&y=0&session=g", 400, &["session is \"g\""]),
        ("0.npy/pixel?x=0&y=0", 400, &["0.npy", "number"]),
        ("99/pixel?x=0&y=0", 404, &["no frame 99", "0 to 27 of session"]),
        ("0/pixel?x=0&y=0&session=1", 404, &["session 0000000000000001"]),
    ] {
        refused(&fetch(&runner, file), status, words);
    }
    let absent = runner.get("/api/v1/streams/absent/frames/0/pixel?x=0&y=0");
    refused(&absent, 404, &["no frame stream"]);
}

/// The bytes of a value in `dtype`; of a NaN and of a truth value, which have several, those that were `sent` if they
/// mean the same.
fn element_of(value: f64, dtype: Dtype, sent: &[u8]) -> Vec<u8> {
    match dtype {
        Dtype::Bool if value == f64::from(u8::from(sent != [0])) => sent.to_vec(),
        Dtype::Bool => vec![u8::from(value != 0.0)],
        Dtype::U8 => vec![value as u8],
        Dtype::I8 => (value as i8).to_le_bytes().into(),
        Dtype::U16 => (value as u16).to_le_bytes().into(),
        Dtype::I16 => (value as i16).to_le_bytes().into(),
        Dtype::U32 => (value as u32).to_le_bytes().into(),
        Dtype::I32 => (value as i32).to_le_bytes().into(),
        Dtype::F32 | Dtype::F64 if value.is_nan() && is_nan(sent) => sent.to_vec(),
        Dtype::F32 => (value as f32).to_le_bytes().into(),
        Dtype::F64 => value.to_le_bytes().into(),
    }
}

fn is_nan(element: &[u8]) -> bool {
    match *element {
        [a, b, c, d] => f32::from_le_bytes([a, b, c, d]).is_nan(),
        [a, b, c, d, e, f, g, h] => f64::from_le_bytes([a, b, c, d, e, f, g, h]).is_nan(),
        _ => false,
    }
}

#[test]
fn what_has_left_the_ring_is_named_with_what_is_in_it() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, &format!("{NO_ENCODER} --raw-bytes 1MiB --raw-window 1h"));
    // 100 KiB each.
    let frames: Vec<Frame> = (0..30).map(|seq| frame(seq, (100, 512, 1), Dtype::U16)).collect();
    let _peer = publish(&runner, &frames);
    let list = runner.get("/api/v1/streams/camera/frames");
    let t_ms = |seq: i64| WallTime::from_ns(T0_NS + seq * 1_000_001).as_ms_f64();
    let expected = json!({
        "session": "0000000000abcdef", "from_seq": 20, "to_seq": 29, "from_ms": t_ms(20), "to_ms": t_ms(29),
        "frames": 10, "bytes": 10 * 100 * 1024,
    });
    let mut list = list.json();
    assert_eq!(list["sessions"].take(), json!([expected]));
    assert_eq!(
        list["limits"],
        json!({ "bytes": 1 << 20, "window_ms": 3_600_000 })
    );
    refused(
        &fetch(&runner, "19.npy"),
        404,
        &["no frame 19", "20 to 29 of session 0000000000abcdef"],
    );
    refused(&fetch(&runner, "30.npy"), 404, &["20 to 29"]);
    assert!(fetch(&runner, "20.npy").body.ends_with(&frames[20].payload));
}

#[test]
fn frames_of_a_producer_that_was_replaced_can_be_asked_for_by_its_session() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, NO_ENCODER);
    let old = frame(5, (4, 4, 1), Dtype::U8);
    let _old = publish(&runner, std::slice::from_ref(&old));
    let mut new = frame(5, (4, 4, 1), Dtype::F32);
    new.stamp.session = 0xfeed;
    let _new = publish(&runner, std::slice::from_ref(&new));
    for (query, frame) in [
        ("", &new),
        ("?session=abcdef", &old),
        ("?session=000000000000FEED", &new),
    ] {
        let response = fetch(&runner, &format!("5.npy{query}"));
        assert_eq!(response.status, 200, "{}", response.text());
        assert!(response.body.ends_with(&frame.payload), "{query}");
    }
    let list = runner.get("/api/v1/streams/camera/frames").json();
    let sessions: Vec<&Value> = list["sessions"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|kept| &kept["session"])
        .collect();
    assert_eq!(sessions, ["0000000000abcdef", "000000000000feed"]);
    refused(
        &fetch(&runner, "5.npy?session=1"),
        404,
        &["session 0000000000000001"],
    );
}

#[test]
fn bad_requests_are_named() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, NO_ENCODER);
    let _peer = publish(&runner, &[frame(0, (4, 4, 1), Dtype::U8)]);
    for (file, word) in [
        ("0.jpg", "expected npy, tiff or png"),
        ("0", "expected a number or latest"),
        ("first.npy", "first"),
        ("-1.npy", "-1"),
        ("99999999999999999999.npy", "99999999999999999999"),
        ("0.npy?session=xyz", "xyz"),
        ("0.npy?session=", "session"),
        ("0.npy?colour=red", "colour"),
    ] {
        refused(&fetch(&runner, file), 400, &[word]);
    }
    for path in ["absent/frames", "absent/frames/0.npy", "a%2Fb/frames/latest.npy"] {
        refused(
            &runner.get(&format!("/api/v1/streams/{path}")),
            404,
            &["no frame stream"],
        );
    }
}

#[test]
fn nothing_is_kept_where_nothing_may_be() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, &format!("{NO_ENCODER} --raw-bytes 0"));
    let _peer = publish(&runner, &[frame(0, (4, 4, 1), Dtype::U8)]);
    refused(&fetch(&runner, "latest.npy"), 404, &["it has none"]);
}

#[test]
fn readers_that_stop_reading_cost_a_bounded_amount_and_then_others_are_told() {
    const READERS: usize = 8;
    let lab = Lab::new();
    let runner = Runner::start(&lab, NO_ENCODER);
    // 32 MiB: far more than what the system holds for a reader, and an eighth of what may be under way.
    let _peer = publish(&runner, &[frame(0, (4096, 8192, 1), Dtype::U8)]);
    let before = runner.process.resident_bytes();
    let address = runner.addresses.http;
    let stopped: Vec<TcpStream> = (0..READERS)
        .map(|_| {
            let mut stream = TcpStream::connect(address).expect("connection");
            let request =
                format!("GET /api/v1/streams/camera/frames/latest.tiff HTTP/1.1\r\nHost: {address}\r\n\r\n");
            stream.write_all(request.as_bytes()).expect("request");
            // It is under way: none of the requests below may take its room.
            let mut status = [0; 12];
            stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
            stream.read_exact(&mut status).expect("an answer");
            assert_eq!(&status, b"HTTP/1.1 200");
            stream
        })
        .collect();
    wait_for("a refusal", PATIENCE, || match fetch(&runner, "latest.tiff") {
        response if response.status == 503 => {
            assert_eq!(response.header("retry-after"), "1");
            Ok(())
        }
        response => Err(response.status.to_string()),
    });
    let grown = runner.process.resident_bytes().saturating_sub(before);
    assert!(
        grown < 32 << 20,
        "{READERS} readers of one frame cost {grown} bytes"
    );
    drop(stopped);
    wait_for("a frame", PATIENCE, || {
        match fetch(&runner, "latest.tiff").status {
            200 => Ok(()),
            status => Err(status.to_string()),
        }
    });
}
