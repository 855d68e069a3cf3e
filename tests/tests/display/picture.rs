//! What is on the screen when the window is changed.

use std::time::Duration;

use serde_json::json;
use tests::{Lab, PATIENCE, Playlist, Runner, decoded, now_ns, recording};

use super::camera::Camera;
use super::{COLUMN, DISPLAY, SHAPE, fixed, frame, ok, value};

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
    /// From the least to the greatest value: what is shown of more than 8 bits without a range.
    const FILLED: [f64; 2] = [0.0, 5_500.0];
    const NARROW: [f64; 2] = [1_000.0, 5_000.0];
    let lab = Lab::new();
    let runner = Runner::start(&lab, "--crf 6 --segment 500ms");
    let camera = Camera::start(&runner, Duration::from_millis(50), frame);
    Playlist::of(&runner, "camera", 2);
    assert_eq!(ok(&runner.get(DISPLAY))["shown"], json!(FILLED));
    let mut viewer = runner.viewer();

    let answer = ok(&runner.send("PUT", DISPLAY, &fixed(NARROW[0], NARROW[1])));
    let answered_ms = now_ns() as f64 / 1e6;
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
        let window = if index < first { FILLED } else { NARROW };
        assert!(
            is_seen_through(picture, window),
            "picture {index} of {}, of which {first} are before the change: {:?}",
            pictures.len(),
            &picture[..SHAPE.1]
        );
    }
    assert_eq!(
        (playlist.discontinuities(), playlist.media.media_sequence),
        (0, 0)
    );
    let stream = runner.frame_stream("camera");
    assert_eq!(stream["encoder"]["restarts"], 0);
    let timeline = runner.get("/api/v1/streams/camera/timeline").json();
    let [span] = timeline["spans"].as_array().expect("spans").as_slice() else {
        panic!("one life of the encoder: {timeline}");
    };
    // What was captured after the answer is seen through what was asked for.
    let captured_ms = span["t_ms"][first - 1].as_f64().expect("a time");
    assert!(
        captured_ms < answered_ms,
        "captured {captured_ms}, answered {answered_ms}"
    );
}

/// Grey levels of the pictures of a whole segment that begins after now, in ascending order.
fn levels_from_now_on(lab: &Lab, runner: &Runner, shape: (usize, usize)) -> Vec<u8> {
    let before = Playlist::of(runner, "camera", 1).media.segments.len();
    // One that was under way, and a whole one.
    let playlist = Playlist::of(runner, "camera", before + 2);
    let (name, bytes) = playlist.fetch(runner, before + 1);
    let file = lab.write(name, bytes);
    let mut levels = decoded::luma(file.to_str().expect("a path of UTF-8"), shape).concat();
    levels.sort_unstable();
    levels
}

#[test]
fn twelve_bits_in_sixteen_are_near_black_in_full_range_and_seen_by_auto() {
    let Some(path) = recording("two_photon_20x128x256_uint16.tif") else {
        return;
    };
    let lab = Lab::new();
    let runner = Runner::start(&lab, "--segment 500ms");
    let line = format!("{} --loop --fps 20 --stream camera", path.display());
    let _node = lab.node("frame-node", &runner, &line);
    runner.wait_live("camera", PATIENCE);
    let at = |levels: &[u8], percent: usize| levels[(levels.len() - 1) * percent / 100];

    ok(&runner.send("PUT", DISPLAY, &json!({"window": {"mode": "full"}})));
    let full = levels_from_now_on(&lab, &runner, (128, 256));
    assert!(at(&full, 99) <= 18, "{} at 99 %", at(&full, 99));

    let once = ok(&runner.send("POST", &format!("{DISPLAY}/auto"), &json!({})));
    let seen = levels_from_now_on(&lab, &runner, (128, 256));
    let (median, bright) = (at(&seen, 50), at(&seen, 99));
    assert!(
        at(&seen, 1) <= 10 && (20..150).contains(&median) && bright > 180,
        "{median}, {bright}"
    );

    // Followed all the time, the window is near the one that was measured once.
    ok(&runner.send("PATCH", DISPLAY, &json!({"window": {"mode": "auto"}})));
    levels_from_now_on(&lab, &runner, (128, 256));
    let follows = ok(&runner.get(DISPLAY));
    assert_eq!(follows["window"]["mode"], "auto");
    for end in [0, 1] {
        let [once, follows] = [&once, &follows].map(|shown| shown["shown"][end].as_f64().expect("a value"));
        assert!((once - follows).abs() < 0.1 * 4_095.0, "{once}, {follows}");
    }
}
