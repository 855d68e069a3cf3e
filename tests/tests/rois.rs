//! Regions of interest: drawn by HTTP, measured on every frame, remembered.

use std::collections::BTreeMap;

use protocol::frame::{Format, Shape};
use protocol::{Dtype, Frame, Metric, Stamp, WallTime, metric};
use serde_json::{Value, json};
use tests::http::{self, Response, refused};
use tests::{Addresses, Lab, PATIENCE, Peer, Runner, now_ns, wait_for};

/// Frames are measured where no picture can be made.
const NO_ENCODER: &str = "--ffmpeg /nonexistent/ffmpeg";
const ROIS: &str = "/api/v1/streams/camera/rois";
const T0_NS: i64 = 1_760_000_000_123_456_789;
/// Between two frames: a baseline takes both.
const DT_NS: i64 = 100_000_001;
const SHAPE: (usize, usize) = (24, 40);

/// xorshift64, Marsaglia 2003.
fn noise(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state >> 16
    }
}

/// The values of a frame: all that the dtype holds, or such as pipelines give; of floats every eleventh is NaN.
fn values(seq: u64, dtype: Dtype, count: usize) -> Vec<f64> {
    let mut next = noise(seq);
    let value = |index: usize| {
        let bits = next();
        match dtype {
            Dtype::Bool => (bits & 1) as f64,
            Dtype::U8 => f64::from(bits as u8),
            Dtype::I8 => f64::from(bits as i8),
            Dtype::U16 => f64::from(bits as u16),
            Dtype::I16 => f64::from(bits as i16),
            Dtype::U32 => f64::from(bits as u32),
            Dtype::I32 => f64::from(bits as i32),
            Dtype::F32 | Dtype::F64 if index % 11 == 3 => f64::NAN,
            Dtype::F32 => f64::from(0.3_f32 + (bits as u16) as f32 / 1e6),
            Dtype::F64 => 1e6 + f64::from(bits as u32) / 1e9,
        }
    };
    (0..count).map(value).collect()
}

fn bytes(values: &[f64], dtype: Dtype) -> Vec<u8> {
    let of = |&value: &f64| match dtype {
        Dtype::Bool | Dtype::U8 => vec![value as u8],
        Dtype::I8 => (value as i8).to_le_bytes().to_vec(),
        Dtype::U16 => (value as u16).to_le_bytes().to_vec(),
        Dtype::I16 => (value as i16).to_le_bytes().to_vec(),
        Dtype::U32 => (value as u32).to_le_bytes().to_vec(),
        Dtype::I32 => (value as i32).to_le_bytes().to_vec(),
        Dtype::F32 => (value as f32).to_le_bytes().to_vec(),
        Dtype::F64 => value.to_le_bytes().to_vec(),
    };
    values.iter().flat_map(of).collect()
}

fn frame(session: u64, seq: u64, (height, width): (usize, usize), dtype: Dtype) -> Frame {
    let shape = Shape::new(height as u64, width as u64, 1).expect("a shape");
    Frame {
        stream: "camera".parse().expect("a name"),
        stamp: Stamp {
            session,
            seq,
            t: WallTime::from_ns(T0_NS + seq as i64 * DT_NS),
        },
        format: Format {
            unit: Some("photons".into()),
            ..Format::new(shape, dtype)
        },
        payload: bytes(&values(seq, dtype, height * width), dtype).into(),
    }
}

/// Waits until a frame has been measured.
fn wait_measured(runner: &Runner, session: u64, seq: u64) {
    let session = format!("{session:016x}");
    runner.wait_for_stream(("metric", "camera.roi"), "measured", PATIENCE, |stream| {
        (stream["seq"] == seq && stream["session"] == *session).then_some(())
    });
}

fn publish(peer: &mut Peer, frame: &Frame) {
    peer.publish(protocol::Message::Frame(frame.clone()));
}

#[track_caller]
fn ok(response: &Response, status: u16) -> Value {
    assert_eq!(response.status, status, "{}", response.text());
    assert_eq!(response.cache_control(), "no-store");
    response.json()
}

fn rectangle(x: f64, y: f64, width: f64, height: f64) -> Value {
    json!({"type": "rectangle", "x": x, "y": y, "width": width, "height": height})
}

