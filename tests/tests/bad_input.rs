//! Anything may arrive on the ZeroMQ port: it is named and counted, and a good stream does not notice.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{Lab, PATIENCE, Peer, Process, Runner, Viewer, greeting, header, long_header, now_ns, ready};

/// A runner with a camera that must not notice anything, and a page that is told everything.
struct Scene {
    runner: Runner,
    _camera: Process,
    viewer: Viewer,
    lost_at_start: i64,
}

fn lost(stream: &Value) -> i64 {
    let count = |key: &str| stream[key].as_i64().expect("a count");
    count("seq") + 1 - count("received")
}

impl Scene {
    fn start(lab: &Lab) -> Self {
        let runner = Runner::start(lab, "");
        let camera = lab.camera(&runner, "good");
        Self {
            lost_at_start: lost(&runner.wait_live("good", PATIENCE)),
            _camera: camera,
            viewer: runner.viewer(),
            runner,
        }
    }

    fn publisher(&self) -> Peer {
        Peer::join(self.runner.addresses.ingest)
    }

    /// The camera has lost nothing since the start, and its newest frames can be played.
    #[track_caller]
    fn camera_is_undisturbed(&mut self) {
        assert_eq!(self.runner.process.try_wait(), None);
        let playlist = self.runner.wait_played_after("good", now_ns(), PATIENCE);
        assert_eq!(playlist.discontinuities(), 0);
        let good = self.runner.wait_live("good", PATIENCE);
        assert_eq!(lost(&good), self.lost_at_start, "{good}");
        assert_eq!(good["drops"]["encoder"], 0, "{good}");
    }
}

