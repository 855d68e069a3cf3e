//! Frames to push, a display that shows them as they are, and eyes for what comes out.
#![allow(dead_code, reason = "every test file uses its own part")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use bytes::Bytes;
use media::{Config, Display, Picture, Status, Stream};
use protocol::frame::{Format, Shape};
use protocol::{Dtype, Frame, Stamp, StreamName, WallTime};

/// Some moment of 2025, in ns since the Unix epoch.
pub const T0_NS: i64 = 1_760_000_000_123_456_789;
const SECOND: Duration = Duration::from_secs(1);

/// Shows 8-bit grey frames of even sides as they are.
pub struct AsIs(Vec<u8>);

impl AsIs {
    pub fn new() -> Self {
        Self(Vec::new())
    }
}

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

/// Makes frames of one producer.
#[derive(Clone)]
pub struct Camera {
    pub session: u64,
    pub seq: u64,
    pub width: usize,
    pub height: usize,
    pub fps: Option<f64>,
    noise: u64,
}

impl Camera {
    pub fn new(width: usize, height: usize) -> Self {
        Self {
            session: 1,
            seq: 0,
            width,
            height,
            fps: Some(30.0),
            noise: 0x9E37_79B9_7F4A_7C15,
        }
    }

    /// The next frame, all noise, captured `offset_ns` after [`T0_NS`].
    pub fn frame(&mut self, offset_ns: i64) -> Frame {
        let pixels = (0..self.width * self.height)
            .map(|_| {
                self.noise ^= self.noise << 13;
                self.noise ^= self.noise >> 7;
                self.noise ^= self.noise << 17;
                self.noise as u8
            })
            .collect();
        self.frame_of(pixels, offset_ns)
    }

    pub fn frame_of(&mut self, pixels: Vec<u8>, offset_ns: i64) -> Frame {
        let shape = Shape::new(self.height as u64, self.width as u64, 1).expect("shape");
        let frame = Frame {
            stream: name(),
            stamp: Stamp {
                session: self.session,
                seq: self.seq,
                t: WallTime::from_ns(T0_NS + offset_ns),
            },
            format: Format {
                fps: self.fps,
                ..Format::new(shape, Dtype::U8)
            },
            payload: Bytes::from(pixels),
        };
        self.seq += 1;
        frame
    }
}

pub fn name() -> StreamName {
    "camera".parse().expect("name")
}

/// A stream in a temporary directory.
pub struct Bench {
    pub stream: Stream,
    pub dir: tempfile::TempDir,
    pub pushed: u64,
}

impl Bench {
    pub fn new() -> Self {
        Self::with(|_| ())
    }

    pub fn with(change: impl FnOnce(&mut Config)) -> Self {
        let dir = tempfile::tempdir().expect("temp dir");
        let mut config = Config::new(dir.path(), "run1");
        change(&mut config);
        Self {
            stream: Stream::start(name(), config, AsIs::new()).expect("stream"),
            dir,
            pushed: 0,
        }
    }

    pub fn push(&mut self, frame: Frame) {
        self.stream.push(frame);
        self.pushed += 1;
    }

    /// Pushes a frame as soon as the one before was taken, so that none is dropped.
    pub fn feed(&mut self, frame: Frame) {
        self.push(frame);
        let pushed = self.pushed;
        self.wait("frame taken", 10 * SECOND, |status| {
            status.encoded + status.dropped_encoder + status.dropped_queue >= pushed
        });
    }

    /// Waits until `ready`, and panics with the status after `patience`.
    pub fn wait(&self, what: &str, patience: Duration, mut ready: impl FnMut(&Status) -> bool) -> Status {
        let mut last = Status::default();
        wait_for(
            &format!("{what} in {}", self.dir.path().display()),
            patience,
            || {
                last = self.stream.status();
                ready(&last).then_some(()).ok_or_else(|| format!("{last:?}"))
            },
        );
        last
    }