fn ellipse(x: f64, y: f64, width: f64, height: f64) -> Value {
    json!({"type": "ellipse", "x": x, "y": y, "width": width, "height": height})
}

/// A series as it is kept.
#[derive(Debug, Default)]
struct Series {
    unit: Value,
    /// Numbers of the frames that were measured, capture times in ms, and values.
    samples: Vec<(u64, f64, f64)>,
}

/// All series of the stream's regions, by name.
fn measured(runner: &Runner) -> BTreeMap<String, Series> {
    let answer = runner.get("/api/v1/series?stream=camera.roi").json();
    let list = |value: &Value| value.as_array().expect("a list").clone();
    let number = |value: &Value| match value.as_str() {
        Some("NaN") => f64::NAN,
        _ => value.as_f64().expect("a number"),
    };
    let series = |series: &Value| {
        let columns = [&series["frame"], &series["t"], &series["v"]].map(list);
        let [frames, times, values] = &columns;
        assert!(frames.len() == times.len() && times.len() == values.len());
        let rows = frames.iter().zip(times).zip(values);
        let samples = rows.map(|((frame, t), v)| (frame.as_u64().expect("a frame"), number(t), number(v)));
        let read = Series {
            unit: series["unit"].clone(),
            samples: samples.collect(),
        };
        (series["name"].as_str().expect("a name").to_owned(), read)
    };
    list(&answer["series"]).iter().map(series).collect()
}

/// What NumPy says of the values: `nanmean`, `nanmin`, `nanmax`, `nansum`, `nanstd`.
fn numpy(values: impl Iterator<Item = f64>) -> [f64; 5] {
    let values: Vec<f64> = values.filter(|value| !value.is_nan()).collect();
    let count = values.len() as f64;
    let sum: f64 = values.iter().sum();
    let mean = sum / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    let min = values.iter().copied().fold(f64::INFINITY, f64::min);
    let max = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    [mean, min, max, sum, variance.sqrt()]
}

/// NumPy's `percentile(values, 8)`.
fn eighth_percentile(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = 0.08 * (sorted.len() - 1) as f64;
    let (low, high) = (sorted[rank.floor() as usize], sorted[rank.ceil() as usize]);
    low + (high - low) * rank.fract()
}

#[track_caller]
fn close(what: &str, got: f64, expected: f64) {
    let is_close = (got - expected).abs() <= 1e-6 * expected.abs();
    assert!(
        is_close || (got.is_nan() && expected.is_nan()) || got == expected,
        "{what}: {got}, expected {expected}"
    );
}

/// Whether the centre of a pixel is in a region, by the definition.
fn holds(shape: &Value, row: usize, column: usize) -> bool {
    let (x, y) = (column as f64 + 0.5, row as f64 + 0.5);
    let side = |key: &str| shape[key].as_f64().expect("a number");
    match shape["type"].as_str() {
        Some("rectangle") => {
            let within = |at: f64, from: f64, length: f64| from <= at && at < from + length;
            within(x, side("x"), side("width")) && within(y, side("y"), side("height"))
        }
        Some("ellipse") => {
            let off = |at: f64, from: f64, length: f64| ((at - from) / length * 2.0 - 1.0).powi(2);
            off(x, side("x"), side("width")) + off(y, side("y"), side("height")) <= 1.0
        }
        // Even-odd: how many edges are to the right of it.
        _ => {
            let points = shape["points"].as_array().expect("a list");
            let point = |index: usize| {
                let point = &points[index % points.len()];
                [0, 1].map(|axis| point[axis].as_f64().expect("a number"))
            };
            let crossed = (0..points.len()).filter(|&index| {
                let ([x0, y0], [x1, y1]) = (point(index), point(index + 1));
                (y0 <= y) != (y1 <= y) && x0 + (y - y0) / (y1 - y0) * (x1 - x0) > x
            });
            crossed.count() % 2 == 1
        }
    }
}

