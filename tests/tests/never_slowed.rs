//! Whatever happens to the runner and to ffmpeg, a producer keeps its pace and its memory.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tests::{Lab, PATIENCE, Process, Runner, Stopped, now_ns, wait_for};

/// One at a time: they measure.
static TURN: Mutex<()> = Mutex::new(());

/// From the beginning of a trouble to the first look: by then every buffer on the way is full.
const SETTLED: Duration = Duration::from_secs(2);
/// How long a look at the pace takes.
const LOOK: Duration = Duration::from_secs(4);
/// A busy machine may spoil a look; whatever slows a producer spoils all of them.
const MAX_LOOKS: usize = 4;
const FPS: f64 = 60.0;
/// Bytes of a frame: 4 MB, so that anything that piles up shows.
const FRAME_BYTES: u64 = 1080 * 1920 * 2;

/// A full HD camera of 16 bits, 60 frames/s.
struct Camera {
    process: Process,
    times: PathBuf,
}

impl Camera {
    fn start(lab: &Lab, runner: &Runner) -> Self {
        let times = lab.dir().join("times.csv");
        let line = format!(
            "synthetic --stream camera --shape 1080x1920 --dtype uint16 --fps {FPS} --times {}",
            times.display()
        );
        let process = lab.node("frame-node", runner, &line);
        Self { process, times }
    }

    /// Watches it for a while: its pace is within 1 % of what was asked for, and its memory does not grow.
    fn keeps_its_pace(&self, mut meanwhile: impl FnMut()) {
        let before = self.process.resident_bytes();
        let mut start_ns = now_ns() + SETTLED.as_nanos() as i64;
        let mut seen = Vec::new();
        for _ in 0..MAX_LOOKS {
            let captured = wait_for("frames", PATIENCE, || {
                meanwhile();
                let captured = captured_after(&self.times, start_ns);
                match captured[..] {
                    [first, .., last] if last - first >= LOOK.as_nanos() as i64 => Ok(captured),
                    _ => Err(format!("{} frames", captured.len())),
                }
            });
            start_ns = captured[captured.len() - 1];
            seen.push(pace(&captured));
            if seen.last().is_some_and(|fps| (fps / FPS - 1.0).abs() < 0.01) {
                break;
            }
            assert!(seen.len() < MAX_LOOKS, "{seen:.2?} frames/s");
        }
        let after = self.process.resident_bytes();
        assert!(
            after < before + 8 * FRAME_BYTES,
            "the producer grew from {before} to {after} bytes"
        );
    }
}

/// Frames/s: the slope of the straight line through all capture times, for a late first or last one says little.
fn pace(captured_ns: &[i64]) -> f64 {
    let mean = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>() / captured_ns.len() as f64;
    let points = || {
        let seconds = captured_ns
            .iter()
            .map(|t_ns| (t_ns - captured_ns[0]) as f64 / 1e9);
        seconds.enumerate().map(|(index, t_s)| (index as f64, t_s))
    };
    let mean_index = mean(&mut points().map(|(index, _)| index));
    let mean_t_s = mean(&mut points().map(|(_, t_s)| t_s));
    let covariance = mean(&mut points().map(|(index, t_s)| (index - mean_index) * (t_s - mean_t_s)));
    let variance = mean(&mut points().map(|(index, _)| (index - mean_index).powi(2)));
    variance / covariance
}

/// Capture times of the frames after `start_ns`.
fn captured_after(times: &Path, start_ns: i64) -> Vec<i64> {
    let text = std::fs::read_to_string(times).unwrap_or_default();
    let times = text
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(',')?.1.parse().ok());
    times.filter(|&t_ns| t_ns > start_ns).collect()
}

/// How long ago the newest frame that the runner knows was captured, and how many it has taken.
fn newest(runner: &Runner) -> (f64, u64) {
    let camera = runner.frame_stream("camera");
    let t_ms = camera["t_ms"].as_f64().expect("a time");
    let received = camera["received"].as_u64().expect("a count");
    (now_ns() as f64 / 1e6 - t_ms, received)
}

#[test]
fn a_stopped_runner_slows_no_producer_and_goes_on_with_the_present() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let lab = Lab::new();
    let runner = Runner::start(&lab, "");
    let camera = Camera::start(&lab, &runner);
    runner.wait_live("camera", PATIENCE);
    let (_, received) = newest(&runner);
    let stopped_ns = now_ns();
    let stopped = Stopped::new(runner.process.pid()).expect("the runner runs");
    camera.keeps_its_pace(|| ());
    let continued_ns = now_ns();
    drop(stopped);
    wait_for("a fresh frame", Duration::from_secs(3), || {
        match newest(&runner) {
            (age_ms, _) if age_ms < 300.0 => Ok(()),
            (age_ms, _) => Err(format!("the newest is {age_ms} ms old")),
        }
    });
    let (_, received_now) = newest(&runner);
    let missed = (continued_ns - stopped_ns) as f64 / 1e9 * FPS;
    let since = (now_ns() - continued_ns) as f64 / 1e9 * FPS;
    let came = (received_now - received) as f64;
    assert!(
        came < since + missed / 4.0,
        "{came} frames since the stop: a backlog of the {missed} meanwhile"
    );
    runner.wait_played_after("camera", continued_ns, Duration::from_secs(5));
}

#[test]
fn a_runner_that_is_gone_slows_no_producer() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let lab = Lab::new();
    let mut runner = Runner::start_at(&lab, tests::Addresses::reserved(), "");
    let camera = Camera::start(&lab, &runner);
    runner.wait_live("camera", PATIENCE);
    runner.process.kill();
    camera.keeps_its_pace(|| ());
    let back_ns = now_ns();
    let runner = Runner::start_at(&lab, runner.addresses, "");
    runner.wait_played_after("camera", back_ns, Duration::from_secs(5));
}

#[test]
fn a_stopped_encoder_slows_neither_producer_nor_runner_and_goes_on_with_the_present() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let lab = Lab::new();
    // Full before the first look, or it would be what grows.
    let runner = Runner::start(&lab, "--raw-bytes 64MiB");
    let camera = Camera::start(&lab, &runner);
    runner.wait_live("camera", PATIENCE);
    // A runner that loses patience starts another one: that is stopped as well.
    let mut stopped = Vec::new();
    let memory = runner.process.resident_bytes();
    camera.keeps_its_pace(|| {
        for encoder in runner.encoders() {
            stopped.extend(Stopped::new(encoder));
        }
    });
    let (age_ms, _) = newest(&runner);
    assert!(
        age_ms < 300.0,
        "the runner still takes frames: the newest is {age_ms} ms old"
    );
    let grown = runner.process.resident_bytes().saturating_sub(memory);
    assert!(grown < 64 * FRAME_BYTES, "the runner grew by {grown} bytes");
    drop(stopped);
    let continued_ns = now_ns();
    runner.wait_played_after("camera", continued_ns, Duration::from_secs(8));
}
