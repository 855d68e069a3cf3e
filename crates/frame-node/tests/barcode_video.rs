//! The barcode after what happens to it on its way to a screen: H.264, and scaling.

#![allow(clippy::unwrap_used)]

mod common;

use std::io::Write;
use std::process::{Command, Stdio};

use frame_node::barcode::Code;
use frame_node::source::Source;
use ndarray::ArrayView2;
use protocol::{Stamp, WallTime};

const FRAMES: u64 = 20;

fn code(seq: u64) -> Code {
    Code {
        seq: seq as u32,
        t_ms: 1_760_000_000_000 + seq * 33,
    }
}

/// Encodes frames as the runner does, with `crf`, and reads the code from every decoded frame, scaled to `shown`.
fn check(shape: [usize; 2], crf: u32, shown: [usize; 2]) {
    let [height, width] = shape;
    let argument = format!("{height}x{width}");
    let opened = common::open(&["barcode", "--shape", &argument, "--dtype", "uint8"]).unwrap();
    let Source::Painter(mut painter) = opened.source else {
        panic!("painted");
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("code.mp4");
    let mut encoder = Command::new("ffmpeg")
        .args(["-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "gray"])
        .args(["-s", &format!("{width}x{height}"), "-i", "pipe:0"])
        .args([
            "-vf",
            "pad=ceil(iw/2)*2:ceil(ih/2)*2",
            "-pix_fmt",
            "yuv420p",
            "-c:v",
            "libx264",
        ])
        .args([
            "-preset",
            "ultrafast",
            "-tune",
            "zerolatency",
            "-crf",
            &crf.to_string(),
        ])
        .arg(&file)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = encoder.stdin.take().unwrap();
    for seq in 0..FRAMES {
        let stamp = Stamp {
            session: 1,
            seq,
            t: WallTime::from_ns(code(seq).t_ms as i64 * 1_000_000),
        };
        stdin.write_all(&painter.paint(&stamp).payload).unwrap();
    }
    drop(stdin);
    assert!(encoder.wait().unwrap().success());

    let [shown_height, shown_width] = shown;
    let decoded = Command::new("ffmpeg")
        .args(["-nostdin", "-loglevel", "error", "-i"])
        .arg(&file)
        .args([
            "-vf",
            &format!("scale={shown_width}:{shown_height}:flags=bilinear"),
        ])
        .args(["-pix_fmt", "gray", "-f", "rawvideo", "pipe:1"])
        .output()
        .unwrap()
        .stdout;
    let pictures = decoded.chunks_exact(shown_height * shown_width);
    let read: Vec<_> = pictures
        .map(|picture| Code::read(ArrayView2::from_shape((shown_height, shown_width), picture).unwrap()))
        .collect();
    let expected: Vec<_> = (0..FRAMES).map(|seq| Some(code(seq))).collect();
    assert_eq!(read, expected, "{shape:?} at crf {crf}, shown {shown:?}");
}

#[test]
fn the_smallest_code_survives_h264() {
    check([96, 128], 20, [96, 128]);
    check([96, 128], 32, [96, 128]);
}

#[test]
fn a_usual_code_survives_h264_and_a_thumbnail() {
    check([512, 512], 20, [512, 512]);
    check([512, 512], 35, [96, 96]);
}

#[test]
fn odd_and_large_pictures_keep_their_code() {
    check([301, 457], 23, [200, 300]);
    check([1080, 1920], 23, [270, 480]);
}
