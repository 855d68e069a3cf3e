//! What goes wrong with an ffmpeg, and how a stream goes on. With a real ffmpeg where it says so.

mod common;

use std::process::Command;
use std::time::{Duration, Instant};

use common::{Bench, Camera, name, script, wait_for};
use media::{Config, Phase, Status, Stream};
use rustix::process::Signal;

const SECOND: Duration = Duration::from_secs(1);

/// A camera that runs at 30 frames per second of the clock, and never waits for the stream.
struct Live {
    camera: Camera,
    begin: Instant,
    frames: u64,
    /// Longest time that a push took.
    slowest: Duration,
}

impl Live {
    fn new(width: usize, height: usize) -> Self {
        Self {
            camera: Camera::new(width, height),
            begin: Instant::now(),
            frames: 0,
            slowest: Duration::ZERO,
        }
    }

    /// Pushes frames as they fall due until `ready`; panics with the status after `patience`.
    fn run(
        &mut self,
        bench: &mut Bench,
        what: &str,
        patience: Duration,
        ready: impl Fn(&Status) -> bool,
    ) -> Status {
        let deadline = Instant::now() + patience;
        loop {
            let due = Duration::from_nanos(33_333_333) * self.frames as u32;
            std::thread::sleep(due.saturating_sub(self.begin.elapsed()));
            let frame = self.camera.frame(due.as_nanos() as i64);
            let before = Instant::now();
            bench.push(frame);
            self.slowest = self.slowest.max(before.elapsed());
            self.frames += 1;
            let status = bench.stream.status();
            if ready(&status) {
                return status;
            }
            assert!(
                Instant::now() < deadline,
                "no {what} within {patience:?}: {status:?}"
            );
        }
    }
}

fn reason_has(status: &Status, text: &str) -> bool {
    status.reason.as_ref().is_some_and(|reason| reason.contains(text))
}

#[test]
fn a_killed_encoder_is_replaced_and_what_was_listed_stays() {
    let mut bench = Bench::new();
    let mut live = Live::new(320, 240);
    live.run(&mut bench, "two segments", 10 * SECOND, |status| {
        status.segments >= 2
    });
    let before = bench.playlist();
    bench.signal_encoder(Signal::KILL);
    let encoded = bench.stream.status().encoded;
    let status = live.run(&mut bench, "restart", 2 * SECOND, |status| status.restarts == 1);
    assert!(reason_has(&status, "signal: 9"), "{status:?}");
    let status = live.run(&mut bench, "new frames", 5 * SECOND, |status| {
        status.encoded > encoded + 15
    });
    assert!(status.dropped_encoder > 0, "{status:?}");
    let status = live.run(&mut bench, "new segments", 10 * SECOND, |status| {
        status.segments >= 4 && status.phase == Phase::Running
    });
    assert_eq!((status.restarts, status.reason), (1, None));
    let after = bench.playlist();
    assert_eq!(after[..before.len()], before);
    for segment in &before {
        assert!(!bench.frames_in(&segment.name).is_empty());
    }
    assert!(
        after[before.len()..]
            .iter()
            .filter(|segment| segment.discontinuity)
            .count()
            == 1
    );
    // Every frame is accounted for, and listed frames are exactly those in the files.
    let status = bench.wait_all_listed();
    let frames: usize = bench
        .playlist()
        .iter()
        .map(|s| bench.frames_in(&s.name).len())
        .sum();
    assert_eq!(frames as u64, status.listed);
}

#[test]
fn a_stopped_encoder_is_replaced_and_pushing_never_waits() {
    let mut bench = Bench::new();
    let mut live = Live::new(640, 480);
    live.run(&mut bench, "a segment", 10 * SECOND, |status| {
        status.segments >= 1
    });
    bench.signal_encoder(Signal::STOP);
    let status = live.run(&mut bench, "restart", 8 * SECOND, |status| status.restarts == 1);
    assert!(reason_has(&status, "ffmpeg took no frame for 3 s"), "{status:?}");
    assert!(status.dropped_queue > 30, "{status:?}");
    live.run(&mut bench, "recovery", 10 * SECOND, |status| {
        status.phase == Phase::Running && status.reason.is_none()
    });
    assert_eq!(bench.encoders().len(), 1);
    assert!(live.slowest < SECOND / 5, "a push took {:?}", live.slowest);
    // Fresh frames: what the new encoder shows first was captured after the old one was given up, but for the queue.
    let segments = bench.playlist();
    let first = segments
        .iter()
        .find(|segment| segment.discontinuity)
        .expect("a discontinuity");
    let last = &segments[segments.iter().position(|s| s == first).expect("position") - 1];
    assert!(first.start_ms - last.start_ms > 3_000, "{segments:?}");
}

