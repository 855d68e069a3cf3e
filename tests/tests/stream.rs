//! From nodes to the page's door: streams, series, playlists and the websocket.

use std::time::{Duration, Instant};

use serde_json::Value;
use tests::{Addresses, Lab, PATIENCE, Playlist, Process, Runner, Video, now_ns};

/// Numbers of the small series that these tests publish.
fn signals(lab: &Lab, runner: &Runner) -> Process {
    lab.node("metric-node", runner, "synthetic --stream signals --rate 50")
}

fn wait_for_both(runner: &Runner) {
    runner.wait_live("camera", PATIENCE);
    let camera = runner.wait_for_stream(("frame", "camera"), "a segment", PATIENCE, |stream| {
        (!stream["hls"].is_null()).then(|| stream.clone())
    });
    assert_eq!(camera["format"]["shape"], serde_json::json!([96, 128]));
    assert_eq!(camera["format"]["dtype"], "uint8");
    assert_eq!(camera["hls"], "/hls/camera/index.m3u8");
    runner.wait_for_stream(
        ("metric", "signals"),
        "live with four series",
        PATIENCE,
        |stream| (stream["state"] == "live" && stream["series"] == 4).then_some(()),
    );
}

#[test]
fn nodes_that_were_started_first_are_there_when_the_runner_comes() {
    let lab = Lab::new();
    let addresses = Addresses::reserved();
    let connect = format!("--connect=tcp://{}", addresses.ingest);
    let camera = ["synthetic", "--shape=96x128", "--dtype=uint8", &connect];
    let mut camera = lab.start("frame-node", &camera);
    let mut signals = lab.start("metric-node", &["synthetic", "--stream=signals", &connect]);
    camera.wait_for_log("no runner, dialing on", PATIENCE);
    signals.wait_for_log("no runner, dialing on", PATIENCE);
    let runner = Runner::start_at(&lab, addresses, "");
    wait_for_both(&runner);
}

/// When the frames of `camera` were captured that were encoded so far.
fn capture_times_ms(runner: &Runner) -> Vec<f64> {
    let timeline = runner.get("/api/v1/streams/camera/timeline").json();
    let spans = timeline["spans"].as_array().expect("spans");
    spans
        .iter()
        .flat_map(|span| span["t_ms"].as_array().expect("t_ms"))
        .map(|t_ms| t_ms.as_f64().expect("a number"))
        .collect()
}

#[test]
fn a_runner_that_was_started_first_plays_the_frames_and_keeps_the_samples() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, "");
    assert_eq!(runner.get("/healthz").status, 200);
    assert_eq!(runner.get("/readyz").status, 200);
    assert_eq!(runner.streams(), Vec::<Value>::new());
    let started_ns = now_ns();
    let _camera = lab.camera(&runner, "camera");
    let _signals = signals(&lab, &runner);
    wait_for_both(&runner);

    let playlist = Playlist::of(&runner, "camera", 3);
    let first = playlist.media.segments[0]
        .program_date_time
        .expect("capture time");
    assert!((started_ns / 1_000_000..now_ns() / 1_000_000).contains(&first.timestamp_millis()));
    let start_ms = |segment: usize| {
        let start = playlist.media.segments[segment].program_date_time;
        start.expect("capture time").timestamp_millis() as f64
    };
    let captured_ms = capture_times_ms(&runner);
    for segment in 0..2 {
        let video = playlist.probe(&runner, segment);
        assert_eq!((video.width, video.height), (128, 96));
        // A second of 10 frames/s, give or take a late one.
        assert!((9..=11).contains(&video.frames), "{video:?}");
        // It ends at the first frame that was captured a second after its own first one. Times are in whole ms here.
        let (start_ms, end_ms) = (start_ms(segment), start_ms(segment + 1));
        assert!(end_ms - start_ms > 998.0, "{end_ms} after {start_ms}");
        let is_inside = |t_ms: &&f64| (start_ms - 1.0..end_ms - 1.0).contains(*t_ms);
        let inside: Vec<_> = captured_ms.iter().filter(is_inside).collect();
        assert_eq!(
            video.frames,
            inside.len() as u64,
            "{start_ms} to {end_ms}: {captured_ms:?}"
        );
        assert!(
            *inside[inside.len() - 1] - start_ms < 1_002.0,
            "{start_ms}: {inside:?}"
        );
        let duration_ms = f64::from(playlist.media.segments[segment].duration) * 1e3;
        assert!(
            (duration_ms - (end_ms - start_ms)).abs() < 2.0,
            "{duration_ms} ms, {start_ms} to {end_ms}"
        );
    }
    let camera = runner.frame_stream("camera");
    assert_eq!(
        camera["drops"],
        serde_json::json!({"wire": 0, "queue": 0, "encoder": 0})
    );

    let series = runner
        .get("/api/v1/series?stream=signals&name=temperature")
        .json();
    let series = &series["series"][0];
    let (t, v) = (
        series["t"].as_array().expect("t"),
        series["v"].as_array().expect("v"),
    );
    assert_eq!(t.len(), v.len());
    assert!(t.len() > 50, "{} samples", t.len());
}

