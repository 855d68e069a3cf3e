//! What is wrong with settings or regions that somebody asked for.

use crate::Colormap;
use crate::roi::{MAX_SPANS, MAX_VERTICES};

/// Names the field, what was expected and what came.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// A limit of a window that is NaN or infinite.
    #[error("{field} is {got}: expected a finite number")]
    NotFinite {
        /// `min` or `max`, or what else was not finite.
        field: &'static str,
        /// What came.
        got: f64,
    },
    /// A window without values.
    #[error("min is {min}, max is {max}: expected min below max")]
    Empty {
        /// Shown as black.
        min: f64,
        /// Shown as white.
        max: f64,
    },
    /// A gamma outside its range.
    #[error("gamma is {0}: expected 0.05 to 20")]
    Gamma(f64),
    /// No such colormap.
    #[error("colormap is {0:?}: expected one of {names}", names = Colormap::ALL.map(Colormap::name).join(", "))]
    Colormap(String),
    /// Percentiles that leave nothing between them.
    #[error("percentiles are {low} and {high}: expected 0 to 100, the low one below the high one")]
    Percentiles {
        /// Shown as black.
        low: f64,
        /// Shown as white.
        high: f64,
    },
    /// A region with a corner that is not in the frame.
    #[error("{shape} reaches ({x}, {y}): expected it within the frame, 0 to {width} and 0 to {height}")]
    Outside {
        /// Which kind of region.
        shape: &'static str,
        /// Column of the corner, in pixels.
        x: f64,
        /// Row of the corner, in pixels.
        y: f64,
        /// Columns of the frame.
        width: usize,
        /// Rows of the frame.
        height: usize,
    },
    /// A region without the centre of a pixel.
    #[error("{0} holds no pixel: expected it round the centre of one at least")]
    NoPixel(&'static str),
    /// Too few or too many corners.
    #[error("polygon has {0} vertices: expected 3 to {MAX_VERTICES}")]
    Vertices(usize),
    /// A polygon whose inside is not defined.
    #[error("polygon crosses itself: its edges {0} and {1} meet")]
    SelfCrossing(usize, usize),
    /// Regions that together take too much memory.
    #[error("the regions are too intricate: expected at most {MAX_SPANS} runs of pixels in all of them")]
    Intricate,
}
