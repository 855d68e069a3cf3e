//! How a stream is shown: changed while it runs, remembered, and closed to nonsense.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use protocol::frame::{Format, Shape};
use protocol::{Dtype, Frame, Stamp, WallTime};
use rustix::process::Signal;
use serde_json::{Value, json};
use tests::http::{self, Response};
use tests::{Lab, PATIENCE, Peer, Playlist, Runner, decoded, now_ns, wait_for};

/// Height and width of the pictures.
const SHAPE: (usize, usize) = (64, 96);
/// Pictures of columns of one value each, eight pixels wide.
const COLUMN: usize = 8;
const STEP: u16 = 500;
/// Settings can be had where no picture can.
const NO_ENCODER: &str = "--ffmpeg /nonexistent/ffmpeg";
const DISPLAY: &str = "/api/v1/streams/camera/display";

/// The value of a column of pixels: 0, 500, 1000, … 5500.
fn value(x: usize) -> u16 {
    (x / COLUMN) as u16 * STEP
}

/// A picture of `uint16`.
fn frame(seq: u64, t_ns: i64) -> Frame {
    let (height, width) = SHAPE;
    let row = (0..width).flat_map(|x| value(x).to_le_bytes());
    Frame {
        stream: "camera".parse().expect("a name"),
        stamp: Stamp {
            session: 7,
            seq,
            t: WallTime::from_ns(t_ns),
        },
        format: Format::new(
            Shape::new(height as u64, width as u64, 1).expect("a shape"),
            Dtype::U16,
        ),
        payload: row.collect::<Vec<u8>>().repeat(height).into(),
    }
}

/// Publishes the same picture again and again until it is dropped.
struct Camera {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Camera {
    fn start(runner: &Runner) -> Self {
        const PERIOD: Duration = Duration::from_millis(50);
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, mut peer) = (stop.clone(), Peer::join(runner.addresses.ingest));
        let thread = std::thread::spawn(move || {
            for seq in 0.. {
                let due = Instant::now() + PERIOD;
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                peer.publish(protocol::Message::Frame(frame(seq, now_ns())));
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
            }
        });
        Self {
            stop,
            thread: Some(thread),
        }
    }
}

impl Drop for Camera {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A panic of its own is reported by itself.
            let _ = thread.join();
        }
    }
}

fn published(runner: &Runner, seq: u64) -> Peer {
    let mut peer = Peer::join(runner.addresses.ingest);
    peer.publish(protocol::Message::Frame(frame(seq, now_ns())));
    runner.wait_for_stream(("frame", "camera"), "its frame", PATIENCE, |stream| {
        (stream["seq"] == seq).then_some(())
    });
    peer
}

#[track_caller]
fn ok(response: &Response) -> Value {
    assert_eq!(response.status, 200, "{}", response.text());
    assert_eq!(response.cache_control(), "no-store");
    response.json()
}

fn fixed(min: f64, max: f64) -> Value {
    json!({ "window": { "mode": "fixed", "min": min, "max": max } })
}

/// The grey level of a value between two others, as a picture shows it.
fn level(value: u16, [min, max]: [f64; 2]) -> f64 {
    ((f64::from(value) - min) / (max - min) * 255.0).clamp(0.0, 255.0)
}

/// Whether the middle of every column has the grey level that `window` gives its value, but for what an encoder loses.
fn is_seen_through(picture: &[u8], window: [f64; 2]) -> bool {
    let (height, width) = SHAPE;
    let row = &picture[height / 2 * width..][..width];
    (COLUMN / 2..width).step_by(COLUMN).all(|x| {
        let expected = level(value(x), window);
        (f64::from(row[x]) - expected).abs() <= 4.0
    })
}

