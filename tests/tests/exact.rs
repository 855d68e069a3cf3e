//! Pixels as they were captured, always the newest: `/ws/raw/{id}`.

#[path = "exact/viewer.rs"]
mod viewer;

use std::time::{Duration, Instant};

use protocol::frame::{Format, Shape};
use protocol::{Dtype, Frame, Stamp, WallTime};
use rustix::process::Signal;
use tests::{Lab, PATIENCE, Peer, Runner, http, now_ns, wait_for};
use tungstenite::Message;
use viewer::{Picture, Sent, Viewer};

/// Frames can be had where no picture can.
const NO_ENCODER: &str = "--ffmpeg /nonexistent/ffmpeg";
const SESSION: u64 = 0x00ab_cdef_0123_4567;
const T0_NS: i64 = 1_760_000_000_123_456_789;
const EXACT: u8 = 1;
const MEANS: u8 = 2;

/// Bytes in which every value occurs, NaNs and infinities too, different from frame to frame.
fn noise(len: usize, seq: u64) -> Vec<u8> {
    let mut state = seq.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let next = || {
        // xorshift64, Marsaglia 2003.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    std::iter::repeat_with(next).take(len).collect()
}

fn frame(seq: u64, [height, width, channels]: [u64; 3], dtype: Dtype, payload: Vec<u8>) -> Frame {
    let shape = Shape::new(height, width, channels).expect("a shape");
    assert_eq!(payload.len(), shape.byte_len(dtype));
    Frame {
        stream: "camera".parse().expect("a name"),
        stamp: Stamp {
            session: SESSION,
            seq,
            t: WallTime::from_ns(T0_NS + seq as i64),
        },
        format: Format::new(shape, dtype),
        payload: payload.into(),
    }
}

fn noisy(seq: u64, shape: [u64; 3], dtype: Dtype) -> Frame {
    let len = shape.iter().product::<u64>() as usize * dtype.size();
    frame(seq, shape, dtype, noise(len, seq))
}

/// Publishes, and waits until it has come.
fn publish(runner: &Runner, peer: &mut Peer, frame: &Frame) {
    peer.publish(protocol::Message::Frame(frame.clone()));
    runner.wait_for_stream(("frame", "camera"), "has come", PATIENCE, |stream| {
        (stream["seq"] == frame.stamp.seq).then_some(())
    });
}

fn metric(runner: &Runner, name: &str) -> u64 {
    let text = runner.get("/metrics");
    let line = text
        .text()
        .lines()
        .find(|line| line.starts_with(name) && line.contains("stream=\"camera\""));
    let value = line
        .and_then(|line| line.rsplit_once(' '))
        .map(|(_, value)| value);
    value.expect("a value").parse().expect("a whole number")
}

fn newest_seq(runner: &Runner) -> u64 {
    runner.frame_stream("camera")["seq"].as_u64().expect("a number")
}

/// The picture is all of `frame`, as it was captured.
#[track_caller]
fn is_whole(picture: &Picture, frame: &Frame) {
    let Format { shape, dtype, .. } = frame.format;
    let (height, width) = (shape.height() as u32, shape.width() as u32);
    let what = format!("{dtype} {shape}");
    assert_eq!(picture.flags, EXACT, "{what}");
    let code = Dtype::ALL.iter().position(|other| *other == dtype);
    assert_eq!(Some(usize::from(picture.dtype)), code, "{what}");
    assert_eq!(usize::from(picture.channels), shape.channels(), "{what}");
    assert_eq!((picture.frame, picture.size), ([height, width], [height, width]));
    assert_eq!(
        (picture.region, picture.factor),
        ([0, 0, width, height], 1),
        "{what}"
    );
    let stamp = (picture.session, picture.seq, picture.t_ns);
    let Stamp { session, seq, t } = frame.stamp;
    assert_eq!(stamp, (session, seq, t.as_ns()), "{what}");
    assert!(picture.pixels == frame.payload, "{what}");
}

#[test]
fn every_dtype_comes_as_it_was_sent() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, NO_ENCODER);
    let mut peer = Peer::join(runner.addresses.ingest);
    let first = noisy(0, [3, 2, 1], Dtype::U8);
    publish(&runner, &mut peer, &first);
    let mut viewer = Viewer::open(runner.addresses.http, "camera");
    is_whole(&viewer.take(), &first);
    let formats = Dtype::ALL
        .into_iter()
        .flat_map(|dtype| [1, 3, 4].map(|channels| (dtype, channels)));
    for (index, (dtype, channels)) in formats.enumerate() {
        // The largest of these takes more than one piece.
        let frame = noisy(index as u64 + 1, [123, 237, channels], dtype);
        publish(&runner, &mut peer, &frame);
        let picture = viewer.take();
        is_whole(&picture, &frame);
        assert_eq!((picture.skipped, picture.encoding), (0, 0));
    }
    assert_eq!(metric(&runner, "streamview_exact_viewers"), 1);
    assert_eq!(metric(&runner, "streamview_exact_frames_skipped_total"), 0);
}

