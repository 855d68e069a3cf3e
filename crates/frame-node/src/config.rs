//! The command line, which is also the manual.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::{CommandFactory, Parser};
use protocol::frame::{Format, Shape};
use protocol::{DecodeError, Dtype, PixelSize, StreamName};
use transport::Endpoint;

use crate::pacer::Rate;
use crate::source::{Error, Kind, video};

/// Publish frames to a streamview runner.
///
/// Frames go to the runner at their own pace and are never waited for: when the runner is slow, stopped or gone, newer
/// frames replace those that wait, and frame-node goes on as if nothing had happened. It finds the runner again by
/// itself, whichever of the two is started first.
///
/// At the end of the source, or after Ctrl-C, the stream is marked as ended. A second Ctrl-C leaves at once.
#[derive(Clone, Debug, Parser)]
#[command(version, max_term_width = 110, after_long_help = EXAMPLES)]
pub struct Config {
    /// What to publish: a keyword, a file, a device or a URL.
    #[arg(env = "STREAMVIEW_SOURCE", long_help = SOURCES)]
    pub source: String,

    /// Name of the stream: 1 to 64 of A-Z a-z 0-9 _ - . [default: camera for synthetic, else from the source's name].
    #[arg(long, env = "STREAMVIEW_STREAM", value_name = "NAME")]
    pub stream: Option<StreamName>,