#[test]
fn a_window_that_is_changed_shows_from_one_frame_to_the_next_and_the_encoder_goes_on() {
    const FULL: [f64; 2] = [0.0, 65_535.0];
    const NARROW: [f64; 2] = [1_000.0, 5_000.0];
    let lab = Lab::new();
    let runner = Runner::start(&lab, "--crf 6 --segment 500ms");
    let camera = Camera::start(&runner);
    Playlist::of(&runner, "camera", 2);
    assert_eq!(ok(&runner.get(DISPLAY))["shown"], json!(FULL));
    let mut viewer = runner.viewer();

    let answer = ok(&runner.send("PUT", DISPLAY, &fixed(NARROW[0], NARROW[1])));
    assert_eq!(answer["shown"], json!(NARROW));
    assert_eq!(answer["window"]["mode"], "fixed");
    // Every page is told.
    viewer.wait_for("the new window", PATIENCE, |message| {
        let shown = &message["streams"][0]["display"]["shown"];
        (*shown == json!(NARROW)).then_some(())
    });
    let before = Playlist::of(&runner, "camera", 2).media.segments.len();
    // One that was under way, and a whole one.
    let playlist = Playlist::of(&runner, "camera", before + 3);
    drop(camera);

    let mut pictures = Vec::new();
    for segment in 0..playlist.media.segments.len() {
        let (name, bytes) = playlist.fetch(&runner, segment);
        let file = lab.write(name, bytes);
        pictures.extend(decoded::luma(file.to_str().expect("a path of UTF-8"), SHAPE));
    }
    let first = pictures
        .iter()
        .position(|picture| is_seen_through(picture, NARROW))
        .expect("a picture of the new window");
    assert!(first > 0, "the change was asked for after two segments");
    for (index, picture) in pictures.iter().enumerate() {
        let window = if index < first { FULL } else { NARROW };
        assert!(
            is_seen_through(picture, window),
            "picture {index} of {}, of which {first} are before the change: {:?}",
            pictures.len(),
            &picture[..SHAPE.1]
        );
    }
    assert_eq!(playlist.discontinuities(), 0);
    let stream = runner.frame_stream("camera");
    assert_eq!(stream["encoder"]["restarts"], 0);
    let timeline = runner.get("/api/v1/streams/camera/timeline").json();
    assert_eq!(
        timeline["spans"].as_array().map(Vec::len),
        Some(1),
        "one life of the encoder"
    );
}

#[test]
fn settings_survive_a_restart_of_the_runner() {
    let lab = Lab::new();
    let mut runner = Runner::start_at(&lab, tests::Addresses::reserved(), "");
    let _peer = published(&runner, 0);
    let asked = json!({
        "window": {
            "mode": "auto", "min": 5.5, "max": 4095.0, "percentiles": [1.0, 99.5],
            "ignore_zero": true, "ignore_saturated": true,
        },
        "gamma": 0.5, "colormap": "magma", "invert": true, "highlight": true,
    });
    let mut answer = ok(&runner.send("PUT", DISPLAY, &asked));
    let shown = answer["shown"].take();
    assert!(shown.is_null() || shown.is_array(), "{shown}");
    let file = lab.dir().join("state").join("display.json");
    // Killed, it can write nothing more; it has written soon after the change.
    wait_for("the settings on disk", PATIENCE, || {
        let text = std::fs::read_to_string(&file).map_err(|error| error.to_string())?;
        text.contains("magma").then_some(()).ok_or(text)
    });
    runner.kill_and_restart(&lab);
    let peer = published(&runner, 1);
    let mut again = ok(&runner.get(DISPLAY));
    again["shown"].take();
    assert_eq!(again, answer);
    drop(peer);

    // And one that ends in good order writes what was changed a moment before.
    ok(&runner.send("PATCH", DISPLAY, &json!({"colormap": "turbo"})));
    let addresses = runner.addresses;
    runner.process.signal(Signal::TERM);
    assert!(runner.process.wait(PATIENCE).success());
    let runner = Runner::start_at(&lab, addresses, "");
    let _peer = published(&runner, 2);
    let again = ok(&runner.get(DISPLAY));
    assert_eq!(
        (&again["colormap"], &again["gamma"]),
        (&json!("turbo"), &json!(0.5))
    );
}

#[test]
fn an_unreadable_state_is_a_notice_and_no_failure() {
    let lab = Lab::new();
    std::fs::create_dir(lab.dir().join("state")).expect("a directory");
    lab.write(
        "state/display.json",
        "{\"version\": 1, \"streams\": {\"camera\": {\"gamma\": -1}}}",
    );
    let runner = Runner::start(&lab, NO_ENCODER);
    let notice = runner.viewer().wait_for("a notice", PATIENCE, |message| {
        (message["type"] == "notice" && message["source"] == "display").then(|| message["text"].clone())
    });
    let text = notice.as_str().expect("text");
    assert!(
        text.contains("gamma is -1") && text.contains("display.json.unreadable"),
        "{text}"
    );
    let _peer = published(&runner, 0);
    assert_eq!(ok(&runner.get(DISPLAY))["gamma"], 1.0);
    ok(&runner.send("PUT", DISPLAY, &json!({"gamma": 2})));
    assert_eq!(ok(&runner.get(DISPLAY))["gamma"], 2.0);
}

