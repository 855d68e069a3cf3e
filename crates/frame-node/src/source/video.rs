//! Whatever ffmpeg opens: video files, cameras, network streams.

mod probe;
mod process;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use service::Backoff;

use self::probe::{Probe, probe};
use self::process::{Process, Slot};
use super::{Error, Picture, Reader, Stopper, check_size};
use crate::buffer::Pool;
use crate::reader::now;

/// First and longest pause before a live source is opened again.
const RETRY: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(5)];

/// What to open, and how.
#[derive(Clone, Debug)]
pub struct Config {
    /// The ffmpeg to run; ffprobe is beside it.
    pub ffmpeg: PathBuf,
    /// File, device or address.
    pub input: String,
    /// ffmpeg's name of the input's format, where it can't find out.
    pub format: Option<String>,
    /// Whether it goes on by itself, and is to be opened again when it breaks off.
    pub live: bool,
    /// Rate that a live source is to have, frames/s.
    pub fps: Option<f64>,
}

impl Config {
    fn ffprobe(&self) -> PathBuf {
        let name = self.ffmpeg.file_name().unwrap_or_default().to_string_lossy();
        self.ffmpeg.with_file_name(name.replace("ffmpeg", "ffprobe"))
    }

    fn input_format(&self) -> Option<&str> {
        let video4linux = self.input.starts_with("/dev/video").then_some("v4l2");
        self.format.as_deref().or(video4linux)
    }

    /// Whether the rate is a setting of the device, not a matter of leaving out frames.
    fn asks_the_device(&self) -> bool {
        matches!(self.input_format(), Some("v4l2" | "x11grab" | "avfoundation"))
    }

    /// Arguments of ffmpeg and ffprobe alike, up to and with the input.
    fn input_args(&self) -> Vec<OsString> {
        let mut args: Vec<OsString> = Vec::new();
        if let Some(format) = self.input_format() {
            args.extend(["-f".into(), format.into()]);
        }
        if let Some(fps) = self.fps.filter(|_| self.asks_the_device()) {
            args.extend(["-framerate".into(), fps.to_string().into()]);
        }
        if self.input.starts_with("rtsp://") {
            // Over UDP a picture with a lost packet is a grey smear.
            args.extend(["-rtsp_transport".into(), "tcp".into()]);
        }
        // A file called `a:b.mp4` is no address.
        let is_file = self.format.is_none() && Path::new(&self.input).is_file();
        let prefix = if is_file { "file:" } else { "" };
        args.extend(["-i".into(), format!("{prefix}{}", self.input).into()]);
        args
    }
}

/// Whether an input goes on by itself: a device, or an address of a protocol for live pictures.
pub fn is_live(input: &str, format: Option<&str>) -> bool {
    let schemes = ["rtsp:", "rtsps:", "rtmp:", "rtmps:", "rtp:", "udp:", "srt:"];
    input.starts_with("/dev/")
        || schemes.iter().any(|scheme| input.starts_with(scheme))
        || matches!(format, Some("v4l2" | "x11grab" | "avfoundation" | "kmsgrab"))
}

/// Why an input cannot be described.
enum ProbeError {
    /// There is no ffprobe.
    Start { program: String, error: std::io::Error },
    /// ffprobe's words.
    Refused(String),
}

/// Frames decoded by an ffmpeg of our own.
pub struct Video {
    config: Config,
    probe: Probe,
    process: Option<Process>,
    /// Frames since the input was last opened.
    frames: u64,
    slot: Slot,
    backoff: Backoff,
    pool: Pool,
}

impl Video {
    /// Finds out what the input is and starts to decode it.
    ///
    /// # Errors
    /// When ffmpeg or ffprobe is missing, or they cannot open the input, with their own words.
    pub fn open(config: Config) -> Result<Self, Error> {
        // Said here, it is one line, and ffmpeg need not be there.
        let path = Path::new(&config.input);
        let pattern = config.input.contains("://") || config.input.contains('%');
        if config.format.is_none() && !pattern {
            std::fs::metadata(path).map_err(|error| Error::io(path, error))?;
        }
        let slot = Slot::default();
        let probe = described(&config)?;
        let process = Some(Process::start(&config, &probe, &slot)?);
        let [first, cap] = RETRY;
        Ok(Self {
            config,
            probe,
            process,
            frames: 0,
            slot,
            backoff: Backoff::new(first, cap),
            pool: Pool::default(),
        })
    }