#[test]
fn every_frame_is_measured_as_numpy_does_with_its_own_time_and_number() {
    let shapes = [
        ("box", rectangle(3.0, 2.0, 11.0, 9.0)),
        ("disc", ellipse(10.3, 4.6, 17.1, 12.9)),
        (
            "cell_2",
            json!({"type": "polygon", "points": [[20.2, 1.3], [37.9, 8.8], [30.1, 22.7], [24.4, 11.1], [18.3, 20.9]]}),
        ),
        ("all", rectangle(0.0, 0.0, 40.0, 24.0)),
    ];
    let rois: Vec<Value> = shapes
        .iter()
        .map(|(name, shape)| json!({"name": name, "shape": shape}))
        .collect();
    for dtype in Dtype::ALL {
        let lab = Lab::new();
        let runner = Runner::start(&lab, NO_ENCODER);
        let mut peer = Peer::join(runner.addresses.ingest);
        // The first frame makes the stream; regions are of those after it.
        publish(&mut peer, &frame(1, 0, SHAPE, dtype));
        wait_measured(&runner, 1, 0);
        let answer = ok(&runner.send("PUT", ROIS, &json!({"rois": rois})), 200);
        assert_eq!((&answer["rois"], &answer["revision"]), (&json!(rois), &json!(1)));
        assert_eq!(answer["stream"], "camera");
        // 4 never comes: lost on the way.
        let seqs = [1, 2, 3, 5, 6, 7, 8];
        for seq in seqs {
            publish(&mut peer, &frame(1, seq, SHAPE, dtype));
        }
        wait_measured(&runner, 1, 8);
        let series = measured(&runner);
        assert_eq!(series.len(), 2 + 6 * shapes.len(), "{:?}", series.keys());

        let all: Vec<u64> = [0].into_iter().chain(seqs).collect();
        let of_frame = [&series["frame.mean"], &series["frame.max"]];
        for (index, &seq) in all.iter().enumerate() {
            let [mean, _, max, ..] = numpy(values(seq, dtype, SHAPE.0 * SHAPE.1).into_iter());
            for (series, expected) in of_frame.iter().zip([mean, max]) {
                let (number, t_ms, value) = series.samples[index];
                assert_eq!(number, seq);
                assert_eq!(t_ms, frame(1, seq, SHAPE, dtype).stamp.t.as_ms_f64());
                close(&format!("{dtype}: frame {seq}"), value, expected);
            }
        }
        for (name, shape) in &shapes {
            let mut means = Vec::new();
            for (index, &seq) in seqs.iter().enumerate() {
                let values = values(seq, dtype, SHAPE.0 * SHAPE.1);
                let inside = (0..SHAPE.0 * SHAPE.1).filter(|at| holds(shape, at / SHAPE.1, at % SHAPE.1));
                let statistics = numpy(inside.map(|at| values[at]));
                means.push(statistics[0]);
                let baseline = eighth_percentile(&means);
                let change = match baseline > 0.0 {
                    true => (statistics[0] - baseline) / baseline,
                    false => f64::NAN,
                };
                let expected = ["mean", "min", "max", "sum", "std"].into_iter().zip(statistics);
                for (of, expected) in expected.chain([("dff", change)]) {
                    let series = &series[&format!("{name}.{of}")];
                    assert_eq!(series.samples.len(), seqs.len());
                    let unit = if of == "dff" {
                        Value::Null
                    } else {
                        json!("photons")
                    };
                    assert_eq!(series.unit, unit, "{of}");
                    let (number, t_ms, value) = series.samples[index];
                    assert_eq!(number, seq);
                    assert_eq!(t_ms, frame(1, seq, SHAPE, dtype).stamp.t.as_ms_f64());
                    close(&format!("{dtype}: {name}.{of} of {seq}"), value, expected);
                }
            }
        }
        let stream = runner.wait_for_stream(("metric", "camera.roi"), "known", PATIENCE, |stream| {
            Some(stream.clone())
        });
        // What was lost was a frame; of what was measured nothing was.
        assert_eq!(
            (&stream["received"], &stream["drops"]["wire"]),
            (&json!(8), &json!(0))
        );
        let camera = runner.frame_stream("camera");
        assert_eq!(camera["drops"]["wire"], 1);
        assert_eq!(
            camera["rois"],
            json!({"revision": 1, "count": shapes.len(), "skipped": 0})
        );
    }
}