    pub fn wait_all_listed(&self) -> Status {
        let pushed = self.pushed;
        self.wait("every frame in a segment", 10 * SECOND, |status| {
            status.listed + status.dropped_queue + status.dropped_encoder == pushed
        })
    }

    pub fn playlist(&self) -> Vec<Listed> {
        parse(&self.stream.playlist().unwrap_or_default())
    }

    /// Process ids of the encoders that work in the stream's directory.
    pub fn encoders(&self) -> Vec<rustix::process::Pid> {
        let dir = self.dir.path().canonicalize().expect("path");
        let processes = std::fs::read_dir("/proc").expect("proc").flatten();
        let here = processes.filter(|process| {
            std::fs::read_link(process.path().join("cwd")).is_ok_and(|cwd| cwd.starts_with(&dir))
                && !is_zombie(&process.path())
        });
        here.filter_map(|process| process.file_name().to_str()?.parse().ok())
            .filter_map(rustix::process::Pid::from_raw)
            .collect()
    }

    pub fn signal_encoder(&self, signal: rustix::process::Signal) {
        let encoders = self.encoders();
        assert_eq!(encoders.len(), 1, "encoders");
        rustix::process::kill_process(encoders[0], signal).expect("signal");
    }

    /// Time stamps of the frames in a segment, in ticks of 1/90,000 s, as another program reads them.
    pub fn frames_in(&self, segment: &str) -> Vec<i64> {
        let path = self.stream.segment(segment).expect("listed segment");
        let output = Command::new("ffprobe")
            .args(["-v", "error", "-show_entries", "packet=pts", "-of", "json"])
            .arg(path)
            .output()
            .expect("ffprobe");
        assert!(
            output.stderr.is_empty(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("json");
        let packets = json["packets"].as_array().expect("packets");
        packets
            .iter()
            .map(|packet| packet["pts"].as_i64().expect("pts"))
            .collect()
    }
}

fn is_zombie(process: &Path) -> bool {
    std::fs::read_to_string(process.join("stat")).is_ok_and(|stat| stat.contains(") Z "))
}

/// Polls until `ready` is `Ok`; panics with what it last said.
pub fn wait_for(what: &str, patience: Duration, mut ready: impl FnMut() -> Result<(), String>) {
    let deadline = Instant::now() + patience;
    while let Err(state) = ready() {
        assert!(
            Instant::now() < deadline,
            "no {what} within {patience:?}: {state}"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A segment as the playlist tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    pub name: String,
    /// ms since the Unix epoch.
    pub start_ms: i64,
    pub duration_s: f64,
    pub discontinuity: bool,
}

/// A strict reading of a media playlist.
pub fn parse(text: &str) -> Vec<Listed> {
    let mut segments = Vec::new();
    let (mut start_ms, mut duration_s, mut discontinuity) = (None, None, false);
    for line in text.lines() {
        if let Some(time) = line.strip_prefix("#EXT-X-PROGRAM-DATE-TIME:") {
            let time = humantime::parse_rfc3339(time).expect("time");
            let since = time.duration_since(std::time::UNIX_EPOCH).expect("after 1970");
            start_ms = Some(since.as_millis() as i64);
        } else if let Some(duration) = line.strip_prefix("#EXTINF:") {
            duration_s = Some(duration.trim_end_matches(',').parse().expect("duration"));
        } else if line == "#EXT-X-DISCONTINUITY" {
            discontinuity = true;
        } else if !line.starts_with('#') {
            segments.push(Listed {
                name: line.into(),
                start_ms: start_ms.take().expect("a time before every segment"),
                duration_s: duration_s.take().expect("a duration before every segment"),
                discontinuity: std::mem::take(&mut discontinuity),
            });
        }
    }
    segments
}

/// The number after `tag` in a playlist.
pub fn tag(text: &str, tag: &str) -> u64 {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(&format!("#EXT-X-{tag}:")));
    line.expect("tag").parse().expect("number")
}

/// Writes an executable shell script.
pub fn script(path: PathBuf, body: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).expect("script");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("mode");
    path
}
