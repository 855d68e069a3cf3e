use protocol::frame::Shape;

use super::*;

fn format(height: u64, width: u64, channels: u64, dtype: Dtype) -> Format {
    Format::new(Shape::new(height, width, channels).unwrap(), dtype)
}

fn whole(format: &Format, payload: &[u8]) -> Statistics {
    Mask::whole(format.shape).statistics(format, payload)
}

fn of_f32(values: &[f32]) -> Statistics {
    let payload: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    whole(&format(1, values.len() as u64, 1, Dtype::F32), &payload)
}

/// Mean, sum and std in the plain way, with the mean known beforehand and Kahan's correction.
fn reference(values: &[f64]) -> (f64, f64, f64) {
    let kahan = |values: &mut dyn Iterator<Item = f64>| {
        let (mut sum, mut lost) = (0.0_f64, 0.0_f64);
        for value in values {
            let term = value - lost;
            let next = sum + term;
            lost = (next - sum) - term;
            sum = next;
        }
        sum
    };
    let sum = kahan(&mut values.iter().copied());
    let mean = sum / values.len() as f64;
    let squares = kahan(&mut values.iter().map(|value| (value - mean).powi(2)));
    (mean, sum, (squares / values.len() as f64).sqrt())
}

#[track_caller]
fn close(got: f64, expected: f64) {
    let error = (got - expected).abs();
    assert!(error <= 1e-9 * expected.abs(), "{got}, expected {expected}");
}

/// xorshift64, Marsaglia 2003.
fn noise(count: usize) -> impl Iterator<Item = u64> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    })
    .take(count)
}

#[test]
fn every_dtype_agrees_with_the_definition() {
    let shape = Shape::new(61, 101, 1).unwrap();
    let count = 61 * 101;
    let bits: Vec<u64> = noise(count).collect();
    macro_rules! check {
        ($dtype:expr, $value_of:expr) => {{
            let values: Vec<_> = bits.iter().map(|&bits| $value_of(bits)).collect();
            let payload: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            let doubles: Vec<f64> = values.iter().map(|&value| value as f64).collect();
            let got = whole(&Format::new(shape, $dtype), &payload);
            let (mean, sum, std) = reference(&doubles);
            assert_eq!(got.count, count as u64);
            assert_eq!(got.min, doubles.iter().copied().fold(f64::INFINITY, f64::min));
            assert_eq!(got.max, doubles.iter().copied().fold(f64::NEG_INFINITY, f64::max));
            close(got.mean, mean);
            close(got.sum, sum);
            close(got.std, std);
        }};
    }
    check!(Dtype::U8, |bits| bits as u8);
    check!(Dtype::I8, |bits| bits as i8);
    check!(Dtype::U16, |bits| bits as u16);
    check!(Dtype::I16, |bits| bits as i16);
    check!(Dtype::U32, |bits| bits as u32);
    check!(Dtype::I32, |bits| bits as i32);
    check!(Dtype::F32, |bits: u64| 0.2 + (bits >> 40) as f32 / 1e9);
    check!(Dtype::F64, |bits: u64| 1e9 + (bits >> 40) as f64 / 1e9);
}

#[test]
fn the_largest_frame_of_the_largest_values_does_not_overflow() {
    let format = format(4_096, 4_096, 1, Dtype::U16);
    let got = whole(&format, &vec![0xff; format.byte_len()]);
    let expected = Statistics {
        count: 1 << 24,
        mean: 65_535.0,
        min: 65_535.0,
        max: 65_535.0,
        sum: 65_535.0 * f64::from(1 << 24),
        std: 0.0,
    };
    assert_eq!(got, expected);
}

#[test]
fn a_large_mean_and_a_hot_pixel_leave_the_spread_its_digits() {
    let mut values: Vec<f32> = (0..10_000).map(|n| 1e6 + (n % 10) as f32).collect();
    close(of_f32(&values).std, 8.25_f64.sqrt());
    values[0] = 1e12;
    let doubles: Vec<f64> = values.iter().map(|&value| f64::from(value)).collect();
    close(of_f32(&values).std, reference(&doubles).2);
    let constant = of_f32(&[0.1; 1000]);
    assert_eq!((constant.std, constant.min), (0.0, f64::from(0.1_f32)));
}

#[test]
fn nan_is_left_out_and_infinity_is_not() {
    let got = of_f32(&[f32::NAN, 1.0, 3.0, f32::NAN]);
    assert_eq!((got.count, got.mean, got.sum, got.std), (2, 2.0, 4.0, 1.0));
    assert_eq!((got.min, got.max), (1.0, 3.0));
    let none = of_f32(&[f32::NAN; 20]);
    assert_eq!(none.count, 0);
    assert!(
        [none.mean, none.min, none.max, none.sum, none.std]
            .iter()
            .all(|value| value.is_nan())
    );
    let infinite = of_f32(&[f32::INFINITY, 1.0, 2.0]);
    assert_eq!(
        (infinite.mean, infinite.max, infinite.min),
        (f64::INFINITY, f64::INFINITY, 1.0)
    );
    assert!(infinite.std.is_nan());
    assert_eq!(of_f32(&[f32::NEG_INFINITY; 3]).mean, f64::NEG_INFINITY);
}

#[test]
fn all_colours_count_and_alpha_does_not() {
    let rgb = [1, 10, 100, 2, 20, 200, 3, 30, 50, 4, 40, 60];
    let got = whole(&format(2, 2, 3, Dtype::U8), &rgb);
    let (mean, sum, std) = reference(&rgb.map(f64::from));
    assert_eq!((got.count, got.sum, got.min, got.max), (12, sum, 1.0, 200.0));
    close(got.mean, mean);
    close(got.std, std);
    let (colours, _) = rgb.as_chunks::<3>();
    let rgba: Vec<u8> = colours.iter().flat_map(|&[r, g, b]| [r, g, b, 255]).collect();
    assert_eq!(whole(&format(2, 2, 4, Dtype::U8), &rgba), got);
}

#[test]
fn truth_is_one_whatever_its_byte() {
    let got = whole(&format(1, 4, 1, Dtype::Bool), &[0, 1, 255, 0]);
    assert_eq!((got.mean, got.max, got.std), (0.5, 1.0, 0.5));
}