    /// Where the runner takes frames: tcp://host:port or ipc:///path.
    #[arg(
        long,
        env = "STREAMVIEW_INGEST",
        value_name = "ENDPOINT",
        default_value = "tcp://127.0.0.1:5555"
    )]
    pub connect: Endpoint,

    /// Frames per second, or max for as fast as the source gives them.
    ///
    /// The pace does not drift: frame n is due n/fps after the first one. A node that is late by more than half a second
    /// gives up the missed deadlines, and counts them. Default: a recording's own rate where the file has one (video, ImageJ),
    /// else 30. Standard input and live sources are published as they arrive; with --fps, standard input is read at that
    /// pace, and ffmpeg is asked to deliver a live source at that rate.
    #[arg(long, env = "STREAMVIEW_FPS", value_name = "FPS|max")]
    pub fps: Option<Rate>,

    /// Begin again at the end of a recording. The frame numbers go on.
    #[arg(long = "loop", env = "STREAMVIEW_LOOP", value_parser = BoolishValueParser::new())]
    pub looping: bool,

    /// Stop after this many frames [default: never, or at the end of the source].
    #[arg(long, env = "STREAMVIEW_FRAMES", value_name = "COUNT")]
    pub frames: Option<u64>,

    /// Values shown as black and as white; a hint to viewers, the data stays as it is.
    ///
    /// Default: what the source knows (synthetic, barcode, ImageJ's display range), else nothing: 8 bits are shown as
    /// they are, and wider types between the values of the stream's first second.
    #[arg(
        long,
        env = "STREAMVIEW_RANGE",
        value_name = "MIN,MAX",
        allow_hyphen_values = true
    )]
    pub range: Option<Range>,

    /// Unit of the values, such as photons [default: what the source knows].
    #[arg(long, env = "STREAMVIEW_UNIT")]
    pub unit: Option<String>,

    /// Height x width of what one pixel shows, such as 0.65x0.5; one number for both [default: what the source knows].
    ///
    /// A page draws a scale bar by it. TIFF files say it where ImageJ has calibrated them, or in pixels per centimetre.
    #[arg(long, env = "STREAMVIEW_PIXEL_SIZE", value_name = "H[xW]", allow_negative_numbers = true, value_parser = parse_sides)]
    pub pixel_size: Option<[f64; 2]>,

    /// Unit of --pixel-size, 1 to 16 bytes, such as nm or mm; um is µm [default: um].
    #[arg(long, env = "STREAMVIEW_PIXEL_UNIT", value_name = "UNIT", requires = "pixel_size", value_parser = parse_length)]
    pub pixel_unit: Option<String>,

    /// Height x width in pixels, as NumPy has it: 480x640 is 640 wide; 480x640x3 is RGB.
    ///
    /// For synthetic and barcode (at least 96x128) [default: 512x512]; needed for standard input; for .npy, what one frame is
    /// where the array leaves a doubt.
    #[arg(long, env = "STREAMVIEW_SHAPE", value_name = "HxW[xC]", value_parser = parse_shape)]
    pub shape: Option<Shape>,

    /// Type of an element: bool, int8 to int32, uint8 to uint32, float32 or float64.
    ///
    /// For synthetic and barcode uint8, uint16 or float32 [default: uint16, uint8 if the shape has 3 channels]; needed for
    /// standard input.
    #[arg(long, env = "STREAMVIEW_DTYPE")]
    pub dtype: Option<Dtype>,

    /// Seed of synthetic and barcode, and of --drop and --jitter [default: 0].
    ///
    /// The same seed, shape and fps give the same movie; the same seed leaves out the same frames.
    #[arg(long, env = "STREAMVIEW_SEED")]
    pub seed: Option<u64>,

    /// Publish the number of each frame, at its capture time, as the series `number` of the stream of the same name.
    ///
    /// Where it is drawn, the value at the moment of the picture on screen has to be the number of that picture.
    #[arg(long, env = "STREAMVIEW_NUMBER_SERIES", value_parser = BoolishValueParser::new())]
    pub number_series: bool,

    /// Lose this share of the frames on purpose, 0 to 1, to see what becomes of it.
    ///
    /// They are counted like frames that were lost on the way: their numbers are missing. --number-series has them.
    #[arg(long, env = "STREAMVIEW_DROP", value_name = "SHARE", allow_negative_numbers = true, value_parser = parse_share)]
    pub drop: Option<f64>,

    /// Capture each frame up to this many milliseconds after its deadline, at random; less than the time between two.
    #[arg(long, env = "STREAMVIEW_JITTER", value_name = "MS", allow_negative_numbers = true, value_parser = parse_ms)]
    pub jitter: Option<Duration>,

    /// Write `seq,t_ns` of every published frame to this file, a line each (t in ns since the Unix epoch).
    #[arg(long, env = "STREAMVIEW_TIMES", value_name = "FILE")]
    pub times: Option<PathBuf>,

    /// The ffmpeg to run, for sources that need it; ffprobe is expected beside it.
    #[arg(
        long,
        env = "STREAMVIEW_FFMPEG",
        value_name = "PATH",
        default_value = "ffmpeg"
    )]
    pub ffmpeg: PathBuf,

    /// Tell ffmpeg what its input is (its -f), such as v4l2, x11grab or lavfi, where it can't find out.
    #[arg(long, env = "STREAMVIEW_INPUT_FORMAT", value_name = "NAME")]
    pub input_format: Option<String>,

    /// Treat ffmpeg's input as live: publish as it arrives, and open it again when it breaks off.
    ///
    /// Devices and rtsp, rtmp, rtp, udp and srt addresses are live without saying so.
    #[arg(long, env = "STREAMVIEW_LIVE", value_parser = BoolishValueParser::new())]
    pub live: bool,
}

const SOURCES: &str = "\
What to publish: a keyword, a file, a device or a URL.

synthetic    a movie like calcium imaging: cells flare and decay over a noisy,
             unevenly lit background
barcode      pictures that carry their frame number and capture time, for
             measuring (docs/barcode.md)
FILE.npy     NumPy array [t, h, w], [t, h, w, c] or a single [h, w]; C order,
             little-endian; memory-mapped. [n, m, 3] and [n, m, 4] are one
             colour picture, unless --shape says what a frame is
FILE.tif[f]  stack of grey or RGB pages, 8/16/32-bit integers or floats;
             ImageJ, OME, BigTIFF; read page by page
-            raw frames on standard input, C-contiguous and little-endian;
             needs --shape and --dtype
other        what ffmpeg opens: a video file, /dev/video0, rtsp://host/path;
             colour becomes RGB uint8, grey stays grey with its 8 to 16 bits

