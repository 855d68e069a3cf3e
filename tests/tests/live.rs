//! Every frame as soon as it is encoded: `/ws/live/{id}` and the timeline.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Signal, kill_process};
use serde_json::Value;
use tests::{
    Fragment, Lab, Live, LiveViewer, PATIENCE, Process, Runner, decoded, fragments, http, now_ns, texts,
    wait_for,
};

/// Height and width of the pictures, whose upper half carries their number and capture time.
const SHAPE: (usize, usize) = (96, 128);
/// Media that may be under way to a viewer, beside its newest frame.
const UNDER_WAY_US: u64 = 400_000;

/// A camera, and the file where it notes which frame it captured when.
fn camera(lab: &Lab, runner: &Runner, more: &str) -> (Process, PathBuf) {
    let times = lab.dir().join("times.csv");
    let line = format!(
        "barcode --stream camera --shape 96x128 --dtype uint8 --times {} {more}",
        times.display()
    );
    (lab.node("frame-node", runner, &line), times)
}

/// Sequence numbers and capture times (ns) of all frames that were published.
fn published(times: &Path) -> Vec<(u64, i64)> {
    let text = std::fs::read_to_string(times).expect("times");
    let lines = text.lines().skip(1).filter_map(|line| line.split_once(','));
    lines
        .map(|(seq, t_ns)| (seq.parse().expect("seq"), t_ns.parse().expect("t_ns")))
        .collect()
}

/// One frame in the timeline.
#[derive(Debug)]
struct Row {
    life: u64,
    session: String,
    seq: u64,
    t_ms: f64,
    media_us: u64,
}

/// Equal, but for capture times: ms as a number are exact to a fraction of a microsecond.
impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        (self.life, &self.session, self.seq, self.media_us)
            == (other.life, &other.session, other.seq, other.media_us)
            && (self.t_ms - other.t_ms).abs() < 1e-3
    }
}

