use media::Display;
use pixels::Highlight;
use protocol::frame::Shape;
use protocol::{Dtype, Stamp, WallTime};
use serde_json::{Value, json};

use super::*;
use crate::roi::Regions;

fn frame(seq: u64, format: Format, payload: Vec<u8>) -> Frame {
    Frame {
        stream: "test".parse().unwrap(),
        stamp: Stamp {
            session: 1,
            seq,
            t: WallTime::from_ns(seq as i64 * 33_000_000),
        },
        format,
        payload: payload.into(),
    }
}

fn grey(dtype: Dtype) -> Format {
    Format::new(Shape::new(2, 4, 1).unwrap(), dtype)
}

fn words(seq: u64, values: [u16; 8]) -> Frame {
    let bytes = values.iter().flat_map(|value| value.to_le_bytes());
    frame(seq, grey(Dtype::U16), bytes.collect())
}

fn floats(seq: u64, values: [f32; 8]) -> Frame {
    let bytes = values.iter().flat_map(|value| value.to_le_bytes());
    frame(seq, grey(Dtype::F32), bytes.collect())
}

fn asked(control: &Control, json: &Value) {
    control.change(|settings| settings.with(json)).unwrap();
}

fn drawer() -> (Arc<Control>, Drawer) {
    drawer_of(Regions::default())
}

fn drawer_of(regions: Regions) -> (Arc<Control>, Drawer) {
    let control = Arc::new(Control::new(super::super::Settings::default()));
    let rois = Rois::new(&"test".parse().unwrap(), regions);
    (control.clone(), Drawer::new(control, Arc::new(rois)))
}

#[test]
fn the_next_frame_shows_what_was_asked_for_meanwhile() {
    let (control, mut drawer) = drawer();
    let values = [0, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 65_535];
    assert_eq!(
        drawer.picture(&words(0, values)).y,
        [0, 4, 8, 12, 16, 19, 23, 255]
    );
    asked(
        &control,
        &json!({"window": {"mode": "fixed", "min": 1000, "max": 5000}}),
    );
    let linear = [0, 0, 64, 128, 191, 255, 255, 255];
    let is_near = |got: &[u8], expected: [u8; 8]| {
        let near = got.iter().zip(expected).all(|(a, b)| a.abs_diff(b) <= 1);
        assert!(near && got.len() == 8, "{got:?}, expected {expected:?}");
    };
    is_near(drawer.picture(&words(1, values)).y, linear);
    asked(&control, &json!({"invert": true}));
    is_near(
        drawer.picture(&words(2, values)).y,
        linear.map(|level| 255 - level),
    );
    asked(&control, &json!({"invert": false, "gamma": 2.0}));
    let squared = linear.map(|level| (f64::from(level).powi(2) / 255.0) as u8);
    is_near(drawer.picture(&words(3, values)).y, squared);
    asked(&control, &json!({"gamma": 1.0, "colormap": "green"}));
    let frame = words(4, values);
    let picture = drawer.picture(&frame);
    // BT.709: green is 0.7152 of luma.
    is_near(picture.y, linear.map(|level| (f64::from(level) * 0.7152) as u8));
    assert!(
        picture.u[1] < 100 && picture.v[1] < 100,
        "{:?} {:?}",
        picture.u,
        picture.v
    );
}

#[test]
fn eight_bits_that_nobody_changed_are_not_copied() {
    let (control, mut drawer) = drawer();
    let frame = frame(0, grey(Dtype::U8), (0..8).collect());
    assert_eq!(drawer.picture(&frame).y.as_ptr(), frame.payload.as_ptr());
    asked(&control, &json!({"window": {"mode": "full"}}));
    assert_eq!(drawer.picture(&frame).y.as_ptr(), frame.payload.as_ptr());
    asked(
        &control,
        &json!({"window": {"mode": "fixed", "min": 0, "max": 7}}),
    );
    assert_eq!(drawer.picture(&frame).y[7], 255);
}