#[test]
fn colours_count_together_and_alpha_does_not() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, NO_ENCODER);
    let mut peer = Peer::join(runner.addresses.ingest);
    let (height, width) = SHAPE;
    let colours = values(7, Dtype::U16, height * width * 4);
    let mut rgba = frame(1, 0, SHAPE, Dtype::U16);
    rgba.format.shape = Shape::new(height as u64, width as u64, 4).expect("a shape");
    rgba.payload = bytes(&colours, Dtype::U16).into();
    publish(&mut peer, &rgba);
    wait_measured(&runner, 1, 0);
    let shape = rectangle(3.0, 2.0, 11.0, 9.0);
    ok(&runner.send("POST", ROIS, &json!({"shape": shape})), 201);
    rgba.stamp.seq = 1;
    publish(&mut peer, &rgba);
    wait_measured(&runner, 1, 1);
    let series = measured(&runner);
    let inside = (0..height * width).filter(|at| holds(&shape, at / width, at % width));
    let elements = inside
        .flat_map(|at| at * 4..at * 4 + 3)
        .map(|element| colours[element]);
    for (of, expected) in ["mean", "min", "max", "sum", "std"]
        .into_iter()
        .zip(numpy(elements))
    {
        close(of, series[&format!("roi1.{of}")].samples[0].2, expected);
    }
}

#[test]
fn regions_outlive_the_runner_and_series_outlive_the_producer() {
    let lab = Lab::new();
    let mut runner = Runner::start_at(&lab, Addresses::reserved(), "");
    let mut peer = Peer::join(runner.addresses.ingest);
    publish(&mut peer, &frame(1, 0, SHAPE, Dtype::U16));
    wait_measured(&runner, 1, 0);
    let polygon = json!({"type": "polygon", "points": [[1.25, 2.5], [9.0, 2.5], [5.0, 8.125]]});
    ok(
        &runner.send("PUT", &format!("{ROIS}/soma1"), &json!({"shape": polygon})),
        201,
    );
    publish(&mut peer, &frame(1, 1, SHAPE, Dtype::U16));
    wait_measured(&runner, 1, 1);
    drop(peer);
    // The same camera, started again.
    let mut peer = Peer::join(runner.addresses.ingest);
    for seq in [2, 3] {
        publish(&mut peer, &frame(2, seq, SHAPE, Dtype::U16));
    }
    wait_measured(&runner, 2, 3);
    let numbers = |series: &BTreeMap<String, Series>, name: &str| -> Vec<u64> {
        series[name].samples.iter().map(|&(number, ..)| number).collect()
    };
    assert_eq!(numbers(&measured(&runner), "soma1.mean"), [1, 2, 3]);
    assert_eq!(numbers(&measured(&runner), "frame.max"), [0, 1, 2, 3]);

    let file = lab.dir().join("state").join("rois.json");
    wait_for("the region on disk", PATIENCE, || {
        let text = std::fs::read_to_string(&file).map_err(|error| error.to_string())?;
        text.contains("8.125").then_some(()).ok_or(text)
    });
    runner.kill_and_restart(&lab);
    let mut peer = Peer::join(runner.addresses.ingest);
    publish(&mut peer, &frame(2, 4, SHAPE, Dtype::U16));
    wait_measured(&runner, 2, 4);
    assert_eq!(
        ok(&runner.get(ROIS), 200)["rois"],
        json!([{"name": "soma1", "shape": polygon}])
    );
    assert_eq!(numbers(&measured(&runner), "soma1.mean"), [4]);
}

