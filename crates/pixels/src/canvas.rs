//! Draws frames as the pictures that an encoder takes.

use ndarray::{ArrayView2, ArrayViewMut2};
use protocol::frame::Format;

use crate::{Window, luma, rgb};

/// A picture in planes: full-range BT.709, chroma halved both ways. `y` is `width * height` bytes, `u` and `v` a
/// quarter of that.
#[derive(Clone, Copy, Debug)]
pub struct I420<'a> {
    /// Columns, even.
    pub width: usize,
    /// Rows, even.
    pub height: usize,
    /// Luma.
    pub y: &'a [u8],
    /// Blue difference.
    pub u: &'a [u8],
    /// Red difference.
    pub v: &'a [u8],
}

/// Draws frames, reusing its planes from frame to frame.
#[derive(Debug)]
pub struct Canvas {
    min_side: usize,
    y: Vec<u8>,
    u: Vec<u8>,
    v: Vec<u8>,
    /// Windowed RGB of two rows at a time.
    rows: Vec<u8>,
}

impl Canvas {
    /// Pictures are padded, by repeating the last row and column, to even sides of at least `min_side` pixels.
    pub const fn new(min_side: usize) -> Self {
        Self {
            min_side,
            y: Vec::new(),
            u: Vec::new(),
            v: Vec::new(),
            rows: Vec::new(),
        }
    }

    fn padded(&self, side: usize) -> usize {
        side.max(self.min_side).next_multiple_of(2)
    }

    /// The picture of one frame seen through `window`. Even-sized 8-bit grey over its full range is not copied.
    ///
    /// # Panics
    /// If `payload` is not `format.byte_len()` bytes.
    pub fn draw<'a>(&'a mut self, format: &Format, payload: &'a [u8], window: Window) -> I420<'a> {
        assert_eq!(payload.len(), format.byte_len(), "payload and format differ");
        let shape = format.shape;
        let (width, height) = (self.padded(shape.width()), self.padded(shape.height()));
        let unpadded = (width, height) == (shape.width(), shape.height());
        self.u.resize(width * height / 4, 128);
        self.v.resize(width * height / 4, 128);
        if shape.channels() == 1 {
            self.u.fill(128);
            self.v.fill(128);
            if unpadded && window.is_identity_for(format.dtype) {
                return I420 {
                    width,
                    height,
                    y: payload,
                    u: &self.u,
                    v: &self.v,
                };
            }
            self.y.resize(width * height, 0);
            if unpadded {
                luma::levels(payload, format.dtype, window, &mut self.y);
            } else {
                self.draw_grey_padded(format, payload, window, width);
            }
        } else {
            self.y.resize(width * height, 0);
            self.draw_colour(format, payload, window, width);
        }
        I420 {
            width,
            height,
            y: &self.y,
            u: &self.u,
            v: &self.v,
        }
    }

    fn draw_grey_padded(&mut self, format: &Format, payload: &[u8], window: Window, padded_width: usize) {
        let (width, height) = (format.shape.width(), format.shape.height());
        let source_rows = payload.chunks_exact(width * format.dtype.size());
        for (source, target) in source_rows.zip(self.y.chunks_exact_mut(padded_width)) {
            let (pixels, padding) = target.split_at_mut(width);
            luma::levels(source, format.dtype, window, pixels);
            padding.fill(pixels[width - 1]);
        }
        repeat_last_row(&mut self.y, padded_width, height);
    }

    fn draw_colour(&mut self, format: &Format, payload: &[u8], window: Window, padded_width: usize) {
        let shape = format.shape;
        let (width, height, channels) = (shape.width(), shape.height(), shape.channels());
        let row_bytes = width * channels * format.dtype.size();
        let padded_height = self.y.len() / padded_width;
        let direct = window.is_identity_for(format.dtype);
        self.rows.resize(2 * width * channels, 0);
        let (row_a, row_b) = self.rows.split_at_mut(width * channels);
        for pair in 0..padded_height / 2 {
            let source_row = |row: usize| {
                let row = row.min(height - 1);
                &payload[row * row_bytes..(row + 1) * row_bytes]
            };
            let (upper, lower) = (source_row(2 * pair), source_row(2 * pair + 1));
            let (upper, lower): (&[u8], &[u8]) = if direct {
                (upper, lower)
            } else {
                luma::levels(upper, format.dtype, window, row_a);
                luma::levels(lower, format.dtype, window, row_b);
                (row_a, row_b)
            };
            let y_rows = &mut self.y[2 * pair * padded_width..2 * (pair + 1) * padded_width];
            let chroma = pair * padded_width / 2..(pair + 1) * padded_width / 2;
            let chroma_rows = (&mut self.u[chroma.clone()], &mut self.v[chroma]);
            match channels {
                3 => draw_row_pair::<3>(upper, lower, y_rows, chroma_rows),
                _ => draw_row_pair::<4>(upper, lower, y_rows, chroma_rows),
            }
        }
    }
}

