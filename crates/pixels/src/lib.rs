//! A frame as numbers and as a picture: dtypes, window, I420. Pure; knows neither sockets nor encoders.
//!
//! The captured values are never changed: a [`Window`] says how they are looked at, and a [`Canvas`] draws them.

mod canvas;
mod elements;
mod estimate;
mod luma;
mod rgb;
mod window;

pub use canvas::{Canvas, I420};
pub use estimate::Estimate;
pub use window::Window;