#[test]
fn a_region_can_be_moved_renamed_and_removed_and_its_series_follow() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, NO_ENCODER);
    let mut peer = Peer::join(runner.addresses.ingest);
    let mut next = 0;
    let mut measure = |peer: &mut Peer| {
        publish(peer, &frame(1, next, SHAPE, Dtype::U8));
        wait_measured(&runner, 1, next);
        next += 1;
    };
    measure(&mut peer);
    let shape = rectangle(0.0, 0.0, 4.0, 4.0);
    for name in ["roi1", "roi2"] {
        let added = ok(&runner.send("POST", ROIS, &json!({"shape": shape})), 201);
        assert_eq!(added, json!({"name": name, "shape": shape}));
    }
    let response = runner.send("POST", ROIS, &json!({"shape": shape, "name": "soma"}));
    assert_eq!(response.header("location"), format!("{ROIS}/soma"));
    measure(&mut peer);

    let viewer = runner.viewer();
    let auto = json!({"window": {"roi": "roi1", "mode": "auto"}});
    let display = "/api/v1/streams/camera/display";
    ok(&runner.send("PATCH", display, &auto), 200);
    let renamed = runner.send("PUT", &format!("{ROIS}/roi1"), &json!({"name": "axon"}));
    assert_eq!(ok(&renamed, 200), json!({"name": "axon", "shape": shape}));
    // The window goes on looking at it.
    assert_eq!(ok(&runner.get(display), 200)["window"]["roi"], "axon");
    let moved = ellipse(1.0, 1.0, 5.0, 5.0);
    let changed = runner.send(
        "PUT",
        &format!("{ROIS}/roi2"),
        &json!({"shape": moved, "name": "roi2"}),
    );
    assert_eq!(ok(&changed, 200), json!({"name": "roi2", "shape": moved}));
    let removed = http::send(runner.addresses.http, "DELETE", &format!("{ROIS}/soma"), &[], &[]);
    assert_eq!(removed.expect("an answer").status, 204);
    measure(&mut peer);

    let rois = ok(&runner.get(ROIS), 200);
    assert_eq!(rois["revision"], 6);
    assert_eq!(
        rois["rois"],
        json!([{"name": "axon", "shape": shape}, {"name": "roi2", "shape": moved}])
    );
    let series = measured(&runner);
    let kept: Vec<(&str, usize)> = series
        .iter()
        .filter(|(name, _)| name.ends_with(".mean"))
        .map(|(name, series)| (name.as_str(), series.samples.len()))
        .collect();
    assert_eq!(kept, [("axon.mean", 2), ("frame.mean", 3), ("roi2.mean", 2)]);
    // Pages are told which series are no more: those of two regions, six of each.
    let mut viewer = viewer;
    let mut forgotten = 0;
    viewer.wait_for("series that are no more", PATIENCE, |message| {
        if message["type"] == "forgotten" {
            forgotten += message["series"].as_array().expect("a list").len();
        }
        (forgotten == 12).then_some(())
    });
    let unknown = json!({"window": {"roi": "soma"}});
    refused(
        &runner.send("PATCH", display, &unknown),
        422,
        &["window.roi is \"soma\""],
    );
    refused(
        &runner.send("PATCH", display, &json!({"window": {"roi": 7}})),
        422,
        &["window.roi is 7", "or null"],
    );
}

#[test]
fn auto_once_looks_at_its_region_only() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, NO_ENCODER);
    let mut peer = Peer::join(runner.addresses.ingest);
    let mut picture = frame(1, 0, (4, 6), Dtype::U16);
    let columns: Vec<f64> = (0..24)
        .map(|at| [0.0, 100.0, 300.0, 500.0, 800.0, 4_000.0][at % 6])
        .collect();
    picture.payload = bytes(&columns, Dtype::U16).into();
    publish(&mut peer, &picture);
    wait_measured(&runner, 1, 0);
    let cell = json!({"name": "cell", "shape": rectangle(2.0, 1.0, 2.0, 3.0)});
    ok(&runner.send("POST", ROIS, &cell), 201);
    let display = "/api/v1/streams/camera/display";
    ok(
        &runner.send("PATCH", display, &json!({"window": {"roi": "cell"}})),
        200,
    );
    let auto = || ok(&runner.send("POST", &format!("{display}/auto"), &json!({})), 200);
    assert_eq!(auto()["shown"], json!([300.0, 500.0]));
    // Without the region it is all of the frame again.
    ok(&runner.send("PUT", ROIS, &json!({"rois": []})), 200);
    assert_eq!(auto()["shown"], json!([0.0, 4000.0]));
}

