use protocol::frame::{Format, Shape};
use protocol::{Dtype, Stamp};

use super::*;
use crate::{Canvas, Roi, roi};

const WIDTH: usize = 120;
const HEIGHT: usize = 96;
/// Value of the pixels that never change, in the first rows; a quarter of all.
const CONSTANT: u16 = 300;

/// Normally distributed by the sum of twelve, near enough.
struct Noise(u64);

impl Noise {
    fn normal(&mut self) -> f64 {
        let mut uniform = || {
            // xorshift64, Marsaglia 2003.
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            (self.0 >> 11) as f64 / (1_u64 << 53) as f64
        };
        (0..12).map(|_| uniform()).sum::<f64>() - 6.0
    }
}

fn frame(seq: u64, fps: f64, values: &[u16]) -> Frame {
    let shape = Shape::new(HEIGHT as u64, WIDTH as u64, 1).unwrap();
    Frame {
        stream: "test".parse().unwrap(),
        stamp: Stamp {
            session: 1,
            seq,
            t: WallTime::from_ns((seq as f64 / fps * 1e9) as i64),
        },
        format: Format::new(shape, Dtype::U16),
        payload: values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect::<Vec<_>>()
            .into(),
    }
}

/// A scene of blobs with shot noise, `photons` at its brightest, round a constant patch.
fn scene(noise: &mut Noise, photons: f64) -> Vec<u16> {
    let pixel = |index: usize| {
        let (row, column) = (index / WIDTH, index % WIDTH);
        if row < HEIGHT / 4 {
            return CONSTANT;
        }
        let blob = ((row as f64 / 9.0).sin() * (column as f64 / 13.0).cos()).powi(2);
        let mean = photons * (0.1 + 0.9 * blob);
        (mean + mean.sqrt() * noise.normal()).clamp(0.0, 65_535.0) as u16
    };
    (0..WIDTH * HEIGHT).map(pixel).collect()
}

/// What a movie of scenes looks like: window, and grey level of the constant patch, frame by frame.
fn watch(fps: f64, photons: impl Iterator<Item = f64>) -> Vec<(Window, u8)> {
    let (mut noise, mut follow, mut canvas) = (
        Noise(88_172_645_463_325_252),
        Follow::new(Auto::default()),
        Canvas::new(2),
    );
    photons
        .enumerate()
        .map(|(seq, photons)| {
            let frame = frame(seq as u64, fps, &scene(&mut noise, photons));
            let window = follow.window(&frame, None);
            let picture = canvas.draw(&frame.format, &frame.payload, &window.into());
            (window, picture.y[WIDTH])
        })
        .collect()
}

/// No patch of one value, whatever it is, changes by 1 % of the levels from any frame to the next.
#[track_caller]
fn does_not_flicker(seen: &[(Window, u8)]) {
    for (frame, pair) in seen.windows(2).enumerate() {
        let [(before, level_before), (after, level_after)] = [pair[0], pair[1]];
        assert!(
            level_before.abs_diff(level_after) <= 2,
            "frame {frame}: {level_before}, {level_after}"
        );
        let level = |window: Window, value: f64| {
            ((value - window.black()) / (window.white() - window.black())).clamp(0.0, 1.0)
        };
        for part in 0..=100 {
            let value = before.black() + (before.white() - before.black()) * f64::from(part) / 100.0;
            let change = (level(after, value) - level(before, value)).abs();
            assert!(change < 0.01, "frame {frame}: {value} changes by {change}");
        }
    }
}

/// The window that the newest scene asks for.
fn asked_for(photons: f64) -> Window {
    let frame = frame(0, 30.0, &scene(&mut Noise(1), photons));
    Auto::default().once(&frame, None).unwrap()
}

#[track_caller]
fn is_near(window: Window, expected: Window) {
    let width = expected.white() - expected.black();
    let off = (window.black() - expected.black())
        .abs()
        .max((window.white() - expected.white()).abs());
    assert!(off < 0.06 * width, "{window:?}, expected {expected:?}");
}

