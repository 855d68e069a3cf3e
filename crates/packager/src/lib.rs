//! Access units of one encoder in; everything a player gets from memory out: init segments, live fragments of one
//! frame, Low-Latency HLS, and the timeline (frame number, capture time and media time of every encoded frame).
//!
//! Pure: no ffmpeg, no HTTP, no threads, no clock reads. One writer calls [`Packager::begin`], [`Packager::push`] and
//! [`Packager::end`]; any number of readers ask, each at its own pace, and none of them costs the writer anything.

mod config;
mod error;
mod fragment;
mod init;
mod media_time;
mod movie_fragment;
mod name;
mod packager;
mod part;
mod playlist;
mod ring;
mod segment;
mod timeline;
mod unit;
mod window;

pub use config::Config;
pub use error::Error;
pub use fragment::Fragment;
pub use init::Init;
pub use media_time::MediaTime;
pub use packager::Packager;
pub use ring::Next;
pub use timeline::{Frames, Range, Span};
pub use unit::{AccessUnit, Start};
pub use window::File;