    /// The input's own rate, frames/s.
    pub fn fps(&self) -> Option<f64> {
        self.probe.format.fps
    }

    /// Whether frames are to be published as they arrive.
    pub fn is_live(&self) -> bool {
        self.config.live
    }

    fn reopen(&mut self) -> Result<(), Error> {
        self.process = None;
        self.frames = 0;
        self.probe = described(&self.config)?;
        self.process = Some(Process::start(&self.config, &self.probe, &self.slot)?);
        Ok(())
    }

    /// The next frame of this life of ffmpeg; `None` at a proper end.
    fn next(&mut self) -> Result<Option<Picture>, Error> {
        let broken = |reason| Error::format(&self.config.input, reason);
        let Some(process) = &mut self.process else {
            return Ok(None);
        };
        let mut buffer = self.pool.take(self.probe.format.byte_len());
        let got = process
            .read(&mut buffer)
            .map_err(|error| broken(error.to_string()))?;
        if got == buffer.len() {
            self.frames += 1;
            return Ok(Some(Picture {
                format: self.probe.format.clone(),
                payload: buffer.freeze(),
                captured: self.config.live.then(now),
            }));
        }
        let Some(end) = self.process.take().map(Process::end) else {
            return Ok(None);
        };
        if self.slot.is_stopped() {
            return Ok(None);
        }
        match end {
            end if !end.success => Err(broken(format!("ffmpeg: {}", end.words))),
            end if self.frames == 0 => Err(broken(format!("ffmpeg found no picture in it {}", end.words))),
            end => {
                if !end.words.is_empty() {
                    let input = &self.config.input;
                    tracing::warn!(input, ffmpeg = end.words, "parts of it could not be decoded");
                }
                Ok(None)
            }
        }
    }

    /// Sleeps for `pause`, or until the source is stopped.
    fn pause(&self, pause: Duration) {
        let end = Instant::now() + pause;
        while !self.slot.is_stopped() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(50).min(pause));
        }
    }
}

impl Reader for Video {
    fn read(&mut self) -> Result<Option<Picture>, Error> {
        loop {
            let reason = match self.next() {
                Ok(Some(picture)) => {
                    self.backoff.reset();
                    return Ok(Some(picture));
                }
                result if !self.config.live || self.slot.is_stopped() => return result,
                Ok(_) => "it ended".to_owned(),
                Err(error) => error.to_string(),
            };
            let mut reason = reason;
            while self.process.is_none() {
                if self.slot.is_stopped() {
                    return Ok(None);
                }
                let pause = self.backoff.pause();
                tracing::warn!(reason, ?pause, "the source broke off: opening it again");
                self.pause(pause);
                if let Err(error) = self.reopen() {
                    reason = error.to_string();
                }
            }
        }
    }

    fn rewind(&mut self) -> Result<(), Error> {
        self.reopen()
    }

    fn stopper(&self) -> Option<Stopper> {
        let slot = self.slot.clone();
        Some(Box::new(move || slot.stop()))
    }
}

/// What the input is, if its frames can be published.
fn described(config: &Config) -> Result<Probe, Error> {
    let probe = probe(config).map_err(|error| match error {
        ProbeError::Start { program, error } => Error::Start { program, error },
        ProbeError::Refused(reason) => Error::format(&config.input, reason),
    })?;
    check_size(&probe.format, &config.input)?;
    let fps = if config.live {
        config.fps.or(probe.format.fps)
    } else {
        probe.format.fps
    };
    Ok(Probe {
        format: protocol::frame::Format { fps, ..probe.format },
        ..probe
    })
}