#[test]
fn colours_of_rgb_are_its_own_but_its_window_is_not() {
    let (control, mut drawer) = drawer();
    let format = Format::new(Shape::new(2, 2, 3).unwrap(), Dtype::U8);
    let red = frame(0, format, [100, 0, 0].repeat(4));
    let before = drawer.picture(&red).v[0];
    asked(&control, &json!({"colormap": "viridis", "highlight": true}));
    assert_eq!(drawer.picture(&red).v[0], before);
    asked(
        &control,
        &json!({"window": {"mode": "fixed", "min": 0, "max": 100}}),
    );
    assert!(drawer.picture(&red).v[0] > before + 20);
}

#[test]
fn what_is_shown_is_told_before_and_after_the_frames_decide_it() {
    let (control, mut drawer) = drawer();
    let format = grey(Dtype::F32);
    assert_eq!(control.shown(&format).shown, None);
    let values = [f32::NAN, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0];
    drawer.picture(&floats(0, values));
    assert_eq!(control.shown(&format).shown, Some([0.0, 4.0]));
    // Typed values are known at once.
    asked(
        &control,
        &json!({"window": {"mode": "fixed", "min": 1, "max": 2}}),
    );
    assert_eq!(control.shown(&format).shown, Some([1.0, 2.0]));
}

#[test]
fn twelve_bits_in_sixteen_are_not_black() {
    let (control, mut drawer) = drawer();
    let filled = [1_900, 2_000, 2_000, 2_000, 2_000, 2_000, 2_050, 2_100];
    let y = drawer.picture(&words(0, filled)).y.to_vec();
    assert_eq!((y[0], y[1], y[7]), (0, 128, 255));
    let shown = |control: &Control| control.shown(&grey(Dtype::U16)).shown;
    assert_eq!(shown(&control), Some([1_900.0, 2_100.0]));
    asked(&control, &json!({"window": {"mode": "full"}}));
    assert!(
        drawer
            .picture(&words(1, filled))
            .y
            .iter()
            .all(|level| *level < 10)
    );
}

#[test]
fn an_automatic_window_begins_at_the_frame_and_begins_anew_when_it_is_asked_for_otherwise() {
    let (control, mut drawer) = drawer();
    let shown = |drawer: &mut Drawer, frame: &Frame| {
        drawer.picture(frame);
        control.shown(&frame.format).shown.unwrap()
    };
    let dim = [0, 0, 100, 120, 140, 160, 180, 200];
    let bright = dim.map(|value| value * 10);
    asked(&control, &json!({"window": {"mode": "auto"}}));
    assert_eq!(shown(&mut drawer, &words(0, dim)), [0.0, 200.0]);
    // The next one is another scene: it does not jump there.
    let [black, white] = shown(&mut drawer, &words(10, bright));
    assert!(
        black == 0.0 && (200.0..210.0).contains(&white),
        "{black} to {white}"
    );
    asked(&control, &json!({"window": {"ignore_zero": true}}));
    assert_eq!(shown(&mut drawer, &words(11, bright)), [1_000.0, 2_000.0]);
    asked(&control, &json!({"window": {"mode": "full"}}));
    assert_eq!(shown(&mut drawer, &words(12, bright)), [0.0, 65_535.0]);
    asked(&control, &json!({"window": {"mode": "auto"}}));
    assert_eq!(shown(&mut drawer, &words(13, dim)), [100.0, 200.0]);
}

