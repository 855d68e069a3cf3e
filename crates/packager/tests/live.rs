//! What live viewers get.

mod common;

use std::time::Duration;

use common::boxes::samples;
use common::{Camera, T0_NS, ms, nal, running, start};
use packager::{AccessUnit, Config, Error, MediaTime, Packager};

fn config() -> Config {
    Config::new("r")
}

/// The number and what was missed, of the next fragment.
fn next(packager: &Packager, after: Option<u64>, skip: bool) -> Option<(u64, u64)> {
    packager
        .next(after, skip)
        .map(|next| (next.fragment.number, next.missed))
}

#[test]
fn the_message_has_the_header_that_the_protocol_describes_and_one_sample() {
    let packager = Packager::new(config());
    packager.begin(start(0xAABB_CCDD, 5)).expect("a good start");
    let mut camera = Camera::new(5, 30.0);
    camera.seq = 0x0102_0304_0506_0708;
    camera.media_us = 1 << 40;
    let key = camera.unit();
    let delta = camera.unit();
    for (unit, number) in [(key, 0_u64), (delta, 1)] {
        packager.push(unit.clone()).expect("a good frame");
        let fragment = packager
            .next(number.checked_sub(1), false)
            .expect("pushed")
            .fragment;
        let mut expected = vec![1, u8::from(unit.key), 40, 0, 0xDD, 0xCC, 0xBB, 0xAA];
        expected.extend(number.to_le_bytes());
        expected.extend(unit.stamp.seq.to_le_bytes());
        expected.extend((T0_NS + unit.media.as_us() as i64 * 1_000).to_le_bytes());
        expected.extend(unit.media.as_us().to_le_bytes());
        assert_eq!(fragment.message[..40], expected);
        let samples = samples(&fragment.message[40..]);
        assert_eq!(samples.len(), 1);
        assert_eq!(
            (samples[0].time_us, samples[0].key),
            (unit.media.as_us(), unit.key)
        );
        assert_eq!(samples[0].data, unit.data);
    }
}

#[test]
fn a_fragment_claims_to_last_for_more_than_half_of_any_hole_in_a_life() {
    for (period, claimed_us) in [(ms(1), 1_250_000), (ms(600), 1_250_000), (ms(5_000), 10_000_000)] {
        let packager = running(config());
        let unit = AccessUnit {
            period,
            ..Camera::new(1, 30.0).unit()
        };
        packager.push(unit).expect("a good frame");
        let fragment = packager.next(None, false).expect("pushed").fragment;
        let claimed = samples(&fragment.message[40..])[0].duration_us;
        assert_eq!(claimed, claimed_us);
        // Longest pause that media tolerates within a life.
        assert!(Duration::from_micros(claimed) * 2 > ms(2_000).max(period * 3));
    }
}

#[test]
fn a_late_joiner_begins_at_the_newest_key_frame_and_gets_every_frame_from_there() {
    let packager = running(config());
    assert_eq!(next(&packager, None, false), None);
    let mut camera = Camera::new(1, 10.0);
    camera.film(&packager, 35);
    assert_eq!(next(&packager, None, false), Some((30, 0)));
    for number in 30..34 {
        assert_eq!(next(&packager, Some(number), false), Some((number + 1, 0)));
    }
    assert_eq!(next(&packager, Some(34), false), None);
    assert_eq!(next(&packager, Some(34), true), None);
    assert_eq!((packager.newest(), packager.newest_key()), (Some(34), Some(30)));
    camera.film(&packager, 1);
    assert_eq!(next(&packager, Some(34), false), Some((35, 0)));
}

#[test]
fn who_fell_out_of_the_ring_goes_on_at_the_newest_key_frame_and_is_told_what_it_missed() {
    let packager = running(config());
    let mut camera = Camera::new(1, 10.0);
    camera.film(&packager, 19);
    // Two groups are there: 0 to 9, 10 to 18.
    assert_eq!(next(&packager, Some(0), false), Some((1, 0)));
    camera.film(&packager, 2);
    // Now 10 to 19 and 20.
    assert_eq!(next(&packager, Some(8), false), Some((20, 11)));
    assert_eq!(next(&packager, Some(9), false), Some((10, 0)));
    assert_eq!(next(&packager, Some(0), false), Some((20, 19)));
}

