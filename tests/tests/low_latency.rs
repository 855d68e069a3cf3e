//! LL-HLS as players ask for it, and both playlists as a program reads them that nobody here wrote.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use tests::{Lab, LowLatency, PATIENCE, Playlist, Process, Runner, decoded, http, now_ns};

const PLAYLIST: &str = "application/vnd.apple.mpegurl";
const IMMUTABLE: &str = "public, max-age=3600, immutable";
/// Height and width of the pictures, whose upper half carries their number.
const SHAPE: (usize, usize) = (96, 128);

fn camera(lab: &Lab, runner: &Runner) -> Process {
    let line = "barcode --stream camera --shape 96x128 --dtype uint8 --fps 30";
    lab.node("frame-node", runner, line)
}

fn reload(runner: &Runner, directives: &str) -> http::Response {
    runner.get(&format!("/hls/camera/live.m3u8{directives}"))
}

/// The numbers that pictures carry.
fn numbers(source: &str) -> Vec<u32> {
    let codes = decoded::codes(source, SHAPE).into_iter();
    codes.map(|code| code.expect("a code").seq).collect()
}

fn rise_by_one(numbers: &[u32]) -> bool {
    numbers.windows(2).all(|pair| pair[1] == pair[0] + 1)
}

#[test]
fn a_playlist_is_sent_as_soon_as_it_holds_the_part_that_was_asked_for() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, "");
    let _camera = camera(&lab, &runner);
    let mut playlist = LowLatency::of(&runner, "camera", 1);
    let plain = reload(&runner, "");
    assert_eq!(
        (plain.content_type.as_str(), plain.cache_control()),
        (PLAYLIST, "no-cache")
    );
    assert_eq!(runner.frame_stream("camera")["llhls"], "/hls/camera/live.m3u8");
    let started = Instant::now();
    let mut ages_ms = Vec::new();
    for _ in 0..25 {
        let (msn, part) = playlist.next_part();
        let answer = reload(&runner, &format!("?_HLS_msn={msn}&_HLS_part={part}"));
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(
            (answer.content_type.as_str(), answer.cache_control()),
            (PLAYLIST, "public, max-age=1")
        );
        playlist = LowLatency::parse(answer.text());
        assert!(playlist.next_part() > (msn, part), "{}", playlist.text);
        ages_ms.push(now_ns() as f64 / 1e6 - playlist.end_ms());
    }
    // Some may have been there already, when the machine was busy.
    assert!(
        started.elapsed() > Duration::from_millis(1_500),
        "{:?}",
        started.elapsed()
    );
    ages_ms.sort_by(f64::total_cmp);
    let median_ms = ages_ms[ages_ms.len() / 2];
    assert!(
        (0.0..300.0).contains(&median_ms),
        "parts that ended {ages_ms:.0?} ms ago"
    );

    // Without a part the whole segment is asked for.
    let (msn, _) = playlist.next_part();
    let answer = LowLatency::parse(reload(&runner, &format!("?_HLS_msn={msn}")).text());
    assert!(answer.next_part().0 > msn, "{}", answer.text);
    assert!(answer.segments.iter().any(|segment| segment.uri.is_some()));
}

#[test]
fn the_part_that_was_hinted_at_is_sent_as_soon_as_it_is_whole() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, "");
    let _camera = camera(&lab, &runner);
    LowLatency::of(&runner, "camera", 1);
    for _ in 0..5 {
        let (hint, (msn, part)) = loop {
            let playlist = LowLatency::of(&runner, "camera", 1);
            if let Some(hint) = &playlist.hint {
                break (hint.clone(), playlist.next_part());
            }
        };
        let answer = runner.get(&format!("/hls/camera/{hint}"));
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(
            (answer.content_type.as_str(), answer.cache_control()),
            ("video/mp4", IMMUTABLE)
        );
        let later = LowLatency::of(&runner, "camera", 1);
        assert!(later.next_part() > (msn, part), "it is listed once it was sent");
        assert_eq!(runner.get(&format!("/hls/camera/{hint}")).body, answer.body);
    }
}

