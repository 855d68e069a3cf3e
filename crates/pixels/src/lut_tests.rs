use super::*;
use crate::{Colormap, Gamma};

fn bytes<T: Copy, const N: usize>(values: &[T], to_bytes: impl Fn(T) -> [u8; N]) -> Vec<u8> {
    values.iter().flat_map(|&value| to_bytes(value)).collect()
}

fn levels(view: View, dtype: Dtype, source: &[u8]) -> Vec<u8> {
    let mut levels = vec![7; source.len() / dtype.size()];
    Lut::new(view, dtype).grey(source, &mut levels);
    levels
}

#[track_caller]
fn check(dtype: Dtype, source: &[u8], window: (f64, f64), expected: &[u8]) {
    let view = Window::new(window.0, window.1).unwrap().into();
    assert_eq!(levels(view, dtype, source), expected, "{dtype} {window:?}");
}

#[test]
fn every_dtype_is_clipped_at_both_ends_of_the_window() {
    check(Dtype::Bool, &[0, 1, 255], (0.0, 1.0), &[0, 255, 255]);
    check(
        Dtype::U8,
        &[0, 10, 15, 20, 255],
        (10.0, 20.0),
        &[0, 0, 128, 255, 255],
    );
    let i8s: Vec<u8> = (-128_i8..=127).map(|v| v as u8).collect();
    check(Dtype::I8, &i8s, (-128.0, 127.0), &(0..=255).collect::<Vec<_>>());
    let u16s = bytes(&[0_u16, 1000, 2000, 3000, 65535], u16::to_le_bytes);
    check(Dtype::U16, &u16s, (1000.0, 3000.0), &[0, 0, 128, 255, 255]);
    let i16s = bytes(&[-32768_i16, -300, -100, 0, 100, 300, 32767], i16::to_le_bytes);
    check(Dtype::I16, &i16s, (-100.0, 100.0), &[0, 0, 0, 128, 255, 255, 255]);
    let f32s = bytes(
        &[f32::NAN, f32::NEG_INFINITY, -0.02, 0.19, 0.4, f32::INFINITY],
        f32::to_le_bytes,
    );
    check(Dtype::F32, &f32s, (-0.02, 0.4), &[0, 0, 0, 128, 255, 255]);
    let f64s = bytes(&[f64::NAN, 1e300, -1e300, 0.5], f64::to_le_bytes);
    check(Dtype::F64, &f64s, (0.0, 1.0), &[0, 255, 0, 128]);
    let u32s = bytes(&[0_u32, 1 << 31, u32::MAX], u32::to_le_bytes);
    check(Dtype::U32, &u32s, (0.0, f64::from(u32::MAX)), &[0, 128, 255]);
    let i32s = bytes(&[i32::MIN, 0, i32::MAX], i32::to_le_bytes);
    check(
        Dtype::I32,
        &i32s,
        (i32::MIN.into(), i32::MAX.into()),
        &[0, 128, 255],
    );
}

#[test]
fn a_narrow_window_on_large_32_bit_values_keeps_its_levels() {
    let values: Vec<u32> = (0..=255).map(|v| 4_000_000_000 + v).collect();
    let source = bytes(&values, u32::to_le_bytes);
    check(
        Dtype::U32,
        &source,
        (4_000_000_000.0, 4_000_000_255.0),
        &(0..=255).collect::<Vec<_>>(),
    );
}

#[test]
fn windows_that_single_precision_cannot_express_are_right_for_it_too() {
    let source = bytes(&[-1e30_f32, 0.0, 1e30, f32::MAX, f32::NAN], f32::to_le_bytes);
    check(Dtype::F32, &source, (-1e300, 1e300), &[128, 128, 128, 128, 0]);
    let source = bytes(&[-1e-40_f32, 0.0, 1e-40, 1.0], f32::to_le_bytes);
    check(Dtype::F32, &source, (-1e-40, 1e-40), &[0, 128, 255, 255]);
}

/// The definition, value by value. `None` where the level is a matter of rounding in the last digit.
fn defined(view: &View, value: f64, tolerance: f64) -> Option<u8> {
    let (black, white) = (view.window.black(), view.window.white());
    let place = ((value - black) / (white - black)).clamp(0.0, 1.0);
    let level = place.powf(view.gamma.get()) * 255.0;
    if ((level - 0.5).fract() - 1.0)
        .abs()
        .min((level - 0.5).fract().abs())
        < tolerance
    {
        return None;
    }
    let level = level.round() as u8;
    Some(if view.invert { 255 - level } else { level })
}