#[test]
fn auto_once_and_the_histogram_measure_the_newest_frame() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, NO_ENCODER);
    let _peer = published(&runner, 41);
    let histogram = ok(&runner.get("/api/v1/streams/camera/histogram?bins=12"));
    assert_eq!(
        (&histogram["seq"], &histogram["session"]),
        (&json!(41), &json!("0000000000000007"))
    );
    assert_eq!(
        (&histogram["min"], &histogram["max"]),
        (&json!(0.0), &json!(5500.0))
    );
    // Twelve columns, as many values: one in each bin.
    let pixels = SHAPE.0 * COLUMN;
    assert_eq!(histogram["counts"], json!([pixels].repeat(12)));
    assert_eq!(
        [&histogram["below"], &histogram["above"], &histogram["nan"]],
        [&json!(0); 3]
    );
    let part = ok(&runner.get("/api/v1/streams/camera/histogram?bins=2&min=750&max=2750"));
    assert_eq!(part["counts"], json!([2 * pixels, 2 * pixels]));
    assert_eq!(
        (&part["below"], &part["above"]),
        (&json!(2 * pixels), &json!(6 * pixels))
    );

    let auto = format!("{DISPLAY}/auto");
    let answer = ok(&http::send(runner.addresses.http, "POST", &auto, &[], &[]).expect("an answer"));
    assert_eq!(answer["shown"], json!([0.0, 5500.0]));
    assert_eq!(answer["window"]["mode"], "fixed");
    let ignoring = json!({"window": {"ignore_zero": true, "percentiles": [0, 50]}, "invert": true});
    ok(&runner.send("PATCH", DISPLAY, &ignoring));
    let answer = ok(&runner.send("POST", &auto, &json!({})));
    assert_eq!(answer["shown"], json!([500.0, 3000.0]));
    assert_eq!(
        (&answer["window"]["max"], &answer["invert"]),
        (&json!(3000.0), &json!(true))
    );
    assert_eq!(ok(&runner.get(DISPLAY)), answer);
}

#[test]
fn without_raw_frames_there_is_nothing_to_measure_and_that_is_said() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, &format!("{NO_ENCODER} --raw-bytes 0"));
    let _peer = published(&runner, 0);
    for response in [
        runner.get("/api/v1/streams/camera/histogram"),
        runner.send("POST", &format!("{DISPLAY}/auto"), &json!({})),
    ] {
        refused(&response, 404, &["no frame", "raw_bytes is 0"]);
    }
    ok(&runner.send("PUT", DISPLAY, &fixed(1.0, 2.0)));
}

#[track_caller]
fn refused(response: &Response, status: u16, words: &[&str]) {
    assert_eq!(response.status, status, "{}", response.text());
    let error = response.json()["error"].take();
    for word in words {
        assert!(
            error.as_str().is_some_and(|text| text.contains(word)),
            "{word}: {error}"
        );
    }
}