#[test]
fn shot_noise_does_not_move_the_window() {
    for photons in [30.0, 1_000.0] {
        let seen = watch(30.0, std::iter::repeat_n(photons, 150));
        does_not_flicker(&seen);
        // It may settle in the first second; after that it stands.
        let moves = seen[30..]
            .windows(2)
            .filter(|pair| pair[0].0 != pair[1].0)
            .count();
        assert!(moves <= 12, "{moves} moves at {photons} photons");
        is_near(seen[149].0, asked_for(photons));
    }
}

#[test]
fn a_jump_of_brightness_is_followed_without_a_visible_step() {
    for (before, after) in [(1_000.0, 3_000.0), (3_000.0, 600.0)] {
        let photons = std::iter::repeat_n(before, 30).chain(std::iter::repeat_n(after, 420));
        let seen = watch(30.0, photons);
        does_not_flicker(&seen);
        is_near(seen[29].0, asked_for(before));
        is_near(seen[449].0, asked_for(after));
    }
}

#[test]
fn a_lamp_that_flickers_is_averaged() {
    let photons = (0..200).map(|frame| if frame % 2 == 0 { 900.0 } else { 1_100.0 });
    let seen = watch(25.0, photons);
    does_not_flicker(&seen);
    let moves = seen[60..]
        .windows(2)
        .filter(|pair| pair[0].0 != pair[1].0)
        .count();
    assert!(moves <= 30, "{moves} moves");
}

#[test]
fn zeros_and_saturated_pixels_do_not_count_if_that_is_asked() {
    let mut values: Vec<u16> = (0..WIDTH * HEIGHT)
        .map(|index| 1_000 + (index % 1_000) as u16)
        .collect();
    for index in 0..WIDTH * 20 {
        values[index] = 0;
        values[WIDTH * HEIGHT - 1 - index] = 4_095;
    }
    let frame = frame(0, 30.0, &values);
    let all = Auto::default().once(&frame, None).unwrap();
    assert_eq!((all.black(), all.white()), (0.0, 4_095.0));
    let auto = Auto {
        ignore: Ignore {
            zero: true,
            saturated: Some(4_095.0),
        },
        ..Auto::default()
    };
    let window = auto.once(&frame, None).unwrap();
    assert!((1_000.0..1_010.0).contains(&window.black()), "{window:?}");
    assert!((1_990.0..2_000.0).contains(&window.white()), "{window:?}");
}

#[test]
fn a_region_is_all_that_counts_where_one_is_drawn() {
    let frame = frame(0, 30.0, &scene(&mut Noise(7), 5_000.0));
    let bounds = roi::Bounds {
        x: 0.0,
        y: 0.0,
        width: 50.0,
        height: 30.0,
    };
    let mask = Roi::Ellipse(bounds).mask(frame.format.shape).unwrap();
    let window = Auto::default().once(&frame, Some(&mask)).unwrap();
    assert_eq!(window.black(), f64::from(CONSTANT));
    assert_eq!(Follow::new(Auto::default()).window(&frame, Some(&mask)), window);
}

#[test]
fn frames_without_a_value_leave_the_window_where_it_is() {
    let float = |seq: u64, value: f32| Frame {
        format: Format::new(Shape::new(8, 8, 1).unwrap(), Dtype::F32),
        payload: value.to_le_bytes().repeat(64).into(),
        ..frame(seq, 30.0, &[])
    };
    let mut follow = Follow::new(Auto::default());
    let window = follow.window(&float(0, f32::NAN), None);
    assert_eq!((window.black(), window.white()), (0.0, 1.0));
    let window = follow.window(&float(10, 5.0), None);
    assert_eq!((window.black(), window.white()), (5.0, 10.0));
    assert_eq!(follow.window(&float(20, f32::INFINITY), None), window);
    // And a clock that goes back, and then stands, stops nothing.
    for seq in 0..2_000 {
        let window = follow.window(&float(5, 105.0), None);
        if window.black() > 100.0 {
            return;
        }
        assert!(seq < 1_999, "{window:?}");
    }
}
