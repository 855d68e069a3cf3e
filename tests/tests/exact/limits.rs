//! What viewers do wrong, and what they may cost.

use std::time::Duration;

use protocol::Dtype;
use rustix::process::Signal;
use tests::{Lab, PATIENCE, Peer, Runner, http, wait_for};
use tungstenite::Message;

use crate::viewer::{Sent, Viewer};
use crate::{NO_ENCODER, is_whole, metric, noisy, publish};

#[test]
fn what_a_viewer_says_wrong_is_named_and_ends_nothing() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, NO_ENCODER);
    let mut peer = Peer::join(runner.addresses.ingest);
    let first = noisy(0, [20, 30, 1], Dtype::F32);
    publish(&runner, &mut peer, &first);
    let mut viewer = Viewer::open(runner.addresses.http, "camera");
    viewer.take();
    for (text, word) in [
        ("", "JSON"),
        ("{", "JSON"),
        ("[[[[[[", "JSON"),
        (r#"{"type":"zoom"}"#, "type"),
        (r#"{"type":"ack","seq":{}}"#, "seq"),
        (
            r#"{"type":"view","region":[0,0,31,20]}"#,
            "region is [0, 0, 31, 20]",
        ),
        (r#"{"type":"view","region":[30,0,1,1]}"#, "30 x 20"),
        (
            r#"{"type":"view","region":[4294967295,4294967295,4294967295,4294967295]}"#,
            "region",
        ),
        (r#"{"type":"view","region":[1,2,3]}"#, "region"),
        (r#"{"type":"view","max_pixels":0}"#, "max_pixels is 0"),
        (r#"{"type":"view","max_pixels":"all"}"#, "max_pixels"),
        (r#"{"type":"view","compress":1}"#, "compress is 1"),
    ] {
        viewer.say(Message::text(text));
        let reason = viewer.refusal();
        assert!(reason.contains(word), "{text}: {reason}");
    }
    viewer.say(Message::binary(vec![0; 1000]));
    assert!(viewer.refusal().contains("binary"));
    // Numbers of frames that nobody was sent.
    for seq in ["-1", "0.5", "1e300", "17", "0"] {
        viewer.say(Message::text(format!(r#"{{"type":"ack","seq":{seq}}}"#)));
    }
    // More than is answered, unread.
    for _ in 0..2_000 {
        viewer.say(Message::text("nonsense"));
    }
    let second = noisy(1, [20, 30, 1], Dtype::F32);
    publish(&runner, &mut peer, &second);
    let picture = loop {
        match viewer.next(PATIENCE) {
            Some(Sent::Picture(picture)) => break picture,
            Some(Sent::Text(text)) => assert_eq!(text["type"], "refused"),
            None => panic!("no picture"),
        }
    };
    is_whole(&picture, &second);

    // Too long a message is that viewer's end alone.
    let mut other = Viewer::open(runner.addresses.http, "camera");
    other.take();
    other.say(Message::text("x".repeat(5 << 10)));
    wait_for("the end", PATIENCE, || {
        match other.try_next(Duration::from_millis(50)) {
            Err(_) => Ok(()),
            Ok(message) => Err(format!("{message:?}")),
        }
    });
    viewer.acknowledge(1);
    let third = noisy(2, [20, 30, 1], Dtype::F32);
    publish(&runner, &mut peer, &third);
    loop {
        match viewer.next(PATIENCE) {
            Some(Sent::Picture(picture)) => break is_whole(&picture, &third),
            Some(Sent::Text(text)) => assert_eq!(text["type"], "refused"),
            None => panic!("no picture"),
        }
    }
}

fn upgrade(runner: &Runner, stream: &str, origin: &str) -> String {
    let address = runner.addresses.http;
    let request = format!(
        "GET /ws/raw/{stream} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{origin}\r\n"
    );
    http::first_line(address, &request)
}

#[test]
fn pages_of_other_sites_and_streams_without_frames_are_refused() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, NO_ENCODER);
    let mut peer = Peer::join(runner.addresses.ingest);
    publish(&runner, &mut peer, &noisy(0, [2, 2, 1], Dtype::U8));
    let status = |stream: &str, origin: &str| {
        let line = upgrade(&runner, stream, origin);
        line.split(' ').nth(1).expect("a status").to_owned()
    };
    assert_eq!(status("camera", ""), "101");
    let own = format!("Origin: http://{}\r\n", runner.addresses.http);
    assert_eq!(status("camera", &own), "101");
    assert_eq!(status("camera", "Origin: https://elsewhere.example\r\n"), "403");
    assert_eq!(status("absent", ""), "404");
    assert_eq!(status("a%2Fb", ""), "404");

    let keeps_none = Runner::start(&lab, &format!("{NO_ENCODER} --raw-bytes 0"));
    let mut peer = Peer::join(keeps_none.addresses.ingest);
    publish(&keeps_none, &mut peer, &noisy(0, [2, 2, 1], Dtype::U8));
    assert!(upgrade(&keeps_none, "camera", "").contains("404"));
}

#[test]
fn a_frame_that_is_not_kept_is_waited_for() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, &format!("{NO_ENCODER} --raw-bytes 1MiB"));
    let mut peer = Peer::join(runner.addresses.ingest);
    publish(&runner, &mut peer, &noisy(0, [1024, 1024, 1], Dtype::U16));
    let mut viewer = Viewer::open(runner.addresses.http, "camera");
    match viewer.next(PATIENCE) {
        Some(Sent::Text(text)) => {
            assert_eq!(text["type"], "waiting");
            assert!(
                text["reason"]
                    .as_str()
                    .is_some_and(|text| text.contains("raw_bytes"))
            );
        }
        other => panic!("a reason was expected: {other:?}"),
    }
    let small = noisy(1, [64, 64, 1], Dtype::U16);
    publish(&runner, &mut peer, &small);
    is_whole(&viewer.take(), &small);
}

#[test]
fn viewers_that_stop_reading_share_what_they_hold_and_disturb_nobody() {
    const VIEWERS: u64 = 8;
    const MIB: u64 = 1 << 20;
    let lab = Lab::new();
    let runner = Runner::start(&lab, NO_ENCODER);
    let mut peer = Peer::join(runner.addresses.ingest);
    // 32 MiB: as much as is sent in one message, and far more than the system holds for a reader.
    let shape = [2048, 2048, 1];
    let frames = [0, 1].map(|seq| noisy(seq, shape, Dtype::F64));
    publish(&runner, &mut peer, &frames[0]);
    let before = runner.process.resident_bytes();
    let stopped: Vec<Viewer> = (0..VIEWERS)
        .map(|_| Viewer::over_slow_link(runner.addresses.http, "camera", 1e9))
        .collect();
    let mut viewer = Viewer::open(runner.addresses.http, "camera");
    is_whole(&viewer.take(), &frames[0]);
    let grown = runner.process.resident_bytes().saturating_sub(before);
    assert!(
        grown < VIEWERS * 8 * MIB,
        "{VIEWERS} readers of one frame cost {grown} bytes"
    );
    publish(&runner, &mut peer, &frames[1]);
    is_whole(&viewer.take(), &frames[1]);
    assert_eq!(metric(&runner, "streamview_exact_viewers"), VIEWERS + 1);
    drop(stopped);
    wait_for("they are gone", PATIENCE, || {
        match metric(&runner, "streamview_exact_viewers") {
            1 => Ok(()),
            viewers => Err(viewers.to_string()),
        }
    });
}

#[test]
fn the_end_of_the_runner_does_not_wait_for_a_viewer_in_the_middle_of_a_frame() {
    let lab = Lab::new();
    let mut runner = Runner::start(&lab, NO_ENCODER);
    let mut peer = Peer::join(runner.addresses.ingest);
    publish(&runner, &mut peer, &noisy(0, [2048, 2048, 1], Dtype::F64));
    let _stopped = Viewer::over_slow_link(runner.addresses.http, "camera", 1e9);
    let mut viewer = Viewer::open(runner.addresses.http, "camera");
    viewer.take();
    runner.process.signal(Signal::TERM);
    // Long before the two minutes after which a viewer that takes nothing is given up.
    assert!(runner.process.wait(PATIENCE).success());
    assert!(viewer.try_next(PATIENCE).is_err());
}