#[test]
fn nonsense_is_refused_by_name_and_changes_nothing() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, NO_ENCODER);
    let _peer = published(&runner, 0);
    let before = ok(&runner.send("PUT", DISPLAY, &fixed(10.0, 20.0)));
    let http = runner.addresses.http;
    let send = |method: &str, headers: &[(&str, &str)], body: &[u8]| {
        http::send(http, method, DISPLAY, headers, body).expect("an answer")
    };
    let json = [("content-type", "application/json")];
    let long = [b"{\"gamma\":".as_slice(), &[b' '; 5_000], b"1}"].concat();
    let deep = "[".repeat(2_000);
    for (body, status, words) in [
        (
            "{\"window\":{\"mode\":\"fixed\",\"min\":9,\"max\":3}}",
            422,
            &["window.min is 9", "max is 3", "below"][..],
        ),
        ("{\"window\":{\"min\":NaN}}", 400, &["JSON", "min"]),
        ("{\"window\":{\"max\":Infinity}}", 400, &["JSON", "max"]),
        (
            "{\"window\":{\"max\":1e999}}",
            400,
            &["JSON", "out of range", "max"],
        ),
        (
            "{\"window\":{\"min\":\"NaN\"}}",
            422,
            &["window.min is \"NaN\"", "finite"],
        ),
        (
            "{\"window\":{\"min\":-1e308,\"max\":1e308}}",
            422,
            &["window.max - min", "finite"],
        ),
        (
            "{\"window\":{\"mode\":\"log\"}}",
            422,
            &["window.mode is \"log\"", "auto"],
        ),
        (
            "{\"window\":{\"percentiles\":[-1,101]}}",
            422,
            &["window.percentiles", "0 to 100"],
        ),
        (
            "{\"window\":{\"percentiles\":[50,50]}}",
            422,
            &["window.percentiles are 50 and 50"],
        ),
        ("{\"window\":[0,1]}", 422, &["window is [0,1]", "object"]),
        (
            "{\"colormap\":\"jet\"}",
            422,
            &["colormap is \"jet\"", "viridis", "hot"],
        ),
        ("{\"colormap\":7}", 422, &["colormap is 7", "viridis"]),
        ("{\"gamma\":0}", 422, &["gamma is 0", "0.05 to 20"]),
        ("{\"gamma\":\"1\"}", 422, &["gamma is \"1\"", "finite"]),
        (
            "{\"invert\":\"yes\"}",
            422,
            &["invert is \"yes\"", "true or false"],
        ),
        (
            "{\"highlight\":null}",
            422,
            &["highlight is null", "true or false"],
        ),
        ("{\"contrast\":1}", 422, &["\"contrast\" is not known", "gamma"]),
        ("[]", 422, &["body is []", "object"]),
        ("", 400, &["JSON"]),
        ("\u{0}", 400, &["JSON"]),
        (&deep, 400, &["JSON", "recursion"]),
        (std::str::from_utf8(&long).expect("text"), 413, &["4096 bytes"]),
    ] {
        for method in ["PUT", "PATCH"] {
            let response = send(method, &json, body.as_bytes());
            refused(&response, status, words);
        }
    }
    refused(&send("PUT", &json, b"{\"gamma\":\xff}"), 400, &["JSON"]);
    refused(&send("PUT", &[], b"{}"), 415, &["application/json"]);
    refused(
        &send("PUT", &[("content-type", "text/plain")], b"{}"),
        415,
        &["text/plain", "application/json"],
    );

    // Pages of other sites, whatever they send.
    for origin in ["http://elsewhere.example", "null", "https://"] {
        let headers = [json[0], ("origin", origin)];
        refused(&send("PUT", &headers, b"{\"gamma\":2}"), 403, &["another site"]);
        let auto = format!("{DISPLAY}/auto");
        let response = http::send(http, "POST", &auto, &headers, b"{}").expect("an answer");
        refused(&response, 403, &["another site"]);
    }
    let own = format!("http://{http}");
    assert_eq!(send("PATCH", &[json[0], ("origin", &own)], b"{}").status, 200);

    for method in ["POST", "DELETE"] {
        assert_eq!(send(method, &json, b"{}").status, 405, "{method}");
    }
    for (query, words) in [
        ("bins=0", &["bins is \"0\"", "1 to 4096"][..]),
        ("bins=1e3", &["bins is \"1e3\""]),
        ("bins=99999999999999999999", &["bins", "4096"]),
        ("min=1", &["max is missing"]),
        ("min=NaN&max=1", &["min is \"NaN\"", "finite"]),
        ("min=2&max=1", &["min is 2", "below"]),
        ("bin=1", &["bin"]),
    ] {
        let response = runner.get(&format!("/api/v1/streams/camera/histogram?{query}"));
        refused(&response, 400, words);
    }
    for path in ["/api/v1/streams/other/display", "/api/v1/streams/.hidden/display"] {
        refused(&runner.get(path), 404, &["no frame stream"]);
        refused(&runner.send("PUT", path, &json!({})), 404, &["no frame stream"]);
        refused(
            &runner.send("POST", &format!("{path}/auto"), &json!({})),
            404,
            &["no frame stream"],
        );
    }
    assert_eq!(ok(&runner.get(DISPLAY)), before);
}

#[test]
fn two_who_change_different_things_at_once_both_succeed() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, NO_ENCODER);
    let _peer = published(&runner, 0);
    let trouble = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for body in [
            json!({"gamma": 2}),
            json!({"colormap": "hot"}),
            json!({"invert": true}),
        ] {
            let (runner, trouble) = (&runner, &trouble);
            scope.spawn(move || {
                for _ in 0..20 {
                    let response = runner.send("PATCH", DISPLAY, &body);
                    if response.status != 200 {
                        trouble.lock().expect("no panic").push(response.text().to_owned());
                    }
                }
            });
        }
    });
    assert_eq!(*trouble.lock().expect("no panic"), Vec::<String>::new());
    let shown = ok(&runner.get(DISPLAY));
    assert_eq!(
        [&shown["gamma"], &shown["colormap"], &shown["invert"]],
        [&json!(2.0), &json!("hot"), &json!(true)]
    );
}
