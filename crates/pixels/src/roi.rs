//! Regions of a frame, drawn by people: which pixels they hold.
//!
//! Coordinates are in pixels from the outer corner of the first one, x along rows: the pixel in row r and column c
//! reaches from (c, r) to (c + 1, r + 1). A region holds the pixels whose centres are in it.

use protocol::frame::Shape;

use crate::polygon::Polygon;
use crate::{Error, Mask};

/// Most corners of a polygon.
pub const MAX_VERTICES: usize = 1_000;
/// Most runs of pixels in all regions of a stream together: 12 MiB.
pub const MAX_SPANS: usize = 1 << 20;

/// A region of interest.
#[derive(Clone, Debug, PartialEq)]
pub enum Roi {
    /// Upright.
    Rectangle(Bounds),
    /// Upright, as large as its bounds.
    Ellipse(Bounds),
    /// Closed; edges do not cross.
    Polygon(Vec<[f64; 2]>),
}

/// An upright rectangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Columns.
    pub width: f64,
    /// Rows.
    pub height: f64,
}

impl Roi {
    /// Its pixels in frames of `shape`.
    ///
    /// # Errors
    /// [`Error`] for a region that is not wholly in the frame, holds no pixel, crosses itself, or has too many corners.
    pub fn mask(&self, shape: Shape) -> Result<Mask, Error> {
        self.mask_within(shape, MAX_SPANS)
    }

    /// The same, of at most `room` runs of pixels: what is left of [`MAX_SPANS`] by the regions before.
    ///
    /// # Errors
    /// Those of [`Self::mask`], and [`Error::Intricate`] if there is not enough room.
    pub fn mask_within(&self, shape: Shape, room: usize) -> Result<Mask, Error> {
        let name = self.name();
        match self {
            Self::Rectangle(bounds) | Self::Ellipse(bounds) => {
                for (field, got) in [
                    ("x", bounds.x),
                    ("y", bounds.y),
                    ("width", bounds.width),
                    ("height", bounds.height),
                ] {
                    finite(field, got)?;
                }
                // Downwards and to the right, or it is outside.
                let (width, height) = (bounds.width.max(0.0), bounds.height.max(0.0));
                inside(name, [bounds.x, bounds.y], shape)?;
                inside(name, [bounds.x + width, bounds.y + height], shape)?;
            }
            Self::Polygon(vertices) => {
                for &[x, y] in vertices {
                    finite("x", x)?;
                    finite("y", y)?;
                    inside(name, [x, y], shape)?;
                }
            }
        }
        let mut mask = Mask::none(shape);
        match self {
            Self::Rectangle(bounds) => {
                for row in centres(bounds.y, bounds.y + bounds.height) {
                    mask.add(row, centres(bounds.x, bounds.x + bounds.width));
                }
            }
            Self::Ellipse(bounds) => {
                let [radius_x, radius_y] = [bounds.width, bounds.height].map(|side| side / 2.0);
                let [x, y] = [bounds.x + radius_x, bounds.y + radius_y];
                for row in centres(bounds.y, bounds.y + bounds.height) {
                    let away = (f64::from(row) + 0.5 - y) / radius_y;
                    let half = radius_x * (1.0 - away * away).max(0.0).sqrt();
                    mask.add(row, centres(x - half, x + half));
                }
            }
            Self::Polygon(vertices) => Polygon::new(vertices)?.add_to(&mut mask, room)?,
        }
        match (mask.pixels(), mask.spans().len()) {
            (0, _) => Err(Error::NoPixel(name)),
            (_, spans) if spans > room => Err(Error::Intricate),
            _ => Ok(mask),
        }
    }

    const fn name(&self) -> &'static str {
        match self {
            Self::Rectangle(_) => "rectangle",
            Self::Ellipse(_) => "ellipse",
            Self::Polygon(_) => "polygon",
        }
    }
}

/// Rows or columns whose centres are from `start` on and below `end`: neighbours share none.
pub(crate) fn centres(start: f64, end: f64) -> std::ops::Range<u32> {
    // Saturates.
    let first = |edge: f64| (edge - 0.5).ceil() as u32;
    first(start)..first(end)
}

fn finite(field: &'static str, got: f64) -> Result<(), Error> {
    match got.is_finite() {
        true => Ok(()),
        false => Err(Error::NotFinite { field, got }),
    }
}

fn inside(name: &'static str, [x, y]: [f64; 2], shape: Shape) -> Result<(), Error> {
    let (width, height) = (shape.width(), shape.height());
    match (0.0..=width as f64).contains(&x) && (0.0..=height as f64).contains(&y) {
        true => Ok(()),
        false => Err(Error::Outside {
            shape: name,
            x,
            y,
            width,
            height,
        }),
    }
}

#[cfg(test)]
#[path = "roi_tests.rs"]
mod tests;