#[test]
fn every_16_bit_value_has_the_level_of_the_definition() {
    let mut decided = 0;
    for (black, white) in [
        (0.0, 65_535.0),
        (-500.0, 700.5),
        (99.5, 101.25),
        (-40_000.0, -39_000.0),
        (70_000.0, 70_001.0),
    ] {
        for (gamma, invert) in [
            (1.0, false),
            (0.45, false),
            (2.2, true),
            (0.05, false),
            (20.0, true),
        ] {
            let view = View {
                gamma: Gamma::new(gamma).unwrap(),
                invert,
                ..Window::new(black, white).unwrap().into()
            };
            let u16s: Vec<u16> = (0..=u16::MAX).collect();
            let i16s: Vec<i16> = (i16::MIN..=i16::MAX).collect();
            let of_u16 = levels(view, Dtype::U16, &bytes(&u16s, u16::to_le_bytes));
            let of_i16 = levels(view, Dtype::I16, &bytes(&i16s, i16::to_le_bytes));
            let unsigned = u16s.iter().map(|&value| f64::from(value)).zip(of_u16);
            let signed = i16s.iter().map(|&value| f64::from(value)).zip(of_i16);
            for (value, level) in unsigned.chain(signed) {
                if let Some(expected) = defined(&view, value, 1e-9) {
                    decided += 1;
                    assert_eq!(level, expected, "{value} in {view:?}");
                }
            }
        }
    }
    assert!(decided > 3_000_000, "{decided}");
}

#[test]
fn floats_have_the_level_of_the_definition() {
    let values: Vec<f32> = (0..100_000).map(|n| -0.03 + n as f32 * 5e-6).collect();
    for (gamma, invert) in [(1.0, false), (0.45, true), (2.2, false)] {
        let view = View {
            gamma: Gamma::new(gamma).unwrap(),
            invert,
            ..Window::new(-0.02, 0.4).unwrap().into()
        };
        let doubles: Vec<f64> = values.iter().map(|&value| f64::from(value)).collect();
        let of_f32 = levels(view, Dtype::F32, &bytes(&values, f32::to_le_bytes));
        let of_f64 = levels(view, Dtype::F64, &bytes(&doubles, f64::to_le_bytes));
        for (value, of_both) in doubles.iter().zip(of_f32.iter().zip(of_f64)) {
            // There are 65,534 places, some 257 to a level: near black a gamma below 1 makes more of each.
            let tolerance = if gamma < 1.0 { 0.2 } else { 0.02 };
            if let Some(expected) = defined(&view, *value, tolerance) {
                assert_eq!(
                    (*of_both.0, of_both.1),
                    (expected, expected),
                    "{value} in {view:?}"
                );
            }
        }
    }
}

/// Colours of one pixel that is alone in its block of four.
fn colour(view: View, dtype: Dtype, element: &[u8]) -> [u8; 3] {
    let (luma, [u, v]) = Lut::new(view, dtype).colour_of([element, element], 0);
    assert_eq!(luma[0], luma[1]);
    [luma[0], u, v]
}

#[test]
fn a_colormap_colours_levels_and_invert_turns_it_round() {
    let palette = Colormap::Viridis.palette();
    for invert in [false, true] {
        let view = View {
            colormap: Colormap::Viridis,
            invert,
            ..Window::new(0.0, 2550.0).unwrap().into()
        };
        for level in 0..=255_u16 {
            let expected = rgb::yuv(palette[usize::from(if invert { 255 - level } else { level })]);
            assert_eq!(
                colour(view, Dtype::U16, &(level * 10).to_le_bytes()),
                expected,
                "{level}"
            );
            let float = f32::from(level * 10);
            assert_eq!(
                colour(view, Dtype::F32, &float.to_le_bytes()),
                expected,
                "{level}"
            );
        }
    }
}

#[test]
fn chroma_is_the_mean_of_four() {
    let view = View {
        colormap: Colormap::Turbo,
        ..Window::full_range(Dtype::U8).unwrap().into()
    };
    let palette = Colormap::Turbo.palette();
    let (upper, lower) = ([0, 255, 60, 61], [10, 128, 200, 3]);
    let (mut y, mut u, mut v) = ([[0; 4]; 2], [0; 2], [0; 2]);
    let [y_upper, y_lower] = &mut y;
    Lut::new(view, Dtype::U8).colour([&upper, &lower], [y_upper, y_lower], [&mut u, &mut v]);
    for (column, block) in [[0, 255, 10, 128], [60, 61, 200, 3]].into_iter().enumerate() {
        let colours = block.map(|level: usize| rgb::yuv(palette[level]));
        let mean = |channel: usize| (colours.iter().map(|yuv| u16::from(yuv[channel])).sum::<u16>() + 2) / 4;
        assert_eq!((u16::from(u[column]), u16::from(v[column])), (mean(1), mean(2)));
        let lumas = [
            y[0][2 * column],
            y[0][2 * column + 1],
            y[1][2 * column],
            y[1][2 * column + 1],
        ];
        assert_eq!(lumas, colours.map(|yuv| yuv[0]));
    }
}