#[test]
fn every_part_and_every_segment_can_be_played_and_they_are_the_same() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, "");
    let _camera = camera(&lab, &runner);
    let playlist = LowLatency::of(&runner, "camera", 3);
    let fetch = |name: &str| {
        let answer = runner.get(&format!("/hls/camera/{name}"));
        assert_eq!(
            (answer.status, answer.cache_control()),
            (200, IMMUTABLE),
            "{name}"
        );
        assert_eq!(answer.content_type, "video/mp4", "{name}");
        answer.body
    };
    let init = fetch(&playlist.init);
    let play = |name: &str, bytes: &[u8]| {
        let file = lab.write(name, [&init[..], bytes].concat());
        let path = file.to_str().expect("a path of UTF-8");
        let (numbers, times_us) = (numbers(path), decoded::times_us(&file));
        assert_eq!(numbers.len(), times_us.len());
        (numbers, times_us)
    };
    let listed = playlist
        .segments
        .iter()
        .filter(|segment| !segment.parts.is_empty());
    let mut whole = listed.filter_map(|segment| Some((segment, segment.uri.as_ref()?)));
    let (segment, name) = whole.next_back().expect("a whole segment with its parts");
    let bytes = fetch(name);
    let (shown, times_us) = play("segment.mp4", &bytes);
    assert!((25..=35).contains(&shown.len()), "{shown:?}");
    assert!(rise_by_one(&shown), "{shown:?}");

    assert!(segment.parts[0].independent);
    let mut together = Vec::new();
    let mut played = 0;
    for part in &segment.parts {
        let bytes = fetch(&part.uri);
        // Pictures need those before them; the times are there anyway.
        let file = lab.write("part.mp4", [&init[..], &bytes].concat());
        let part_us = decoded::times_us(&file);
        assert_eq!(times_us[played..played + part_us.len()], part_us, "{}", part.uri);
        played += part_us.len();
        if let Some(next_us) = times_us.get(played) {
            let duration_s = (next_us - part_us[0]) as f64 / 1e6;
            assert!(
                (duration_s - part.duration_s).abs() < 2e-6,
                "{duration_s} s: {part:?}"
            );
        }
        together.extend(bytes);
    }
    assert_eq!(played, times_us.len());
    assert!(together == bytes, "a segment is its parts, one after the other");
    let (first, _) = play("first.mp4", &fetch(&segment.parts[0].uri));
    assert_eq!(shown[..first.len()], first);
}

#[test]
fn ffmpeg_plays_both_playlists_without_a_word() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, "");
    let _camera = camera(&lab, &runner);
    LowLatency::of(&runner, "camera", 3);
    Playlist::of(&runner, "camera", 3);
    for name in ["live.m3u8", "index.m3u8"] {
        let url = format!("http://{}/hls/camera/{name}", runner.addresses.http);
        let shown = decoded::live_codes(&url, SHAPE, Duration::from_secs(4));
        let numbers: Vec<_> = shown.into_iter().map(|code| code.expect("a code").seq).collect();
        assert!(numbers.len() > 90, "{name}: {} pictures", numbers.len());
        assert!(rise_by_one(&numbers), "{name}: {numbers:?}");
    }
}

#[test]
fn what_cannot_be_had_is_refused_at_once() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, "");
    let _camera = camera(&lab, &runner);
    let playlist = LowLatency::of(&runner, "camera", 2);
    let (msn, _) = playlist.next_part();
    let far = msn + 10;
    for (directives, named) in [
        ("?_HLS_msn=x".to_owned(), "_HLS_msn"),
        ("?_HLS_msn=-1".to_owned(), "_HLS_msn"),
        ("?_HLS_msn=1&_HLS_part=x".to_owned(), "_HLS_part"),
        ("?_HLS_part=1".to_owned(), "_HLS_msn"),
        (format!("?_HLS_msn={far}"), "ahead"),
        (format!("?_HLS_msn={}", u64::MAX), "ahead"),
    ] {
        let answer = reload(&runner, &directives);
        assert_eq!(
            (answer.status, answer.cache_control()),
            (400, "no-store"),
            "{directives}"
        );
        assert!(answer.text().contains(named), "{directives}: {}", answer.text());
    }
    let init = playlist
        .init
        .strip_suffix("_0_init.mp4")
        .expect("a name with its life");
    for name in [
        format!("{init}_7_init.mp4"),
        format!("{init}_{far}.m4s"),
        format!("{init}_{msn}.99.m4s"),
        format!("{init}_+1.m4s"),
        format!("{init}_01.m4s"),
        "other_0.m4s".to_owned(),
    ] {
        let answer = runner.get(&format!("/hls/camera/{name}"));
        assert_eq!(
            (answer.status, answer.cache_control()),
            (404, "no-store"),
            "{name}"
        );
    }
}

#[test]
fn requests_that_wait_do_not_hold_up_the_end() {
    let lab = Lab::new();
    // They would wait for 30 s.
    let mut runner = Runner::start(&lab, "--segment 10s");
    let mut node = camera(&lab, &runner);
    runner.wait_live("camera", PATIENCE);
    let _viewer = runner.live_viewer("camera");
    node.kill();
    let (msn, _) = tests::wait_for("a playlist", PATIENCE, || match reload(&runner, "") {
        answer if answer.status == 200 => Ok(LowLatency::parse(answer.text()).next_part()),
        answer => Err(answer.text().to_owned()),
    });
    let host = runner.addresses.http;
    let waiting: Vec<_> = (0..4)
        .map(|_| {
            let mut stream = TcpStream::connect(host).expect("connection");
            let target = format!("/hls/camera/live.m3u8?_HLS_msn={}", msn + 1);
            let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");
            std::io::Write::write_all(&mut stream, request.as_bytes()).expect("request");
            stream
        })
        .collect();
    assert_eq!(runner.get("/healthz").status, 200);
    for stream in &waiting {
        stream.set_nonblocking(true).expect("mode");
        let answered = stream.peek(&mut [0]);
        assert!(answered.is_err(), "it waits: {answered:?}");
    }
    runner.process.signal(rustix::process::Signal::INT);
    let status = runner.process.wait(Duration::from_secs(3));
    assert_eq!(status.code(), Some(0), "{status}");
}
