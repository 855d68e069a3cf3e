//! Pixels of a frame, as runs along its rows.

use std::ops::Range;

use protocol::frame::Shape;

/// Neighbouring pixels of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Row.
    pub row: u32,
    /// First column.
    pub start: u32,
    /// Column after the last one.
    pub end: u32,
}

impl Span {
    /// How many pixels.
    pub(crate) const fn len(self) -> usize {
        (self.end - self.start) as usize
    }
}

/// Some pixels of frames of one shape; none twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask {
    height: u32,
    width: u32,
    spans: Vec<Span>,
    pixels: usize,
}

impl Mask {
    /// No pixel.
    pub(crate) fn none(shape: Shape) -> Self {
        Self {
            height: shape.height() as u32,
            width: shape.width() as u32,
            spans: Vec::new(),
            pixels: 0,
        }
    }

    /// Every pixel of the frame.
    pub fn whole(shape: Shape) -> Self {
        let mut mask = Self::none(shape);
        for row in 0..mask.height {
            mask.add(row, 0..mask.width);
        }
        mask
    }

    /// Adds a run, as far as it is in the frame.
    pub(crate) fn add(&mut self, row: u32, columns: Range<u32>) {
        let span = Span {
            row,
            start: columns.start,
            end: columns.end.min(self.width),
        };
        if row < self.height && span.start < span.end {
            self.pixels += span.len();
            self.spans.push(span);
        }
    }

    /// Its runs, in no promised order.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// How many pixels.
    pub const fn pixels(&self) -> usize {
        self.pixels
    }

    /// Whether it was made for frames of this height and width.
    pub const fn fits(&self, shape: Shape) -> bool {
        self.height as usize == shape.height() && self.width as usize == shape.width()
    }
}
