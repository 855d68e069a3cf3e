//! Requests that should not be made, and those that programs make.

use serde_json::{Value, json};
use tests::{Lab, PATIENCE, Peer, Runner, header, http, wait_for};

fn ask(runner: &Runner, target: &str, more: &str) -> String {
    let host = runner.addresses.http;
    http::raw(
        host,
        &format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{more}\r\n"),
    )
}

fn status(answer: &str) -> u16 {
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    status.unwrap_or_else(|| panic!("no status: {answer:?}"))
}

#[test]
fn no_path_leads_out_of_the_segments_and_the_page() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, "");
    let _camera = lab.camera(&runner, "camera");
    tests::Playlist::of(&runner, "camera", 1);
    let root = "/../../../../../../../../../..";
    let encode = |path: &str, dot: &str, slash: &str| path.replace('.', dot).replace('/', slash);
    let up = format!("{root}/etc/passwd");
    let up = up.trim_start_matches('/');
    for prefix in [
        "/hls/x/",
        "/hls/camera/",
        "/hls/",
        "/",
        "/assets/",
        "/api/v1/streams/",
    ] {
        for (dot, slash) in [
            (".", "/"),
            ("%2e", "/"),
            ("%2E", "%2F"),
            (".", "%2f"),
            (".", "%5c"),
            (".", "\\"),
            ("%252e", "%252f"),
            ("%c0%ae", "%c0%af"),
            (".", "%00/"),
        ] {
            let target = format!("{prefix}{}", encode(up, dot, slash));
            let answer = ask(&runner, &target, "");
            assert!((400..500).contains(&status(&answer)), "{target}: {answer}");
            assert!(!answer.contains("root:"), "{target}: {answer}");
        }
    }
    for target in [
        "/hls/camera//etc/passwd",
        "/hls/camera/%2fetc%2fpasswd",
        "//etc/passwd",
        "/%2fetc/passwd",
    ] {
        let answer = ask(&runner, target, "");
        assert!((400..500).contains(&status(&answer)), "{target}: {answer}");
    }
    // Files that are there, but in no playlist.
    let lock = ask(&runner, "/hls/camera/.streamview.lock", "");
    assert_eq!(status(&lock), 404);
    assert_eq!(runner.get("/hls/camera/index.m3u8").status, 200);
}

#[test]
fn a_page_of_another_site_gets_no_websocket() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, "");
    let host = runner.addresses.http;
    let upgrade = |origin: &str| {
        let more = format!(
            "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Origin: {origin}\r\n"
        );
        let request = format!("GET /ws HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\n{more}\r\n");
        http::first_line(host, &request)
    };
    for origin in [
        "https://evil.example",
        "null",
        "http://127.0.0.1:1",
        "http://localhost",
    ] {
        assert!(upgrade(origin).contains(" 403 "), "{origin}");
    }
    let own = upgrade(&format!("http://{host}"));
    assert!(own.contains(" 101 "), "{own}");
}

#[test]
fn bad_parameters_of_the_series_are_named() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, "");
    for (query, parameter) in [
        ("from=yesterday", "from"),
        ("to=1e", "to"),
        ("from=NaN", "from"),
        ("to=inf", "to"),
        ("from=2&to=1", "from"),
        ("points=1", "points"),
        ("format=xml", "format"),
        ("stream=a%2Fb", "stream"),
        ("name=", "name"),
        ("colour=red", "colour"),
    ] {
        let response = runner.get(&format!("/api/v1/series?{query}"));
        assert_eq!(response.status, 400, "{query}");
        let error = response.json()["error"].clone();
        let text = error.as_str().unwrap_or_default();
        let is_named = text
            .split(|c: char| !c.is_alphanumeric())
            .any(|word| word == parameter);
        assert!(is_named, "{query}: {error}");
    }
    let absent = runner.get("/api/v1/series?stream=absent");
    assert_eq!(absent.status, 404);
    assert!(absent.json()["error"].is_string());
    let absent = runner.get("/api/v1/streams/absent");
    assert_eq!(absent.status, 404);
    assert!(absent.text().contains("absent"));
    assert_eq!(runner.get("/hls/absent/index.m3u8").status, 404);
    assert_eq!(runner.get("/no/such/page").status, 404);
}

#[test]
fn series_are_read_by_name_and_time_as_json_and_csv() {
    const T0_MS: i64 = 1_760_000_000_000;
    let lab = Lab::new();
    let runner = Runner::start(&lab, "");
    let mut peer = Peer::join(runner.addresses.ingest);
    for seq in 0..10 {
        let keys = json!({
            "v": 1, "session": 1, "seq": seq, "t": (T0_MS + seq * 100) * 1_000_000, "unit": "mV",
            "values": {"a": seq, "b, \"quoted\"": 0.1},
        });
        peer.publish_parts(&[b"metric/numbers", &header(&keys)[..], b""]);
    }
    runner.wait_for_stream(("metric", "numbers"), "complete", PATIENCE, |stream| {
        (stream["received"] == 10).then_some(())
    });
    let read = |query: &str| -> Value {
        let response = runner.get(&format!("/api/v1/series?{query}"));
        assert_eq!(response.status, 200, "{}", response.text());
        response.json()["series"].take()
    };
    let all = read("stream=numbers");
    assert_eq!(all.as_array().map(Vec::len), Some(2));
    let part = read(&format!(
        "stream=numbers&name=a&from={}&to={}",
        T0_MS + 300,
        T0_MS + 500
    ));
    assert_eq!(part[0]["v"], json!([3.0, 4.0, 5.0]));
    assert_eq!(part[0]["unit"], "mV");
    let times: Vec<_> = (3..=5).map(|n| (T0_MS + n * 100) as f64).collect();
    assert_eq!(part[0]["t"], json!(times));
    // The least and the most of every interval; the first and the last interval may be cut short.
    let thinned = read("stream=numbers&name=a&points=2");
    let thinned = thinned[0]["v"].as_array().expect("values");
    assert!(thinned.len() <= 4, "{thinned:?}");
    assert_eq!(
        (&thinned[0], &thinned[thinned.len() - 1]),
        (&json!(0.0), &json!(9.0))
    );

    let csv = runner.get(&format!(
        "/api/v1/series?stream=numbers&format=csv&from={}",
        T0_MS + 900
    ));
    assert!(csv.content_type.starts_with("text/csv"), "{}", csv.content_type);
    assert_eq!(
        csv.text(),
        format!(
            "stream,series,t_ns,value\nnumbers,a,{t_ns},9\nnumbers,\"b, \"\"quoted\"\"\",{t_ns},0.1\n",
            t_ns = (T0_MS + 900) * 1_000_000
        )
    );
}

#[test]
fn a_segment_can_be_read_for_as_long_as_the_playlist_names_it_and_is_gone_a_little_later() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, "--segment 200ms --window 2s");
    let _camera = lab.camera(&runner, "camera");
    let first = tests::Playlist::of(&runner, "camera", 1).media.segments[0]
        .uri
        .clone();
    let path = format!("/hls/camera/{first}");
    assert_eq!(runner.get(&path).status, 200);
    wait_for("the end of the first segment", PATIENCE, || {
        let playlist = tests::Playlist::try_of(&runner, "camera")?;
        let is_listed = playlist.media.segments.iter().any(|segment| segment.uri == first);
        match (runner.get(&path).status, is_listed) {
            (404, true) => panic!("{first} is listed and gone"),
            (404, false) => Ok(()),
            (status, _) => Err(format!("{status}, listed: {is_listed}")),
        }
    });
}
