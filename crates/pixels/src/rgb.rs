//! RGB to full-range BT.709 luma and chroma.

/// Fixed-point coefficients of ITU-R BT.709, full range, 16 fractional bits. Each row of the matrix sums to
/// exactly 65,536 or 0, so that grey stays grey.
const Y: [i32; 3] = [13_933, 46_871, 4_732];
const U: [i32; 3] = [-7_509, -25_259, 32_768];
const V: [i32; 3] = [32_768, -29_763, -3_005];
const HALF: i32 = 1 << 15;

fn dot(matrix: [i32; 3], [r, g, b]: [i32; 3]) -> i32 {
    (matrix[0] * r + matrix[1] * g + matrix[2] * b + HALF) >> 16
}

/// Luma of one pixel, 0 to 255.
#[inline(always)]
pub(crate) fn luma(r: u8, g: u8, b: u8) -> u8 {
    dot(Y, [r.into(), g.into(), b.into()]) as u8
}

/// Luma and chroma of one pixel.
pub(crate) fn yuv([r, g, b]: [u8; 3]) -> [u8; 3] {
    let (u, v) = chroma([r, g, b].map(|channel| i32::from(channel) * 4));
    [luma(r, g, b), u, v]
}

/// Chroma (U, V) of the mean of four pixels whose channel sums are given, each 0 to 255.
#[inline(always)]
pub(crate) fn chroma(sums_of_four: [i32; 3]) -> (u8, u8) {
    let mean = sums_of_four.map(|sum| (sum + 2) >> 2);
    (
        (dot(U, mean) + 128).clamp(0, 255) as u8,
        (dot(V, mean) + 128).clamp(0, 255) as u8,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grey_has_no_colour_and_keeps_its_level() {
        for level in 0..=255_u8 {
            assert_eq!(luma(level, level, level), level);
            assert_eq!(chroma([i32::from(level) * 4; 3]), (128, 128));
        }
    }

    #[test]
    fn primaries_agree_with_bt_709() {
        // Y = 0.2126 R + 0.7152 G + 0.0722 B; U = (B - Y) / 1.8556 + 128; V = (R - Y) / 1.5748 + 128
        for (rgb, expected) in [
            ([255, 0, 0], (54, 99, 255)),
            ([0, 255, 0], (182, 30, 12)),
            ([0, 0, 255], (18, 255, 116)),
            ([255, 255, 0], (237, 1, 140)),
        ] {
            let [r, g, b] = rgb;
            let (u, v) = chroma(rgb.map(|channel| i32::from(channel) * 4));
            assert_eq!((luma(r, g, b), u, v), expected, "{rgb:?}");
        }
    }
}
