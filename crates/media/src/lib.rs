//! Raw pictures in, everything a player eats out. The only crate that names ffmpeg.
//!
//! A [`Stream`] takes the frames of one frame stream and keeps a live HLS playlist of them: it owns a bounded queue,
//! one ffmpeg process at a time, and the segments on disk. How a frame becomes a picture is somebody else's business
//! ([`Display`]), and so is HTTP: a server asks for [`Stream::playlist`] and [`Stream::segment`].
//!
//! Times are capture times all the way: they travel through ffmpeg as Matroska timestamps and come back as
//! `EXT-X-PROGRAM-DATE-TIME`, frame for frame.

mod clock;
mod command;
mod config;
mod error;
mod ledger;
mod life;
mod listing;
mod matroska;
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
