//! Where pictures come from.
//!
//! Two kinds: a [`Painter`] makes a picture when it is asked for one, with its stamp, and never ends; a [`Reader`]
//! reads pictures that exist already or arrive by themselves, may block, may fail, and ends.

mod barcode;
mod error;
pub mod movie;
mod npy;
mod raw;
mod synthetic;
mod tiff;
mod tone;
pub mod video;

use std::path::{Path, PathBuf};

use bytes::Bytes;
use protocol::frame::Format;
use protocol::{NameError, Stamp, StreamName, WallTime};

use crate::config::Config;
use crate::pacer::Rate;

pub use barcode::Barcode;
pub use error::Error;
pub use npy::Npy;
pub use raw::Raw;
pub use synthetic::Synthetic;
pub use tiff::Tiff;
pub use video::Video;

/// Largest frame that is read or made, in bytes: checked before any memory is taken for it.
pub const MAX_FRAME_BYTES: usize = 256 << 20;

/// A picture without its place in a stream.
#[derive(Clone, Debug)]
pub struct Picture {
    /// How to read the payload.
    pub format: Format,
    /// The pixels, exactly `format.byte_len()` bytes.
    pub payload: Bytes,
    /// When it was captured; `None`: when it is published.
    pub captured: Option<WallTime>,
}

/// Makes pictures on demand, one per frame, without end.
pub trait Painter: Send {
    /// The picture of the frame with this stamp.
    fn paint(&mut self, stamp: &Stamp) -> Picture;
}

/// Reads pictures one after the other. Lives on a thread of its own.
pub trait Reader: Send {
    /// The next picture; `None` at the end. May block.
    ///
    /// # Errors
    /// When the source is broken; the pictures read so far are good.
    fn read(&mut self) -> Result<Option<Picture>, Error>;

    /// Back to the first picture.
    ///
    /// # Errors
    /// When the source cannot be read twice, or no longer be opened.
    fn rewind(&mut self) -> Result<(), Error>;

    /// Something that makes a blocked [`Reader::read`] return, if there is such a thing.
    fn stopper(&self) -> Option<Stopper> {
        None
    }
}

/// Ends a blocked read, from another thread.
pub type Stopper = Box<dyn FnOnce() + Send>;

/// A source of either kind.
pub enum Source {
    /// Paints on demand.
    Painter(Box<dyn Painter>),
    /// Reads ahead.
    Reader(Box<dyn Reader>),
}

/// An open source and how fast it is to be published.
pub struct Opened {
    /// Gives the pictures.
    pub source: Source,
    /// What `--fps` and the source together ask for.
    pub rate: Rate,
}

/// What the argument `SOURCE` means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `synthetic`
    Synthetic,
    /// `barcode`
    Barcode,
    /// `-`
    Stdin,
    /// `*.npy`
    Npy(PathBuf),
    /// `*.tif`, `*.tiff`
    Tiff(PathBuf),
    /// Anything else: ffmpeg's input.
    Video(String),
}

impl Kind {
    /// From the argument. A file that is called like a keyword is reached as `./synthetic`.
    pub fn of(argument: &str) -> Self {
        let extension = Path::new(argument)
            .extension()
            .map(|extension| extension.to_ascii_lowercase());
        let is_url = argument.contains("://");
        match (
            argument,
            extension.as_ref().and_then(|extension| extension.to_str()),
        ) {
            ("synthetic", _) => Self::Synthetic,
            ("barcode", _) => Self::Barcode,
            ("-", _) => Self::Stdin,
            (_, Some("npy")) if !is_url => Self::Npy(argument.into()),
            (_, Some("tif" | "tiff")) if !is_url => Self::Tiff(argument.into()),
            _ => Self::Video(argument.to_owned()),
        }
    }

