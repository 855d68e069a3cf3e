use bytes::Bytes;
use protocol::metric::Block;
use protocol::{Dtype, Stamp};

use super::*;

const EVERYTHING: Query = Query {
    stream: None,
    name: None,
    from: WallTime::from_ns(i64::MIN),
    to: WallTime::from_ns(i64::MAX),
};

fn values(seq: u64, t_ms: i64, values: &[(&str, f64)]) -> Metric {
    Metric {
        stream: "metrics".parse().unwrap(),
        stamp: Stamp {
            session: 1,
            seq,
            t: WallTime::from_ns(t_ms * 1_000_000),
        },
        frame: None,
        unit: None,
        data: Data::Values(
            values
                .iter()
                .map(|&(name, value)| (name.parse().unwrap(), value))
                .collect(),
        ),
    }
}

fn block(seq: u64, rows: usize, channels: usize) -> Metric {
    let elements = (0..rows * channels).map(|element| element as i16);
    Metric {
        stream: "probe".parse().unwrap(),
        stamp: Stamp {
            session: 1,
            seq,
            t: WallTime::from_ns(seq as i64 * rows as i64 * 25_000),
        },
        frame: None,
        unit: Some("uV".into()),
        data: Data::Block(Block {
            rows,
            channels,
            dtype: Dtype::I16,
            dt_ns: 25_000.0,
            names: None,
            scale: 0.5,
            payload: elements.flat_map(i16::to_le_bytes).collect::<Bytes>(),
        }),
    }
}

#[test]
fn messages_of_one_moment_are_one_sample_of_each_series() {
    let mut store = Store::new(1 << 20, Duration::from_secs(60));
    for moment in 0..40 {
        let t_ms = moment as i64 * 50;
        store
            .push(&values(2 * moment, t_ms, &[("voltage", 1.0)]))
            .unwrap();
        store
            .push(&values(2 * moment + 1, t_ms, &[("current", 2.0)]))
            .unwrap();
    }
    let (_, stream) = store.streams().next().unwrap();
    let rate = stream.rate.per_second().unwrap();
    assert!((rate - 20.0).abs() < 1e-9, "{rate}");
}

#[test]
fn blocks_become_a_series_per_channel_with_exact_times() {
    let mut store = Store::new(1 << 20, Duration::from_secs(60));
    store.push(&block(0, 3, 2)).unwrap();
    let read = store.read(&EVERYTHING);
    assert_eq!(read.len(), 2);
    let (history, samples) = &read[1];
    assert_eq!(
        (history.name.as_str(), history.unit.as_deref()),
        ("1", Some("uV"))
    );
    let expected = [(0, 0.5), (25_000, 1.5), (50_000, 2.5)];
    assert_eq!(
        samples.iter().map(|s| (s.t.as_ns(), s.value)).collect::<Vec<_>>(),
        expected
    );
}

#[test]
fn memory_is_bounded_and_the_newest_are_kept() {
    let budget_bytes = 1 << 16;
    let mut store = Store::new(budget_bytes, Duration::from_secs(60));
    for seq in 0..100 {
        store.push(&block(seq, 100, 4)).unwrap();
    }
    let read = store.read(&EVERYTHING);
    let held: usize = read
        .iter()
        .map(|(_, samples)| samples.len() * size_of::<Sample>())
        .sum();
    assert!(held <= budget_bytes, "{held}");
    assert_eq!(read[0].1.last().unwrap().t.as_ns(), (100 * 100 - 1) * 25_000);
}

#[test]
fn a_late_joiner_gets_what_the_others_have_drawn_and_no_more() {
    let mut store = Store::new(1 << 20, Duration::from_secs(60));
    store.push(&values(0, 1_000, &[("snr", 1.0)])).unwrap();
    let now = WallTime::from_ns(2_000_000_000);
    assert_eq!(store.take_fresh(now)[0].1.len(), 1);
    store.push(&values(1, 2_000, &[("snr", 2.0)])).unwrap();
    store.push(&values(2, 3_000, &[("snr", f64::NAN)])).unwrap();
    assert_eq!(store.backfill()[0].1.len(), 1);
    assert_eq!(store.take_fresh(now)[0].1.len(), 2);
    assert_eq!(store.backfill()[0].1.len(), 3);
    assert!(store.take_fresh(now).is_empty());
}

#[test]
fn invented_names_do_not_fill_the_memory() {
    let mut store = Store::new(1 << 20, Duration::from_secs(60));
    for seq in 0..MAX_SERIES as u64 {
        store.push(&values(seq, 0, &[(&format!("s{seq}"), 0.0)])).unwrap();
    }
    let (reason, _) = store
        .push(&values(
            MAX_SERIES as u64,
            0,
            &[("one too many", 0.0), ("s0", 1.0)],
        ))
        .unwrap_err();
    assert_eq!(reason, "too many series");
    assert_eq!(store.series().len(), MAX_SERIES);
}

#[test]
fn only_new_series_are_announced() {
    let mut store = Store::new(1 << 20, Duration::from_secs(60));
    store.push(&values(0, 0, &[("a", 0.0)])).unwrap();
    let new = |store: &mut Store| -> Vec<String> {
        let new = store.take_unannounced();
        new.map(|history| history.name.as_str().to_owned()).collect()
    };
    assert_eq!(new(&mut store), ["a"]);
    store.push(&values(1, 0, &[("a", 0.0), ("b", 0.0)])).unwrap();
    assert_eq!(new(&mut store), ["b"]);
    assert!(new(&mut store).is_empty());
}

