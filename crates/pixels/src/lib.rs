//! A frame as numbers and as a picture: dtypes, view, I420, histogram, automatic window, regions. Pure; knows neither
//! sockets nor encoders.
//!
//! The captured values are never changed: a [`View`] says how they are looked at, and a [`Canvas`] draws them.

mod auto;
mod brightness;
mod canvas;
mod colormap;
mod elements;
mod error;
mod estimate;
mod histogram;
mod lut;
mod mask;
mod polygon;
mod reduce;
mod rgb;
pub mod roi;
mod sample;
mod statistics;
mod view;
mod window;

pub use auto::{Auto, Follow};
pub use brightness::Brightness;
pub use canvas::{Canvas, I420};
pub use colormap::{Colormap, Palette};
pub use error::Error;
pub use estimate::Estimate;
pub use histogram::Histogram;
pub use mask::{Mask, Span};
pub use reduce::{Method, Reduction, Region};
pub use roi::Roi;
pub use sample::{Ignore, Percentiles, Sample};
pub use statistics::Statistics;
pub use view::{Gamma, Highlight, View};
pub use window::Window;