/// The value at `(row, column)` of a frame of one channel.
fn value(frame: &Frame, row: usize, column: usize) -> f64 {
    let index = row * frame.format.shape.width() + column;
    match frame.format.dtype {
        Dtype::U16 => {
            u16::from_le_bytes(frame.payload[2 * index..][..2].try_into().expect("two bytes")).into()
        }
        Dtype::F32 => {
            f32::from_le_bytes(frame.payload[4 * index..][..4].try_into().expect("four bytes")).into()
        }
        _ => frame.payload[index].into(),
    }
}

/// What one pixel of a reduction is, calculated another way: from the values of its block, in double precision.
fn reduced(frame: &Frame, [x, y, width, height]: [u32; 4], factor: u32, row: u32, column: u32) -> Vec<u8> {
    let rows = (y + row * factor..(y + row * factor + factor).min(y + height)).collect::<Vec<_>>();
    let columns = (x + column * factor..(x + column * factor + factor).min(x + width)).collect::<Vec<_>>();
    let at = |row: u32, column: u32| value(frame, row as usize, column as usize);
    let block = rows
        .iter()
        .flat_map(|row| columns.iter().map(|column| at(*row, *column)));
    let numbers: Vec<f64> = block.filter(|value| !value.is_nan()).collect();
    let mean = match numbers.len() {
        0 => f64::NAN,
        count => numbers.iter().sum::<f64>() / count as f64,
    };
    match frame.format.dtype {
        Dtype::U16 => ((mean + 0.5).floor() as u16).to_le_bytes().to_vec(),
        Dtype::F32 => (mean as f32).to_le_bytes().to_vec(),
        _ => vec![at(rows[rows.len() / 2], columns[columns.len() / 2]) as u8],
    }
}

#[track_caller]
fn is_reduced(picture: &Picture, frame: &Frame, region: [u32; 4], factor: u32) {
    let dtype = frame.format.dtype;
    assert_eq!((picture.region, picture.factor), (region, factor), "{dtype}");
    let size = [region[3].div_ceil(factor), region[2].div_ceil(factor)];
    assert_eq!(picture.size, size, "{dtype}");
    let flags = match (factor, dtype) {
        (1, _) => EXACT,
        (_, Dtype::Bool) => 0,
        _ => MEANS,
    };
    assert_eq!(picture.flags, flags, "{dtype} / {factor}");
    let places = (0..size[0]).flat_map(|row| (0..size[1]).map(move |column| (row, column)));
    let expected: Vec<u8> = places
        .flat_map(|(row, column)| reduced(frame, region, factor, row, column))
        .collect();
    assert!(picture.pixels == expected, "{dtype} {region:?} / {factor}");
}