/// What the timeline says of some frames.
fn timeline(runner: &Runner, query: &str) -> Vec<Row> {
    let answer = runner.get(&format!("/api/v1/streams/camera/timeline?{query}"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let json = answer.json();
    assert_eq!(
        (&json["stream"], &json["more"]),
        (&"camera".into(), &false.into())
    );
    let column = |span: &Value, key: &str| span[key].as_array().expect("a column").clone();
    let spans = json["spans"].as_array().expect("spans");
    let rows = spans.iter().flat_map(|span| {
        let (seq, t_ms, media_us) = (
            column(span, "seq"),
            column(span, "t_ms"),
            column(span, "media_us"),
        );
        assert_eq!((seq.len(), seq.len()), (t_ms.len(), media_us.len()));
        let frames = seq.into_iter().zip(t_ms).zip(media_us);
        frames.map(|((seq, t_ms), media_us)| Row {
            life: span["life"].as_u64().expect("life"),
            session: span["session"].as_str().expect("session").to_owned(),
            seq: seq.as_u64().expect("seq"),
            t_ms: t_ms.as_f64().expect("t_ms"),
            media_us: media_us.as_u64().expect("media_us"),
        })
    });
    rows.collect()
}

/// The timeline of all that a viewer has seen is what it was told.
#[track_caller]
fn timeline_tells_what_was_shown(runner: &Runner, messages: &[Live]) {
    let sessions: BTreeMap<u64, String> = texts(messages, "start")
        .into_iter()
        .map(|start| {
            let session = start["session"].as_str().expect("session");
            (start["life"].as_u64().expect("life"), session.to_owned())
        })
        .collect();
    let told: Vec<_> = fragments(messages)
        .iter()
        .map(|fragment| Row {
            life: fragment.life.into(),
            session: sessions[&u64::from(fragment.life)].clone(),
            seq: fragment.seq,
            t_ms: fragment.t_ns as f64 / 1e6,
            media_us: fragment.media_us,
        })
        .collect();
    let (first, last) = (&told[0], &told[told.len() - 1]);
    let query = format!("from_ms={}&to_ms={}", first.t_ms - 0.01, last.t_ms + 0.01);
    assert_eq!(timeline(runner, &query), told);
    if first.session == last.session {
        let query = format!(
            "from_seq={}&to_seq={}&session={}",
            first.seq, last.seq, first.session
        );
        assert_eq!(timeline(runner, &query), told);
    }
}

/// Numbers go up by one, media time and sequence numbers go up, and every life is announced and begins with a key
/// frame.
#[track_caller]
fn is_without_a_gap(messages: &[Live]) {
    let mut life = None;
    let mut last: Option<Fragment> = None;
    for message in messages {
        match message {
            Live::Text(text) if text["type"] == "start" => life = text["life"].as_u64(),
            Live::Text(text) => assert_eq!(text["type"], "hello"),
            Live::Fragment(fragment) => {
                assert_eq!(life, Some(u64::from(fragment.life)), "announced");
                let begins = last.as_ref().is_none_or(|last| last.life != fragment.life);
                assert!(fragment.key || !begins, "life {life:?} begins with a key frame");
                if let Some(last) = &last {
                    assert_eq!(fragment.number, last.number + 1);
                    assert!(fragment.media_us > last.media_us, "{fragment:?} after {last:?}");
                }
                last = Some(fragment.clone());
            }
        }
    }
}

#[test]
fn every_frame_is_the_picture_that_its_number_and_its_times_say() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, "");
    let (_camera, times) = camera(&lab, &runner, "--fps 23.7 --drop 0.05 --jitter 8");
    let stream = runner.wait_live("camera", PATIENCE);
    assert_eq!(stream["live"], "/ws/live/camera");
    let mut viewer = runner.live_viewer("camera");
    let messages = viewer.take(70, PATIENCE);
    let Live::Text(hello) = &messages[0] else {
        panic!("{:?}", messages[0]);
    };
    assert_eq!((&hello["type"], &hello["version"]), (&"hello".into(), &1.into()));
    assert_eq!(hello["stream"], "camera");
    assert_eq!(texts(&messages, "start").len(), 1);
    let Live::Text(start) = &messages[1] else {
        panic!("{:?}", messages[1]);
    };
    assert_eq!(start["session"], stream["session"]);
    assert_eq!((&start["width"], &start["height"]), (&128.into(), &96.into()));
    assert!(
        start["codec"]
            .as_str()
            .is_some_and(|codec| codec.starts_with("avc1.42")),
        "{start}"
    );
    is_without_a_gap(&messages);
    timeline_tells_what_was_shown(&runner, &messages);

    // Exactly what the camera published, one after the other.
    let shown = fragments(&messages);
    let told: Vec<_> = shown.iter().map(|frame| (frame.seq, frame.t_ns)).collect();
    let published = published(&times);
    let begin = published
        .iter()
        .position(|frame| *frame == told[0])
        .expect("a published frame");
    assert_eq!(published[begin..begin + told.len()], told);
    assert!(
        told.windows(2).any(|pair| pair[1].0 > pair[0].0 + 1),
        "some were lost on purpose"
    );
    for pair in shown.windows(2) {
        let captured_us = (pair[1].t_ns - pair[0].t_ns) / 1_000;
        let shown_us = (pair[1].media_us - pair[0].media_us) as i64;
        assert!(
            (captured_us - shown_us).abs() <= 1,
            "{captured_us} us, shown for {shown_us} us"
        );
    }

    // As another program reads it.
    let init = base64(start["init"].as_str().expect("init"));
    let boxes = shown.iter().flat_map(|frame| &frame.boxes).copied();
    let file = lab.write("live.mp4", init.into_iter().chain(boxes).collect::<Vec<_>>());
    let media_us: Vec<_> = shown.iter().map(|frame| frame.media_us).collect();
    assert_eq!(decoded::times_us(&file), media_us);
    let codes = decoded::codes(file.to_str().expect("a path of UTF-8"), SHAPE);
    let codes: Vec<_> = codes
        .into_iter()
        .map(|code| code.expect("a code"))
        .map(|code| (u64::from(code.seq), code.t_ms as i64))
        .collect();
    let expected: Vec<_> = told.iter().map(|(seq, t_ns)| (*seq, t_ns / 1_000_000)).collect();
    assert_eq!(codes, expected);
}

