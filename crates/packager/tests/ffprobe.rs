//! A demuxer and decoder that nobody here wrote reads everything that is made of real video.

mod common;

use std::path::Path;
use std::time::Duration;

use common::boxes::samples;
use common::flv::{Film, film};
use common::playlist::Playlist;
use common::probe::{check_colours, keys, probe, probe_start, times};
use common::{T0_NS, ms};
use packager::{AccessUnit, Config, File, MediaTime, Packager, Start};
use protocol::{Stamp, WallTime};

const WIDTH: u32 = 320;
const HEIGHT: u32 = 240;
/// Frames from key frame to key frame.
const GOP: usize = 10;

/// Gaps between frames as a bad source makes them: two nearly at once, jitter, and a hole of nearly 2 s. (ffprobe
/// finds a gap suspicious that is a thousand times those before it, so two at once are not nearer than this.)
fn irregular_us(frames: usize) -> Vec<u64> {
    let gaps = [33_333, 250, 41_007, 1_950_001, 20_000, 33_334, 66_667];
    let mut us = 0;
    (0..frames)
        .map(|n| {
            us += gaps[n % gaps.len()];
            us
        })
        .collect()
}

fn begin(packager: &Packager, film: &Film, life: u64) {
    let start = Start {
        life,
        session: life,
        width: film.width,
        height: film.height,
        avcc: film.avcc.clone(),
    };
    packager.begin(start).expect("x264's own configuration");
}

/// All frames of the film as one life, and its end 40 ms after the last one.
fn play(packager: &Packager, film: &Film, life: u64, times_us: &[u64]) {
    begin(packager, film, life);
    for (seq, ((key, data), us)) in (0..).zip(film.units.iter().zip(times_us)) {
        let unit = AccessUnit {
            stamp: Stamp {
                session: life,
                seq,
                t: WallTime::from_ns(T0_NS + *us as i64 * 1_000),
            },
            media: MediaTime::from_us(*us),
            period: ms(33),
            key: *key,
            data: data.clone(),
        };
        packager.push(unit).expect("x264's own access unit");
    }
    packager.end(MediaTime::from_us(times_us.last().expect("frames") + 40_000));
}

fn config() -> Config {
    Config {
        memory: Duration::from_secs(600),
        ..Config::new("run_camera")
    }
}

#[test]
fn live_fragments_after_their_init_segment_are_a_file_with_exact_times() {
    let Some(film) = film(WIDTH, HEIGHT, 40, GOP) else {
        return;
    };
    let times_us = irregular_us(40);
    let packager = Packager::new(config());
    begin(&packager, &film, 0);
    let mut file = Vec::new();
    let mut after = None;
    for (seq, ((key, data), us)) in (0..).zip(film.units.iter().zip(&times_us)) {
        packager
            .push(AccessUnit {
                stamp: Stamp {
                    session: 0,
                    seq,
                    t: WallTime::from_ns(T0_NS),
                },
                media: MediaTime::from_us(*us),
                period: ms(33),
                key: *key,
                data: data.clone(),
            })
            .expect("x264's own access unit");
        // There at once, without waiting for the next one.
        let next = packager.next(after, false).expect("the frame just pushed");
        if after.is_none() {
            file.extend_from_slice(&next.fragment.init.segment);
        }
        after = Some(next.fragment.number);
        let header = usize::from(u16::from_le_bytes([
            next.fragment.message[2],
            next.fragment.message[3],
        ]));
        file.extend_from_slice(&next.fragment.message[header..]);
    }
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("live.mp4");
    std::fs::write(&path, &file).expect("written");
    let probe = probe(&path);
    check_colours(&probe, WIDTH, HEIGHT);
    assert_eq!(times(&probe), times_us);
    let expected: Vec<_> = film.units.iter().map(|(key, _)| *key).collect();
    assert_eq!(keys(&probe), expected);
}

/// Writes what the playlist names beside it; the playlist as it is now and as it would be if nothing followed.
fn serve(packager: &Packager, dir: &Path) -> Playlist {
    let text = packager.playlist().expect("a playlist");
    let playlist = Playlist::parse(&text);
    for uri in playlist.uris() {
        let File::Ready { bytes, .. } = packager.file(uri) else {
            panic!("{uri} is listed, but not there");
        };
        std::fs::write(dir.join(uri), bytes).expect("written");
    }
    std::fs::write(dir.join("live.m3u8"), &text).expect("written");
    std::fs::write(dir.join("ended.m3u8"), text + "#EXT-X-ENDLIST\n").expect("written");
    playlist
}

#[test]
fn the_low_latency_playlist_plays_without_a_warning_over_two_lives() {
    let (Some(first), Some(second)) = (film(WIDTH, HEIGHT, 40, GOP), film(WIDTH, HEIGHT, 30, GOP)) else {
        return;
    };
    let packager = Packager::new(config());
    let times_us = irregular_us(70);
    play(&packager, &first, 0, &times_us[..40]);
    play(&packager, &second, 1, &times_us[40..]);
    let dir = tempfile::tempdir().expect("a directory");
    let playlist = serve(&packager, dir.path());
    assert_eq!(playlist.segments.len(), 7);
    let probed = probe(&dir.path().join("ended.m3u8"));
    check_colours(&probed, WIDTH, HEIGHT);
    assert_eq!(times(&probed), times_us);
    // As it is: live, without an end.
    check_colours(&probe_start(&dir.path().join("live.m3u8")), WIDTH, HEIGHT);
}

#[test]
fn parts_are_the_bytes_of_their_segment_and_tell_exact_durations() {
    let Some(film) = film(WIDTH, HEIGHT, 40, GOP) else {
        return;
    };
    let times_us = irregular_us(40);
    let packager = Packager::new(config());
    play(&packager, &film, 0, &times_us);
    let dir = tempfile::tempdir().expect("a directory");
    let playlist = serve(&packager, dir.path());
    let read = |uri: &str| std::fs::read(dir.path().join(uri)).expect("written before");
    let mut file = read(&playlist.segments[0].map);
    let init_bytes = file.len();
    let mut listed_parts = 0;
    for segment in &playlist.segments {
        let (_, uri) = segment.whole.as_ref().expect("the life is over");
        if !segment.parts.is_empty() {
            let parts: Vec<u8> = segment.parts.iter().flat_map(|part| read(&part.uri)).collect();
            assert!(parts == read(uri), "{uri}");
            listed_parts += segment.parts.len();
        }
        file.extend(read(uri));
    }
    assert!(listed_parts > 4, "{listed_parts}");
    let path = dir.path().join("all.mp4");
    std::fs::write(&path, &file).expect("written");
    let probe = probe(&path);
    assert_eq!(times(&probe), times_us);
    let ends = times_us.iter().skip(1).copied().chain([times_us[39] + 40_000]);
    let expected: Vec<_> = times_us.iter().zip(ends).map(|(us, end)| end - us).collect();
    let got: Vec<_> = samples(&file[init_bytes..])
        .iter()
        .map(|s| s.duration_us)
        .collect();
    assert_eq!(got, expected);
}
