use super::*;

fn shape(height: u64, width: u64, channels: u64) -> Shape {
    Shape::new(height, width, channels).unwrap()
}

fn region(x: u32, y: u32, width: u32, height: u32) -> Region {
    Region { x, y, width, height }
}

/// Reduces by exactly `factor`.
fn reduce(shape: Shape, dtype: Dtype, bytes: &[u8], region: Region, factor: u32) -> Vec<u8> {
    Reduction { region, factor }.apply(shape, dtype, bytes)
}

#[test]
fn the_least_factor_that_fits_is_taken() {
    let whole = region(0, 0, 1000, 600);
    for (max_pixels, factor) in [
        (600_000, 1),
        (599_999, 2),
        (150_000, 2),
        (149_999, 3),
        // 334 x 200.
        (66_800, 3),
        (66_799, 4),
        (2, 600),
        (1, 1000),
        (0, 1000),
    ] {
        let reduction = Reduction::to_fit(whole, max_pixels);
        assert_eq!(reduction.factor(), factor, "{max_pixels}");
    }
    let line = Reduction::to_fit(region(0, 0, 16_384, 1), 10);
    assert_eq!((line.factor(), line.height(), line.width()), (1639, 1, 10));
    let largest = Reduction::to_fit(region(0, 0, 16_384, 16_384), 1);
    assert_eq!(largest.factor(), 16_384);
}

#[test]
fn a_region_is_cut_at_the_edge_of_the_frame() {
    let shape = shape(6, 8, 1);
    assert_eq!(
        region(2, 3, 100, u32::MAX).within(shape),
        Some(region(2, 3, 6, 3))
    );
    assert_eq!(region(7, 5, 1, 1).within(shape), Some(region(7, 5, 1, 1)));
    for outside in [
        region(8, 0, 1, 1),
        region(0, 6, 1, 1),
        region(u32::MAX, 0, 1, 1),
        region(0, 0, 0, 1),
    ] {
        assert_eq!(outside.within(shape), None, "{outside:?}");
    }
}

#[test]
fn a_region_at_full_resolution_is_the_very_bytes() {
    for dtype in Dtype::ALL {
        let shape = shape(5, 7, 3);
        let bytes: Vec<u8> = (0..shape.byte_len(dtype))
            .map(|index| (index * 37) as u8)
            .collect();
        let pixel = 3 * dtype.size();
        let expected: Vec<u8> = (1..4)
            .flat_map(|row| &bytes[(row * 7 + 2) * pixel..(row * 7 + 6) * pixel])
            .copied()
            .collect();
        assert_eq!(
            reduce(shape, dtype, &bytes, region(2, 1, 4, 3), 1),
            expected,
            "{dtype}"
        );
        assert_eq!(
            reduce(shape, dtype, &bytes, Region::whole(shape), 1),
            bytes,
            "{dtype}"
        );
        assert!(Reduction::to_fit(Region::whole(shape), 35).is_whole(shape));
        assert!(!Reduction::to_fit(region(0, 0, 7, 4), 35).is_whole(shape));
        assert!(!Reduction::to_fit(Region::whole(shape), 34).is_whole(shape));
    }
}

#[test]
fn integers_become_means_rounded_to_the_nearest_halves_up() {
    // 3 x 3, so that the blocks of the right column, the lower row and the corner are cut short.
    #[rustfmt::skip]
    let pixels: [i16; 9] = [
        1, 2, -3,
        3, 4, -4,
        7, 8, i16::MIN,
    ];
    let bytes: Vec<u8> = pixels.iter().flat_map(|value| value.to_le_bytes()).collect();
    let reduced = reduce(shape(3, 3, 1), Dtype::I16, &bytes, region(0, 0, 3, 3), 2);
    let values: Vec<i16> = reduced
        .as_chunks()
        .0
        .iter()
        .map(|bytes| i16::from_le_bytes(*bytes))
        .collect();
    // 2.5, -3.5, 7.5.
    assert_eq!(values, [3, -3, 8, i16::MIN]);
}

#[test]
fn the_largest_values_do_not_overflow() {
    let shape = shape(512, 512, 1);
    for (dtype, value) in [
        (Dtype::U32, u32::MAX.to_le_bytes()),
        (Dtype::I32, i32::MIN.to_le_bytes()),
    ] {
        let bytes = value.repeat(512 * 512);
        assert_eq!(reduce(shape, dtype, &bytes, Region::whole(shape), 512), value);
    }
}

#[test]
fn channels_are_averaged_apart() {
    let bytes = [10, 20, 30, 12, 22, 32, 14, 24, 34, 16, 26, 36];
    let reduced = reduce(shape(2, 2, 3), Dtype::U8, &bytes, region(0, 0, 2, 2), 2);
    assert_eq!(reduced, [13, 23, 33]);
    let reduced = reduce(shape(1, 3, 4), Dtype::U8, &bytes, region(0, 0, 3, 1), 2);
    // [10, 20, 30, 12] and [22, 32, 14, 24]; the last one alone.
    assert_eq!(reduced, [16, 26, 22, 18, 34, 16, 26, 36]);
}

#[test]
fn floats_are_averaged_without_the_nans() {
    let nan = f32::NAN;
    let pixels = [
        1.0,
        nan,
        nan,
        nan,
        4.0,
        2.0,
        nan,
        nan,
        f32::INFINITY,
        1.0,
        -0.5,
        0.25,
    ];
    let bytes: Vec<u8> = pixels
        .iter()
        .flat_map(|value: &f32| value.to_le_bytes())
        .collect();
    let reduced = reduce(shape(3, 4, 1), Dtype::F32, &bytes, region(0, 0, 4, 3), 2);
    let values: Vec<f32> = reduced
        .as_chunks()
        .0
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes))
        .collect();
    assert_eq!(values[0], (7.0_f64 / 3.0) as f32);
    assert!(values[1].is_nan());
    assert_eq!(values[2..], [f32::INFINITY, -0.125]);
}

#[test]
fn truth_values_are_sampled_in_the_middle_of_their_blocks() {
    // Any byte but 0 is true, and stays what it is.
    let bytes: Vec<u8> = (0..35).collect();
    let reduced = reduce(shape(5, 7, 1), Dtype::Bool, &bytes, region(0, 0, 7, 5), 3);
    // Rows 1 and 3 + 2 / 2, columns 1, 4 and 6.
    assert_eq!(reduced, [8, 11, 13, 29, 32, 34]);
}
