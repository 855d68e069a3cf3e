//! How a stream is shown: changed while it runs, remembered, and closed to nonsense.

mod camera;
mod flicker;
mod picture;
mod refusals;

use std::sync::Mutex;

use protocol::frame::{Format, Shape};
use protocol::{Dtype, Frame, Stamp, WallTime};
use rustix::process::Signal;
use serde_json::{Value, json};
use tests::http::{self, Response, refused};
use tests::{Lab, PATIENCE, Peer, Runner, now_ns, wait_for};

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