#[test]
fn a_patch_of_one_value_does_not_flicker_whatever_the_frames_and_their_headers_do() {
    let (control, mut drawer) = drawer();
    asked(
        &control,
        &json!({"window": {"mode": "auto", "percentiles": [0, 100]}}),
    );
    // xorshift32, Marsaglia 2003.
    let mut state = 2_463_534_242_u32;
    let mut noise = move |most: u16| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state % u32::from(most)) as u16
    };
    let (mut before, mut after) = (None, 0);
    for seq in 0..600 {
        // Three times as bright from one frame to the next, and back; with noise all the time.
        let light = if (200..400).contains(&seq) { 3_000 } else { 1_000 };
        let mut frame = words(
            seq,
            [
                0,
                300,
                500,
                light,
                light / 2,
                10 + noise(50),
                noise(100),
                noise(light),
            ],
        );
        // A rate that is measured, and limits that go with the frame.
        frame.format.fps = Some(30.0 + f64::from(noise(9)) / 10.0);
        frame.format.range = Some([0.0, f64::from(light + noise(100))]);
        let picture = drawer.picture(&frame);
        let levels = [picture.y[1], picture.y[2]];
        let [low, high] = before.replace(levels).unwrap_or(levels);
        // Less than 1 % of 255.
        assert!(
            low.abs_diff(levels[0]) <= 2 && high.abs_diff(levels[1]) <= 2,
            "frame {seq}: {low} to {}, {high} to {}",
            levels[0],
            levels[1]
        );
        after = after.max(low.abs_diff(levels[0]));
        if seq % 200 == 199 {
            // It has followed.
            let [_, white] = control.shown(&frame.format).shown.unwrap();
            assert!(
                (white / f64::from(light) - 1.0).abs() < 0.1,
                "{white} of {light} at {seq}"
            );
        }
    }
    assert!(after > 0, "nothing moved");
}

#[test]
fn an_automatic_window_looks_at_its_region_only() {
    let shape = json!({"type": "rectangle", "x": 2.0, "y": 0.0, "width": 2.0, "height": 1.0});
    let regions = json!([{"name": "cell", "shape": shape}]);
    let (control, mut drawer) = drawer_of(serde_json::from_value(regions).unwrap());
    let shown = |drawer: &mut Drawer, frame: &Frame| {
        drawer.picture(frame);
        control.shown(&frame.format).shown.unwrap()
    };
    let values = [0, 100, 400, 500, 700, 1_000, 2_000, 3_000];
    asked(&control, &json!({"window": {"mode": "auto", "roi": "cell"}}));
    assert_eq!(shown(&mut drawer, &words(0, values)), [400.0, 500.0]);
    asked(&control, &json!({"window": {"roi": null}}));
    assert_eq!(shown(&mut drawer, &words(1, values)), [0.0, 3_000.0]);
    // One that is not there any more, and one that does not fit: all of the frame.
    asked(&control, &json!({"window": {"roi": "gone"}}));
    assert_eq!(shown(&mut drawer, &words(2, values)), [0.0, 3_000.0]);
    asked(&control, &json!({"window": {"roi": "cell"}}));
    let narrow = Format::new(Shape::new(4, 2, 1).unwrap(), Dtype::U16);
    let bytes = values
        .iter()
        .flat_map(|value: &u16| value.to_le_bytes())
        .collect();
    assert_eq!(shown(&mut drawer, &frame(3, narrow, bytes)), [0.0, 3_000.0]);
}

#[test]
fn another_producer_is_learned_anew() {
    let (control, mut drawer) = drawer();
    let frame = floats(0, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
    drawer.picture(&frame);
    let mut other = floats(1, [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.5]);
    other.stamp.session = 2;
    drawer.picture(&other);
    let [black, white] = control.shown(&other.format).shown.unwrap();
    assert!(black == 0.0 && white < 1.0, "{black} to {white}");
}

#[test]
fn a_highlight_marks_what_is_saturated() {
    let (control, mut drawer) = drawer();
    asked(&control, &json!({"highlight": true}));
    let mut full = words(0, [4_095; 8]);
    full.format.range = Some([0.0, 4_095.0]);
    let picture = drawer.picture(&full);
    let view = control
        .settings()
        .view(Window::new(0.0, 4_095.0).unwrap(), &full.format);
    assert_eq!(view.highlight, Highlight::new(0.0, 4_095.0).ok());
    // Red.
    assert!(picture.v.iter().all(|&v| v > 200), "{:?}", picture.v);
}
