//! Real recordings, all the way to the API and the playlist.

use serde_json::{Value, json};
use tests::{Lab, PATIENCE, Playlist, Runner, recording};

/// Publishes a recording of frames in a loop; its shape, its rate, and the size of the picture come out right.
fn plays(name: &str, options: &str, shape: Value, dtype: &str, fps: f64, (width, height): (u64, u64)) {
    let Some(path) = recording(name) else { return };
    let lab = Lab::new();
    let runner = Runner::start(&lab, "");
    let line = format!("{} --loop --stream movie{options}", path.display());
    let _node = lab.node("frame-node", &runner, &line);
    let playlist = Playlist::of(&runner, "movie", 2);
    let movie = runner.wait_for_stream(("frame", "movie"), "live at its own rate", PATIENCE, |stream| {
        let rate = stream["rate"].as_f64()?;
        (stream["state"] == "live" && (rate / fps - 1.0).abs() < 0.05).then(|| stream.clone())
    });
    assert_eq!(movie["format"]["shape"], shape);
    assert_eq!(movie["format"]["dtype"], dtype);
    assert_eq!(movie["drops"]["encoder"], 0);
    let video = playlist.probe(&runner, 0);
    assert_eq!((video.width, video.height), (width, height));
    let segment = &playlist.media.segments[0];
    let played_fps = video.frames as f64 / f64::from(segment.duration);
    assert!((played_fps / fps - 1.0).abs() < 0.1, "{played_fps} frames/s");
}

#[test]
fn a_two_photon_stack_is_played() {
    let name = "two_photon_20x128x256_uint16.tif";
    plays(name, " --fps 20", json!([128, 256]), "uint16", 20.0, (256, 128));
}

#[test]
fn a_small_colour_clip_is_played_at_its_own_speed() {
    let fps = 30_000.0 / 1001.0;
    plays(
        "carphone_176x144_120f.mp4",
        "",
        json!([144, 176, 3]),
        "uint8",
        fps,
        (176, 144),
    );
}

#[test]
fn an_hd_colour_clip_is_played_at_its_own_speed() {
    plays(
        "bunny_1280x720_132f.mp4",
        "",
        json!([720, 1280, 3]),
        "uint8",
        25.0,
        (1280, 720),
    );
}

#[test]
fn sixteen_channels_of_forty_khz_arrive_sample_by_sample() {
    const ROWS: usize = 66_438;
    let Some(path) = recording("hippocampus_16ch_40kHz_int16.npy") else {
        return;
    };
    let lab = Lab::new();
    let runner = Runner::start(&lab, "");
    let line = format!(
        "{} --stream probe --rate 40000 --scale 0.05 --unit uV",
        path.display()
    );
    let mut node = lab.node("metric-node", &runner, &line);
    runner.wait_for_stream(("metric", "probe"), "40,000 samples/s", PATIENCE, |stream| {
        (stream["rate"].as_f64()? > 39_000.0).then_some(())
    });
    assert!(node.wait(PATIENCE).success());
    let probe = runner.wait_for_stream(("metric", "probe"), "ended", PATIENCE, |stream| {
        (stream["state"] == "ended").then(|| stream.clone())
    });
    assert_eq!(probe["drops"]["wire"], 0, "{probe}");
    assert_eq!(probe["series"], 16);
    // The numbers are those of the file, at their times.
    let csv = runner.get("/api/v1/series?stream=probe&name=15&format=csv");
    let samples: Vec<(i64, f64)> = csv
        .text()
        .lines()
        .skip(1)
        .map(|line| {
            let cells = line
                .strip_prefix("probe,15,")
                .and_then(|cells| cells.split_once(','));
            let (t_ns, value) = cells.unwrap_or_else(|| panic!("{line}"));
            (t_ns.parse().expect("a time"), value.parse().expect("a number"))
        })
        .collect();
    assert_eq!(samples.len(), ROWS);
    let file = std::fs::read(&path).expect("recording");
    let data = &file[file.len() - ROWS * 16 * 2..];
    for (row, (t_ns, value)) in samples.iter().enumerate() {
        let at = (row * 16 + 15) * 2;
        let expected = f64::from(i16::from_le_bytes([data[at], data[at + 1]])) * 0.05;
        assert_eq!(*value, expected, "row {row}");
        assert_eq!(t_ns - samples[0].0, row as i64 * 25_000, "row {row}");
    }
}
