//! Frame n in is frame n out, at its capture time. With a real ffmpeg.

mod common;

use std::process::Command;
use std::time::Duration;

use common::{Bench, Camera, T0_NS, parse, tag};
use media::Phase;

/// Compares every frame of every listed segment with the capture times that went in, `offsets_ns` after [`T0_NS`].
fn check_times(bench: &Bench, offsets_ns: &[i64]) {
    let mut times = offsets_ns.iter();
    for segment in bench.playlist() {
        let pts = bench.frames_in(&segment.name);
        for tick in &pts {
            let shown_ms = segment.start_ms as f64 + (tick - pts[0]) as f64 / 90.0;
            let captured_ms = (T0_NS + times.next().expect("no frame too many")) as f64 / 1e6;
            let error_ms = shown_ms - captured_ms;
            assert!(error_ms.abs() < 0.6, "{error_ms} ms in {segment:?}");
        }
    }
    assert_eq!(times.len(), 0, "frames missing");
}

#[test]
fn every_frame_comes_out_once_at_its_capture_time() {
    let mut bench = Bench::new();
    let mut camera = Camera::new(64, 48);
    let mut offsets_ns = Vec::new();
    let mut t_ns = 0;
    for n in 0..300_i64 {
        offsets_ns.push(t_ns);
        bench.feed(camera.frame(t_ns));
        // Irregular, 5 to 60 ms, with a hole.
        t_ns += 5_000_000 + (n * 7_919_177) % 55_000_000;
        t_ns += if n == 100 { 700_000_000 } else { 0 };
    }
    // Nothing comes any more: the last, partial segment appears.
    let status = bench.wait_all_listed();
    assert_eq!((status.listed, status.restarts), (300, 0), "{status:?}");
    check_times(&bench, &offsets_ns);

    let segments = bench.playlist();
    for pair in segments.windows(2) {
        let distance_s = (pair[1].start_ms - pair[0].start_ms) as f64 / 1e3;
        assert!((distance_s - pair[0].duration_s).abs() < 0.0011, "{pair:?}");
        assert!((1.0..1.8).contains(&pair[0].duration_s), "{pair:?}");
    }
    assert!(segments.iter().all(|segment| !segment.discontinuity));
    bench.wait("rest", Duration::from_secs(5), |status| {
        status.phase == Phase::Idle
    });
}

#[test]
fn a_change_of_shape_or_session_or_a_jump_in_time_is_a_discontinuity_and_loses_nothing() {
    let mut bench = Bench::new();
    let mut camera = Camera::new(64, 48);
    let mut offsets_ns = Vec::new();
    let mut run = |camera: &mut Camera, start_ns: i64| {
        for n in 0..40 {
            let t_ns = start_ns + n * 33_333_333;
            offsets_ns.push(t_ns);
            bench.feed(camera.frame(t_ns));
        }
    };
    run(&mut camera, 0);
    (camera.width, camera.height) = (32, 80);
    run(&mut camera, 1_400_000_000);
    camera.session = 2;
    run(&mut camera, 2_800_000_000);
    run(&mut camera, 10_000_000_000);
    run(&mut camera, -5_000_000_000);
    let status = bench.wait_all_listed();
    assert_eq!((status.listed, status.restarts), (200, 0), "{status:?}");
    check_times(&bench, &offsets_ns);
    let discontinuities = bench
        .playlist()
        .iter()
        .filter(|segment| segment.discontinuity)
        .count();
    assert_eq!(discontinuities, 4);
}

#[test]
fn jitter_that_goes_back_in_time_loses_no_frame() {
    let mut bench = Bench::new();
    let mut camera = Camera::new(16, 16);
    for n in 0..90 {
        let jitter_ns = if n % 3 == 2 { -40_000_000 } else { 0 };
        bench.feed(camera.frame(n * 33_333_333 + jitter_ns));
    }
    let status = bench.wait_all_listed();
    assert_eq!((status.listed, status.restarts), (90, 0), "{status:?}");
    let frames: usize = bench
        .playlist()
        .iter()
        .map(|s| bench.frames_in(&s.name).len())
        .sum();
    assert_eq!(frames, 90);
    assert!(bench.playlist().iter().all(|segment| !segment.discontinuity));
}

