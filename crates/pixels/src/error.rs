//! What is wrong with settings that somebody asked for.

use crate::Colormap;

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
}
