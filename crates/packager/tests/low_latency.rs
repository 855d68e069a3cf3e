//! LL-HLS, as a player sees it after every single frame.

mod common;

use std::time::Duration;

use common::boxes::samples;
use common::player::{Player, ready};
use common::playlist::Playlist;
use common::{Camera, ms, running, start};
use packager::{Config, File, MediaTime, Packager};

fn config() -> Config {
    Config::new("run_cam")
}

fn playlist(packager: &Packager) -> Playlist {
    Playlist::parse(&packager.playlist().expect("a playlist"))
}

#[test]
fn a_regular_camera_makes_even_parts() {
    for (fps, part_frames) in [
        (30.0, 3),
        (25.0, 3),
        (24.0, 3),
        (23.7, 3),
        (60.0, 6),
        (120.0, 12),
        (10.0, 1),
    ] {
        let packager = running(config());
        let mut camera = Camera::new(1, fps);
        let mut player = Player::default();
        for _ in 0..(fps * 4.0) as usize {
            packager.push(camera.unit()).expect("a good frame");
            player.reload(&packager);
        }
        assert!(player.reloads > 20);
        let playlist = playlist(&packager);
        let period_us = camera.period.as_micros() as u64;
        for segment in &playlist.segments[..3] {
            let (last, full) = segment.parts.split_last().expect("parts");
            assert!(
                full.iter()
                    .all(|part| part.duration_us == part_frames * period_us),
                "{fps} {full:?}"
            );
            assert!(last.duration_us <= part_frames * period_us);
            assert!(segment.parts[0].independent && !segment.parts[1..].iter().any(|part| part.independent));
        }
        // Near what parts are, so that players stay near the end; and parts are at least 85 % of it.
        assert!(
            playlist.part_target_us * 85 / 100 <= part_frames * period_us,
            "{fps} {playlist:?}"
        );
    }
}

#[test]
fn jitter_does_not_change_how_many_frames_a_part_has() {
    let packager = running(config());
    let mut camera = Camera::new(1, 30.0);
    let jitter_us = [0, 4_000, 1_000, 5_000, 2_000, 0, 3_000, 5_000, 1_000, 4_500];
    for n in 0..120 {
        let mut unit = camera.unit();
        unit.media = MediaTime::from_us(unit.media.as_us() + jitter_us[n % 10]);
        packager.push(unit).expect("a good frame");
    }
    let playlist = playlist(&packager);
    for segment in &playlist.segments[..3] {
        let counts: Vec<_> = segment
            .parts
            .iter()
            .map(|part| samples(&ready(&packager, &part.uri)).len())
            .collect();
        let (_, full) = counts.split_last().expect("parts");
        assert_eq!(full, [3; 10]);
    }
    let shortest = playlist.segments[..3]
        .iter()
        .flat_map(|segment| &segment.parts[..10])
        .map(|part| part.duration_us)
        .min();
    assert!(
        shortest >= Some(playlist.part_target_us * 85 / 100),
        "{playlist:?}"
    );
}

/// Frames of two cameras over four lives with holes, bursts and a slow stretch.
fn hard_times(packager: &Packager, mut step: impl FnMut(&Packager)) -> Vec<u64> {
    let mut times_us = Vec::new();
    let mut camera = Camera::new(1, 30.0);
    let mut random = 0x9E37_79B9_u64;
    for life in 0..4 {
        if life > 0 {
            camera = camera.successor(life + 1);
            packager.begin(start(life * 2, life + 1)).expect("a good start");
            step(packager);
        }
        for n in 0..300 {
            let unit = camera.unit();
            times_us.push(unit.media.as_us());
            packager.push(unit).expect("a good frame");
            step(packager);
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            camera.media_us += match random >> 58 {
                0 => 1_960_000,
                1..8 => (random >> 32) % 30_000,
                8..16 => return_us(&mut camera),
                _ => 0,
            };
            // The last fifty of the third life come once a second.
            if life == 2 && n > 250 {
                camera.media_us += 966_000;
            }
        }
        camera.media_us += 100_000;
        if life != 1 {
            packager.end(MediaTime::from_us(camera.media_us));
            step(packager);
        }
    }
    times_us
}