#[test]
fn peers_that_do_not_speak_the_protocol_are_turned_away_with_the_reason() {
    let lab = Lab::new();
    let mut scene = Scene::start(&lab);
    let joined = [greeting(), ready("PUB")].concat();
    let noise: Vec<u8> = (0..100_000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let mut curve = greeting();
    curve[12..17].copy_from_slice(b"CURVE");
    for (bytes, words) in [
        (noise, "not ZMTP"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(), "not ZMTP"),
        (
            [greeting(), ready("SUB")].concat(),
            "socket type SUB: expected PUB or XPUB",
        ),
        (curve, "security mechanism CURVE"),
        ([greeting(), long_header(false, 1 << 62)].concat(), "command"),
        (
            [joined.clone(), long_header(false, 1 << 62)].concat(),
            "message of at least 4611686018427387904 bytes",
        ),
        ([joined, long_header(true, 0).repeat(1000)].concat(), "parts"),
    ] {
        let mut peer = Peer::say(scene.runner.addresses.ingest, &bytes);
        assert!(peer.is_hung_up_on(), "{words}");
        scene.viewer.wait_for_notice(&["connection refused", words]);
    }
    scene.camera_is_undisturbed();
}

#[test]
fn handshakes_that_are_never_finished_are_given_up() {
    let lab = Lab::new();
    let mut scene = Scene::start(&lab);
    let ingest = scene.runner.addresses.ingest;
    let _silent = Peer::say(ingest, b"");
    let _half = Peer::say(ingest, &greeting()[..40]);
    let _greeted = Peer::say(ingest, &greeting());
    let notice = scene.viewer.wait_for("three notices", PATIENCE, |message| {
        let text = message["text"].as_str()?;
        (text.contains("handshake not finished") && message["count"] == 3).then(|| message.clone())
    });
    assert_eq!(notice["source"], "127.0.0.1");
    scene.camera_is_undisturbed();
}

#[test]
fn a_thousand_connections_opened_and_closed_and_as_many_left_open_disturb_nobody() {
    let lab = Lab::new();
    let mut scene = Scene::start(&lab);
    let ingest = scene.runner.addresses.ingest;
    for round in 0..1000 {
        drop(Peer::say(ingest, &greeting()[..round % 64]));
    }
    let silent: Vec<_> = (0..400).map(|_| Peer::say(ingest, b"")).collect();
    scene.viewer.wait_for_notice(&["pushed out by newer connections"]);
    // A node still finds a place.
    let _late = lab.camera(&scene.runner, "late");
    scene.runner.wait_live("late", PATIENCE);
    drop(silent);
    scene.camera_is_undisturbed();
}

/// The header of a good frame of 2 x 3 bytes, with some keys replaced; `null` removes a key.
fn frame_header(changes: &Value) -> Vec<u8> {
    let mut keys = json!({
        "v": 1, "session": 1, "seq": 0, "t": 1_760_000_000_000_000_000_i64, "shape": [2, 3], "dtype": "|u1",
    });
    let map = keys.as_object_mut().expect("a map");
    for (key, value) in changes.as_object().expect("a map") {
        match value {
            Value::Null => drop(map.remove(key)),
            value => drop(map.insert(key.clone(), value.clone())),
        }
    }
    header(&keys)
}

#[test]
fn bad_frames_are_refused_with_the_part_at_fault() {
    let lab = Lab::new();
    let mut scene = Scene::start(&lab);
    let mut peer = scene.publisher();
    let pixels = [0; 6];
    for (changes, payload, words) in [
        (json!({"v": 2}), &pixels[..], ["part 1", "v is 2: expected 1"]),
        (json!({"session": null}), &pixels, ["part 1", "session"]),
        (json!({"shape": null}), &pixels, ["part 1", "shape"]),
        (json!({"dtype": null}), &pixels, ["part 1", "dtype"]),
        (json!({"seq": "one"}), &pixels, ["part 1", "header"]),
        (
            json!({}),
            &pixels[..5],
            ["part 2", "payload has 5 bytes: expected 6"],
        ),
        (json!({}), &[0; 7], ["part 2", "payload has 7 bytes: expected 6"]),
        (
            json!({"shape": [0, 3]}),
            &pixels,
            ["part 1", "shape [0, 3]: expected"],
        ),
        (
            json!({"shape": [1_u64 << 62, 4]}),
            &pixels,
            ["part 1", "shape [4611686018427387904, 4]"],
        ),
        (json!({"shape": [6]}), &pixels, ["part 1", "shape [6]: expected"]),
        (
            json!({"shape": [1, 3, 2]}),
            &pixels,
            ["part 1", "shape [1, 3, 2]"],
        ),
        (json!({"dtype": "<c8"}), &pixels, ["part 1", "dtype \"<c8\""]),
        (json!({"dtype": ">u2"}), &pixels, ["part 1", "dtype \">u2\""]),
        (json!({"range": [5.0, 5.0]}), &pixels, ["part 1", "range"]),
        (json!({"fps": -1.0}), &pixels, ["part 1", "fps"]),
    ] {
        peer.publish_parts(&[b"frame/bad", &frame_header(&changes)[..], payload]);
        let notice = scene.viewer.wait_for_notice(&words);
        assert!(
            notice["source"]
                .as_str()
                .is_some_and(|source| source.contains("bad")),
            "{notice}"
        );
    }
    peer.publish_parts(&[b"frame/bad", &[0xc1, 0xff][..], &pixels]);
    scene.viewer.wait_for_notice(&["part 1: header"]);
    peer.publish_parts(&[b"frame/bad", &frame_header(&json!({}))[..]]);
    scene.viewer.wait_for_notice(&["message has 2 parts: expected 3"]);
    // The connection is still good, and so is the stream once its messages are.
    assert!(scene.runner.streams().iter().all(|stream| stream["id"] != "bad"));
    peer.publish_parts(&[b"frame/bad", &frame_header(&json!({}))[..], &pixels]);
    assert_eq!(scene.runner.frame_stream("bad")["received"], 1);
    scene.camera_is_undisturbed();
}

#[test]
fn bad_names_are_refused_and_quoted_short() {
    let lab = Lab::new();
    let mut scene = Scene::start(&lab);
    let mut peer = scene.publisher();
    let long = "x".repeat(300);
    for name in [
        "a/b",
        "../../etc/passwd",
        "..",
        ".hidden",
        "two words",
        "",
        "ünïcode",
        &long,
    ] {
        let topic = format!("frame/{name}");
        peer.publish_parts(&[topic.as_bytes(), &frame_header(&json!({})), &[0; 6]]);
        let start: String = name.chars().take(80).collect();
        let notice = scene
            .viewer
            .wait_for_notice(&["stream name", &start, "is refused: expected 1 to 64"]);
        assert!(
            notice["text"].as_str().is_some_and(|text| text.len() < 300),
            "{notice}"
        );
    }
    for topic in [&b"video/camera"[..], b"frame", b"\xff\xfe", b""] {
        peer.publish_parts(&[topic, &frame_header(&json!({})), &[0; 6]]);
        scene.viewer.wait_for_notice(&["part 0: topic"]);
    }
    let series = "y".repeat(200);
    for name in ["line\nbreak", "", &series] {
        let keys = json!({"v": 1, "session": 1, "seq": 0, "t": 1, "values": {name: 1.0}});
        peer.publish_parts(&[b"metric/numbers", &header(&keys)[..], b""]);
        scene.viewer.wait_for_notice(&["series name", "is refused"]);
    }
    let streams = scene.runner.streams();
    let named = |id: &str| streams.iter().filter(|stream| stream["id"] == id).count();
    // Beside the good one, what is measured of it.
    assert_eq!(
        (streams.len(), named("good"), named("good.roi")),
        (2, 1, 1),
        "{streams:?}"
    );
    scene.camera_is_undisturbed();
}

#[test]
fn bad_metrics_are_refused_and_infinities_are_values() {
    let lab = Lab::new();
    let mut scene = Scene::start(&lab);
    let mut peer = scene.publisher();
    let block = |changes: &[(&str, Value)]| {
        let mut keys = json!({
            "v": 1, "session": 1, "seq": 0, "t": 1, "shape": [2, 2], "dtype": "<i2", "dt": 25_000.0,
        });
        for (key, value) in changes {
            keys[*key] = value.clone();
        }
        header(&keys)
    };
    let payload = [0; 8];
    for (header, payload, words) in [
        (block(&[]), &payload[..7], "payload has 7 bytes: expected 8"),
        (block(&[("shape", json!([2, 5000]))]), &payload, "shape"),
        (block(&[("names", json!(["one"]))]), &payload, "names"),
        (block(&[("dt", json!(-1.0))]), &payload, "dt"),
        (
            header(&json!({"v": 1, "session": 1, "seq": 0, "t": 1})),
            &[],
            "values",
        ),
        (
            header(&json!({"v": 1, "session": 1, "seq": 0, "t": 1, "values": {"a": "b"}})),
            &[],
            "header",
        ),
    ] {
        peer.publish_parts(&[b"metric/bad", &header[..], payload]);
        scene.viewer.wait_for_notice(&["part", words]);
    }

    // JSON has no such numbers, so these bytes are put together by hand.
    let mut keys = vec![0x85];
    for key in ["v", "session", "seq"] {
        keys.extend([&[0xa0 | key.len() as u8], key.as_bytes(), &[1]].concat());
    }
    keys.extend([&b"\xa1t\xd3"[..], &now_ns().to_be_bytes(), b"\xa6values\x83"].concat());
    for (name, value) in [
        (b"\xa1a", f64::NAN),
        (b"\xa1b", f64::INFINITY),
        (b"\xa1c", f64::NEG_INFINITY),
    ] {
        keys.extend([&name[..], &[0xcb], &value.to_be_bytes()].concat());
    }
    peer.publish_parts(&[b"metric/odd", &keys[..], b""]);
    let values = scene.viewer.wait_for("the odd values", PATIENCE, |message| {
        let series = message["series"]
            .as_array()
            .filter(|_| message["type"] == "samples")?;
        // The camera's numbers are numbers.
        let odd: Vec<Value> = series
            .iter()
            .map(|series| series["v"][0].clone())
            .filter(Value::is_string)
            .collect();
        (!odd.is_empty()).then_some(odd)
    });
    assert_eq!(values, ["NaN", "Infinity", "-Infinity"]);
    scene.camera_is_undisturbed();
}

#[test]
fn a_second_producer_of_the_same_name_is_reported_and_the_newer_one_shown() {
    let lab = Lab::new();
    let mut scene = Scene::start(&lab);
    let _first = lab.camera(&scene.runner, "double");
    let first = scene.runner.wait_live("double", PATIENCE)["session"].clone();
    let _second = lab.camera(&scene.runner, "double");
    scene
        .viewer
        .wait_for_notice(&["a newer producer has this stream's name"]);
    let double = scene.runner.wait_live("double", Duration::from_secs(5));
    assert_ne!(double["session"], first);
    scene.camera_is_undisturbed();
}