#[test]
fn a_region_that_no_longer_fits_is_silent_and_said_until_it_fits_again() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, NO_ENCODER);
    let mut peer = Peer::join(runner.addresses.ingest);
    publish(&mut peer, &frame(1, 0, SHAPE, Dtype::U8));
    wait_measured(&runner, 1, 0);
    let (near, far) = (rectangle(0.0, 0.0, 4.0, 4.0), rectangle(30.0, 10.0, 4.0, 4.0));
    let rois = json!({"rois": [{"name": "near", "shape": near}, {"name": "far", "shape": far}]});
    ok(&runner.send("PUT", ROIS, &rois), 200);
    for seq in 1..=3 {
        publish(&mut peer, &frame(1, seq, (10, 20), Dtype::U8));
    }
    wait_measured(&runner, 1, 3);
    let text = runner.viewer().wait_for("a notice", PATIENCE, |message| {
        let is_it = message["type"] == "notice" && message["source"] == "frame/camera";
        let text = message["text"]
            .as_str()
            .filter(|text| text.contains("region \"far\""));
        text.filter(|_| is_it && message["count"] == 1)
            .map(ToOwned::to_owned)
    });
    assert!(text.contains("not measured in frames of 20x10"), "{text}");
    // The list can be sent again as it is; what is new has to fit.
    ok(&runner.send("PUT", ROIS, &rois), 200);
    let more = json!({"shape": rectangle(18.0, 0.0, 4.0, 4.0)});
    refused(
        &runner.send("POST", ROIS, &more),
        422,
        &["shape: rectangle reaches (22, 4)"],
    );
    publish(&mut peer, &frame(1, 4, SHAPE, Dtype::U8));
    wait_measured(&runner, 1, 4);
    let series = measured(&runner);
    let numbers = |name: &str| -> Vec<u64> { series[name].samples.iter().map(|sample| sample.0).collect() };
    assert_eq!(
        (numbers("near.mean"), numbers("far.mean")),
        (vec![1, 2, 3, 4], vec![4])
    );
    assert!(
        series
            .values()
            .flat_map(|series| &series.samples)
            .all(|sample| !sample.2.is_nan())
    );
}

