use protocol::Dtype;
use protocol::frame::Shape;
use serde_json::json;

use super::*;

fn format(dtype: Dtype, range: Option<[f64; 2]>) -> Format {
    Format {
        range,
        ..Format::new(Shape::new(2, 2, 1).unwrap(), dtype)
    }
}

fn settings(json: &Value) -> Settings {
    Settings::default().with(json).unwrap()
}

#[test]
fn an_answer_can_be_sent_back_as_it_is() {
    let asked = json!({
        "window": {
            "mode": "auto", "min": -0.5, "max": 4095.0, "percentiles": [1.0, 99.0],
            "ignore_zero": true, "ignore_saturated": true, "roi": "soma1",
        },
        "gamma": 0.45, "colormap": "viridis", "invert": true, "highlight": true,
    });
    let read = settings(&asked);
    assert_eq!(serde_json::to_value(&read).unwrap(), asked);
    for read in [read, Settings::default()] {
        let mut answer = serde_json::to_value(&read).unwrap();
        answer["shown"] = json!([0.0, 1.0]);
        assert_eq!(settings(&answer), read);
    }
}

#[test]
fn what_is_not_mentioned_stays() {
    let before = settings(&json!({"gamma": 2.0, "window": {"mode": "fixed", "min": 5, "max": 9}}));
    let after = before
        .clone()
        .with(&json!({"window": {"max": 7}, "invert": true}))
        .unwrap();
    assert_eq!((after.gamma.get(), after.invert), (2.0, true));
    assert_eq!(after.window.of(&format(Dtype::U16, None)), Window::new(5.0, 7.0));
    assert_eq!(before.clone().with(&json!({})).unwrap(), before);
}

#[test]
fn whatever_is_wrong_is_named_with_what_was_expected_and_what_came() {
    let long = "x".repeat(3_000);
    for (json, expected) in [
        (json!([]), "body is []: expected an object"),
        (json!({"window": 3}), "window is 3: expected an object"),
        (
            json!({"gama": 1}),
            "\"gama\" is not known: expected one of window, gamma, colormap, invert, highlight, shown",
        ),
        (
            json!({"window": {"mn": 1}}),
            "window.\"mn\" is not known: expected one of mode, min, max, percentiles, ignore_zero, ignore_saturated, roi",
        ),
        (
            json!({"window": {"mode": "manual"}}),
            "window.mode is \"manual\": expected default, full, fixed, auto",
        ),
        (
            json!({"window": {"mode": "fixed", "max": 1}}),
            "window.min is missing: expected a finite number, for window.mode is \"fixed\"",
        ),
        (
            json!({"window": {"mode": "fixed", "min": 1}}),
            "window.max is missing: expected a finite number, for window.mode is \"fixed\"",
        ),
        (
            json!({"window": {"min": "NaN"}}),
            "window.min is \"NaN\": expected a finite number",
        ),
        (
            json!({"window": {"min": 5, "max": 5}}),
            "window.min is 5, max is 5: expected min below max",
        ),
        (
            json!({"window": {"min": -1.7e308, "max": 1.7e308}}),
            "window.max - min is inf: expected a finite number",
        ),
        (
            json!({"window": {"percentiles": [99, 1]}}),
            "window.percentiles are 99 and 1: expected 0 to 100, the low one below the high one",
        ),
        (
            json!({"window": {"percentiles": [1]}}),
            "window.percentiles is [1]: expected a list of two finite numbers",
        ),
        (
            json!({"window": {"ignore_zero": 1}}),
            "window.ignore_zero is 1: expected true or false",
        ),
        (json!({"gamma": 0}), "gamma is 0: expected 0.05 to 20"),
        (json!({"gamma": null}), "gamma is null: expected a finite number"),
        (
            json!({"colormap": "jet"}),
            "colormap is \"jet\": expected one of gray, viridis, magma, inferno, plasma, cividis, turbo, green, red, \
             hot",
        ),
        (
            json!({"invert": "yes"}),
            "invert is \"yes\": expected true or false",
        ),
    ] {
        assert_eq!(Settings::default().with(&json).unwrap_err(), expected, "{json}");
    }
    let error = Settings::default().with(&json!({ "invert": long })).unwrap_err();
    assert!(error.len() < 120, "{error}");
    let error = Settings::default().with(&json!({ long: 1 })).unwrap_err();
    assert!(error.len() < 200, "{error}");
}

#[test]
fn windows_that_no_frame_decides_come_from_the_format() {
    let levels = |mode: &str| settings(&json!({"window": {"mode": mode, "min": 1, "max": 2}})).window;
    let window = |mode, dtype, range| {
        let window: Option<Window> = levels(mode).of(&format(dtype, range));
        window.map(|window| [window.black(), window.white()])
    };
    let range = Some([-0.02, 0.4]);
    assert_eq!(window("default", Dtype::U8, None), Some([0.0, 255.0]));
    assert_eq!(window("default", Dtype::I8, None), Some([-128.0, 127.0]));
    assert_eq!(window("default", Dtype::Bool, None), Some([0.0, 1.0]));
    assert_eq!(window("default", Dtype::U16, None), None);
    assert_eq!(window("full", Dtype::U16, None), Some([0.0, 65_535.0]));
    assert_eq!(
        window("default", Dtype::U16, Some([0.0, 4_095.0])),
        Some([0.0, 4_095.0])
    );
    assert_eq!(window("default", Dtype::F32, range), range);
    assert_eq!(window("default", Dtype::F32, None), None);
    assert_eq!(
        window("full", Dtype::I16, Some([0.0, 9.0])),
        Some([-32_768.0, 32_767.0])
    );
    assert_eq!(window("full", Dtype::F32, range), range);
    assert_eq!(window("full", Dtype::F32, None), None);
    assert_eq!(window("fixed", Dtype::F32, range), Some([1.0, 2.0]));
    assert_eq!(window("auto", Dtype::U8, range), None);
}

#[test]
fn a_detector_is_full_where_its_bits_end() {
    let full = |dtype, range| limits(&format(dtype, range)).saturated();
    assert_eq!(full(Dtype::U16, None), 65_535.0);
    assert_eq!(full(Dtype::U16, Some([0.0, 4_095.0])), 4_095.0);
    assert_eq!(full(Dtype::U16, Some([100.0, 1_023.0])), 1_023.0);
    assert_eq!(full(Dtype::U16, Some([0.0, 800.0])), 65_535.0);
    assert_eq!(full(Dtype::U16, Some([0.0, 4_094.0])), 4_094.0);
    assert_eq!(full(Dtype::U16, Some([0.0, 4_093.0])), 65_535.0);
    assert_eq!(full(Dtype::I16, Some([-9.0, 0.0])), 32_767.0);
    assert_eq!(full(Dtype::F32, Some([-0.02, 0.4])), 0.4);
    let ignored = |dtype, range| {
        let asked = settings(&json!({"window": {"mode": "auto", "ignore_saturated": true}}));
        asked.window.auto(&format(dtype, range)).ignore.saturated
    };
    assert_eq!(ignored(Dtype::U16, Some([0.0, 4_095.0])), Some(4_095.0));
    assert_eq!(ignored(Dtype::F32, None), None);
}