#[test]
fn a_region_comes_whole_and_what_is_too_large_comes_smaller_and_says_so() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, NO_ENCODER);
    let mut peer = Peer::join(runner.addresses.ingest);
    let [height, width] = [197, 303];
    // Sums of these are exact, in whatever order; one block of NaNs alone, others with some.
    let floats = (0..height * width).flat_map(|index| {
        let value = match (index % width, index / width) {
            (0..14, 0..14) => f32::NAN,
            (column, row) if column * row % 11 == 3 => f32::NAN,
            (column, row) => column as f32 * 0.25 - row as f32,
        };
        value.to_le_bytes()
    });
    let frames = [
        noisy(0, [height, width, 1], Dtype::U16),
        frame(1, [height, width, 1], Dtype::F32, floats.collect()),
        noisy(2, [height, width, 1], Dtype::Bool),
    ];
    let whole = [0, 0, 303, 197];
    publish(&runner, &mut peer, &frames[0]);
    let mut viewer = Viewer::open(runner.addresses.http, "camera");
    for (index, frame) in frames.iter().enumerate() {
        if index > 0 {
            publish(&runner, &mut peer, frame);
        }
        // In the view of before.
        assert_eq!(viewer.take().seq, frame.stamp.seq);
        for (region, max_pixels, factor) in [
            (None, 303 * 197, 1),
            (None, 303 * 197 - 1, 2),
            (None, 1000, 8),
            (None, 1, 303),
            (Some([13, 57, 100, 80]), 8000, 1),
            (Some([13, 57, 101, 79]), 1000, 3),
            (Some([302, 196, 1, 1]), 1 << 60, 1),
            (Some([0, 0, 14, 14]), 1, 14),
        ] {
            viewer.view(region, max_pixels, false);
            // The same frame, seen otherwise.
            let picture = viewer.take();
            assert_eq!((picture.seq, picture.skipped), (frame.stamp.seq, 0));
            assert_eq!(picture.frame, [197, 303]);
            is_reduced(&picture, frame, region.unwrap_or(whole), factor);
        }
    }
    // Smaller frames: what is left of the region, then all of them.
    viewer.view(Some([13, 57, 100, 80]), 1 << 20, false);
    viewer.take();
    for (seq, shape, region) in [
        (3, [100, 50, 1], [13, 57, 37, 43]),
        (4, [40, 50, 1], [0, 0, 50, 40]),
    ] {
        let frame = noisy(seq, shape, Dtype::U16);
        publish(&runner, &mut peer, &frame);
        is_reduced(&viewer.take(), &frame, region, 1);
    }
}

#[test]
fn a_viewer_that_takes_its_time_gets_the_newest_frame_each_time() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, NO_ENCODER);
    let line = "synthetic --stream camera --shape 64x64 --dtype uint16 --fps 30";
    let _camera = lab.node("frame-node", &runner, line);
    runner.frame_stream("camera");
    let mut viewer = Viewer::open(runner.addresses.http, "camera");
    let mut last = viewer.picture();
    let mut skipped = 0;
    for _ in 0..4 {
        let newest = wait_for("half a second of frames", PATIENCE, || {
            match newest_seq(&runner) {
                seq if seq >= last.seq + 15 => Ok(seq),
                seq => Err(seq.to_string()),
            }
        });
        // One is under way, and no other one follows it.
        assert!(viewer.next(Duration::from_millis(60)).is_none());
        viewer.acknowledge(last.seq);
        let picture = viewer.picture();
        assert!(picture.seq >= newest, "{} before {newest}", picture.seq);
        let lost = runner.frame_stream("camera")["drops"]["wire"].as_u64();
        let between = picture.seq - last.seq - 1;
        assert!(u64::from(picture.skipped) <= between);
        assert!(u64::from(picture.skipped) + lost.expect("a number") >= between);
        skipped += u64::from(picture.skipped);
        last = picture;
    }
    assert_eq!(metric(&runner, "streamview_exact_frames_skipped_total"), skipped);
}

/// How some frames came.
#[derive(Debug)]
struct Taken {
    /// From the capture of a frame until all of it was here.
    median_age: Duration,
    elapsed: Duration,
    /// Frames captured in that time, per frame taken.
    captured_per_frame: f64,
}

