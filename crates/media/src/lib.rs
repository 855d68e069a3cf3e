//! Raw pictures in, everything a player eats out. The only crate that names ffmpeg.
//!
//! A [`Stream`] takes the frames of one frame stream, has each encoded once and hands it out two ways: as segments on
//! disk with a live HLS playlist, and at once, in memory, through a [`packager`]. It owns a bounded queue, one ffmpeg
//! process at a time, and the segments. How a frame becomes a picture is somebody else's business ([`Display`]), and so
//! is HTTP: a server asks for [`Stream::playlist`], [`Stream::segment`] and [`Stream::packager`].
//!
//! Times are capture times all the way: they travel through ffmpeg as Matroska timestamps, and what comes out is known
//! by its place, frame for frame.

mod clock;
mod command;
mod config;
mod error;
mod flv;
mod ledger;
mod life;
mod matroska;
mod outcome;
pub mod output;
mod picture;
mod playlist;
mod probe;
mod process;
mod queue;
mod reader;
mod shared;
mod status;
mod stream;
mod supervisor;
mod window;

pub use config::{Config, PRESETS};
pub use error::Error;
pub use output::RunDir;
pub use picture::{Display, MIN_SIDE, Picture};
pub use probe::{MIN_VERSION, Version, probe};
pub use status::{Phase, Status};
pub use stream::Stream;