#[test]
fn nonsense_is_refused_by_name_and_changes_nothing() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, NO_ENCODER);
    let mut peer = Peer::join(runner.addresses.ingest);
    publish(&mut peer, &frame(1, 0, SHAPE, Dtype::U16));
    wait_measured(&runner, 1, 0);
    let good = rectangle(0.0, 0.0, 4.0, 4.0);
    let one = json!({"rois": [{"name": "a", "shape": good}]});
    let before = ok(&runner.send("PUT", ROIS, &one), 200);

    let bow_tie = json!({"type": "polygon", "points": [[0, 0], [10, 10], [10, 0], [0, 10]]});
    let many: Vec<Value> = (0..10_000)
        .map(|n| json!({"name": format!("r{n}"), "shape": good}))
        .collect();
    let put = |body: &Value| runner.send("PUT", ROIS, body);
    let two = |name: &str, shape: &Value| json!({"rois": [{"name": "a", "shape": good}, {"name": name, "shape": shape}]});
    for (body, words) in [
        (
            two("b", &rectangle(38.0, 0.0, 4.0, 4.0)),
            &["rois[1].shape", "reaches (42, 4)", "0 to 40"][..],
        ),
        (
            two("b", &rectangle(-0.5, 0.0, 4.0, 4.0)),
            &["rois[1].shape", "reaches (-0.5, 0)"],
        ),
        (two("b", &bow_tie), &["rois[1].shape", "crosses itself"]),
        (
            two("b", &rectangle(1.0, 1.0, 0.2, 0.2)),
            &["rois[1].shape", "holds no pixel"],
        ),
        (
            two("b", &json!({"type": "polygon", "points": [[0, 0], [1, 1]]})),
            &["rois[1].shape", "3 to 1000"],
        ),
        (
            two("b", &json!({"type": "polygon", "points": vec![[1, 1]; 1_001]})),
            &["rois[1].shape.points", "1001 vertices"],
        ),
        (
            two("b", &json!({"type": "blob"})),
            &["rois[1].shape.type", "blob", "polygon"],
        ),
        (
            two("b", &json!({"type": "ellipse", "x": "NaN"})),
            &["rois[1].shape.x", "\"NaN\""],
        ),
        (
            two("b", &json!({"type": "ellipse", "x": 1, "y": 1, "width": 2})),
            &["rois[1].shape", "height is missing"],
        ),
        (
            two("b", &json!({"type": "ellipse", "r": 1})),
            &["rois[1].shape", "`r`"],
        ),
        (two("a", &good), &["rois[1].name is \"a\""]),
        (two("frame", &good), &["rois[1].name", "whole frame"]),
        (two("a.b", &good), &["rois[1].name", "is \"a.b\"", "1 to 64"]),
        (two("", &good), &["rois[1].name"]),
        (json!({ "rois": many }), &["10000 regions", "1000"]),
        (json!({"rois": 7}), &["rois", "list of regions"]),
        (json!({}), &["rois"]),
        (json!([]), &["expected"]),
        (json!({"rois": [], "colour": 1}), &["colour"]),
    ] {
        refused(&put(&body), 422, words);
    }
    let item = format!("{ROIS}/a");
    for (method, path, body, status, words) in [
        ("POST", ROIS, json!({}), 422, &["shape is missing"][..]),
        (
            "POST",
            ROIS,
            json!({"shape": good, "name": "a"}),
            422,
            &["name is \"a\""],
        ),
        (
            "POST",
            ROIS,
            json!({"shape": bow_tie}),
            422,
            &["shape: polygon crosses itself"],
        ),
        (
            "PUT",
            &item,
            json!({"shape": {"type": "ellipse", "x": 39, "y": 0, "width": 9, "height": 9}}),
            422,
            &["shape"],
        ),
        ("PUT", &item, json!({"shape": null}), 422, &["shape"]),
        (
            "PUT",
            &format!("{ROIS}/b"),
            json!({"shape": good, "name": "c"}),
            404,
            &["no region \"b\""],
        ),
        (
            "PUT",
            &format!("{ROIS}/a.b"),
            json!({"shape": good}),
            404,
            &["a.b"],
        ),
        (
            "DELETE",
            &format!("{ROIS}/b"),
            json!({}),
            404,
            &["no region \"b\""],
        ),
        (
            "PUT",
            "/api/v1/streams/other/rois",
            json!({"rois": []}),
            404,
            &["no frame stream"],
        ),
        (
            "DELETE",
            "/api/v1/streams/other/rois/a",
            json!({}),
            404,
            &["no frame stream"],
        ),
    ] {
        refused(&runner.send(method, path, &body), status, words);
    }
    let send = |headers: &[(&str, &str)], body: &[u8]| {
        http::send(runner.addresses.http, "PUT", ROIS, headers, body).expect("an answer")
    };
    let json = [("content-type", "application/json")];
    let x = |number: &str| {
        let shape = format!("{{\"type\":\"ellipse\",\"x\":{number},\"y\":0,\"width\":2,\"height\":2}}");
        send(
            &json,
            format!("{{\"rois\":[{{\"name\":\"b\",\"shape\":{shape}}}]}}").as_bytes(),
        )
    };
    for number in ["NaN", "Infinity", "1e999", "", "0x1"] {
        refused(&x(number), 400, &["JSON", "x"]);
    }
    refused(&send(&json, b"{\"rois\":[]} more"), 400, &["JSON"]);
    refused(&send(&json, b"\xff"), 400, &["JSON"]);
    refused(
        &send(&json, &vec![b' '; (16 << 20) + 1]),
        413,
        &["16777216 bytes"],
    );
    refused(&send(&[], b"{}"), 415, &["application/json"]);
    refused(
        &send(
            &[json[0], ("origin", "http://elsewhere.example")],
            b"{\"rois\":[]}",
        ),
        403,
        &["another site"],
    );
    let foreign = [("origin", "http://elsewhere.example")];
    let response = http::send(runner.addresses.http, "DELETE", &item, &foreign, &[]).expect("an answer");
    refused(&response, 403, &["another site"]);
    assert_eq!(ok(&runner.get(ROIS), 200), before);

    // Names of what is measured here are nobody else's.
    peer.publish(protocol::Message::Metric(Metric {
        stream: "camera.roi".parse().expect("a name"),
        stamp: Stamp {
            session: 9,
            seq: 0,
            t: WallTime::from_ns(now_ns()),
        },
        frame: None,
        unit: None,
        data: metric::Data::Values(vec![("a.mean".parse().expect("a name"), 1e9)]),
    }));
    runner.viewer().wait_for("a notice", PATIENCE, |message| {
        let text = message["text"].as_str().unwrap_or_default();
        (message["source"] == "metric/camera.roi" && text.contains("runner's own")).then_some(())
    });
    assert!(!measured(&runner).contains_key("a.mean"));
}