/// Takes so many frames, each as soon as it comes.
fn take(viewer: &mut Viewer, frames: usize) -> Taken {
    let first = viewer.take().seq;
    let begun = Instant::now();
    let mut last = first;
    let ages = (0..frames).map(|_| {
        let picture = viewer.take();
        assert_eq!(picture.flags, EXACT);
        assert!(picture.seq > last, "{} after {last}", picture.seq);
        last = picture.seq;
        Duration::from_nanos((now_ns() - picture.t_ns).try_into().expect("an age"))
    });
    let mut ages: Vec<Duration> = ages.collect();
    ages.sort_unstable();
    let taken = Taken {
        median_age: ages[frames / 2],
        elapsed: begun.elapsed(),
        captured_per_frame: (last - first) as f64 / frames as f64,
    };
    println!("{frames} frames: {taken:?}, greatest age {:?}", ages[frames - 1]);
    taken
}

#[test]
fn a_slow_link_gets_fewer_frames_and_not_older_ones() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, NO_ENCODER);
    let line = "synthetic --stream camera --shape 512x512 --dtype uint16 --fps 30";
    let _camera = lab.node("frame-node", &runner, line);
    runner.frame_stream("camera");
    // A quarter of a second for a frame.
    let slow = take(
        &mut Viewer::over_slow_link(runner.addresses.http, "camera", 2e6),
        16,
    );
    let quick = take(&mut Viewer::open(runner.addresses.http, "camera"), 60);
    assert!(slow.captured_per_frame > 3.0, "{slow:?}");
    assert!(
        2.0 * quick.captured_per_frame < slow.captured_per_frame,
        "{quick:?}"
    );
    assert!(2 * quick.median_age < slow.median_age, "{quick:?}");
    // In a queue the frame in the middle would be about half as old as the viewing is long; here it is as old as a
    // sixteenth of that, and a little more.
    assert!(5 * slow.median_age < slow.elapsed, "{slow:?}");
}

#[test]
fn pixels_are_packed_where_that_was_asked_for_and_makes_them_fewer() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, NO_ENCODER);
    let mut peer = Peer::join(runner.addresses.ingest);
    let shape = [400, 300, 1];
    let smooth: Vec<u8> = (0..400 * 300)
        .flat_map(|index: u32| ((index / 300) as u16 / 4).to_le_bytes())
        .collect();
    let smooth = frame(0, shape, Dtype::U16, smooth);
    publish(&runner, &mut peer, &smooth);
    let mut viewer = Viewer::open(runner.addresses.http, "camera");
    let plain = viewer.take();
    is_whole(&plain, &smooth);
    assert_eq!((plain.encoding, plain.sent_bytes), (0, smooth.payload.len()));
    viewer.view(None, 1 << 20, true);
    let packed = viewer.take();
    is_whole(&packed, &smooth);
    assert_eq!(packed.encoding, 1);
    assert!(packed.sent_bytes < plain.sent_bytes / 10, "{}", packed.sent_bytes);
    // A reduction as well.
    viewer.view(Some([10, 20, 250, 300]), 250 * 300 / 4, true);
    let packed = viewer.take();
    is_reduced(&packed, &smooth, [10, 20, 250, 300], 2);
    // Noise does not get smaller.
    let noise = noisy(1, shape, Dtype::U16);
    publish(&runner, &mut peer, &noise);
    viewer.take();
    viewer.view(None, 1 << 20, true);
    let plain = viewer.take();
    is_whole(&plain, &noise);
    assert_eq!(plain.encoding, 0);
}

#[test]
fn a_link_slower_than_packing_keeps_its_pixels_packed() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, NO_ENCODER);
    let line = "synthetic --stream camera --shape 256x256 --dtype uint16 --fps 10";
    let _camera = lab.node("frame-node", &runner, line);
    runner.frame_stream("camera");
    let mut viewer = Viewer::over_slow_link(runner.addresses.http, "camera", 250e3);
    viewer.view(None, 1 << 20, true);
    // The first may have left before the view came.
    viewer.take();
    for _ in 0..6 {
        let picture = viewer.take();
        assert_eq!((picture.encoding, picture.flags), (1, EXACT));
        assert_eq!(picture.pixels.len(), 256 * 256 * 2);
        assert!(
            picture.sent_bytes < picture.pixels.len(),
            "{}",
            picture.sent_bytes
        );
    }
}

