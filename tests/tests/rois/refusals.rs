//! What strangers send.

use super::*;

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
