//! Viewers that do not read.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;
use tests::{Lab, PATIENCE, Viewer, now_ns, wait_for};

/// Enough to fill every buffer on the way in a few seconds.
const SERIES: usize = 600;
/// More than the buffers of a connection hold, and the runner's queue for one viewer.
const MORE_THAN_BUFFERS_HOLD: u64 = 10 << 20;

/// Times of the samples of series `id` in a message, in ms.
fn times(message: &Value, kind: &str, id: &Value) -> Vec<f64> {
    if message["type"] != kind {
        return Vec::new();
    }
    let series = message["series"].as_array().into_iter().flatten();
    let ours = series.filter(|series| series["id"] == *id);
    ours.flat_map(|series| series["t"].as_array().expect("t"))
        .filter_map(Value::as_f64)
        .collect()
}

/// Reads until `done`, and counts in `bytes`; the times of all samples of series `id`. Panics if it missed any message.
fn read(mut viewer: Viewer, id: &Value, done: &AtomicBool, bytes: &AtomicU64) -> Vec<f64> {
    let mut seen = Vec::new();
    while !done.load(Ordering::Relaxed) {
        let soon = Instant::now() + Duration::from_millis(100);
        let Some(message) = viewer.next(soon).expect("an open connection") else {
            continue;
        };
        assert_ne!(message["type"], "missed", "{message}");
        bytes.store(viewer.bytes(), Ordering::Relaxed);
        seen.extend(times(&message, "samples", id));
    }
    seen
}

#[test]
fn a_viewer_that_stops_reading_changes_nothing_for_nine_others_and_is_told_what_it_missed() {
    let lab = Lab::new();
    let runner = tests::Runner::start(&lab, "");
    let line = format!("synthetic --stream many --series {SERIES} --rate 30");
    let _many = lab.node("metric-node", &runner, &line);
    let id = runner.viewer().wait_for("the series", PATIENCE, |message| {
        let series = message["series"]
            .as_array()
            .filter(|_| message["type"] == "series")?;
        let ours = series.iter().find(|series| series["name"] == "temperature")?;
        Some(ours["id"].clone())
    });
    let mut lazy = Viewer::with_little_room(runner.addresses.http);
    let (done, bytes) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let others: Vec<_> = (0..9)
        .map(|_| {
            let (viewer, id, done, bytes) = (runner.viewer(), id.clone(), done.clone(), bytes.clone());
            std::thread::spawn(move || read(viewer, &id, &done, &bytes))
        })
        .collect();
    wait_for("messages for the others", Duration::from_secs(60), || {
        let bytes = bytes.load(Ordering::Relaxed);
        let is_enough = bytes > MORE_THAN_BUFFERS_HOLD || others.iter().any(JoinHandle::is_finished);
        is_enough.then_some(()).ok_or_else(|| format!("{bytes} bytes"))
    });
    let missed = lazy.wait_for("missed", PATIENCE, |message| {
        (message["type"] == "missed").then(|| message["messages"].as_u64())
    });
    assert!(missed.is_some_and(|messages| messages > 0), "{missed:?}");
    let newest_ms = lazy.wait_for("a new backfill", PATIENCE, |message| {
        times(message, "backfill", &id).last().copied()
    });
    let age_ms = now_ns() as f64 / 1e6 - newest_ms;
    assert!(
        age_ms < 2_000.0,
        "a backfill that is up to date, not {age_ms} ms old"
    );
    lazy.wait_for("new samples", PATIENCE, |message| {
        (times(message, "samples", &id).first()? > &newest_ms).then_some(())
    });
    done.store(true, Ordering::Relaxed);
    for other in others {
        let seen = other.join().expect("a viewer that was not disturbed");
        assert!(seen.len() > 60, "{} samples", seen.len());
        for pair in seen.windows(2) {
            let apart = pair[1] - pair[0];
            assert!(
                (30.0..37.0).contains(&apart),
                "a sample every 33.3 ms, not {apart}"
            );
        }
    }
}