#[test]
fn what_a_viewer_says_wrong_is_named_and_ends_nothing() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, NO_ENCODER);
    let mut peer = Peer::join(runner.addresses.ingest);
    let first = noisy(0, [20, 30, 1], Dtype::F32);
    publish(&runner, &mut peer, &first);
    let mut viewer = Viewer::open(runner.addresses.http, "camera");
    viewer.take();
    for (text, word) in [
        ("", "JSON"),
        ("{", "JSON"),
        ("[[[[[[", "JSON"),
        (r#"{"type":"zoom"}"#, "type"),
        (r#"{"type":"ack","seq":{}}"#, "seq"),
        (
            r#"{"type":"view","region":[0,0,31,20]}"#,
            "region is [0, 0, 31, 20]",
        ),
        (r#"{"type":"view","region":[30,0,1,1]}"#, "30 x 20"),
        (
            r#"{"type":"view","region":[4294967295,4294967295,4294967295,4294967295]}"#,
            "region",
        ),
        (r#"{"type":"view","region":[1,2,3]}"#, "region"),
        (r#"{"type":"view","max_pixels":0}"#, "max_pixels is 0"),
        (r#"{"type":"view","max_pixels":"all"}"#, "max_pixels"),
        (r#"{"type":"view","compress":1}"#, "compress is 1"),
    ] {
        viewer.say(Message::text(text));
        let reason = viewer.refusal();
        assert!(reason.contains(word), "{text}: {reason}");
    }
    viewer.say(Message::binary(vec![0; 1000]));
    assert!(viewer.refusal().contains("binary"));
    // Numbers of frames that nobody was sent.
    for seq in ["-1", "0.5", "1e300", "17", "0"] {
        viewer.say(Message::text(format!(r#"{{"type":"ack","seq":{seq}}}"#)));
    }
    // More than is answered, unread.
    for _ in 0..2_000 {
        viewer.say(Message::text("nonsense"));
    }
    let second = noisy(1, [20, 30, 1], Dtype::F32);
    publish(&runner, &mut peer, &second);
    let picture = loop {
        match viewer.next(PATIENCE) {
            Some(Sent::Picture(picture)) => break picture,
            Some(Sent::Text(text)) => assert_eq!(text["type"], "refused"),
            None => panic!("no picture"),
        }
    };
    is_whole(&picture, &second);

    // Too long a message is that viewer's end alone.
    let mut other = Viewer::open(runner.addresses.http, "camera");
    other.take();
    other.say(Message::text("x".repeat(5 << 10)));
    wait_for("the end", PATIENCE, || {
        match other.try_next(Duration::from_millis(50)) {
            Err(_) => Ok(()),
            Ok(message) => Err(format!("{message:?}")),
        }
    });
    viewer.acknowledge(1);
    let third = noisy(2, [20, 30, 1], Dtype::F32);
    publish(&runner, &mut peer, &third);
    loop {
        match viewer.next(PATIENCE) {
            Some(Sent::Picture(picture)) => break is_whole(&picture, &third),
            Some(Sent::Text(text)) => assert_eq!(text["type"], "refused"),
            None => panic!("no picture"),
        }
    }
}

fn upgrade(runner: &Runner, stream: &str, origin: &str) -> String {
    let address = runner.addresses.http;
    let request = format!(
        "GET /ws/raw/{stream} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{origin}\r\n"
    );
    http::first_line(address, &request)
}

#[test]
fn pages_of_other_sites_and_streams_without_frames_are_refused() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, NO_ENCODER);
    let mut peer = Peer::join(runner.addresses.ingest);
    publish(&runner, &mut peer, &noisy(0, [2, 2, 1], Dtype::U8));
    let status = |stream: &str, origin: &str| {
        let line = upgrade(&runner, stream, origin);
        line.split(' ').nth(1).expect("a status").to_owned()
    };
    assert_eq!(status("camera", ""), "101");
    let own = format!("Origin: http://{}\r\n", runner.addresses.http);
    assert_eq!(status("camera", &own), "101");
    assert_eq!(status("camera", "Origin: https://elsewhere.example\r\n"), "403");
    assert_eq!(status("absent", ""), "404");
    assert_eq!(status("a%2Fb", ""), "404");

    let keeps_none = Runner::start(&lab, &format!("{NO_ENCODER} --raw-bytes 0"));
    let mut peer = Peer::join(keeps_none.addresses.ingest);
    publish(&keeps_none, &mut peer, &noisy(0, [2, 2, 1], Dtype::U8));
    assert!(upgrade(&keeps_none, "camera", "").contains("404"));
}

#[test]
fn a_frame_that_is_not_kept_is_waited_for() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, &format!("{NO_ENCODER} --raw-bytes 1MiB"));
    let mut peer = Peer::join(runner.addresses.ingest);
    publish(&runner, &mut peer, &noisy(0, [1024, 1024, 1], Dtype::U16));
    let mut viewer = Viewer::open(runner.addresses.http, "camera");
    match viewer.next(PATIENCE) {
        Some(Sent::Text(text)) => {
            assert_eq!(text["type"], "waiting");
            assert!(
                text["reason"]
                    .as_str()
                    .is_some_and(|text| text.contains("raw_bytes"))
            );
        }
        other => panic!("a reason was expected: {other:?}"),
    }
    let small = noisy(1, [64, 64, 1], Dtype::U16);
    publish(&runner, &mut peer, &small);
    is_whole(&viewer.take(), &small);
}

#[test]
fn viewers_that_stop_reading_share_what_they_hold_and_disturb_nobody() {
    const VIEWERS: u64 = 8;
    const MIB: u64 = 1 << 20;
    let lab = Lab::new();
    let runner = Runner::start(&lab, NO_ENCODER);
    let mut peer = Peer::join(runner.addresses.ingest);
    // 32 MiB: as much as is sent in one message, and far more than the system holds for a reader.
    let shape = [2048, 2048, 1];
    let frames = [0, 1].map(|seq| noisy(seq, shape, Dtype::F64));
    publish(&runner, &mut peer, &frames[0]);
    let before = runner.process.resident_bytes();
    let stopped: Vec<Viewer> = (0..VIEWERS)
        .map(|_| Viewer::over_slow_link(runner.addresses.http, "camera", 1e9))
        .collect();
    let mut viewer = Viewer::open(runner.addresses.http, "camera");
    is_whole(&viewer.take(), &frames[0]);
    let grown = runner.process.resident_bytes().saturating_sub(before);
    assert!(
        grown < VIEWERS * 8 * MIB,
        "{VIEWERS} readers of one frame cost {grown} bytes"
    );
    publish(&runner, &mut peer, &frames[1]);
    is_whole(&viewer.take(), &frames[1]);
    assert_eq!(metric(&runner, "streamview_exact_viewers"), VIEWERS + 1);
    drop(stopped);
    wait_for("they are gone", PATIENCE, || {
        match metric(&runner, "streamview_exact_viewers") {
            1 => Ok(()),
            viewers => Err(viewers.to_string()),
        }
    });
}

#[test]
fn the_end_of_the_runner_does_not_wait_for_a_viewer_in_the_middle_of_a_frame() {
    let lab = Lab::new();
    let mut runner = Runner::start(&lab, NO_ENCODER);
    let mut peer = Peer::join(runner.addresses.ingest);
    publish(&runner, &mut peer, &noisy(0, [2048, 2048, 1], Dtype::F64));
    let _stopped = Viewer::over_slow_link(runner.addresses.http, "camera", 1e9);
    let mut viewer = Viewer::open(runner.addresses.http, "camera");
    viewer.take();
    runner.process.signal(Signal::TERM);
    // Long before the two minutes after which a viewer that takes nothing is given up.
    assert!(runner.process.wait(PATIENCE).success());
    assert!(viewer.try_next(PATIENCE).is_err());
}