#[test]
fn a_viewer_is_told_all_there_is_and_then_every_sample_once() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, "");
    let _camera = lab.camera(&runner, "camera");
    let _signals = signals(&lab, &runner);
    wait_for_both(&runner);

    let mut viewer = runner.viewer();
    let soon = Instant::now() + PATIENCE;
    let mut types = Vec::new();
    let mut next = |expected: &str| {
        let message = viewer.next(soon).expect("open").expect("a message");
        types.push(message["type"].clone());
        assert_eq!(message["type"], expected, "{types:?}");
        message
    };
    let hello = next("hello");
    assert_eq!(hello["version"], 1);
    // The third is what is measured of the camera.
    assert_eq!(next("streams")["streams"].as_array().map(Vec::len), Some(3));
    let series = next("series");
    let series = series["series"].as_array().expect("a list");
    let id = series
        .iter()
        .find(|series| series["name"] == "temperature")
        .map(|series| series["id"].clone())
        .expect("temperature");
    let times = |message: &Value| -> Vec<f64> {
        let series = message["series"].as_array().into_iter().flatten();
        let ours = series.filter(|series| series["id"] == id);
        ours.flat_map(|series| series["t"].as_array().expect("t"))
            .map(|t| t.as_f64().expect("a number"))
            .collect()
    };
    let mut seen = times(&next("backfill"));
    assert!(!seen.is_empty());
    viewer.wait_for("two seconds of samples", PATIENCE, |message| {
        if message["type"] == "samples" {
            seen.extend(times(message));
        }
        (seen.last()? - seen[0] > 2_000.0).then_some(())
    });
    // 50 per second: each is 20 ms after the one before, none is missing and none comes twice.
    for pair in seen.windows(2) {
        assert!((19.0..21.0).contains(&(pair[1] - pair[0])), "{pair:?}");
    }

    viewer.send(r#"{"type": "ping", "id": 7.5}"#);
    viewer.send("not a message");
    viewer.wait_for("pong", PATIENCE, |message| {
        (message["type"] == "pong" && message["id"] == 7.5).then_some(())
    });
}

#[test]
fn an_open_page_is_told_of_new_streams_and_series() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, "");
    let mut viewer = runner.viewer();
    viewer.wait_for("no streams", PATIENCE, |message| {
        (message["type"] == "streams" && message["streams"] == serde_json::json!([])).then_some(())
    });
    let _camera = lab.camera(&runner, "late");
    viewer.wait_for("a stream that can be played", PATIENCE, |message| {
        let stream = message["streams"].get(0)?;
        (stream["id"] == "late" && stream["hls"] == "/hls/late/index.m3u8").then_some(())
    });
    let _signals = signals(&lab, &runner);
    viewer.wait_for("its series", PATIENCE, |message| {
        let named = |series: &Value| series["stream"] == "signals" && series["name"] == "snr";
        let series = message["series"].as_array()?;
        (message["type"] == "series" && series.iter().any(named)).then_some(())
    });
}

