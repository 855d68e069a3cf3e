use pixels::roi::Bounds;
use protocol::frame::Format;
use protocol::{Stamp, WallTime};

use super::*;

fn frame(seq: u64, width: u64, values: &[f32]) -> Frame {
    let shape = Shape::new(values.len() as u64 / width, width, 1).unwrap();
    Frame {
        stream: "camera".parse().unwrap(),
        stamp: Stamp {
            session: 1,
            seq,
            t: WallTime::from_ns(seq as i64 * 100_000_000),
        },
        format: Format {
            unit: Some("photons".into()),
            ..Format::new(shape, Dtype::F32)
        },
        payload: values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect::<Vec<_>>()
            .into(),
    }
}

fn set(regions: &[(&str, f64)]) -> Set {
    let region = |&(name, x): &(&str, f64)| Region {
        name: name.parse().unwrap(),
        roi: Arc::new(Roi::Rectangle(Bounds {
            x,
            y: 0.0,
            width: 2.0,
            height: 1.0,
        })),
    };
    Set::remembered(regions.iter().map(region).collect())
}

/// Name, unit and value of all that is measured of a frame.
fn measured(measurer: &mut Measurer, set: &Set, frame: &Frame) -> Vec<(String, bool, f64)> {
    let set = set.fitted_to(frame.format.shape);
    let brightness = Brightness::of(&frame.format, &frame.payload);
    let statistics = statistics(&set, frame);
    let values = measurer.values(frame, brightness, &set, &statistics);
    let value = |of: Measured<'_>| (of.name.as_str().to_owned(), of.unit == Some("photons"), of.value);
    values.map(value).collect()
}

fn value(measured: &[(String, bool, f64)], name: &str) -> Option<f64> {
    let found = measured.iter().find(|(of, ..)| of == name);
    found.map(|&(_, _, value)| value)
}

#[test]
fn a_frame_has_its_brightness_and_every_region_its_statistics() {
    let mut measurer = Measurer::default();
    let frame = frame(0, 4, &[1.0, 3.0, 5.0, f32::NAN]);
    let got = measured(&mut measurer, &set(&[("a", 0.0), ("b", 2.0)]), &frame);
    let expected = [
        ("frame.mean", true, 3.0),
        ("frame.max", true, 5.0),
        ("a.mean", true, 2.0),
        ("a.min", true, 1.0),
        ("a.max", true, 3.0),
        ("a.sum", true, 4.0),
        ("a.std", true, 1.0),
        ("a.dff", false, 0.0),
        ("b.mean", true, 5.0),
        ("b.min", true, 5.0),
        ("b.max", true, 5.0),
        ("b.sum", true, 5.0),
        ("b.std", true, 0.0),
        ("b.dff", false, 0.0),
    ];
    let expected = expected.map(|(name, has_unit, value)| (name.to_owned(), has_unit, value));
    assert_eq!(got, expected);
}

#[test]
fn a_baseline_goes_on_through_edits_of_other_regions_and_begins_anew_with_its_own() {
    let mut measurer = Measurer::default();
    let (dim, bright) = ([10.0; 6], [20.0; 6]);
    let before = set(&[("a", 0.0), ("b", 2.0)]);
    measured(&mut measurer, &before, &frame(0, 6, &dim));
    // np.percentile([10, 20], 8) = 10.8
    let active = (20.0 - 10.8) / 10.8;
    let is_active = |got: &[_], name: &str| value(got, name).is_some_and(|dff| (dff - active).abs() < 1e-12);
    // Another name for one of them, and one more.
    let (edited, _) = before
        .changed(&"a".parse().unwrap(), Some("c".parse().unwrap()), None)
        .unwrap();
    let (after, _) = edited
        .set
        .added(
            None,
            set(&[("x", 4.0)])
                .get(&"x".parse().unwrap())
                .unwrap()
                .region
                .roi
                .clone(),
        )
        .unwrap();
    let got = measured(&mut measurer, &after, &frame(1, 6, &bright));
    assert!(is_active(&got, "c.dff") && is_active(&got, "b.dff"), "{got:?}");
    assert_eq!(value(&got, "roi1.dff"), Some(0.0));
    assert_eq!(value(&got, "a.dff"), None);
    // Other pixels.
    let moved = set(&[("y", 1.0)])
        .get(&"y".parse().unwrap())
        .unwrap()
        .region
        .roi
        .clone();
    let (edited, _) = after.changed(&"b".parse().unwrap(), None, Some(moved)).unwrap();
    let got = measured(&mut measurer, &edited.set, &frame(2, 6, &dim));
    assert_eq!(value(&got, "b.dff"), Some(0.0));
    // Frames of another size: another light.
    let got = measured(&mut measurer, &edited.set, &frame(3, 7, &[50.0; 7]));
    assert_eq!(value(&got, "c.dff"), Some(0.0));
}

#[test]
fn a_region_that_does_not_fit_is_silent_and_said_once() {
    let mut measurer = Measurer::default();
    let set = set(&[("near", 0.0), ("far", 4.0), ("farther", 5.0)]);
    let small = frame(0, 4, &[1.0; 4]);
    let got = measured(&mut measurer, &set, &small);
    assert!(value(&got, "near.mean").is_some() && got.len() == 8, "{got:?}");
    let fitted = set.fitted_to(small.format.shape);
    let text = measurer.misfits(&fitted, small.format.shape).unwrap();
    assert!(
        text.starts_with("region \"far\" is not measured in frames of 4x1: rectangle reaches (6, 1)"),
        "{text}"
    );
    assert!(text.ends_with("1 more do not fit either"), "{text}");
    assert_eq!(measurer.misfits(&fitted, small.format.shape), None);
    let large = frame(1, 8, &[1.0; 8]);
    let got = measured(&mut measurer, &set, &large);
    assert_eq!(got.len(), 2 + 3 * 6);
    let fitted = set.fitted_to(large.format.shape);
    assert_eq!(measurer.misfits(&fitted, large.format.shape), None);
}
