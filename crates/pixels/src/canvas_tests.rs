use protocol::Dtype;
use protocol::frame::Shape;

use super::*;
use crate::Window;

fn format(height: u64, width: u64, channels: u64, dtype: Dtype) -> Format {
    Format::new(Shape::new(height, width, channels).unwrap(), dtype)
}

#[test]
fn full_range_8_bit_grey_is_not_copied() {
    let payload: Vec<u8> = (0..16).collect();
    let mut canvas = Canvas::new(2);
    let picture = canvas.draw(
        &format(4, 4, 1, Dtype::U8),
        &payload,
        &View::from(Window::full_range(Dtype::U8).unwrap()),
    );
    assert_eq!(picture.y.as_ptr(), payload.as_ptr());
    assert_eq!(picture.u, [128; 4]);
    assert_eq!(picture.v, [128; 4]);
}

#[test]
fn odd_sizes_repeat_their_last_row_and_column() {
    let mut canvas = Canvas::new(2);
    let window = View::from(Window::full_range(Dtype::U8).unwrap());
    let picture = canvas.draw(&format(3, 3, 1, Dtype::U8), &[1, 2, 3, 4, 5, 6, 7, 8, 9], &window);
    assert_eq!((picture.width, picture.height), (4, 4));
    assert_eq!(picture.y, [1, 2, 3, 3, 4, 5, 6, 6, 7, 8, 9, 9, 7, 8, 9, 9]);
}

#[test]
fn a_single_pixel_fills_the_smallest_picture() {
    for channels in [1, 3, 4] {
        let mut canvas = Canvas::new(16);
        let window = View::from(Window::full_range(Dtype::U8).unwrap());
        let payload = vec![200; channels as usize];
        let picture = canvas.draw(&format(1, 1, channels, Dtype::U8), &payload, &window);
        assert_eq!(picture.y, vec![200; 256], "{channels} channels");
        assert_eq!(
            (picture.u, picture.v),
            (&[128; 64][..], &[128; 64][..]),
            "{channels} channels"
        );
    }
}

#[test]
fn colour_after_grey_and_grey_after_colour_are_both_right() {
    let mut canvas = Canvas::new(2);
    let window = View::from(Window::full_range(Dtype::U8).unwrap());
    let red = [255, 0, 0].repeat(4);
    let picture = canvas.draw(&format(2, 2, 3, Dtype::U8), &red, &window);
    assert_eq!(
        (picture.y, picture.u, picture.v),
        (&[54; 4][..], &[99][..], &[255][..])
    );
    let picture = canvas.draw(&format(2, 2, 1, Dtype::U8), &[9; 4], &window);
    assert_eq!(
        (picture.y, picture.u, picture.v),
        (&[9; 4][..], &[128][..], &[128][..])
    );
}

#[test]
fn sixteen_bit_colour_is_seen_through_its_window() {
    let mut canvas = Canvas::new(2);
    let red: Vec<u8> = [4095_u16, 0, 0]
        .repeat(3)
        .iter()
        .flat_map(|v| v.to_le_bytes())
        .collect();
    let window = View::from(Window::new(0.0, 4095.0).unwrap());
    let picture = canvas.draw(&format(3, 1, 3, Dtype::U16), &red, &window);
    assert_eq!((picture.width, picture.height), (2, 4));
    assert_eq!(
        (picture.y, picture.u, picture.v),
        (&[54; 8][..], &[99; 2][..], &[255; 2][..])
    );
}

