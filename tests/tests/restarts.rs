//! Every part may be killed; the others go on, and it is back as soon as it is started again.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tests::{Lab, PATIENCE, Playlist, Runner, now_ns, wait_for};

/// From the new start to new pictures and numbers.
const BACK: Duration = Duration::from_secs(5);

/// Two cameras and some series.
struct Scene {
    runner: Runner,
    camera: tests::Process,
    _other: tests::Process,
    signals: tests::Process,
    /// What `seq - received` of the other camera was to begin with: its first frames may come before its connection.
    missed_at_start: i64,
}

fn missed(stream: &Value) -> i64 {
    let count = |key: &str| stream[key].as_i64().expect("a count");
    count("seq") + 1 - count("received")
}

impl Scene {
    fn start(lab: &Lab) -> Self {
        let runner = Runner::start_at(lab, tests::Addresses::reserved(), "");
        // One after the other: the first encoder is the first camera's.
        let camera = lab.camera(&runner, "camera");
        Playlist::of(&runner, "camera", 1);
        let other = lab.camera(&runner, "other");
        let scene = Self {
            camera,
            _other: other,
            signals: lab.node("metric-node", &runner, "synthetic --stream signals"),
            missed_at_start: missed(&runner.wait_live("other", PATIENCE)),
            runner,
        };
        scene.wait_for_samples(now_ns());
        scene
    }

    fn wait_for_samples(&self, after_ns: i64) {
        self.runner
            .wait_for_stream(("metric", "signals"), "new samples", BACK, |stream| {
                (stream["state"] == "live" && stream["t_ms"].as_f64()? > after_ns as f64 / 1e6).then_some(())
            });
    }

    /// Since its start the other camera has lost nothing, and is where it should be.
    #[track_caller]
    fn other_is_undisturbed(&self) {
        let now = now_ns();
        let playlist = self.runner.wait_played_after("other", now, PATIENCE);
        assert_eq!(playlist.discontinuities(), 0);
        let other = self.runner.frame_stream("other");
        assert_eq!(
            other["drops"],
            serde_json::json!({"wire": 0, "queue": 0, "encoder": 0})
        );
        assert_eq!(other["encoder"]["restarts"], 0);
        assert_eq!(missed(&other), self.missed_at_start, "{other}");
    }
}

#[test]
fn a_killed_frame_node_is_live_again_when_it_is_started_again_and_the_others_do_not_notice() {
    let lab = Lab::new();
    let mut scene = Scene::start(&lab);
    let session = scene.runner.frame_stream("camera")["session"].clone();
    scene.camera.kill();
    scene
        .runner
        .wait_for_stream(("frame", "camera"), "stalled", PATIENCE, |stream| {
            let reason = stream["reason"].as_str().unwrap_or_default();
            (stream["state"] == "stalled" && reason.contains("no frame for")).then_some(())
        });
    let restarted_ns = now_ns();
    scene.camera = lab.camera(&scene.runner, "camera");
    scene.runner.wait_played_after("camera", restarted_ns, BACK);
    assert_eq!(scene.runner.wait_live("camera", BACK)["drops"]["wire"], 0);
    assert_ne!(scene.runner.frame_stream("camera")["session"], session);
    scene.other_is_undisturbed();
}

#[test]
fn a_killed_metric_node_goes_on_in_the_same_series_when_it_is_started_again() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, "");
    let start = || lab.node("metric-node", &runner, "synthetic --stream signals");
    let mut viewer = runner.viewer();
    let mut signals = start();
    let temperature = |message: &Value| {
        let series = message["series"]
            .as_array()
            .filter(|_| message["type"] == "series")?;
        let series = series.iter().find(|series| series["name"] == "temperature")?;
        Some(series["id"].clone())
    };
    let id = viewer.wait_for("the series", PATIENCE, temperature);
    signals.kill();
    let restarted_ns = now_ns();
    let _signals = start();
    viewer.wait_for("its next samples", BACK, |message| {
        assert_eq!(temperature(message), None, "the same name is the same series");
        let series = message["series"]
            .as_array()
            .filter(|_| message["type"] == "samples")?;
        let ours = series.iter().find(|series| series["id"] == id)?;
        (ours["t"][0].as_f64()? > restarted_ns as f64 / 1e6).then_some(())
    });
}

#[test]
fn a_killed_ffmpeg_is_replaced_and_the_others_do_not_notice() {
    let lab = Lab::new();
    let scene = Scene::start(&lab);
    let runner = &scene.runner;
    let [first, _] = runner.encoders()[..] else {
        panic!("two encoders: {:?}", runner.encoders());
    };
    let killed_ns = now_ns();
    kill_process(first, Signal::KILL).expect("kill");
    let playlist = runner.wait_played_after("camera", killed_ns, BACK);
    assert_eq!(playlist.discontinuities(), 1);
    let camera = runner.wait_live("camera", BACK);
    assert_eq!(camera["encoder"]["restarts"], 1, "{camera}");
    assert_eq!(camera["drops"]["wire"], 0, "{camera}");
    scene.other_is_undisturbed();
    scene.wait_for_samples(now_ns());
}

#[test]
fn a_killed_runner_is_found_again_by_all_nodes_and_clears_up_after_itself() {
    let lab = Lab::new();
    let mut scene = Scene::start(&lab);
    let left_behind = scene.runner.run_dirs();
    assert_eq!(left_behind.len(), 1);
    let encoders = scene.runner.encoders();
    let mut viewer = scene.runner.viewer();
    let run = viewer.wait_for("hello", PATIENCE, |message| {
        (message["type"] == "hello").then(|| message["run"].clone())
    });

    let restarted_ns = now_ns();
    scene.runner.kill_and_restart(&lab);
    scene.runner.wait_played_after("camera", restarted_ns, BACK);
    scene.runner.wait_played_after("other", restarted_ns, BACK);
    scene.wait_for_samples(restarted_ns);
    let dirs = scene.runner.run_dirs();
    assert_eq!(dirs.len(), 1, "{dirs:?}");
    assert_ne!(dirs, left_behind);
    // Another run: pages know by this that their sources are gone.
    scene.runner.viewer().wait_for("hello", PATIENCE, |message| {
        assert_eq!(message["type"], "hello");
        assert_ne!(message["run"], run);
        Some(())
    });
    wait_for("the end of the old encoders", PATIENCE, || {
        let alive: Vec<Pid> = encoders
            .iter()
            .copied()
            .filter(|&pid| tests::is_alive(pid))
            .collect();
        alive.is_empty().then_some(()).ok_or_else(|| format!("{alive:?}"))
    });
    assert!(scene.camera.try_wait().is_none() && scene.signals.try_wait().is_none());
}
