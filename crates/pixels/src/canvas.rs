//! Draws frames as the pictures that an encoder takes.

use ndarray::{ArrayView2, ArrayViewMut2};
use protocol::frame::Format;

use crate::lut::Lut;
use crate::{Colormap, View, rgb};

/// Chroma of what has no colour.
const NEUTRAL: u8 = 128;

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

/// Draws frames, reusing its planes and tables from frame to frame.
#[derive(Debug)]
pub struct Canvas {
    min_side: usize,
    lut: Option<Lut>,
    y: Vec<u8>,
    u: Vec<u8>,
    v: Vec<u8>,
    /// Both chroma planes of whatever has no colour.
    neutral: Vec<u8>,
    /// Grey levels of the channels of two rows.
    rows: Vec<u8>,
}

impl Canvas {
    /// Pictures are padded, by repeating the last row and column, to even sides of at least `min_side` pixels.
    pub const fn new(min_side: usize) -> Self {
        Self {
            min_side,
            lut: None,
            y: Vec::new(),
            u: Vec::new(),
            v: Vec::new(),
            neutral: Vec::new(),
            rows: Vec::new(),
        }
    }

    fn padded(&self, side: usize) -> usize {
        side.max(self.min_side).next_multiple_of(2)
    }

    /// The picture of one frame seen through `view`. Even-sized 8-bit grey over its full range is not copied.
    ///
    /// # Panics
    /// If `payload` is not `format.byte_len()` bytes.
    pub fn draw<'a>(&'a mut self, format: &Format, payload: &'a [u8], view: &View) -> I420<'a> {
        assert_eq!(payload.len(), format.byte_len(), "payload and format differ");
        let (shape, dtype) = (format.shape, format.dtype);
        let (width, height) = (self.padded(shape.width()), self.padded(shape.height()));
        let unpadded = (width, height) == (shape.width(), shape.height());
        let is_grey = shape.channels() == 1;
        let view = match is_grey {
            true => *view,
            // RGB has its own.
            false => View {
                colormap: Colormap::Gray,
                highlight: None,
                ..*view
            },
        };
        if is_grey && unpadded && !view.is_coloured() && view.is_identity_for(dtype) {
            self.neutral.resize(width * height / 4, NEUTRAL);
            return I420 {
                width,
                height,
                y: payload,
                u: &self.neutral,
                v: &self.neutral,
            };
        }
        self.y.resize(width * height, 0);
        let planes = Planes {
            width,
            y: &mut self.y,
            u: &mut self.u,
            v: &mut self.v,
        };
        match &mut self.lut {
            Some(lut) => lut.set(view, dtype),
            none => *none = Some(Lut::new(view, dtype)),
        }
        let lut = self.lut.as_mut().expect("it was just made");
        if is_grey && !view.is_coloured() {
            planes.draw_grey(format, payload, lut);
            self.neutral.resize(width * height / 4, NEUTRAL);
            return I420 {
                width,
                height,
                y: &self.y,
                u: &self.neutral,
                v: &self.neutral,
            };
        }
        planes.u.resize(width * height / 4, 0);
        planes.v.resize(width * height / 4, 0);
        match is_grey {
            true => planes.draw_mapped(format, payload, lut),
            false => {
                let direct = view.is_identity_for(dtype);
                planes.draw_rgb(format, payload, (!direct).then_some(lut), &mut self.rows);
            }
        }
        I420 {
            width,
            height,
            y: &self.y,
            u: &self.u,
            v: &self.v,
        }
    }
}

/// What a frame is drawn on, padded.
struct Planes<'a> {
    width: usize,
    y: &'a mut Vec<u8>,
    u: &'a mut Vec<u8>,
    v: &'a mut Vec<u8>,
}

impl Planes<'_> {
    fn draw_grey(self, format: &Format, payload: &[u8], lut: &mut Lut) {
        let (width, height) = (format.shape.width(), format.shape.height());
        let source_rows = payload.chunks_exact(width * format.dtype.size());
        for (source, target) in source_rows.zip(self.y.chunks_exact_mut(self.width)) {
            let (pixels, padding) = target.split_at_mut(width);
            lut.grey(source, pixels);
            padding.fill(pixels[width - 1]);
        }
        repeat_last_row(self.y, self.width, height);
    }

    /// Grey values in the colours of a colormap.
    fn draw_mapped(self, format: &Format, payload: &[u8], lut: &mut Lut) {
        let width = format.shape.width();
        let pairs = width / 2;
        let chroma = self
            .u
            .chunks_exact_mut(self.width / 2)
            .zip(self.v.chunks_exact_mut(self.width / 2));
        let luma = self.y.chunks_exact_mut(2 * self.width);
        for (pair, (y, (u, v))) in luma.zip(chroma).enumerate() {
            let rows = source_rows(format, payload, pair);
            let (y_upper, y_lower) = y.split_at_mut(self.width);
            lut.colour(rows, [&mut *y_upper, &mut *y_lower], [&mut *u, &mut *v]);
            if 2 * pairs < self.width {
                let (luma, chroma) = lut.colour_of(rows, width - 1);
                y_upper[2 * pairs..].fill(luma[0]);
                y_lower[2 * pairs..].fill(luma[1]);
                u[pairs..].fill(chroma[0]);
                v[pairs..].fill(chroma[1]);
            }
        }
    }

    /// Without a table the payload is the grey levels of the channels.
    fn draw_rgb(self, format: &Format, payload: &[u8], mut lut: Option<&mut Lut>, levels: &mut Vec<u8>) {
        let row_elements = format.shape.width() * format.shape.channels();
        levels.resize(2 * row_elements, 0);
        let chroma = self
            .u
            .chunks_exact_mut(self.width / 2)
            .zip(self.v.chunks_exact_mut(self.width / 2));
        let luma = self.y.chunks_exact_mut(2 * self.width);
        for (pair, (y, chroma)) in luma.zip(chroma).enumerate() {
            let mut rows = source_rows(format, payload, pair);
            if let Some(lut) = lut.as_deref_mut() {
                let (upper, lower) = levels.split_at_mut(row_elements);
                lut.grey(rows[0], upper);
                lut.grey(rows[1], lower);
                rows = [upper, lower];
            }
            match format.shape.channels() {
                3 => draw_row_pair::<3>(rows[0], rows[1], y, chroma),
                _ => draw_row_pair::<4>(rows[0], rows[1], y, chroma),
            }
        }
    }
}

/// Two rows of a frame, of which the last one repeats for ever.
fn source_rows<'a>(format: &Format, payload: &'a [u8], pair: usize) -> [&'a [u8]; 2] {
    let shape = format.shape;
    let row_bytes = shape.width() * shape.channels() * format.dtype.size();
    [2 * pair, 2 * pair + 1].map(|row| {
        let row = row.min(shape.height() - 1);
        &payload[row * row_bytes..(row + 1) * row_bytes]
    })
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
#[path = "canvas_tests.rs"]
mod tests;