#[test]
fn frames_of_odd_sizes_and_any_dtype_are_played_side_by_side() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, "");
    // Height x width as published; width and height as played, for video has even sides.
    let shapes = [
        ("odd", "97x131", "uint8", (132, 98)),
        ("wide", "96x640", "uint16", (640, 96)),
        ("tall", "481x101", "float32", (102, 482)),
        ("colour", "111x150x3", "uint8", (150, 112)),
    ];
    let _nodes: Vec<_> = shapes
        .iter()
        .map(|(stream, shape, dtype, _)| {
            let line = format!("synthetic --stream {stream} --shape {shape} --dtype {dtype} --fps 10");
            lab.node("frame-node", &runner, &line)
        })
        .collect();
    for (stream, _, dtype, (width, height)) in shapes {
        let playlist = Playlist::of(&runner, stream, 2);
        let video = playlist.probe(&runner, 0);
        assert_eq!((video.width, video.height), (width, height), "{stream}");
        assert!((9..=11).contains(&video.frames), "{stream}: {video:?}");
        assert_eq!(runner.frame_stream(stream)["format"]["dtype"], dtype);
    }
}

#[test]
fn frames_as_small_as_one_pixel_are_played() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, "");
    let mut peer = tests::Peer::join(runner.addresses.ingest);
    for seq in 0..25 {
        let keys = serde_json::json!({
            "v": 1, "session": 1, "seq": seq, "t": 1_760_000_000_000_000_000_i64 + seq * 100_000_000,
            "shape": [1, 1], "dtype": "|u1", "fps": 10.0,
        });
        peer.publish_parts(&[b"frame/pixel".to_vec(), tests::header(&keys), vec![200]]);
    }
    let playlist = Playlist::of(&runner, "pixel", 1);
    let Video { width, height, .. } = playlist.probe(&runner, 0);
    assert!(width >= 2 && height >= 2, "{width} x {height}");
}

#[test]
fn a_stream_that_comes_back_with_another_shape_goes_on_after_a_discontinuity() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, "");
    let mut camera = lab.camera(&runner, "camera");
    let before = Playlist::of(&runner, "camera", 2);
    assert_eq!(before.discontinuities(), 0);
    camera.kill();
    let restarted_ns = now_ns();
    let line = "synthetic --stream camera --shape 121x203 --dtype float32 --fps 20";
    let _camera = lab.node("frame-node", &runner, line);
    let after = runner.wait_played_after("camera", restarted_ns, Duration::from_secs(10));
    assert_eq!(after.discontinuities(), 1);
    let last = after.media.segments.len() - 1;
    let video = after.probe(&runner, last);
    assert_eq!((video.width, video.height), (204, 122));
    // What was there before can still be played.
    let video = after.probe(&runner, 0);
    assert_eq!((video.width, video.height), (128, 96));
    let stream = runner.frame_stream("camera");
    assert_eq!(stream["format"]["dtype"], "float32");
    assert_eq!(stream["encoder"]["restarts"], 0, "a new shape is no failure");
}

#[test]
fn a_node_that_is_asked_to_stop_says_that_its_stream_has_ended() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, "");
    let mut camera = lab.camera(&runner, "camera");
    runner.wait_live("camera", PATIENCE);
    camera.signal(rustix::process::Signal::INT);
    assert!(camera.wait(Duration::from_secs(3)).success());
    runner.wait_for_stream(("frame", "camera"), "ended", PATIENCE, |stream| {
        (stream["state"] == "ended" && stream["reason"].is_null()).then_some(())
    });
}
