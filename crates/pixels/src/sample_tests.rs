use protocol::{Stamp, WallTime};

use super::*;
use crate::Roi;
use crate::roi::Bounds;

/// A frame whose values are the places of its pixels.
fn frame(height: u64, width: u64, seq: u64) -> Frame {
    Frame {
        stream: "test".parse().unwrap(),
        stamp: Stamp {
            session: 1,
            seq,
            t: WallTime::default(),
        },
        format: Format::new(Shape::new(height, width, 1).unwrap(), Dtype::U32),
        payload: (0..(height * width) as u32)
            .flat_map(u32::to_le_bytes)
            .collect::<Vec<_>>()
            .into(),
    }
}

#[test]
fn a_sample_sees_every_column_and_in_time_every_pixel() {
    let (height, width) = (64, 64);
    let mut seen = std::collections::BTreeSet::new();
    for seq in 0..8 {
        let sample = Sample::of(&frame(height, width, seq), None, 1_024, Ignore::default());
        assert!(
            (600..=1_024).contains(&sample.values().len()),
            "{}",
            sample.values().len()
        );
        let columns = sample.values().iter().map(|&place| place as u64 % width);
        assert_eq!(
            columns.collect::<std::collections::BTreeSet<_>>().len() as u64,
            width
        );
        seen.extend(sample.values().iter().map(|&place| place as u64));
    }
    assert_eq!(seen.len() as u64, height * width);
}

#[test]
fn a_sample_of_a_region_is_every_so_manieth_pixel_of_it() {
    let frame = frame(50, 70, 3);
    let bounds = Bounds {
        x: 10.0,
        y: 5.0,
        width: 41.0,
        height: 33.0,
    };
    let mask = Roi::Ellipse(bounds).mask(frame.format.shape).unwrap();
    let places: Vec<usize> = mask
        .spans()
        .iter()
        .flat_map(|span| (span.start..span.end).map(|column| span.row as usize * 70 + column as usize))
        .collect();
    for pixels in [1, 7, 100, 1_000, usize::MAX] {
        let sample = Sample::of(&frame, Some(&mask), pixels, Ignore::default());
        let step = (places.len() / pixels).max(1);
        let expected: Vec<f64> = places
            .iter()
            .skip(3 % step)
            .step_by(step)
            .map(|&place| place as f64)
            .collect();
        assert_eq!(sample.values(), expected, "{pixels}");
    }
}

#[test]
fn what_does_not_count_is_counted_apart() {
    let values = [f32::NAN, f32::INFINITY, 0.0, -0.0, 0.5, 1.0, 2.0, -1.0];
    let frame = Frame {
        format: Format::new(Shape::new(2, 4, 1).unwrap(), Dtype::F32),
        payload: values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect::<Vec<_>>()
            .into(),
        ..frame(1, 1, 0)
    };
    let ignore = Ignore {
        zero: true,
        saturated: Some(1.0),
    };
    let sample = Sample::of(&frame, None, usize::MAX, ignore);
    assert_eq!(sample.values(), [0.5, -1.0]);
    assert_eq!((sample.ignored(), sample.not_finite()), (4, 2));
}

#[test]
fn alpha_is_no_value() {
    let frame = Frame {
        format: Format::new(Shape::new(1, 2, 4).unwrap(), Dtype::U8),
        payload: vec![1, 2, 3, 255, 4, 5, 6, 255].into(),
        ..frame(1, 1, 0)
    };
    let sample = Sample::of(&frame, None, usize::MAX, Ignore::default());
    assert_eq!(sample.values(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
}

#[test]
fn the_window_is_between_the_percentiles() {
    let mut sample = Sample::of(&frame(1, 1_001, 0), None, usize::MAX, Ignore::default());
    let mut window = |low, high| {
        let window = sample.window(Percentiles::new(low, high).unwrap()).unwrap();
        (window.black(), window.white())
    };
    assert_eq!(window(0.0, 100.0), (0.0, 1_000.0));
    assert_eq!(window(0.1, 99.9), (1.0, 999.0));
    assert_eq!(window(25.0, 50.0), (250.0, 500.0));
    assert_eq!(
        window(50.0, 50.01),
        (500.0, 1_000.0),
        "a constant begins a window"
    );
    assert_eq!(Sample::default().window(Percentiles::default()), None);
}

#[test]
fn percentiles_that_leave_nothing_are_named() {
    for (low, high) in [
        (50.0, 50.0),
        (60.0, 40.0),
        (-1.0, 50.0),
        (0.0, 100.1),
        (f64::NAN, 50.0),
        (0.0, f64::NAN),
    ] {
        let error = Percentiles::new(low, high).unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("percentiles are {low} and {high}")),
            "{error}"
        );
    }
}
