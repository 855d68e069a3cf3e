//! Which frame was when: held against a plain list of all frames.

mod common;

use std::time::Duration;

use common::{Camera, T0_NS, running, start};
use packager::{Config, Frames, MediaTime, Packager, Range};
use protocol::{Stamp, WallTime};

fn config() -> Config {
    Config {
        memory_bytes: 1 << 20,
        ..Config::new("r")
    }
}

type Row = (u64, Stamp, MediaTime);

fn all() -> Range {
    Range::Media(MediaTime::from_us(0)..=MediaTime::from_us(u64::MAX))
}

fn rows(frames: &Frames) -> Vec<Row> {
    let rows: Vec<_> = frames
        .spans
        .iter()
        .flat_map(|span| {
            assert_eq!((span.seq.len(), span.seq.len()), (span.t.len(), span.media.len()));
            assert!(!span.seq.is_empty());
            span.seq
                .iter()
                .zip(&span.t)
                .zip(&span.media)
                .map(|((seq, t), media)| {
                    let stamp = Stamp {
                        session: span.session,
                        seq: *seq,
                        t: *t,
                    };
                    (span.life, stamp, *media)
                })
        })
        .collect();
    assert_eq!(rows.len(), frames.count());
    let lives: Vec<_> = frames.spans.iter().map(|span| span.life).collect();
    assert!(
        lives.windows(2).all(|pair| pair[0] < pair[1]),
        "one span a life: {lives:?}"
    );
    rows
}

/// Three lives of jittering, dropping, restarting and (in the last one) very slow and strange producers.
fn film(packager: &Packager) -> Vec<Row> {
    let mut all = Vec::new();
    let mut camera = Camera::new(1, 500.0);
    camera.unit_bytes = 10;
    for life in 0..3 {
        if life > 0 {
            camera = camera.successor(life + 1);
            packager.begin(start(life, life + 1)).expect("a good start");
        }
        for n in 0..3_000_u64 {
            let mut unit = camera.unit();
            // Back by up to 0.1 s, and, after a restart, hours off.
            let jitter_ns = (n * 7_919 % 100_000) as i64 * 1_000 + life as i64 * 3_600_000_000_000;
            unit.stamp.t = unit.stamp.t.offset_ns(-jitter_ns);
            if n % 20 == 0 {
                camera.seq += n;
            }
            if life == 2 {
                camera.media_us += 1_500_000;
                // Numbers that jump ahead by more than 32 bits.
                camera.seq += if n % 100 == 0 { 1 << 33 } else { 0 };
            }
            all.push((life, unit.stamp, unit.media));
            packager.push(unit).expect("a good frame");
        }
    }
    all
}

#[test]
fn every_frame_is_found_by_media_time_capture_time_and_number() {
    let packager = running(Config {
        timeline: Duration::from_secs(100_000),
        ..config()
    });
    let expected = film(&packager);
    assert_eq!(rows(&packager.timeline(&all(), usize::MAX)), expected);
    let check = |range: Range, holds: &dyn Fn(&Row) -> bool| {
        let expected: Vec<_> = expected.iter().filter(|row| holds(row)).copied().collect();
        let got = packager.timeline(&range, usize::MAX);
        assert!(!got.more);
        assert!(
            rows(&got) == expected,
            "{range:?}: {} {}",
            got.count(),
            expected.len()
        );
        expected.len()
    };
    let mut found = 0;
    for n in (0..expected.len()).step_by(37) {
        let (_, from, media) = expected[n];
        let (_, to, media_to) = expected[(n + n % 150).min(expected.len() - 1)];
        let media = media..=media_to;
        found += check(Range::Media(media.clone()), &|row| media.contains(&row.2));
        let t = from.t.min(to.t)..=from.t.max(to.t);
        found += check(Range::Capture(t.clone()), &|row| t.contains(&row.1.t));
        let seq = from.seq.min(to.seq)..=from.seq.max(to.seq);
        for session in [None, Some(from.session)] {
            let range = Range::Sequence {
                session,
                seq: seq.clone(),
            };
            found += check(range, &|row| {
                session.is_none_or(|session| session == row.1.session) && seq.contains(&row.1.seq)
            });
        }
    }
    assert!(found > 10_000, "{found}");
}

#[test]
fn an_answer_is_as_long_as_asked_for_and_says_that_there_is_more() {
    let packager = running(config());
    Camera::new(1, 1_000.0).film(&packager, 5_000);
    let answer = packager.timeline(&all(), 1_500);
    assert!(answer.more);
    assert_eq!(answer.spans[0].seq, (0..1_500).collect::<Vec<_>>());
    assert!(!packager.timeline(&all(), 5_000).more);
    let none = packager.timeline(&all(), 0);
    assert!(none.more && none.spans.is_empty());
    let future = Range::Capture(WallTime::from_ns(T0_NS + 6_000_000_000)..=WallTime::from_ns(i64::MAX));
    assert_eq!(packager.timeline(&future, 10), Frames::default());
}

#[test]
fn the_timeline_reaches_back_as_far_as_was_asked_and_hardly_further() {
    let packager = running(Config {
        timeline: Duration::from_secs(20),
        ..config()
    });
    let mut camera = Camera::new(1, 100.0);
    camera.unit_bytes = 10;
    for _ in 0..60 {
        camera.film(&packager, 100);
        let held = packager.timeline(&all(), usize::MAX);
        let (media, newest) = (&held.spans[0].media, camera.media_us - 10_000);
        let reach = MediaTime::from_us(newest).since(media[0]);
        let limit = Duration::from_secs(20).min(Duration::from_micros(newest));
        assert!(
            reach >= limit && reach < limit + Duration::from_secs(3),
            "{reach:?}"
        );
    }
}