A file that is called like a keyword is reached as ./synthetic.";

const EXAMPLES: &str = "\
Examples:
  frame-node synthetic --shape 512x512 --dtype uint16 --seed 1
  frame-node barcode --shape 1080x1920 --dtype uint8 --fps 60 --times times.csv
  frame-node recording.npy --fps 100 --range 0,4095
  frame-node stack.tif --loop --stream two-photon
  frame-node movie.mp4 --loop
  frame-node /dev/video0
  frame-node rtsp://192.168.1.20/stream --stream arena
  my-camera | frame-node - --shape 480x640 --dtype uint16 --range 0,4095

Log: one summary every 10 s on standard error; STREAMVIEW_LOG=debug tells more.
Exit code: 0 at the end of the source or after Ctrl-C, 1 after an error, 2 for a command line that makes no sense.";

/// Sides of the picture that `synthetic` paints when nothing is asked for.
const DEFAULT_SIDE: u64 = 512;

impl Config {
    /// What `SOURCE` means.
    pub fn kind(&self) -> Kind {
        Kind::of(&self.source)
    }

    /// Checks the flags against each other and against the source.
    ///
    /// # Errors
    /// A usage error, which names the flag.
    pub fn check(&self) -> Result<(), clap::Error> {
        let refuse = |flag: &str, reason: &str| {
            let message = format!("{flag}: {reason}");
            Err(Self::command().error(clap::error::ErrorKind::ArgumentConflict, message))
        };
        let kind = self.kind();
        let painted = matches!(kind, Kind::Synthetic | Kind::Barcode);
        let raw = kind == Kind::Stdin;
        let video = matches!(kind, Kind::Video(_));
        if raw && self.shape.is_none() {
            return refuse("--shape", "needed for standard input, such as 480x640");
        }
        if raw && self.dtype.is_none() {
            return refuse("--dtype", "needed for standard input, such as uint8");
        }
        if self.shape.is_some() && !(painted || raw || matches!(kind, Kind::Npy(_))) {
            return refuse(
                "--shape",
                "the source has its own: only for synthetic, barcode, .npy and standard input",
            );
        }
        if self.dtype.is_some() && !(painted || raw) {
            return refuse(
                "--dtype",
                "the source has its own: only for synthetic, barcode and standard input",
            );
        }
        if self.seed.is_some() && !painted && self.drop.is_none() && self.jitter.is_none() {
            return refuse("--seed", "only for synthetic, barcode, --drop and --jitter");
        }
        if raw && self.looping {
            return refuse("--loop", "standard input cannot be read twice");
        }
        if self.live && !video {
            return refuse("--live", "only for what ffmpeg opens");
        }
        if self.input_format.is_some() && !video {
            return refuse("--input-format", "only for what ffmpeg opens");
        }
        if self.unit.as_ref().is_some_and(|unit| unit.len() > 256) {
            return refuse("--unit", "expected at most 256 bytes");
        }
        Ok(())
    }

    /// The stream to publish.
    ///
    /// # Errors
    /// When the source's name makes no stream name.
    pub fn stream(&self) -> Result<StreamName, protocol::NameError> {
        match &self.stream {
            Some(name) => Ok(name.clone()),
            None => self.kind().stream(),
        }
    }

    /// What `--pixel-size` and `--pixel-unit` say.
    ///
    /// # Errors
    /// Never: both were checked when they were read.
    pub(crate) fn pixel_size(&self) -> Result<Option<PixelSize>, DecodeError> {
        let unit = self.pixel_unit.as_deref().unwrap_or(PixelSize::DEFAULT_UNIT);
        let size = self
            .pixel_size
            .map(|[height, width]| PixelSize::new(height, width, unit));
        size.transpose()
    }

    /// Shape of a painted picture.
    pub(crate) fn painted_shape(&self) -> Shape {
        self.shape.unwrap_or_else(|| {
            Shape::new(DEFAULT_SIDE, DEFAULT_SIDE, 1).expect("the default shape is within the limits")
        })
    }