/// Lets the next frame come 12 us after the one before.
fn return_us(camera: &mut Camera) -> u64 {
    camera.media_us -= camera.period.as_micros() as u64;
    12
}

#[test]
fn every_playlist_of_a_hard_day_keeps_the_rules_and_its_word() {
    let mut player = Player::default();
    hard_times(&running(config()), |packager| player.reload(packager));
    assert!(player.reloads > 1_000);
    assert!(
        player.first_msn > 20,
        "the window has moved on: {}",
        player.first_msn
    );
    let discontinuities = player.segments.values().map(|(discontinuity, _)| *discontinuity);
    assert_eq!(discontinuities.max(), Some(3));
}

#[test]
fn segments_hold_every_frame_once_with_its_exact_time_and_duration() {
    let packager = running(Config {
        memory: Duration::from_secs(10_000),
        ..config()
    });
    let times_us = hard_times(&packager, |_| {});
    let playlist = playlist(&packager);
    assert_eq!(playlist.segments[0].msn, 0);
    let mut got = Vec::new();
    for segment in &playlist.segments {
        let (duration_us, uri) = segment.whole.as_ref().expect("the last life has ended");
        let bytes = ready(&packager, uri);
        let samples = samples(&bytes);
        assert!(samples[0].key, "{uri}");
        assert_eq!(
            samples.iter().map(|sample| sample.duration_us).sum::<u64>(),
            *duration_us
        );
        assert!(
            samples
                .windows(2)
                .all(|pair| pair[0].time_us + pair[0].duration_us == pair[1].time_us)
        );
        got.extend(samples.iter().map(|sample| sample.time_us));
    }
    assert_eq!(got, times_us);
}

#[test]
fn a_slow_source_has_parts_of_one_frame_and_room_for_them() {
    let packager = running(config());
    let mut camera = Camera::new(1, 1.0);
    let mut player = Player::default();
    for _ in 0..40 {
        packager.push(camera.unit()).expect("a good frame");
        player.reload(&packager);
    }
    let playlist = playlist(&packager);
    assert_eq!(playlist.target_us, 1_000_000);
    assert!(
        (1_000_000..=1_100_000).contains(&playlist.part_target_us),
        "{playlist:?}"
    );
    let finished: u64 = playlist
        .segments
        .iter()
        .filter_map(|s| s.whole.as_ref())
        .map(|(us, _)| us)
        .sum();
    assert!((12_000_000..=13_000_000).contains(&finished), "{finished}");
}

#[test]
fn a_hole_raises_the_targets_while_it_is_listed_and_no_longer() {
    let packager = running(config());
    let mut camera = Camera::new(1, 30.0);
    camera.film(&packager, 60);
    let before = playlist(&packager);
    camera.media_us += 1_900_000;
    camera.film(&packager, 10);
    let during = playlist(&packager);
    assert!(
        during.part_target_us >= 1_900_000 && during.target_us >= 2_000_000,
        "{during:?}"
    );
    camera.film(&packager, 30 * 25);
    let after = playlist(&packager);
    assert_eq!(
        (after.part_target_us, after.target_us),
        (before.part_target_us, before.target_us)
    );
}

#[test]
fn an_encoder_that_restarts_with_the_same_pictures_needs_no_other_init_segment() {
    let packager = running(config());
    let mut camera = Camera::new(1, 30.0);
    camera.film(&packager, 40);
    // Nobody said that it ended: the next one does.
    packager.begin(start(1, 2)).expect("a good start");
    camera = camera.successor(2);
    camera.film(&packager, 40);
    packager
        .begin(packager::Start {
            width: 128,
            ..start(2, 3)
        })
        .expect("a good start");
    camera = camera.successor(3);
    camera.film(&packager, 40);
    let segments = playlist(&packager).segments;
    let seen: Vec<_> = segments
        .iter()
        .map(|s| (s.discontinuity, s.map.as_str()))
        .collect();
    let (small, wide) = ("run_cam_0_init.mp4", "run_cam_2_init.mp4");
    assert_eq!(
        seen,
        [
            (0, small),
            (0, small),
            (1, small),
            (1, small),
            (2, wide),
            (2, wide)
        ]
    );
    assert_ne!(ready(&packager, small), ready(&packager, wide));
}

