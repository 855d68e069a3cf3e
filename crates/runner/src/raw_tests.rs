use protocol::Dtype;
use protocol::frame::Shape;

use super::*;

const KIB: usize = 1 << 10;

/// A frame of 1 KiB, captured `seq` * 100 ms after the epoch.
fn frame(stream: &str, session: u64, seq: u64) -> Frame {
    sized(stream, session, seq, 1)
}

fn sized(stream: &str, session: u64, seq: u64, kib: usize) -> Frame {
    let shape = Shape::new(kib as u64, 1024, 1).unwrap();
    Frame {
        stream: stream.parse().unwrap(),
        stamp: Stamp {
            session,
            seq,
            t: WallTime::from_ns(seq as i64 * 100_000_000),
        },
        format: Format::new(shape, Dtype::U8),
        payload: vec![seq as u8; kib * KIB].into(),
    }
}

fn rings(bytes: usize, window_s: u64) -> Rings {
    Rings::new(Limits {
        bytes,
        window: Duration::from_secs(window_s),
    })
}

fn name(stream: &str) -> StreamName {
    stream.parse().unwrap()
}

/// Numbers of the oldest and the newest frame of every session.
fn ranges(rings: &Rings, stream: &str) -> Vec<(u64, u64)> {
    let kept = rings.kept(&name(stream));
    kept.iter().map(|kept| (kept.first.0, kept.last.0)).collect()
}

#[test]
fn a_frame_is_shared_not_copied() {
    let rings = rings(1 << 20, 60);
    let sent = frame("a", 1, 7);
    let address = sent.payload.as_ptr();
    rings.push(sent);
    let kept = rings.get(&name("a"), None, Which::Seq(7)).unwrap();
    assert_eq!(kept.payload.as_ptr(), address);
    assert_eq!(kept.stamp.seq, 7);
}

#[test]
fn the_window_goes_by_capture_time_behind_the_newest_frame() {
    let rings = rings(1 << 30, 1);
    (0..100).for_each(|seq| rings.push(frame("a", 1, seq)));
    assert_eq!(ranges(&rings, "a"), [(89, 99)]);
    let kept = rings.kept(&name("a"))[0];
    assert_eq!((kept.frames, kept.bytes), (11, 11 * KIB));
}

#[test]
fn bytes_are_bounded_over_all_streams_and_the_largest_gives_way() {
    let limit = 20 * (KIB + FRAME_OVERHEAD);
    let rings = rings(limit, 1_000);
    for seq in 0..100 {
        rings.push(sized("large", 1, seq, 4));
        if seq < 4 {
            rings.push(frame("small", 2, seq));
        }
        let cost = rings.lock().cost;
        assert!(cost <= limit, "{cost}");
    }
    assert_eq!(ranges(&rings, "small"), [(0, 3)], "within its share, it stays");
    let expected = (limit - 4 * (KIB + FRAME_OVERHEAD)) / (4 * KIB + FRAME_OVERHEAD);
    assert_eq!(ranges(&rings, "large"), [(100 - expected as u64, 99)]);
    // What it says it holds is what it holds.
    let inner = rings.lock();
    let frames = || {
        inner
            .streams
            .values()
            .flat_map(|ring| &ring.sessions)
            .flat_map(|s| &s.frames)
    };
    assert_eq!(frames().map(Raw::cost).sum::<usize>(), inner.cost);
    let formats = frames().map(|raw| Arc::as_ptr(&raw.format));
    assert_eq!(formats.collect::<std::collections::BTreeSet<_>>().len(), 2);
}

#[test]
fn a_frame_that_does_not_fit_leaves_none_rather_than_an_old_one() {
    let rings = rings(8 * KIB, 1_000);
    rings.push(frame("a", 1, 0));
    rings.push(frame("b", 1, 0));
    rings.push(sized("a", 1, 1, 8));
    assert!(rings.get(&name("a"), None, Which::Latest).is_err());
    assert!(
        rings.get(&name("b"), None, Which::Latest).is_ok(),
        "others do not pay"
    );
    rings.push(frame("a", 1, 2));
    assert_eq!(ranges(&rings, "a"), [(2, 2)]);
}