    /// Dtype of a painted picture.
    pub(crate) fn painted_dtype(&self) -> Dtype {
        let natural = if self.painted_shape().channels() == 1 {
            Dtype::U16
        } else {
            Dtype::U8
        };
        self.dtype.unwrap_or(natural)
    }

    /// Seed of whatever is random.
    pub(crate) fn seed(&self) -> u64 {
        self.seed.unwrap_or(0)
    }

    /// Format of frames on standard input.
    pub(crate) fn raw_format(&self) -> Result<Format, Error> {
        let missing = |flag| Error::Flag {
            flag,
            reason: "needed for standard input".to_owned(),
        };
        let shape = self.shape.ok_or_else(|| missing("--shape"))?;
        let dtype = self.dtype.ok_or_else(|| missing("--dtype"))?;
        let fps = self.fps.and_then(Rate::fps);
        Ok(Format {
            fps,
            ..Format::new(shape, dtype)
        })
    }

    /// What ffmpeg is to open.
    pub(crate) fn video(&self, input: String) -> video::Config {
        video::Config {
            ffmpeg: self.ffmpeg.clone(),
            format: self.input_format.clone(),
            live: self.live || video::is_live(&input, self.input_format.as_deref()),
            fps: self.fps.and_then(Rate::fps),
            input,
        }
    }
}

/// `480x640` or `480x640x3`.
fn parse_shape(text: &str) -> Result<Shape, String> {
    let expected = "expected HxW or HxWxC, such as 480x640, with sides of 1 to 16384 and C of 1, 3 or 4";
    let sides = text
        .split('x')
        .map(str::parse::<u64>)
        .collect::<Result<Vec<_>, _>>();
    let sides = sides.map_err(|_| expected)?;
    Shape::from_dims(&sides).map_err(|_| expected.to_owned())
}

/// `0.65x0.5`, or `0.5` for both.
fn parse_sides(text: &str) -> Result<[f64; 2], String> {
    let (height, width) = text.split_once('x').unwrap_or((text, text));
    let sides = height.parse().ok().zip(width.parse().ok());
    sides
        .and_then(|(height, width)| PixelSize::new(height, width, PixelSize::DEFAULT_UNIT).ok())
        .map(|size| size.sides())
        .ok_or_else(|| "expected H or HxW, numbers above 0, such as 0.65 or 0.65x0.5".to_owned())
}

/// A unit of length.
fn parse_length(text: &str) -> Result<String, String> {
    match PixelSize::new(1.0, 1.0, text) {
        Ok(size) => Ok(size.unit().to_owned()),
        Err(_) => Err("expected 1 to 16 bytes without control characters, such as um".to_owned()),
    }
}

/// A share of all frames.
fn parse_share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| (0.0..1.0).contains(share));
    share.ok_or_else(|| "expected a share of 0 to below 1, such as 0.05".to_owned())
}

/// Milliseconds, possibly fractional.
fn parse_ms(text: &str) -> Result<Duration, String> {
    let ms = text.parse::<f64>().ok().filter(|ms| *ms >= 0.0);
    ms.and_then(|ms| Duration::try_from_secs_f64(ms / 1e3).ok())
        .ok_or_else(|| "expected milliseconds of 0 or more, such as 12.5".to_owned())
}

/// `--range`: finite, `min < max`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// Shown as black.
    pub min: f64,
    /// Shown as white.
    pub max: f64,
}

impl FromStr for Range {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let expected = "expected two finite numbers MIN,MAX with MIN below MAX, such as 0,4095";
        let (min, max) = text.split_once(',').ok_or(expected)?;
        let number = |text: &str| text.trim().parse::<f64>().map_err(|_| expected);
        let (min, max) = (number(min)?, number(max)?);
        if min.is_finite() && max.is_finite() && min < max {
            Ok(Self { min, max })
        } else {
            Err(expected)
        }
    }
}

#[cfg(test)]
#[path = "config_tests.rs"]
pub(crate) mod tests;
