//! Pixels as they were captured, always the newest: `/ws/raw/{id}`.

#[path = "exact/limits.rs"]
mod limits;
#[path = "exact/pace.rs"]
mod pace;
#[path = "exact/viewer.rs"]
mod viewer;
#[path = "exact/views.rs"]
mod views;

use protocol::frame::{Format, Shape};
use protocol::{Dtype, Frame, Stamp, WallTime};
use tests::{Lab, PATIENCE, Peer, Runner};
use viewer::{Picture, Viewer};

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