#[test]
fn a_slow_source_has_one_segment_per_frame_without_discontinuities() {
    let mut bench = Bench::new();
    let mut camera = Camera::new(64, 48);
    camera.fps = Some(0.2);
    for n in 0..5 {
        bench.feed(camera.frame(n * 5_000_000_000));
    }
    bench.wait("four segments", Duration::from_secs(5), |status| {
        status.segments == 4
    });
    let text = bench.stream.playlist().expect("playlist");
    assert_eq!(tag(&text, "TARGETDURATION"), 5, "{text}");
    for segment in parse(&text) {
        assert!(
            (segment.duration_s - 5.0).abs() < 1e-6 && !segment.discontinuity,
            "{text}"
        );
    }
    let status = bench.stream.stop(Duration::from_secs(5));
    assert_eq!(status.listed, 5, "{status:?}");
}

#[test]
fn a_source_of_thousands_of_frames_per_second_loses_none() {
    let mut bench = Bench::new();
    let mut camera = Camera::new(16, 16);
    camera.fps = None;
    let offsets_ns: Vec<i64> = (0..8_000).map(|n| n * 200_000).collect();
    for t_ns in &offsets_ns {
        bench.feed(camera.frame(*t_ns));
    }
    let status = bench.wait_all_listed();
    assert_eq!((status.listed, status.restarts), (8_000, 0), "{status:?}");
    check_times(&bench, &offsets_ns);
}

#[test]
fn the_smallest_pictures_are_coded() {
    for (width, height) in [(2, 2), (16, 2), (2, 16)] {
        let mut bench = Bench::new();
        let mut camera = Camera::new(width, height);
        for n in 0..40 {
            bench.feed(camera.frame(n * 33_333_333));
        }
        let status = bench.wait_all_listed();
        assert_eq!(
            (status.listed, status.restarts),
            (40, 0),
            "{width}x{height}: {status:?}"
        );
    }
}

#[test]
fn all_grey_levels_arrive() {
    let mut bench = Bench::new();
    let mut camera = Camera::new(256, 256);
    let blocks: Vec<u8> = (0..256 * 256)
        .map(|n| (n / 256 / 16 * 16 + n % 256 / 16) as u8)
        .collect();
    for n in 0..40 {
        bench.feed(camera.frame_of(blocks.clone(), n * 33_333_333));
    }
    bench.wait_all_listed();
    let segment = bench.stream.segment(&bench.playlist()[0].name).expect("segment");
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(segment)
        .args(["-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "yuvj420p", "-"])
        .output()
        .expect("ffmpeg");
    let luma = &output.stdout[..blocks.len()];
    let worst = luma
        .iter()
        .zip(&blocks)
        .map(|(got, sent)| got.abs_diff(*sent))
        .max();
    assert!(worst <= Some(1), "{worst:?} levels off");
}

#[test]
fn another_player_reads_the_playlist_without_a_complaint() {
    let mut bench = Bench::new();
    let mut camera = Camera::new(64, 48);
    for n in 0..100 {
        camera.session = 1 + n / 50;
        bench.feed(camera.frame(n as i64 * 33_333_333));
    }
    bench.wait_all_listed();
    // The end is ours to add: otherwise the player would wait for more.
    let segment = bench.stream.segment(&bench.playlist()[0].name).expect("segment");
    let playlist = segment.with_file_name("index.m3u8");
    let text = bench.stream.playlist().expect("playlist") + "#EXT-X-ENDLIST\n";
    std::fs::write(&playlist, text).expect("write");
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "warning", "-i"])
        .arg(&playlist)
        .args(["-fps_mode", "passthrough", "-f", "framemd5", "-"])
        .output()
        .expect("ffmpeg");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let frames = String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter(|line| !line.starts_with('#'))
        .count();
    assert_eq!(frames, 100);
}
