//! One channel of elements to 8-bit grey levels.

use protocol::Dtype;

use crate::Window;
use crate::elements::{Element, table, with_element};

/// Grey levels of `source` (`target.len()` elements of `dtype`) seen through `window`.
///
/// # Panics
/// If the lengths do not agree.
pub(crate) fn levels(source: &[u8], dtype: Dtype, window: Window, target: &mut [u8]) {
    assert_eq!(
        source.len(),
        target.len() * dtype.size(),
        "elements and levels differ in number"
    );
    if window.is_identity_for(dtype) {
        target.copy_from_slice(source);
    } else if dtype.size() == 1 {
        let table = table(dtype, window.black(), window.levels_per_unit());
        for (level, &byte) in target.iter_mut().zip(source) {
            *level = table[usize::from(byte)];
        }
    } else {
        with_element!(dtype, T => scale::<T>(source, window, target));
    }
}

fn scale<T: Element>(source: &[u8], window: Window, target: &mut [u8]) {
    let (black, levels_per_unit) = (window.black(), window.levels_per_unit());
    for (level, bytes) in target.iter_mut().zip(source.chunks_exact(T::SIZE)) {
        *level = T::read(bytes).level(black, levels_per_unit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(dtype: Dtype, source: &[u8], window: (f64, f64), expected: &[u8]) {
        let mut target = vec![7; expected.len()];
        levels(
            source,
            dtype,
            Window::new(window.0, window.1).unwrap(),
            &mut target,
        );
        assert_eq!(target, expected, "{dtype} {window:?}");
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
        check(
            Dtype::I8,
            &(-128_i8..=127).map(|v| v as u8).collect::<Vec<_>>(),
            (-128.0, 127.0),
            &(0..=255).collect::<Vec<_>>(),
        );
        let u16s: Vec<u8> = [0_u16, 1000, 2000, 3000, 65535]
            .iter()
            .flat_map(|v| v.to_le_bytes())
            .collect();
        check(Dtype::U16, &u16s, (1000.0, 3000.0), &[0, 0, 128, 255, 255]);
        let i16s: Vec<u8> = [-300_i16, -100, 0, 100, 300]
            .iter()
            .flat_map(|v| v.to_le_bytes())
            .collect();
        check(Dtype::I16, &i16s, (-100.0, 100.0), &[0, 0, 128, 255, 255]);
        let f32s: Vec<u8> = [f32::NAN, f32::NEG_INFINITY, -0.02, 0.19, 0.4, f32::INFINITY]
            .iter()
            .flat_map(|v| v.to_le_bytes())
            .collect();
        check(Dtype::F32, &f32s, (-0.02, 0.4), &[0, 0, 0, 128, 255, 255]);
        let f64s: Vec<u8> = [f64::NAN, 1e300, -1e300, 0.5]
            .iter()
            .flat_map(|v| v.to_le_bytes())
            .collect();
        check(Dtype::F64, &f64s, (0.0, 1.0), &[0, 255, 0, 128]);
    }

    #[test]
    fn a_narrow_window_on_large_32_bit_values_keeps_its_levels() {
        let values: Vec<u8> = (0..=255_u32)
            .flat_map(|v| (4_000_000_000 + v).to_le_bytes())
            .collect();
        check(
            Dtype::U32,
            &values,
            (4_000_000_000.0, 4_000_000_255.0),
            &(0..=255).collect::<Vec<_>>(),
        );
    }
}
