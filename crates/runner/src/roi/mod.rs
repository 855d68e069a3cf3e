//! Regions of interest: what people draw on a stream becomes series, measured on every frame (docs/protocol.md,
//! section 6).
//!
//! Ingest leaves frames in a bounded queue of their stream and goes on; [`measure`] runs on threads of its own.

mod baseline;
mod measurer;
mod name;
mod queue;
mod region;
mod rois;
mod set;
mod work;

pub use name::RoiName;
pub use region::{Change, Region, Regions, Wanted};
pub use rois::{Rois, State};
pub use set::{Edited, Set};
pub use work::{Work, measure};

/// What the names of metric streams end in that hold what is measured here.
pub const SUFFIX: &str = ".roi";

/// Why regions were not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// There is no such region.
    NotFound(String),
    /// What is wanted cannot be, and how.
    Invalid(String),
}

impl Refused {
    fn none_of_that_name(name: &RoiName) -> Self {
        Self::NotFound(format!("there is no region {:?}", name.as_str()))
    }
}
