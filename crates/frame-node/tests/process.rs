//! The program as people run it.

#![allow(clippy::unwrap_used)]

mod common;

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::{Ear, ended};
use frame_node::barcode::Code;
use ndarray::ArrayView2;
use protocol::{Frame, Message, PixelSize};

/// A node that does not outlive its test.
struct Node(Child);

impl Node {
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_frame-node"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("STREAMVIEW_")) {
            command.env_remove(name);
        }
        let child = command
            .args(arguments)
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        Self(child.unwrap())
    }

    fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.0);
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Processes it has started.
    fn children(&self) -> Vec<i32> {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.0.id())).unwrap();
        tasks
            .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("children")).ok())
            .flat_map(|text| {
                text.split_whitespace()
                    .map(|pid| pid.parse().unwrap())
                    .collect::<Vec<i32>>()
            })
            .collect()
    }

    /// Exit code and standard error.
    fn finish(mut self, within: Duration) -> (Option<i32>, String) {
        drop(self.0.stdin.take());
        let deadline = Instant::now() + within;
        let status = loop {
            match self.0.try_wait().unwrap() {
                Some(status) => break status,
                None if Instant::now() > deadline => panic!("still running after {within:?}"),
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        };
        let mut stderr = String::new();
        self.0.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        (status.code(), stderr)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const PATIENCE: Duration = Duration::from_secs(30);

fn frames(heard: &[Message]) -> Vec<&Frame> {
    heard
        .iter()
        .filter_map(|message| match message {
            Message::Frame(frame) => Some(frame),
            _ => None,
        })
        .collect()
}

fn refused(arguments: &[&str], code: i32, part: &str) {
    let (status, stderr) = Node::start(arguments).finish(PATIENCE);
    assert_eq!(status, Some(code), "{arguments:?}: {stderr}");
    let last = stderr.lines().find(|line| line.starts_with("error: "));
    assert!(
        last.is_some_and(|line| line.contains(part)),
        "{arguments:?}: {stderr}"
    );
}

#[test]
fn a_command_line_that_makes_no_sense_is_refused_with_2_and_the_flag() {
    refused(&[], 2, "required arguments were not provided");
    refused(&["synthetic", "--shape", "5"], 2, "--shape");
    refused(
        &["a.mp4", "--seed", "1"],
        2,
        "--seed: only for synthetic, barcode",
    );
}

#[test]
fn a_source_that_cannot_be_opened_is_refused_with_1_and_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    refused(&["/nowhere/x.npy"], 1, "/nowhere/x.npy: ");
    refused(&["/nowhere/x.tif"], 1, "/nowhere/x.tif: ");
    refused(&["/nowhere/x.mp4"], 1, "/nowhere/x.mp4: ");
    refused(&[&file("a.npy", b"\x93NUMPY")], 1, "a.npy");
    refused(&[&file("a.tif", b"II*\0")], 1, "a.tif: page 1");
    refused(&[&file("a.mp4", &[7; 5000])], 1, "a.mp4: ");
    let video = file("b.mp4", &[7; 5000]);
    refused(&[&video, "--ffmpeg", "/nowhere/ffmpeg"], 1, "--ffmpeg");
    refused(
        &["synthetic", "--jitter", "40"],
        1,
        "--jitter: 40 ms: expected less than the 33.333 ms",
    );
    refused(
        &["synthetic", "--times", "/nowhere/t.csv"],
        1,
        "--times /nowhere/t.csv",
    );
}

#[test]
fn a_barcode_arrives_with_its_stamp_in_its_pixels_and_ends_after_ctrl_c() {
    let ear = Ear::open();
    let arguments = ["barcode", "--shape", "96x128", "--dtype", "uint8", "--fps", "100"];
    let node = Node::start(&[&arguments[..], &["--connect", &ear.endpoint]].concat());
    ear.wait("20 frames", |heard| frames(heard).len() >= 20);
    node.signal(rustix::process::Signal::INT);
    let (status, stderr) = node.finish(Duration::from_secs(3));
    assert_eq!(status, Some(0), "{stderr}");

    let heard = ear.wait("the end", ended);
    let frames = frames(&heard);
    assert!(frames.is_sorted_by_key(|frame| frame.stamp.seq));
    for frame in frames {
        assert_eq!(frame.stream.as_str(), "barcode");
        let picture = ArrayView2::from_shape((96, 128), &frame.payload[..]).unwrap();
        let code = Code::read(picture).unwrap();
        assert_eq!(u64::from(code.seq), frame.stamp.seq);
        assert_eq!(code.t_ms as i64, frame.stamp.t.as_ns() / 1_000_000);
    }
}

#[test]
fn numbers_travel_beside_the_frames_and_show_those_that_were_lost_on_purpose() {
    let ear = Ear::open();
    let arguments = [
        "barcode",
        "--shape",
        "96x128",
        "--dtype",
        "uint8",
        "--fps",
        "237.5",
        "--frames",
        "200",
        "--number-series",
        "--drop",
        "0.2",
        "--jitter",
        "3",
        "--connect",
        &ear.endpoint,
    ];
    let (status, stderr) = Node::start(&arguments).finish(PATIENCE);
    assert_eq!(status, Some(0), "{stderr}");
    // Frames and series have a connection each: the end of the one may come before the last of the other.
    let heard = ear.wait("the end and the last number", |heard| {
        let is_last =
            |message: &Message| matches!(message, Message::Metric(metric) if metric.stamp.seq == 199);
        heard
            .iter()
            .any(|message| matches!(message, Message::Event(event) if event.end))
            && heard.iter().any(is_last)
    });
    let numbers: std::collections::HashMap<_, _> = heard
        .iter()
        .filter_map(|message| match message {
            Message::Metric(metric) => Some((metric.stamp.seq, metric)),
            _ => None,
        })
        .collect();
    let frames = frames(&heard);
    assert!(!frames.is_empty());
    for frame in frames {
        let metric = numbers[&frame.stamp.seq];
        assert_eq!((metric.stamp, &metric.stream), (frame.stamp, &frame.stream));
        assert_eq!(metric.frame, Some(frame.stamp.seq));
        assert_eq!(frame.format.fps, Some(237.5));
        let expected = vec![("number".parse().unwrap(), frame.stamp.seq as f64)];
        assert_eq!(metric.data, protocol::metric::Data::Values(expected));
    }
    let lost = stderr.split("lost_on_purpose=").nth(1).and_then(|text| {
        let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u64>().ok()
    });
    // Four standard deviations of a binomial with n = 200 and p = 0.2.
    assert!(lost.is_some_and(|lost| (18..=62).contains(&lost)), "{stderr}");
}

#[test]
fn standard_input_is_published_to_its_end() {
    let ear = Ear::open();
    let arguments = [
        "-",
        "--shape",
        "2x3",
        "--dtype",
        "uint16",
        "--unit",
        "mV",
        "--pixel-size",
        "0.65x0.5",
        "--pixel-unit",
        "mm",
        "--stream",
        "rig-1",
    ];
    let mut node = Node::start(&[&arguments[..], &["--connect", &ear.endpoint]].concat());
    let mut stdin = node.0.stdin.take().unwrap();
    for frame in 0..5u8 {
        stdin.write_all(&[frame; 12]).unwrap();
    }
    drop(stdin);
    let (status, stderr) = node.finish(PATIENCE);
    assert_eq!(status, Some(0), "{stderr}");
    let heard = ear.wait("the end", ended);
    let last = frames(&heard).pop().unwrap();
    assert_eq!((last.stamp.seq, &last.payload[..]), (4, &[4; 12][..]));
    assert_eq!(last.stream.as_str(), "rig-1");
    assert_eq!(last.format.unit.as_deref(), Some("mV"));
    assert_eq!(
        last.format.pixel_size,
        Some(PixelSize::new(0.65, 0.5, "mm").unwrap())
    );
}

#[test]
fn a_short_last_frame_is_an_error_after_the_whole_ones() {
    let ear = Ear::open();
    let arguments = [
        "-",
        "--shape",
        "2x3",
        "--dtype",
        "uint8",
        "--connect",
        &ear.endpoint,
    ];
    let mut node = Node::start(&arguments);
    node.0.stdin.take().unwrap().write_all(b"abcdefghi").unwrap();
    let (status, stderr) = node.finish(PATIENCE);
    assert_eq!(status, Some(1));
    assert!(
        stderr.contains("error: standard input: ends within frame 1, after 3 of 6 bytes"),
        "{stderr}"
    );
    let heard = ear.wait("the end", ended);
    assert_eq!(frames(&heard).last().unwrap().payload, "abcdef");
}

#[test]
fn a_node_blocked_on_its_input_or_without_a_runner_stops_at_once() {
    for arguments in [
        &[
            "-",
            "--shape",
            "2x3",
            "--dtype",
            "uint8",
            "--connect",
            "tcp://127.0.0.1:9",
        ][..],
        &[
            "synthetic",
            "--shape",
            "64x64",
            "--fps",
            "0.01",
            "--connect",
            "tcp://127.0.0.1:9",
        ],
    ] {
        let mut node = Node::start(arguments);
        // It listens for signals before it says that it publishes.
        let mut line = [0; 16];
        node.0.stderr.as_mut().unwrap().read_exact(&mut line).unwrap();
        let stdin = node.0.stdin.take();
        node.signal(rustix::process::Signal::TERM);
        let (status, stderr) = node.finish(Duration::from_secs(3));
        assert_eq!(status, Some(0), "{arguments:?}: {stderr}");
        drop(stdin);
    }
}

#[test]
fn a_live_source_is_opened_again_when_its_ffmpeg_dies() {
    let ear = Ear::open();
    let arguments = [
        "testsrc=size=64x48:rate=50",
        "--input-format",
        "lavfi",
        "--live",
        "--stream",
        "arena",
    ];
    let node = Node::start(&[&arguments[..], &["--connect", &ear.endpoint]].concat());
    let before = ear.wait("frames", |heard| frames(heard).len() >= 5).len();
    for pid in node.children() {
        let pid = rustix::process::Pid::from_raw(pid).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    }
    let last = move |heard: &[Message]| frames(heard).last().map_or(0, |frame| frame.stamp.seq);
    // More than the pipe and the reader may still have held.
    let heard = ear.wait("frames of a second ffmpeg", |heard| {
        last(heard) > last(&heard[..before]) + 600
    });
    let sessions: std::collections::HashSet<u64> =
        heard.iter().map(|message| message.stamp().session).collect();
    assert_eq!(sessions.len(), 1);
    let ffmpegs = node.children();
    assert!(!ffmpegs.is_empty());
    node.signal(rustix::process::Signal::INT);
    let (status, stderr) = node.finish(Duration::from_secs(3));
    assert_eq!(status, Some(0), "{stderr}");
    assert!(stderr.contains("opening it again"), "{stderr}");
    for pid in ffmpegs {
        let deadline = Instant::now() + PATIENCE;
        while std::path::Path::new(&format!("/proc/{pid}")).exists() {
            assert!(Instant::now() < deadline, "ffmpeg {pid} outlives its node");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}