fn name(name: &str) -> SeriesName {
    name.parse().unwrap()
}

fn recorded(store: &mut Store, session: u64, seq: u64, names: &[&str]) -> Result<(), (&'static str, String)> {
    let frame = Stamp {
        session,
        seq,
        t: WallTime::from_ns(seq as i64 * 33_333_333),
    };
    let names: Vec<SeriesName> = names.iter().map(|text| name(text)).collect();
    let values = names.iter().map(|name| Measured {
        name,
        unit: Some("counts"),
        value: seq as f64,
    });
    store.record(&"camera.roi".parse().unwrap(), frame, values)
}

#[test]
fn what_is_measured_has_the_time_and_the_number_of_its_frame() {
    let mut store = Store::new(1 << 20, Duration::from_secs(60));
    for seq in [5, 6, 9] {
        recorded(&mut store, 1, seq, &["a.mean", "a.max"]).unwrap();
    }
    recorded(&mut store, 2, 10, &["a.mean", "a.max"]).unwrap();
    let camera = "camera.roi".parse().unwrap();
    let (_, stream) = store.streams().next().unwrap();
    assert_eq!((stream.sequence.lost(), stream.sequence.received()), (0, 4));
    assert_eq!((stream.sequence.session(), stream.series), (Some(2), 2));
    let read = store.read(&EVERYTHING);
    let frames = store.frames(&camera, EVERYTHING.from, EVERYTHING.to);
    for (history, samples) in &read {
        assert_eq!(history.unit.as_deref(), Some("counts"));
        let of: Vec<u64> = samples.iter().map(|sample| frames[&sample.t]).collect();
        assert_eq!(of, [5, 6, 9, 10]);
        assert!(
            samples
                .iter()
                .zip(of)
                .all(|(sample, seq)| sample.value == seq as f64)
        );
    }
    let from = WallTime::from_ns(6 * 33_333_333);
    assert_eq!(store.frames(&camera, from, from).len(), 1);
}

#[test]
fn frames_that_a_producer_names_are_known_too_and_bounded() {
    let mut store = Store::new(1 << 16, Duration::from_secs(60));
    for seq in 0..10_000 {
        let metric = Metric {
            frame: Some(seq + 7),
            ..values(seq, seq as i64, &[("snr", 1.0)])
        };
        store.push(&metric).unwrap();
    }
    let frames = store.frames(&"metrics".parse().unwrap(), EVERYTHING.from, EVERYTHING.to);
    assert_eq!(frames[&WallTime::from_ns(9_999_000_000)], 10_006);
    let read = store.read(&EVERYTHING);
    let held = frames.len() + read[0].1.len();
    assert!(held * size_of::<Sample>() <= 1 << 16, "{held}");
}

#[test]
fn a_series_that_is_renamed_keeps_what_it_had_and_one_that_is_forgotten_does_not() {
    let mut store = Store::new(1 << 20, Duration::from_secs(60));
    let camera = "camera.roi".parse().unwrap();
    for seq in 0..3 {
        recorded(&mut store, 1, seq, &["a.mean", "b.mean"]).unwrap();
    }
    let now = WallTime::from_ns(200_000_000);
    assert_eq!(store.take_unannounced().count(), 2);
    store.take_fresh(now);
    store.rename(&camera, &name("a.mean"), &name("c.mean"));
    store.forget(&camera, &name("b.mean"));
    store.forget(&camera, &name("never"));
    assert_eq!(store.take_forgotten(), [0, 1]);
    assert!(store.take_forgotten().is_empty());
    let new: Vec<u32> = store.take_unannounced().map(|history| history.id).collect();
    assert_eq!(new, [2]);
    // For a viewer it is a new series: it gets all of it.
    let fresh = store.take_fresh(now);
    assert_eq!((fresh[0].0, fresh[0].1.len()), (2, 3));
    recorded(&mut store, 1, 3, &["c.mean"]).unwrap();
    let read = store.read(&EVERYTHING);
    assert_eq!(
        (read.len(), read[0].0.name.as_str(), read[0].1.len()),
        (1, "c.mean", 4)
    );
    assert_eq!(store.streams().next().unwrap().1.series, 1);
    // One that was never announced: who has just joined got its name with all others.
    recorded(&mut store, 1, 4, &["d.mean"]).unwrap();
    store.forget(&camera, &name("d.mean"));
    assert_eq!(store.take_forgotten(), [3]);
    assert!(store.take_unannounced().next().is_none());
}

#[test]
fn what_is_measured_and_what_producers_send_do_not_crowd_each_other_out() {
    let mut store = Store::new(1 << 20, Duration::from_secs(60));
    let names: Vec<String> = (0..=MAX_MEASURED).map(|n| format!("r{n}.mean")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (reason, text) = recorded(&mut store, 1, 0, &names).unwrap_err();
    assert_eq!(reason, "too many series");
    assert!(text.starts_with("1 series of regions refused"), "{text}");
    store.push(&values(0, 0, &[("a", 0.0)])).unwrap();
    store.forget(&"camera.roi".parse().unwrap(), &name("r0.mean"));
    recorded(&mut store, 1, 1, &["r16384.mean"]).unwrap();
}