/// Decodes base64 (RFC 4648, section 4).
fn base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits: Vec<u32> = text
        .trim_end_matches('=')
        .bytes()
        .map(|byte| {
            ALPHABET
                .iter()
                .position(|letter| *letter == byte)
                .expect("base64") as u32
        })
        .collect();
    let groups = digits.chunks(4).flat_map(|group| {
        let bits = group.iter().fold(0, |bits, digit| bits << 6 | digit) << (6 * (4 - group.len()));
        bits.to_be_bytes()[1..group.len()].to_vec()
    });
    groups.collect()
}

/// Takes every fragment until `done`, and notes in `newest` how far it is.
fn watch(mut viewer: LiveViewer, done: &AtomicBool, newest: &AtomicU64) -> Vec<Live> {
    let mut messages = Vec::new();
    while !done.load(Ordering::Relaxed) {
        let soon = Instant::now() + Duration::from_millis(100);
        let Some(message) = viewer.next(soon).expect("an open connection") else {
            continue;
        };
        if let Live::Fragment(fragment) = &message {
            viewer.acknowledge(fragment.number).expect("an open connection");
            newest.store(fragment.number, Ordering::Relaxed);
        }
        messages.push(message);
    }
    messages
}

#[test]
fn a_viewer_that_stops_comes_back_at_the_newest_key_frame_and_nine_others_miss_nothing() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, "");
    let line = "synthetic --stream camera --shape 256x256 --dtype uint8 --fps 30";
    let _camera = lab.node("frame-node", &runner, line);
    runner.wait_live("camera", PATIENCE);
    let mut lazy = LiveViewer::with_little_room(runner.addresses.http, "camera");
    let (done, newest) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let others: Vec<_> = (0..9)
        .map(|_| {
            let (viewer, done, newest) = (runner.live_viewer("camera"), done.clone(), newest.clone());
            std::thread::spawn(move || watch(viewer, &done, &newest))
        })
        .collect();

    let before = fragments(&lazy.take(30, PATIENCE));
    let stopped_at = before[before.len() - 1].number;
    wait_for(
        "four seconds of frames for the others",
        PATIENCE,
        || match newest.load(Ordering::Relaxed) {
            number if number >= stopped_at + 120 => Ok(()),
            number => Err(format!("{number} after {stopped_at}")),
        },
    );
    // What was under way when it stopped, and no more than that, is in the buffers between.
    let mut under_way = Vec::new();
    while let Some(message) = lazy
        .next(Instant::now() + Duration::from_millis(300))
        .expect("open")
    {
        under_way.push(message);
    }
    assert!(texts(&under_way, "missed").is_empty());
    let under_way = fragments(&under_way);
    assert!(under_way.len() >= 8, "{}", under_way.len());
    let span_us = under_way[under_way.len() - 2].media_us - under_way[0].media_us;
    assert!(
        span_us < UNDER_WAY_US,
        "{span_us} us in {} frames",
        under_way.len()
    );
    let last = &under_way[under_way.len() - 1];
    assert_eq!(last.number, stopped_at + under_way.len() as u64);

    let back_ns = now_ns();
    lazy.acknowledge(last.number).expect("an open connection");
    let after = lazy.take_until("the live edge", PATIENCE, |message| match message {
        Live::Fragment(fragment) => fragment.t_ns > back_ns,
        Live::Text(_) => false,
    });
    let took_ms = (now_ns() - back_ns) / 1_000_000;
    // It takes as long as the frames since that key frame take to arrive, and a busy machine a little longer.
    assert!(took_ms < 1_000, "at the live edge after {took_ms} ms");
    let missed = texts(&after, "missed")[0]["frames"].as_u64().expect("frames");
    let continued = fragments(&after);
    assert!(continued[0].key);
    assert_eq!(continued[0].number, last.number + 1 + missed);
    let age_ms = (back_ns - continued[0].t_ns) / 1_000_000;
    assert!(age_ms < 1_500, "it goes on {age_ms} ms before it came back");

    let metrics = runner.get("/metrics");
    assert!(metrics.content_type.starts_with("application/openmetrics-text"));
    let counted = |name: &str| {
        let lines = metrics.text().lines().filter(|line| line.starts_with(name));
        let ours = lines.filter(|line| line.contains("stream=\"camera\"") && line.contains("kind=\"frame\""));
        let values: Vec<u64> = ours
            .filter_map(|line| line.rsplit_once(' ')?.1.parse().ok())
            .collect();
        assert_eq!(values.len(), 1, "{name}: {}", metrics.text());
        values[0]
    };
    assert_eq!(counted("streamview_live_viewers"), 10);
    assert_eq!(counted("streamview_live_frames_skipped_total"), missed);
    assert_eq!(counted("streamview_stream_live"), 1);
    assert!(counted("streamview_frames_encoded_total") >= continued[0].number);

    done.store(true, Ordering::Relaxed);
    for other in others {
        let messages = other.join().expect("a viewer that was not disturbed");
        assert!(fragments(&messages).len() > 120);
        is_without_a_gap(&messages);
    }
}