#[test]
fn a_thousand_polygons_are_imported_at_once() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, NO_ENCODER);
    let mut peer = Peer::join(runner.addresses.ingest);
    publish(&mut peer, &frame(1, 0, (512, 512), Dtype::U16));
    wait_measured(&runner, 1, 0);
    let cell = |n: usize| {
        let (x, y) = (8.0 + (n % 32) as f64 * 16.0, 8.0 + (n / 32) as f64 * 15.0);
        let corner = |index: usize| {
            let angle = index as f64 / 200.0 * std::f64::consts::TAU;
            [x + 7.123_456_789 * angle.cos(), y + 7.123_456_789 * angle.sin()]
        };
        let points: Vec<[f64; 2]> = (0..200).map(corner).collect();
        json!({"name": format!("cell{n}"), "shape": {"type": "polygon", "points": points}})
    };
    let rois: Vec<Value> = (0..1_000).map(cell).collect();
    let answer = ok(&runner.send("PUT", ROIS, &json!({"rois": rois})), 200);
    assert_eq!(answer["rois"].as_array().map(Vec::len), Some(1_000));
    publish(&mut peer, &frame(1, 1, (512, 512), Dtype::U16));
    wait_measured(&runner, 1, 1);
    assert_eq!(measured(&runner).len(), 2 + 6_000);
    refused(
        &runner.send("POST", ROIS, &json!({"shape": rectangle(0.0, 0.0, 4.0, 4.0)})),
        422,
        &["1001 regions", "at most 1000"],
    );
}

#[test]
fn fifty_regions_of_half_a_megabyte_keep_up() {
    const FRAMES: u64 = 150;
    let lab = Lab::new();
    let runner = Runner::start(&lab, NO_ENCODER);
    let node = |limit: u64| {
        let arguments =
            format!("synthetic --stream camera --shape 512x512 --dtype uint16 --fps 30 --frames {limit}");
        lab.node("frame-node", &runner, &arguments)
    };
    let first = node(1);
    runner.wait_for_stream(("metric", "camera.roi"), "measured", PATIENCE, |stream| {
        (stream["received"] == 1).then_some(())
    });
    drop(first);
    let disc = |n: u32| {
        let (x, y) = (f64::from(n % 10) * 50.0, f64::from(n / 10) * 100.0);
        json!({"name": format!("cell{n}"), "shape": ellipse(x, y, 48.0, 96.0)})
    };
    let rois: Vec<Value> = (0..50).map(disc).collect();
    ok(&runner.send("PUT", ROIS, &json!({"rois": rois})), 200);
    let _camera = node(FRAMES);
    let patience = PATIENCE * 3;
    let received = runner.wait_for_stream(("frame", "camera"), "all its frames", patience, |stream| {
        let received = stream["received"].as_u64().expect("a number");
        (stream["state"] == "ended" && received > 1).then_some(received)
    });
    let stream = runner.wait_for_stream(("metric", "camera.roi"), "all measured", PATIENCE, |stream| {
        (stream["received"] == received).then(|| stream.clone())
    });
    assert_eq!(stream["series"], 2 + 50 * 6);
    // None was skipped; what the network lost is not measured either.
    assert_eq!(
        runner.frame_stream("camera")["rois"],
        json!({"revision": 1, "count": 50, "skipped": 0})
    );
    let series = measured(&runner);
    for n in [0, 49] {
        assert_eq!(series[&format!("cell{n}.dff")].samples.len() as u64, received - 1);
    }
    let text = runner.get("/metrics").text().to_owned();
    for line in ["streamview_roi_frames_skipped_total", "streamview_rois"] {
        assert!(text.lines().any(|text| text.starts_with(line)), "{line}");
    }
}