    /// The stream name when `--stream` gives none.
    ///
    /// # Errors
    /// Never, as long as the names in here are stream names.
    pub fn stream(&self) -> Result<StreamName, NameError> {
        let file = match self {
            Self::Synthetic => return "camera".parse(),
            Self::Barcode => return "barcode".parse(),
            Self::Stdin => return "stdin".parse(),
            Self::Npy(path) | Self::Tiff(path) => path,
            Self::Video(input) => Path::new(input.split(['?', '#']).next().unwrap_or_default()),
        };
        StreamName::of_file(file).map_or_else(|| "camera".parse(), Ok)
    }
}

/// Opens the source that `config` names.
///
/// # Errors
/// [`Error`] names the file or flag, what was expected and what came.
pub fn open(config: &Config) -> Result<Opened, Error> {
    const DEFAULT: Rate = Rate::Fps(30.0);
    let painted = |painter: Box<dyn Painter>, rate| Opened {
        source: Source::Painter(painter),
        rate,
    };
    let read = |reader: Box<dyn Reader>, rate| Opened {
        source: Source::Reader(reader),
        rate,
    };
    let rate = config.fps;
    Ok(match config.kind() {
        Kind::Synthetic => {
            let rate = rate.unwrap_or(DEFAULT);
            painted(Box::new(Synthetic::open(config, rate)?), rate)
        }
        Kind::Barcode => {
            let rate = rate.unwrap_or(DEFAULT);
            painted(Box::new(Barcode::open(config, rate)?), rate)
        }
        Kind::Stdin => read(
            Box::new(Raw::new(std::io::stdin(), config.raw_format()?)?),
            rate.unwrap_or(Rate::Max),
        ),
        Kind::Npy(path) => read(Box::new(Npy::open(&path, config.shape)?), rate.unwrap_or(DEFAULT)),
        Kind::Tiff(path) => {
            let stack = Tiff::open(&path)?;
            let own = stack.fps().map_or(DEFAULT, Rate::Fps);
            read(Box::new(stack), rate.unwrap_or(own))
        }
        Kind::Video(input) => {
            let video = Video::open(config.video(input))?;
            let own = match video.fps() {
                _ if video.is_live() => Rate::Max,
                fps => fps.map_or(DEFAULT, Rate::Fps),
            };
            // A live source is slowed down by ffmpeg, never by reading it slowly.
            let asked = rate.filter(|_| !video.is_live());
            read(Box::new(video), asked.unwrap_or(own))
        }
    })
}

/// Refuses formats that no machine should be asked for.
fn check_size(format: &Format, name: &str) -> Result<(), Error> {
    if format.byte_len() <= MAX_FRAME_BYTES {
        Ok(())
    } else {
        Err(Error::format(
            name,
            format!(
                "a frame of {} {} has {} bytes: expected at most {MAX_FRAME_BYTES}",
                format.shape,
                format.dtype,
                format.byte_len()
            ),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_is_a_keyword_a_known_file_or_ffmpegs_business() {
        let check = |argument: &str, expected: Kind| assert_eq!(Kind::of(argument), expected, "{argument}");
        check("synthetic", Kind::Synthetic);
        check("barcode", Kind::Barcode);
        check("-", Kind::Stdin);
        check("a/B.NPY", Kind::Npy("a/B.NPY".into()));
        check("stack.ome.tif", Kind::Tiff("stack.ome.tif".into()));
        check("s.TIFF", Kind::Tiff("s.TIFF".into()));
        for input in ["movie.mp4", "/dev/video0", "rtsp://host/cam.tif", "./synthetic"] {
            check(input, Kind::Video(input.into()));
        }
    }

    #[test]
    fn a_stream_is_called_like_its_source() {
        for (argument, expected) in [
            ("synthetic", "camera"),
            ("barcode", "barcode"),
            ("-", "stdin"),
            ("/data/two photon.tif", "two_photon"),
            ("/dev/video0", "video0"),
            ("rtsp://host:554/live/main?x=1", "main"),
            ("/", "camera"),
        ] {
            assert_eq!(
                Kind::of(argument).stream().unwrap().as_str(),
                expected,
                "{argument}"
            );
        }
    }
}
