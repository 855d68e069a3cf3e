//! How many frames per second come through a `Stream`, compared with the same ffmpeg command fed from a file; and how
//! long a frame takes, at 30 per second, from `push` to its fragment for live viewers.
//!
//! `cargo run --release -p media --example encode`
#![allow(clippy::unwrap_used, reason = "a measurement that fails has nothing to say")]

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bytes::Bytes;
use media::{Config, Display, Picture, Stream};
use protocol::frame::{Format, Shape};
use protocol::{Dtype, Frame, Stamp, WallTime};

const PERIOD: Duration = Duration::from_nanos(33_333_333);
const TURNS: usize = 5;
const POLL: Duration = Duration::from_micros(200);

/// Shows 8-bit grey frames as they are, so that only the way through ffmpeg is measured.
struct AsIs(Vec<u8>);

impl Display for AsIs {
    fn picture<'a>(&'a mut self, frame: &'a Frame) -> Picture<'a> {
        let (width, height) = (frame.format.shape.width(), frame.format.shape.height());
        self.0.resize(width * height / 4, 128);
        Picture {
            width: width as u32,
            height: height as u32,
            y: &frame.payload,
            u: &self.0,
            v: &self.0,
        }
    }
}

/// Some seconds of a dim, noisy movie: bright bars that wander over noise of 5 bits.
fn movie(width: usize, height: usize) -> Vec<Bytes> {
    let mut noise = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = || {
        noise ^= noise << 13;
        noise ^= noise >> 7;
        noise ^= noise << 17;
        (noise >> 32) as u8 & 31
    };
    let pixel = |n: usize, at: usize| {
        if (at % width + at / width + 4 * n) % 128 < 24 {
            120
        } else {
            30
        }
    };
    (0..16)
        .map(|n| (0..width * height).map(|at| pixel(n, at) + random()).collect())
        .collect()
}

/// Pushes `count` frames as fast as they are taken; frames per second up to the last segment.
fn through_stream(dir: &Path, ffmpeg: &Path, pictures: &[Bytes], shape: Shape, count: usize) -> f64 {
    let name = "bench".parse().unwrap();
    let mut config = Config::new(dir, "bench");
    config.ffmpeg = ffmpeg.into();
    config.queue = 8;
    let stream = Stream::start(name, config, AsIs(Vec::new())).unwrap();
    let begin = Instant::now();
    for n in 0..count {
        while stream.status().encoded + 6 < n as u64 {
            std::thread::sleep(POLL);
        }
        stream.push(frame(n, pictures, shape));
    }
    let status = stream.stop(Duration::from_secs(60));
    let seconds = begin.elapsed().as_secs_f64();
    assert_eq!(status.encoded, count as u64, "{status:?}");
    count as f64 / seconds
}

/// Milliseconds from push to fragment, sorted, of `count` frames that come 30 times a second.
fn delays_ms(dir: &Path, pictures: &[Bytes], shape: Shape, count: usize) -> Vec<f64> {
    let config = Config::new(dir, "delay");
    let stream = Stream::start("delay".parse().unwrap(), config, AsIs(Vec::new())).unwrap();
    let begin = Instant::now();
    let mut delays: Vec<_> = (0..count)
        .map(|n| {
            std::thread::sleep((PERIOD * n as u32).saturating_sub(begin.elapsed()));
            let pushed = Instant::now();
            stream.push(frame(n, pictures, shape));
            while stream.packager().newest() != Some(n as u64) {
                assert!(
                    pushed.elapsed() < Duration::from_secs(10),
                    "{:?}",
                    stream.status()
                );
                std::thread::sleep(POLL);
            }
            pushed.elapsed().as_secs_f64() * 1e3
        })
        // The first waits for ffmpeg's start.
        .skip(1)
        .collect();
    delays.sort_by(f64::total_cmp);
    delays
}

fn frame(n: usize, pictures: &[Bytes], shape: Shape) -> Frame {
    Frame {
        stream: "bench".parse().unwrap(),
        stamp: Stamp {
            session: 1,
            seq: n as u64,
            t: WallTime::from_ns(1_760_000_000_000_000_000 + n as i64 * PERIOD.as_nanos() as i64),
        },
        format: Format {
            fps: Some(30.0),
            ..Format::new(shape, Dtype::U8)
        },
        payload: pictures[n % pictures.len()].clone(),
    }
}

/// Runs the recorded command on the recorded input: both outputs, one of them for nobody.
fn from_file(dir: &Path, count: usize) -> f64 {
    let arguments = fs::read_to_string(dir.join("arguments")).unwrap();
    let begin = Instant::now();
    let status = Command::new("ffmpeg")
        .args(arguments.lines())
        .current_dir(dir)
        .stdin(File::open(dir.join("input.mkv")).unwrap())
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    count as f64 / begin.elapsed().as_secs_f64()
}

fn main() {
    println!(
        "{:>10} {:>8} {:>8} {:>6} {:>10} {:>7}",
        "size", "stream", "file", "ratio", "median ms", "p95 ms"
    );
    for (width, height, count) in [(512, 512, 1_200), (1280, 720, 400), (1920, 1080, 140)] {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        let shape = Shape::new(height as u64, width as u64, 1).unwrap();
        let pictures = movie(width, height);
        // An "ffmpeg" that writes down what it is told and what it is given.
        let recorder = dir.join("recorder");
        let [arguments, input] = ["arguments", "input.mkv"].map(|name| dir.join(name).display().to_string());
        fs::write(
            &recorder,
            format!("#!/bin/sh\nprintf '%s\\n' \"$@\" > '{arguments}'\ncat > '{input}'\n"),
        )
        .unwrap();
        fs::set_permissions(&recorder, fs::Permissions::from_mode(0o755)).unwrap();
        through_stream(dir, &recorder, &pictures, shape, count);
        // In turns, so that both see the same machine; the medians.
        let turns = (0..TURNS).map(|_| {
            let stream = through_stream(dir, "ffmpeg".as_ref(), &pictures, shape, count);
            let file = from_file(dir, count);
            [stream, file, stream / file]
        });
        let turns: Vec<_> = turns.collect();
        let [stream, file, ratio] = [0, 1, 2].map(|column| {
            let mut values: Vec<_> = turns.iter().map(|turn| turn[column]).collect();
            values.sort_by(f64::total_cmp);
            values[TURNS / 2]
        });
        let delays = delays_ms(dir, &pictures, shape, 150);
        println!(
            "{:>10} {stream:>8.0} {file:>8.0} {ratio:>6.2} {:>10.1} {:>7.1}",
            format!("{width}x{height}"),
            delays[delays.len() / 2],
            delays[delays.len() * 95 / 100],
        );
    }
}