/// Two rows of `C` channels to two rows of luma and one of chroma; pixels beyond the source repeat its last one.
fn draw_row_pair<const C: usize>(upper: &[u8], lower: &[u8], y: &mut [u8], (u, v): (&mut [u8], &mut [u8])) {
    let (upper, lower) = (upper.as_chunks::<C>().0, lower.as_chunks::<C>().0);
    let last = upper.len() - 1;
    let (y_upper, y_lower) = y.split_at_mut(y.len() / 2);
    for (column, (u, v)) in u.iter_mut().zip(v).enumerate() {
        let (left, right) = ((2 * column).min(last), (2 * column + 1).min(last));
        let four = [upper[left], upper[right], lower[left], lower[right]];
        let lumas = four.map(|pixel| rgb::luma(pixel[0], pixel[1], pixel[2]));
        y_upper[2 * column..2 * column + 2].copy_from_slice(&lumas[..2]);
        y_lower[2 * column..2 * column + 2].copy_from_slice(&lumas[2..]);
        let sum = |channel: usize| four.iter().map(|pixel| i32::from(pixel[channel])).sum();
        (*u, *v) = rgb::chroma([sum(0), sum(1), sum(2)]);
    }
}

/// Fills the rows from `height` on with row `height - 1`.
fn repeat_last_row(plane: &mut [u8], width: usize, height: usize) {
    let (filled, padding) = plane.split_at_mut(width * height);
    let last: ArrayView2<'_, u8> = ArrayView2::from_shape((1, width), &filled[width * (height - 1)..])
        .expect("the last row has the width of the plane");
    let rows = padding.len() / width;
    let mut padding = ArrayViewMut2::from_shape((rows, width), padding).expect("padding is whole rows");
    padding.assign(
        &last
            .broadcast((rows, width))
            .expect("one row broadcasts to any number"),
    );
}

#[cfg(test)]
mod tests {
    use protocol::Dtype;
    use protocol::frame::Shape;

    use super::*;

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
            Window::full_range(Dtype::U8).unwrap(),
        );
        assert_eq!(picture.y.as_ptr(), payload.as_ptr());
        assert_eq!(picture.u, [128; 4]);
        assert_eq!(picture.v, [128; 4]);
    }

    #[test]
    fn odd_sizes_repeat_their_last_row_and_column() {
        let mut canvas = Canvas::new(2);
        let window = Window::full_range(Dtype::U8).unwrap();
        let picture = canvas.draw(&format(3, 3, 1, Dtype::U8), &[1, 2, 3, 4, 5, 6, 7, 8, 9], window);
        assert_eq!((picture.width, picture.height), (4, 4));
        assert_eq!(picture.y, [1, 2, 3, 3, 4, 5, 6, 6, 7, 8, 9, 9, 7, 8, 9, 9]);
    }

    #[test]
    fn a_single_pixel_fills_the_smallest_picture() {
        for channels in [1, 3, 4] {
            let mut canvas = Canvas::new(16);
            let window = Window::full_range(Dtype::U8).unwrap();
            let payload = vec![200; channels as usize];
            let picture = canvas.draw(&format(1, 1, channels, Dtype::U8), &payload, window);
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
        let window = Window::full_range(Dtype::U8).unwrap();
        let red = [255, 0, 0].repeat(4);
        let picture = canvas.draw(&format(2, 2, 3, Dtype::U8), &red, window);
        assert_eq!(
            (picture.y, picture.u, picture.v),
            (&[54; 4][..], &[99][..], &[255][..])
        );
        let picture = canvas.draw(&format(2, 2, 1, Dtype::U8), &[9; 4], window);
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
        let window = Window::new(0.0, 4095.0).unwrap();
        let picture = canvas.draw(&format(3, 1, 3, Dtype::U16), &red, window);
        assert_eq!((picture.width, picture.height), (2, 4));
        assert_eq!(
            (picture.y, picture.u, picture.v),
            (&[54; 8][..], &[99; 2][..], &[255; 2][..])
        );
    }
}