#[test]
fn an_encoder_that_finishes_no_segment_is_replaced() {
    let mut bench = Bench::new();
    // So small that the pipe never fills.
    let mut live = Live::new(16, 16);
    live.run(&mut bench, "a segment", 10 * SECOND, |status| {
        status.segments >= 1
    });
    bench.signal_encoder(Signal::STOP);
    let status = live.run(&mut bench, "restart", 15 * SECOND, |status| status.restarts == 1);
    assert!(
        reason_has(&status, "ffmpeg finished no segment in 5 s of video"),
        "{status:?}"
    );
    live.run(&mut bench, "recovery", 10 * SECOND, |status| {
        status.phase == Phase::Running
    });
}

#[test]
fn a_missing_ffmpeg_is_the_reason_until_it_appears() {
    let tools = tempfile::tempdir().expect("temp dir");
    let ffmpeg = tools.path().join("ffmpeg");
    let mut bench = Bench::with(|config| config.ffmpeg = ffmpeg.clone());
    let mut live = Live::new(64, 48);
    let status = live.run(&mut bench, "back-off", 5 * SECOND, |status| {
        status.phase == Phase::Backoff
    });
    assert!(
        reason_has(&status, "was not found") && reason_has(&status, "--ffmpeg"),
        "{status:?}"
    );
    let real = Command::new("sh")
        .args(["-c", "command -v ffmpeg"])
        .output()
        .expect("sh")
        .stdout;
    let real = String::from_utf8(real).expect("path");
    std::os::unix::fs::symlink(real.trim(), &ffmpeg).expect("symlink");
    let status = live.run(&mut bench, "recovery", 15 * SECOND, |status| status.segments >= 1);
    assert_eq!((status.phase, status.reason), (Phase::Running, None));
}

#[test]
fn an_old_or_incomplete_ffmpeg_is_named_with_what_it_lacks() {
    let tools = tempfile::tempdir().expect("temp dir");
    let check = |name: &str, body: &str, expected: &str| {
        let ffmpeg = script(tools.path().join(name), body);
        let error = media::probe(&ffmpeg).expect_err(name).to_string();
        assert_eq!(error, expected.replace("PATH", &ffmpeg.display().to_string()));
        let mut bench = Bench::with(|config| config.ffmpeg = ffmpeg.clone());
        let mut live = Live::new(64, 48);
        let status = live.run(&mut bench, "back-off", 10 * SECOND, |status| {
            status.phase == Phase::Backoff
        });
        assert_eq!(status.reason, Some(error));
        assert_eq!(bench.stream.playlist(), None);
    };
    check(
        "old",
        "echo 'ffmpeg version 4.0 Copyright (c) 2000-2018 the FFmpeg developers'",
        "ffmpeg at `PATH` is too old: needs 5.1 or newer, has 4.0",
    );
    check(
        "bare",
        "echo 'ffmpeg version 7.1 Copyright (c) 2000-2024 the FFmpeg developers'",
        "ffmpeg at `PATH` was built without the encoder libx264: install a full build or name one with --ffmpeg",
    );
}

#[test]
fn the_installed_ffmpeg_will_do() {
    let version = media::probe("ffmpeg".as_ref()).expect("ffmpeg");
    assert!(!version.to_string().is_empty());
}

#[test]
fn an_ffmpeg_that_hangs_on_to_its_pipes_through_a_child_is_ended_with_it() {
    let tools = tempfile::tempdir().expect("temp dir");
    let ffmpeg = script(tools.path().join("ffmpeg"), "sleep 600 & wait");
    let mut bench = Bench::with(|config| config.ffmpeg = ffmpeg.clone());
    let mut camera = Camera::new(64, 48);
    bench.feed(camera.frame(0));
    wait_for("processes", 5 * SECOND, || {
        (bench.encoders().len() == 2)
            .then_some(())
            .ok_or("not yet".into())
    });
    let begin = Instant::now();
    let dir = bench.dir;
    let status = bench.stream.stop(SECOND);
    assert!(begin.elapsed() < 3 * SECOND);
    assert_eq!((status.listed, status.dropped_encoder), (0, 1));
    assert_eq!(std::fs::read_dir(dir.path()).expect("dir").count(), 0);
}