#[test]
fn the_newest_session_is_meant_unless_another_one_is_named() {
    let rings = rings(1 << 20, 1_000);
    (0..=20).for_each(|seq| rings.push(frame("a", 0xab, seq)));
    (0..=5).for_each(|seq| rings.push(frame("a", 0xcd, seq)));
    let get = |session, which| rings.get(&name("a"), session, which).map(|raw| raw.stamp);
    let latest = get(None, Which::Latest).unwrap();
    assert_eq!((latest.session, latest.seq), (0xcd, 5));
    assert_eq!(get(Some(0xab), Which::Latest).unwrap().seq, 20);
    assert_eq!(get(Some(0xab), Which::Seq(3)).unwrap().session, 0xab);
    assert_eq!(get(None, Which::Seq(3)).unwrap().session, 0xcd);
    assert_eq!(
        get(None, Which::Seq(20)).unwrap_err(),
        "stream a keeps no frame 20: it has 0 to 20 of session 00000000000000ab, 0 to 5 of session 00000000000000cd"
    );
    assert_eq!(
        get(Some(1), Which::Latest).unwrap_err(),
        "stream a keeps no frame of session 0000000000000001: it has 0 to 20 of session 00000000000000ab, \
         0 to 5 of session 00000000000000cd"
    );
}

#[test]
fn a_lost_number_is_not_answered_with_its_neighbour() {
    let rings = rings(1 << 20, 1_000);
    for seq in [3, 4, 8, 9] {
        rings.push(frame("a", 1, seq));
    }
    for (seq, is_there) in [(2, false), (4, true), (5, false), (8, true), (10, false)] {
        let found = rings.get(&name("a"), None, Which::Seq(seq));
        assert_eq!(found.is_ok_and(|raw| raw.stamp.seq == seq), is_there, "{seq}");
    }
}

#[test]
fn nothing_is_kept_when_nothing_may_be() {
    let rings = rings(0, 1_000);
    rings.push(frame("a", 1, 0));
    assert_eq!(rings.kept(&name("a")), []);
    assert_eq!(
        rings.get(&name("a"), None, Which::Latest).unwrap_err(),
        "stream a keeps no frame: it has none"
    );
}

#[test]
fn a_clock_that_goes_back_forgets_nothing_before_its_time() {
    let rings = rings(1 << 20, 1);
    let at = |seq, t_s: i64| Frame {
        stamp: Stamp {
            session: 1,
            seq,
            t: WallTime::from_ns(t_s * 1_000_000_000),
        },
        ..frame("a", 1, seq)
    };
    for frame in [at(0, 100), at(1, 50), at(2, 51)] {
        rings.push(frame);
    }
    assert_eq!(ranges(&rings, "a"), [(0, 2)]);
    rings.push(at(3, 102));
    assert_eq!(ranges(&rings, "a"), [(3, 3)]);
}

#[test]
fn whoever_waits_is_told_of_every_frame_and_finds_the_newest() {
    let rings = rings(4 * KIB, 60);
    let mut came = rings.came(&name("a"));
    assert_eq!(
        (*came.borrow_and_update(), rings.newest(&name("a")).is_none()),
        (0, true)
    );
    rings.push(frame("a", 1, 5));
    rings.push(frame("a", 2, 0));
    assert!(came.has_changed().unwrap());
    assert_eq!(*came.borrow_and_update(), 2);
    let (number, raw) = rings.newest(&name("a")).unwrap();
    assert_eq!((number, raw.stamp.session, raw.stamp.seq), (2, 2, 0));
    // Another stream's frames are not this one's.
    rings.push(frame("b", 1, 0));
    assert!(!came.has_changed().unwrap());
    // Too large to be kept: it came, and the one before it does not pass for it.
    rings.push(sized("a", 2, 1, 8));
    assert_eq!(*came.borrow_and_update(), 3);
    assert!(rings.newest(&name("a")).is_none());
}
