//! Regions come, move, get other names, go, and come back after a restart; their series follow.

use super::*;

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
