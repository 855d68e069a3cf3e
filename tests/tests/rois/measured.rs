//! What is measured is what NumPy says of the same pixels, of every frame.

use super::*;

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