#[test]
fn stop_waits_for_the_last_segment_and_leaves_nothing_behind() {
    let mut bench = Bench::new();
    let mut camera = Camera::new(320, 240);
    for n in 0..100 {
        bench.feed(camera.frame(n * 33_333_333));
    }
    let (dir, pushed) = (bench.dir, bench.pushed);
    let status = bench.stream.stop(5 * SECOND);
    assert_eq!((status.listed, status.phase), (pushed, Phase::Idle), "{status:?}");
    assert_eq!(std::fs::read_dir(dir.path()).expect("dir").count(), 0);
}

#[test]
fn stop_kills_an_encoder_that_does_not_end_in_time() {
    let mut bench = Bench::new();
    let mut camera = Camera::new(640, 480);
    for n in 0..40 {
        bench.feed(camera.frame(n * 33_333_333));
    }
    bench.signal_encoder(Signal::STOP);
    for n in 40..60 {
        bench.push(camera.frame(n * 33_333_333));
    }
    let begin = Instant::now();
    let pushed = bench.pushed;
    let status = bench.stream.stop(SECOND);
    assert!(begin.elapsed() < 2 * SECOND, "{:?}", begin.elapsed());
    assert_eq!(
        status.listed + status.dropped_queue + status.dropped_encoder,
        pushed,
        "{status:?}"
    );
}

#[test]
fn files_that_left_the_playlist_are_deleted_and_other_names_are_never_looked_up() {
    let mut bench = Bench::with(|config| config.window = 4 * SECOND);
    let mut camera = Camera::new(64, 48);
    let mut first = None;
    for n in 0..600 {
        bench.feed(camera.frame(n * 33_333_333));
        first = first.or_else(|| bench.playlist().into_iter().next());
    }
    bench.wait_all_listed();
    let first = first.expect("a first segment").name;
    assert_eq!(bench.stream.segment(&first), None);
    let listed = bench.playlist();
    assert!((4..=5).contains(&listed.len()), "{listed:?}");
    let path = bench.stream.segment(&listed[0].name).expect("listed");
    // The playlist and five more; what ffmpeg itself keeps goes when it ends.
    wait_for("just these files", 5 * SECOND, || {
        let files = std::fs::read_dir(path.parent().expect("dir"))
            .expect("dir")
            .count();
        (files == listed.len() + 5)
            .then_some(())
            .ok_or(format!("{files} files"))
    });
    for name in [
        "",
        "..",
        "../../etc/passwd",
        "/etc/passwd",
        "x.ts",
        &format!("./{}", listed[0].name),
    ] {
        assert_eq!(bench.stream.segment(name), None, "{name:?}");
    }
}

#[test]
fn a_full_disk_is_the_reason_and_the_stream_goes_on_when_there_is_room() {
    let dir = tempfile::tempdir().expect("temp dir");
    let mount = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"])
        .arg(dir.path())
        .output();
    if !mount.is_ok_and(|output| output.status.success()) {
        println!("skipped: no right to mount a small file system");
        return;
    }
    let _mounted = Mounted(dir.path().to_path_buf());
    // Somebody else's data fills most of it.
    let other = dir.path().join("other");
    std::fs::write(&other, vec![0; 700 << 10]).expect("write");

    let config = Config::new(dir.path(), "run1");
    let mut bench = Bench::new();
    bench.stream = Stream::start(name(), config, common::AsIs::new()).expect("stream");
    let mut live = Live::new(256, 256);
    let status = live.run(&mut bench, "full disk", 15 * SECOND, |status| {
        status.phase == Phase::Backoff
    });
    assert!(reason_has(&status, "No space left on device"), "{status:?}");
    std::fs::remove_file(&other).expect("remove");
    // One segment of a small picture fits now.
    (live.camera.width, live.camera.height) = (64, 48);
    live.run(&mut bench, "recovery", 20 * SECOND, |status| {
        status.phase == Phase::Running
    });
    drop(bench);
}

/// Unmounts when the test is over, however it ends.
struct Mounted(std::path::PathBuf);

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