#[test]
fn the_window_is_bounded_in_time_and_what_left_it_stays_a_little() {
    let packager = running(config());
    let mut camera = Camera::new(1, 30.0);
    camera.film(&packager, 30 * 60);
    let playlist = playlist(&packager);
    let first = playlist.segments[0].msn;
    let listed: u64 = playlist
        .segments
        .iter()
        .filter_map(|s| s.whole.as_ref())
        .map(|(us, _)| us)
        .sum();
    assert!((12_000_000..13_100_000).contains(&listed), "{listed}");
    for msn in first - 5..first {
        ready(&packager, &format!("run_cam_{msn}.m4s"));
        ready(&packager, &format!("run_cam_{msn}.0.m4s"));
    }
    assert_eq!(
        packager.file(&format!("run_cam_{}.m4s", first - 6)),
        File::Unknown
    );
    ready(&packager, "run_cam_0_init.mp4");
}

#[test]
fn the_window_is_bounded_in_bytes_and_cuts_a_group_that_is_too_long() {
    let memory_bytes = 1 << 20;
    let packager = running(Config {
        memory_bytes,
        ..config()
    });
    let mut camera = Camera::new(1, 30.0);
    camera.unit_bytes = 10_000;
    camera.gop = Duration::from_secs(3_600);
    let mut player = Player::default();
    for n in 0..600 {
        packager.push(camera.unit()).expect("a good frame");
        player.reload(&packager);
        let held: usize = (0..600)
            .filter_map(|msn| match packager.file(&format!("run_cam_{msn}.m4s")) {
                File::Ready { bytes, .. } => Some(bytes.len()),
                _ => None,
            })
            .sum();
        assert!(held <= memory_bytes, "{held}");
        // True for as long as there is only the segment that begins with the key frame: seven frames of 64 KiB.
        assert!(
            n < 3 || playlist(&packager).independent_segments == (n < 7),
            "{n}"
        );
    }
    assert!(playlist(&packager).segments.len() > 3);
    // The next key frame starts a segment again.
    camera.restart();
    camera.film(&packager, 4);
    let newest = playlist(&packager).segments.pop().expect("segments");
    assert!(newest.parts[0].independent, "{newest:?}");
}

#[test]
fn progress_and_hint_follow_the_parts_and_stop_with_the_life() {
    let packager = Packager::new(config());
    assert_eq!((packager.playlist(), packager.progress()), (None, (0, 0)));
    packager.begin(start(0, 1)).expect("a good start");
    let mut camera = Camera::new(1, 30.0);
    camera.film(&packager, 3);
    assert_eq!((packager.playlist(), packager.progress()), (None, (0, 0)));
    assert_eq!(packager.file("run_cam_0.0.m4s"), File::Hinted);
    camera.film(&packager, 1);
    assert_eq!(packager.progress(), (0, 1));
    assert_eq!(packager.file("run_cam_0.m4s"), File::Unknown);
    assert_eq!(packager.file("run_cam_0.2.m4s"), File::Unknown);
    packager.end(MediaTime::from_us(camera.media_us));
    assert_eq!(packager.progress(), (1, 0));
    let ended = playlist(&packager);
    assert_eq!((ended.hint, ended.segments.len()), (None, 1));
    assert_eq!(packager.file("run_cam_1.0.m4s"), File::Unknown);
    // A second end, or one before the last frame, does no harm.
    packager.end(MediaTime::from_us(0));
    assert_eq!(playlist(&packager).segments, ended.segments);
}

#[test]
fn parts_come_as_soon_as_the_frame_after_them() {
    let packager = running(config());
    let mut camera = Camera::new(1, 30.0);
    let mut seen = Vec::new();
    for _ in 0..10 {
        packager.push(camera.unit()).expect("a good frame");
        seen.push(packager.progress().1);
    }
    assert_eq!(seen, [0, 0, 0, 1, 1, 1, 2, 2, 2, 3]);
    assert_eq!(playlist(&packager).part_target_us, 105_000);
    assert_eq!(playlist(&packager).part_hold_back_us, 315_000);
    assert_eq!(ms(100), config().part);
}