#[test]
fn a_viewer_sees_the_next_encoder_when_one_is_killed() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, "");
    let (_camera, times) = camera(&lab, &runner, "--fps 30");
    runner.wait_live("camera", PATIENCE);
    let mut viewer = runner.live_viewer("camera");
    let mut messages = viewer.take(20, PATIENCE);
    kill_process(runner.encoders()[0], Signal::KILL).expect("kill");
    messages.extend(viewer.take_until(
        "another life",
        PATIENCE,
        |message| matches!(message, Live::Text(text) if text["type"] == "start"),
    ));
    messages.extend(viewer.take(20, PATIENCE));
    is_without_a_gap(&messages);
    let starts = texts(&messages, "start");
    assert_eq!(starts.len(), 2);
    assert_eq!(starts[0]["session"], starts[1]["session"]);
    timeline_tells_what_was_shown(&runner, &messages);
    let published: BTreeMap<_, _> = published(&times).into_iter().collect();
    for frame in fragments(&messages) {
        assert_eq!(published.get(&frame.seq), Some(&frame.t_ns));
    }
}

#[test]
fn a_viewer_sees_the_next_producer_when_one_is_started_again() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, "");
    let (mut node, _) = camera(&lab, &runner, "--fps 30");
    runner.wait_live("camera", PATIENCE);
    let mut viewer = runner.live_viewer("camera");
    let mut messages = viewer.take(20, PATIENCE);
    node.kill();
    let restarted_ns = now_ns();
    let (_node, times) = camera(&lab, &runner, "--fps 30");
    messages.extend(viewer.take_until(
        "its frames",
        PATIENCE,
        |message| matches!(message, Live::Fragment(fragment) if fragment.t_ns > restarted_ns),
    ));
    messages.extend(viewer.take(20, PATIENCE));
    is_without_a_gap(&messages);
    let starts = texts(&messages, "start");
    assert_ne!(starts[0]["session"], starts[starts.len() - 1]["session"]);
    timeline_tells_what_was_shown(&runner, &messages);
    let shown = fragments(&messages);
    let last = &shown[shown.len() - 1];
    assert!(published(&times).contains(&(last.seq, last.t_ns)));
}

#[test]
fn bad_requests_are_refused_by_name() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, "");
    let _camera = lab.camera(&runner, "camera");
    runner.wait_live("camera", PATIENCE);
    let host = runner.addresses.http;
    let upgrade = |path: &str, origin: &str| {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: {origin}\r\n\r\n"
        );
        http::first_line(host, &request)
    };
    let own = format!("http://{host}");
    assert!(upgrade("/ws/live/camera", &own).contains(" 101 "));
    assert!(upgrade("/ws/live/camera", "https://evil.example").contains(" 403 "));
    assert!(upgrade("/ws/live/absent", &own).contains(" 404 "));
    for (query, named) in [
        ("from_ms=now", "from_ms"),
        ("from_ms=2&to_ms=1", "from_ms"),
        ("from_seq=-1", "from_seq"),
        ("session=xyz", "session"),
        ("colour=red", "colour"),
    ] {
        let answer = runner.get(&format!("/api/v1/streams/camera/timeline?{query}"));
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.text().contains(named), "{query}: {}", answer.text());
    }
    assert_eq!(runner.get("/api/v1/streams/absent/timeline").status, 404);
}

#[test]
fn a_viewer_that_says_nonsense_is_served_on() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, "");
    let _camera = lab.camera(&runner, "camera");
    runner.wait_live("camera", PATIENCE);
    let mut viewer = runner.live_viewer("camera");
    viewer.acknowledge(u64::MAX).expect("an open connection");
    let messages = viewer.take(12, PATIENCE);
    is_without_a_gap(&messages);
}