#[test]
fn skipping_never_goes_back_and_never_further_than_there_is_a_key_frame() {
    let packager = running(config());
    let mut camera = Camera::new(1, 10.0);
    camera.film(&packager, 15);
    assert_eq!(next(&packager, Some(3), true), Some((10, 6)));
    assert_eq!(next(&packager, Some(9), true), Some((10, 0)));
    // Past the newest key frame: in order, nothing is missed.
    assert_eq!(next(&packager, Some(10), true), Some((11, 0)));
    assert_eq!(next(&packager, Some(u64::MAX), true), None);
}

#[test]
fn the_ring_is_bounded_in_bytes_also_within_one_group() {
    let packager = running(Config {
        memory_bytes: 1 << 20,
        ..config()
    });
    let mut camera = Camera::new(1, 1_000.0);
    camera.unit_bytes = 10_000;
    camera.film(&packager, 100);
    // 256 KiB hold 25 frames; the key frame is gone, and with it the chance to join.
    assert_eq!(next(&packager, None, false), None);
    assert_eq!(next(&packager, Some(50), false), None);
    assert_eq!(packager.newest_key(), None);
    let held = (0..100)
        .filter(|n| next(&packager, Some(*n), false).is_some())
        .count();
    assert!((20..=26).contains(&held), "{held}");
    // Who was near goes on as if nothing had been.
    assert_eq!(next(&packager, Some(98), false), Some((99, 0)));
    camera.restart();
    camera.film(&packager, 2);
    assert_eq!(next(&packager, Some(50), false), Some((100, 49)));
    assert_eq!(next(&packager, None, false), Some((100, 0)));
}

#[test]
fn viewers_go_over_a_change_of_life_without_a_gap_and_see_another_init() {
    let packager = running(config());
    let mut camera = Camera::new(1, 10.0);
    camera.film(&packager, 5);
    packager.end(MediaTime::from_us(camera.media_us));
    packager.begin(start(3, 2)).expect("a good start");
    camera.successor(2).film(&packager, 1);
    let next = packager.next(Some(4), false).expect("pushed");
    assert_eq!(
        (next.missed, next.fragment.number, next.fragment.init.life),
        (0, 5, 3)
    );
}

#[test]
fn every_step_wakes_who_waits() {
    let packager = Packager::new(config());
    let mut changes = packager.changes();
    let mut check = |what: &str| {
        assert!(changes.has_changed().expect("the packager lives"), "{what}");
        changes.mark_unchanged();
    };
    packager.begin(start(0, 1)).expect("a good start");
    check("begin");
    let mut camera = Camera::new(1, 30.0);
    camera.film(&packager, 1);
    check("push");
    packager.end(MediaTime::from_us(40_000));
    check("end");
}

#[test]
fn what_does_not_belong_is_refused_and_changes_nothing() {
    let packager = Packager::new(Config {
        memory_bytes: 16 << 10,
        ..config()
    });
    let mut camera = Camera::new(1, 30.0);
    let first = camera.unit();
    let second = camera.unit();
    assert!(matches!(packager.push(first.clone()), Err(Error::NoLife(_))));
    packager.begin(start(4, 1)).expect("a good start");
    for life in [3, 4, 1 << 32] {
        let refused = packager.begin(start(life, 1));
        assert!(
            matches!(refused, Err(Error::Life { newest: Some(4), .. })),
            "{life}"
        );
    }
    assert!(matches!(
        packager.push(second.clone()),
        Err(Error::NoKey { life: 4, .. })
    ));
    packager.push(first.clone()).expect("a good frame");

    let refused = |change: &dyn Fn(&mut AccessUnit)| {
        let mut unit = second.clone();
        change(&mut unit);
        packager.push(unit).expect_err("refused")
    };
    let error = refused(&|unit| unit.stamp.session = 2);
    assert!(matches!(
        error,
        Error::Session {
            expected: 1,
            got: 2,
            ..
        }
    ));
    let error = refused(&|unit| unit.media = first.media);
    assert!(matches!(error, Error::Time { .. }));
    let error = refused(&|unit| unit.data = nal(1_021, 0));
    assert!(matches!(
        error,
        Error::TooLarge {
            bytes: 1_025,
            limit: 1_024
        }
    ));
    for bad in [
        &[][..],
        &[0, 0, 0],
        &[0, 0, 0, 0],
        &[0, 0, 0, 2, 9],
        &[0, 0, 0, 1, 9, 0, 0],
        &[0xFF; 9],
    ] {
        let error = refused(&|unit| unit.data = bad.to_vec().into());
        assert!(matches!(error, Error::Nal { .. }), "{bad:?}: {error}");
    }

    assert_eq!(packager.newest(), Some(0));
    packager.push(second).expect("a good frame");
    assert_eq!(packager.newest(), Some(1));
}