#[test]
fn highlights_stand_out_whatever_the_window_is() {
    let red = rgb::yuv([255, 0, 0]);
    let blue = rgb::yuv([0, 0, 255]);
    for window in [(0.0, 4095.0), (-100.0, -50.0), (100.0, 200.0), (1e6, 2e6)] {
        let view = View {
            highlight: Some(Highlight::new(0.0, 4095.0).unwrap()),
            ..Window::new(window.0, window.1).unwrap().into()
        };
        for (value, expected) in [
            (-5, Some(blue)),
            (0, Some(blue)),
            (1, None),
            (4094, None),
            (4095, Some(red)),
            (5000, Some(red)),
        ] {
            let mut colours = vec![
                (
                    Dtype::I16,
                    colour(view, Dtype::I16, &(value as i16).to_le_bytes()),
                ),
                (Dtype::I32, colour(view, Dtype::I32, &i32::to_le_bytes(value))),
                (
                    Dtype::F32,
                    colour(view, Dtype::F32, &(value as f32).to_le_bytes()),
                ),
                (
                    Dtype::F64,
                    colour(view, Dtype::F64, &f64::from(value).to_le_bytes()),
                ),
            ];
            if value >= 0 {
                colours.push((
                    Dtype::U16,
                    colour(view, Dtype::U16, &(value as u16).to_le_bytes()),
                ));
            }
            for (dtype, got) in colours {
                match expected {
                    Some(expected) => assert_eq!(got, expected, "{value} of {dtype} in {window:?}"),
                    None => assert_eq!(got[1..], [128, 128], "{value} of {dtype} in {window:?}"),
                }
            }
        }
        assert_eq!(colour(view, Dtype::F32, &f32::NAN.to_le_bytes()), [0, 128, 128]);
    }
    // What an 8-bit value cannot reach marks nothing.
    let view = View {
        highlight: Some(Highlight::new(-1.0, 256.0).unwrap()),
        ..Window::full_range(Dtype::U8).unwrap().into()
    };
    assert_eq!(colour(view, Dtype::U8, &[0]), [0, 128, 128]);
    assert_eq!(colour(view, Dtype::U8, &[255]), [255, 128, 128]);
}

#[test]
fn a_table_that_is_set_anew_is_a_new_table() {
    let views = [
        View::from(Window::new(0.0, 1.0).unwrap()),
        View::from(Window::new(0.0, 2.0).unwrap()),
        View {
            colormap: Colormap::Hot,
            ..Window::new(0.0, 2.0).unwrap().into()
        },
        View {
            highlight: Some(Highlight::new(0.0, 1.0).unwrap()),
            colormap: Colormap::Hot,
            ..Window::new(0.0, 2.0).unwrap().into()
        },
        View {
            highlight: Some(Highlight::new(0.25, 0.75).unwrap()),
            colormap: Colormap::Hot,
            ..Window::new(-1.0, 2.0).unwrap().into()
        },
        View {
            invert: true,
            gamma: Gamma::new(3.0).unwrap(),
            ..Window::new(-1.0, 2.0).unwrap().into()
        },
    ];
    let source: Vec<u8> = (-20..20_i8)
        .flat_map(|n| (f32::from(n) / 8.0).to_le_bytes())
        .collect();
    let mut used = Lut::new(views[0], Dtype::U8);
    for view in views.iter().chain(views.iter().rev()) {
        for dtype in [Dtype::F32, Dtype::U8, Dtype::I16] {
            used.set(*view, dtype);
            let fresh = Lut::new(*view, dtype);
            assert_eq!((&used.levels, &used.colours), (&fresh.levels, &fresh.colours));
            let mut levels_of_used = vec![0; source.len() / dtype.size()];
            used.grey(&source, &mut levels_of_used);
            assert_eq!(levels_of_used, levels(*view, dtype, &source), "{view:?}");
        }
    }
}
