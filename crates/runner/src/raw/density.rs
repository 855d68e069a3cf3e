//! The size of pixels as files of pictures spell it: how many there are along a length, of columns and of rows.

use png::{PixelDimensions, Unit};
use protocol::PixelSize;
use tiff::encoder::Rational;

/// TIFF's `XResolution` and `YResolution` per centimetre. `None` if the unit is none of length, or if the numbers have no
/// room for them.
pub fn per_centimetre(size: &PixelSize) -> Option<[Rational; 2]> {
    let rational = |per_metre: f64| {
        let per_centimetre = per_metre / 100.0;
        // The largest power of ten that leaves room above it.
        let d = (0..=9)
            .rev()
            .map(|digits| 10_u32.pow(digits))
            .find(|&d| per_centimetre * f64::from(d) <= f64::from(u32::MAX))?;
        let n = nearest(per_centimetre * f64::from(d))?;
        Some(Rational { n, d })
    };
    let [height, width] = size.metres()?;
    Some([rational(1.0 / width)?, rational(1.0 / height)?])
}

/// PNG's `pHYs`. `None` if the unit is none of length, or if whole numbers of pixels per metre cannot tell it.
pub fn per_metre(size: &PixelSize) -> Option<PixelDimensions> {
    let [height, width] = size.metres()?;
    Some(PixelDimensions {
        xppu: nearest(1.0 / width)?,
        yppu: nearest(1.0 / height)?,
        unit: Unit::Meter,
    })
}

/// The nearest whole number, if it is within a thousandth.
fn nearest(value: f64) -> Option<u32> {
    let whole = value.round();
    let tells = whole <= f64::from(u32::MAX) && (whole - value).abs() <= 1e-3 * value;
    tells.then_some(whole as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_where_the_numbers_reach() {
        let check = |sides: [f64; 2], unit: &str, tiff: Option<[(u32, u32); 2]>, png: Option<[u32; 2]>| {
            let size = PixelSize::new(sides[0], sides[1], unit).unwrap();
            let per_centimetre = per_centimetre(&size).map(|both| both.map(|Rational { n, d }| (n, d)));
            assert_eq!(per_centimetre, tiff, "{size:?}");
            let per_metre = per_metre(&size).map(|PixelDimensions { xppu, yppu, .. }| [xppu, yppu]);
            assert_eq!(per_metre, png, "{size:?}");
        };
        let whole = Some([(2_000_000_000, 100_000), (4_000_000_000, 100_000)]);
        check([0.25, 0.5], "µm", whole, Some([2_000_000, 4_000_000]));
        let third = Some([(3_333_333_333, 100_000); 2]);
        check([300.0, 300.0], "nm", third, Some([3_333_333; 2]));
        check([0.1, 0.1], "nm", Some([(1_000_000_000, 10); 2]), None);
        check([30.0, 30.0], "cm", Some([(33_333_333, 1_000_000_000); 2]), None);
        check([1.0, 1.0], "px", None, None);
        check([1e-300, 1e-300], "m", None, None);
        check([1e300, 1e300], "m", None, None);
    }
}
