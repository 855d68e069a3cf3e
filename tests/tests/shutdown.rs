//! Ends, ordered and not, and the nodes that end with the runner.

use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tests::{Lab, PATIENCE, Runner, is_alive, wait_for};

/// From the first signal to the end.
const IN_ORDER: Duration = Duration::from_secs(3);

fn stops_in_order_on(signal: Signal) {
    let lab = Lab::new();
    let mut runner = Runner::start(&lab, "");
    let _camera = lab.camera(&runner, "camera");
    runner.wait_live("camera", PATIENCE);
    let _viewer = runner.viewer();
    let encoders = runner.encoders();
    assert_eq!((encoders.len(), runner.run_dirs().len()), (1, 1));
    runner.process.signal(signal);
    let status = runner.process.wait(IN_ORDER);
    assert_eq!(status.code(), Some(0), "{status}");
    assert_eq!(runner.run_dirs(), Vec::<String>::new());
    assert!(!is_alive(encoders[0]), "ffmpeg is gone");
}

#[test]
fn ctrl_c_stops_everything_in_order() {
    stops_in_order_on(Signal::INT);
}

#[test]
fn sigterm_stops_everything_in_order() {
    stops_in_order_on(Signal::TERM);
}

#[test]
fn nodes_stop_soon_on_ctrl_c_with_a_runner_and_without_one() {
    let lab = Lab::new();
    let mut runner = Runner::start(&lab, "");
    let mut nodes = [
        lab.camera(&runner, "camera"),
        lab.node("metric-node", &runner, "synthetic"),
    ];
    runner.wait_live("camera", PATIENCE);
    for node in &mut nodes {
        node.signal(Signal::INT);
        assert!(node.wait(IN_ORDER).success());
    }
    let mut nodes = [
        lab.camera(&runner, "camera"),
        lab.node("metric-node", &runner, "synthetic"),
    ];
    runner.process.kill();
    for node in &mut nodes {
        node.wait_for_log("no runner, dialing on", PATIENCE);
        node.signal(Signal::INT);
        assert!(node.wait(IN_ORDER).success());
    }
}

#[test]
fn a_stopped_encoder_does_not_hold_up_the_end() {
    let lab = Lab::new();
    let mut runner = Runner::start(&lab, "");
    let _camera = lab.camera(&runner, "camera");
    runner.wait_live("camera", PATIENCE);
    let encoder = runner.encoders()[0];
    let _stopped = tests::Stopped::new(encoder).expect("ffmpeg runs");
    runner.process.signal(Signal::INT);
    assert_eq!(runner.process.wait(IN_ORDER).code(), Some(0));
    assert!(!is_alive(encoder));
    assert_eq!(runner.run_dirs(), Vec::<String>::new());
}

#[test]
fn a_second_signal_leaves_at_once_and_the_next_run_clears_up() {
    let lab = Lab::new();
    // A node that takes its time, so that there is a time to be impatient in.
    let config = lab.write(
        "streamview.toml",
        r#"
        [[node]]
        name = "stubborn"
        command = ["sh", "-c", "trap '' TERM; echo deaf; sleep 10"]
        "#,
    );
    let arguments = format!("--config {}", config.display());
    let mut runner = Runner::start(&lab, &arguments);
    runner.process.wait_for_log("deaf", PATIENCE);
    runner.process.signal(Signal::INT);
    runner
        .process
        .wait_for_log("a second signal leaves at once", PATIENCE);
    let second = Instant::now();
    // Again until it is taken for a second request: two within a tenth of a second are one.
    let status = wait_for("the end", PATIENCE, || {
        let ended = runner
            .process
            .try_wait()
            .ok_or_else(|| "it still runs".to_owned());
        if ended.is_err() {
            runner.process.signal(Signal::INT);
        }
        ended
    });
    assert_eq!(status.code(), Some(130), "{status}");
    assert!(
        second.elapsed() < Duration::from_millis(500),
        "{:?}",
        second.elapsed()
    );
    assert_eq!(runner.run_dirs().len(), 1);
    let left_behind = runner.run_dirs();
    let next = Runner::start(&lab, "");
    assert_eq!(next.run_dirs().len(), 1);
    assert_ne!(next.run_dirs(), left_behind);
}

/// The process of a node that the runner started, as its log tells.
fn node_pid(runner: &mut Runner, name: &str, after: &str) -> Pid {
    let log = wait_for(&format!("the start of {name}"), PATIENCE, || {
        let log = runner.process.log();
        let rest = log.rsplit_once("node started").map(|_| log.clone());
        let pid = rest.and_then(|log| {
            let line = log
                .lines()
                .rfind(|line| line.contains("node started") && line.contains(&format!("node=\"{name}\"")))?;
            let (_, pid) = line.rsplit_once("pid=")?;
            let pid = pid.split(' ').next()?.to_owned();
            (pid != after).then_some(pid)
        });
        pid.ok_or_else(|| log.lines().last().unwrap_or_default().to_owned())
    });
    Pid::from_raw(log.parse().expect("a process id")).expect("not 0")
}

fn two_nodes(lab: &Lab) -> std::path::PathBuf {
    lab.write(
        "streamview.toml",
        r#"
        segment = "500ms"

        [[node]]
        name = "cells"
        command = ["frame-node", "synthetic", "--stream", "cells", "--shape", "96x128", "--dtype", "uint8"]

        [[node]]
        name = "signals"
        command = ["metric-node", "synthetic", "--stream", "signals"]
        env = { STREAMVIEW_RATE = "20" }
        "#,
    )
}

fn start_with(lab: &Lab, config: &Path) -> Runner {
    Runner::start(lab, &format!("--config {}", config.display()))
}

#[test]
fn configured_nodes_are_started_and_started_again_and_end_with_the_runner() {
    let lab = Lab::new();
    let mut runner = start_with(&lab, &two_nodes(&lab));
    runner.wait_live("cells", PATIENCE);
    runner.wait_for_stream(
        ("metric", "signals"),
        "20 samples/s, as its environment says",
        PATIENCE,
        |stream| (19.0..21.0).contains(&stream["rate"].as_f64()?).then_some(()),
    );
    let first = node_pid(&mut runner, "cells", "");
    let session = runner.frame_stream("cells")["session"].clone();
    kill_process(first, Signal::KILL).expect("kill");
    let second = node_pid(&mut runner, "cells", &first.to_string());
    runner.wait_for_stream(
        ("frame", "cells"),
        "a new session",
        Duration::from_secs(5),
        |stream| (stream["state"] == "live" && stream["session"] != session).then_some(()),
    );
    let signals = node_pid(&mut runner, "signals", "");
    runner.process.signal(Signal::INT);
    assert_eq!(runner.process.wait(IN_ORDER).code(), Some(0));
    assert!(
        !is_alive(second) && !is_alive(signals),
        "nodes end before the runner"
    );
}

#[test]
fn configured_nodes_do_not_outlive_a_killed_runner() {
    let lab = Lab::new();
    let mut runner = start_with(&lab, &two_nodes(&lab));
    runner.wait_live("cells", PATIENCE);
    let nodes = [
        node_pid(&mut runner, "cells", ""),
        node_pid(&mut runner, "signals", ""),
    ];
    runner.process.kill();
    wait_for("the end of the nodes", PATIENCE, || {
        match nodes.iter().any(|&node| is_alive(node)) {
            true => Err("they live".into()),
            false => Ok(()),
        }
    });
}