/// Every pixel looked up by itself, the last row and column repeated, and chroma averaged over four.
fn pixel_by_pixel(
    levels: &[u8],
    (height, width): (usize, usize),
    min_side: usize,
    colormap: Colormap,
) -> [Vec<u8>; 3] {
    let palette = colormap.palette();
    let [padded_height, padded_width] = [height, width].map(|side| side.max(min_side).next_multiple_of(2));
    let yuv = |row: usize, column: usize| {
        let level = levels[row.min(height - 1) * width + column.min(width - 1)];
        rgb::yuv(palette[usize::from(level)])
    };
    let (mut y, mut u, mut v) = (Vec::new(), Vec::new(), Vec::new());
    for row in 0..padded_height {
        y.extend((0..padded_width).map(|column| yuv(row, column)[0]));
    }
    for row in (0..padded_height).step_by(2) {
        for column in (0..padded_width).step_by(2) {
            let four = [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(down, right)| yuv(row + down, column + right));
            let mean =
                |plane: usize| ((four.iter().map(|yuv| u32::from(yuv[plane])).sum::<u32>() + 2) / 4) as u8;
            u.push(mean(1));
            v.push(mean(2));
        }
    }
    [y, u, v]
}

#[test]
fn grey_of_every_size_and_dtype_gets_the_colours_of_its_levels() {
    for (height, width) in [(1, 1), (2, 2), (3, 3), (4, 5), (5, 4), (7, 33)] {
        let levels: Vec<u8> = (0..height * width).map(|n| (n * 151 % 256) as u8).collect();
        for min_side in [2, 16] {
            for colormap in [Colormap::Viridis, Colormap::Hot] {
                let expected = pixel_by_pixel(&levels, (height, width), min_side, colormap);
                for dtype in Dtype::ALL {
                    if dtype == Dtype::Bool {
                        continue;
                    }
                    // Levels as values that every dtype can hold.
                    let bytes = |&level: &u8| match dtype {
                        Dtype::I8 => ((i16::from(level) - 128) as i8).to_le_bytes().to_vec(),
                        Dtype::U16 => u16::from(level).to_le_bytes().to_vec(),
                        Dtype::I16 => (i16::from(level) - 128).to_le_bytes().to_vec(),
                        Dtype::U32 => u32::from(level).to_le_bytes().to_vec(),
                        Dtype::I32 => (i32::from(level) - 128).to_le_bytes().to_vec(),
                        Dtype::F32 => (f32::from(level) - 128.0).to_le_bytes().to_vec(),
                        Dtype::F64 => (f64::from(level) - 128.0).to_le_bytes().to_vec(),
                        _ => vec![level],
                    };
                    let black = match dtype {
                        Dtype::U8 | Dtype::U16 | Dtype::U32 => 0.0,
                        _ => -128.0,
                    };
                    let view = View {
                        colormap,
                        ..Window::new(black, black + 255.0).unwrap().into()
                    };
                    let payload: Vec<u8> = levels.iter().flat_map(bytes).collect();
                    let mut canvas = Canvas::new(min_side);
                    let picture =
                        canvas.draw(&format(height as u64, width as u64, 1, dtype), &payload, &view);
                    let what = format!("{dtype} {height}x{width} {colormap}, at least {min_side}");
                    assert_eq!(
                        [picture.y, picture.u, picture.v],
                        expected.each_ref().map(Vec::as_slice),
                        "{what}"
                    );
                }
            }
        }
    }
}

#[test]
fn colours_keep_their_own() {
    let window = Window::full_range(Dtype::U8).unwrap();
    let view = View {
        colormap: Colormap::Viridis,
        highlight: Some(crate::Highlight::of(Dtype::U8)),
        ..window.into()
    };
    let rgb = [255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9];
    let format = format(2, 2, 3, Dtype::U8);
    let (mut plain, mut coloured) = (Canvas::new(2), Canvas::new(2));
    let plain = plain.draw(&format, &rgb, &window.into());
    let coloured = coloured.draw(&format, &rgb, &view);
    assert_eq!((plain.y, plain.u, plain.v), (coloured.y, coloured.u, coloured.v));
    let mut inverted = Canvas::new(2);
    let inverted = inverted.draw(&format, &rgb, &View { invert: true, ..view });
    assert_eq!(
        inverted.y,
        [201, 73, 237, 246],
        "cyan, magenta, yellow and a light grey"
    );
}
