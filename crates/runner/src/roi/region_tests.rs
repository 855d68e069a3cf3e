use serde_json::json;

use super::*;

fn refused<'a, T: Deserialize<'a> + fmt::Debug>(text: &'a str) -> String {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize::<_, T>(&mut deserializer)
        .unwrap_err()
        .to_string()
}

#[test]
fn what_is_answered_can_be_sent_back() {
    let rois = json!([
        {"name": "a", "shape": {"type": "rectangle", "x": 0.5, "y": 1.0, "width": 2.0, "height": 3.25}},
        {"name": "b", "shape": {"type": "ellipse", "x": 0.0, "y": 1.0, "width": 2.0, "height": 3.0}},
        {"name": "c", "shape": {"type": "polygon", "points": [[0.0, 0.0], [1.5, 0.0], [0.0, 9.0]]}},
    ]);
    let answer = json!({"run": "5f1d2c3b", "stream": "camera", "revision": 7, "rois": rois});
    let wanted: Wanted = serde_json::from_value(answer).unwrap();
    assert_eq!(serde_json::to_value(&wanted.rois).unwrap(), rois);
    assert_eq!(wanted.rois.iter().map(Region::vertices).sum::<usize>(), 2 + 2 + 3);
}

#[test]
fn what_is_wrong_is_named_by_its_place() {
    let wanted = |shape: &str| {
        let text = format!("{{\"rois\":[{{\"name\":\"a\",\"shape\":{shape}}}]}}");
        refused::<Wanted>(&text)
    };
    for (shape, words) in [
        (
            "{\"type\":\"line\"}",
            &["rois[0].shape.type", "line", "polygon"][..],
        ),
        ("{\"x\":1}", &["rois[0].shape", "type"]),
        (
            "{\"type\":\"ellipse\",\"x\":\"NaN\"}",
            &["rois[0].shape.x", "\"NaN\"", "f64"],
        ),
        (
            "{\"type\":\"ellipse\",\"x\":1,\"y\":1,\"width\":2}",
            &["rois[0].shape", "height is missing"],
        ),
        (
            "{\"type\":\"rectangle\",\"points\":[]}",
            &["rois[0].shape", "points is given"],
        ),
        ("{\"type\":\"polygon\",\"x\":1}", &["rois[0].shape", "x is given"]),
        ("{\"type\":\"polygon\"}", &["points is missing"]),
        (
            "{\"type\":\"polygon\",\"points\":[[1,2],[3]]}",
            &["rois[0].shape.points[1]"],
        ),
        (
            "{\"type\":\"polygon\",\"points\":3}",
            &["rois[0].shape.points", "a list of [x, y]"],
        ),
        ("{\"type\":\"polygon\",\"r\":3}", &["rois[0].shape", "`r`"]),
        ("7", &["rois[0].shape"]),
    ] {
        let error = wanted(shape);
        for word in words {
            assert!(error.contains(word), "{word}: {error}");
        }
    }
    let error = refused::<Wanted>("{\"rois\":[{\"name\":\"a b\",\"shape\":{}}]}");
    assert!(error.starts_with("rois[0].name: name is \"a b\""), "{error}");
    assert!(refused::<Wanted>("{}").contains("rois"));
    assert!(refused::<Change>("{\"color\":1}").contains("color"));
}

#[test]
fn more_than_may_be_is_counted_and_not_kept() {
    let region = "{\"name\":\"a\",\"shape\":{\"type\":\"ellipse\",\"x\":1,\"y\":1,\"width\":2,\"height\":2}}";
    let text = format!("{{\"rois\":[{}]}}", [region; 10_000].join(","));
    let error = refused::<Wanted>(&text);
    assert!(error.contains("10000 regions: expected at most 1000"), "{error}");
    let points = ["[1,2]"; 1_001].join(",");
    let text = format!("{{\"shape\":{{\"type\":\"polygon\",\"points\":[{points}]}}}}");
    let error = refused::<Change>(&text);
    assert!(
        error.contains("shape.points: 1001 vertices: expected at most 1000"),
        "{error}"
    );
}
