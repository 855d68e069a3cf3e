//! The loop: wait until a frame is due, take a picture, stamp it, hand it over.

use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use anyhow::Context;
use protocol::metric::Data;
use protocol::{Event, Frame, Metric, PixelSize, SeriesName, Stamp, StreamName};
use service::Shutdown;
use tokio_util::sync::CancellationToken;

use crate::config::{Config, Range};
use crate::faults::Faults;
use crate::pacer::{Pacer, Rate};
use crate::reader::{Next, ReadAhead, now};
use crate::source::{self, Error, Opened, Painter, Picture, Source};
use crate::times::Times;

/// How long the last messages may take to leave.
const CLOSE_GRACE: Duration = Duration::from_millis(800);
/// How often the log says how it goes.
const SUMMARY_EVERY: Duration = Duration::from_secs(10);
/// How often a node that waits for a deadline looks whether it is to stop.
const POLL: Duration = Duration::from_millis(50);

/// Where frames go. Never blocks.
pub trait Link {
    /// Hands a frame over.
    fn frame(&mut self, frame: Frame);
    /// Hands a metric over.
    fn metric(&mut self, metric: Metric);
    /// Hands an event over.
    fn event(&mut self, event: Event);
    /// How it goes, in a few words for the log.
    fn summary(&self) -> String;
}

impl Link for transport::Publisher {
    fn frame(&mut self, frame: Frame) {
        Self::frame(self, frame);
    }

    fn metric(&mut self, metric: Metric) {
        Self::metric(self, metric);
    }

    fn event(&mut self, event: Event) {
        Self::event(self, event);
    }

    fn summary(&self) -> String {
        let stats = self.stats();
        format!(
            "{:?}, sent {}, replaced {}",
            stats.link, stats.sent, stats.replaced
        )
    }
}

/// Publishes what `config` says until the source ends, or a signal asks to stop.
///
/// # Errors
/// When the source cannot be opened or breaks, or the link cannot be set up. The stream is marked as ended first.
pub fn run(config: &Config) -> anyhow::Result<()> {
    let token = Shutdown::listen_aside()
        .context("cannot listen for signals")?
        .token();
    let Some(opened) = open(config, &token)? else {
        return Ok(());
    };
    let faults = Faults::of(config, opened.rate)?;
    let times = match &config.times {
        Some(path) => {
            let times = Times::create(path).with_context(|| format!("--times {}", path.display()))?;
            Some(times)
        }
        None => None,
    };
    let stream = config.stream()?;
    let mut publisher = transport::Publisher::start(transport::publisher::Config {
        endpoint: config.connect.clone(),
        ..transport::publisher::Config::default()
    })
    .with_context(|| format!("--connect {}", config.connect))?;
    tracing::info!(%stream, source = config.source, rate = %opened.rate, connect = %config.connect, "publishing");
    let mut node = Node {
        session: rand::random(),
        stream,
        frames: config.frames.unwrap_or(u64::MAX),
        looping: config.looping,
        range: config.range,
        unit: config.unit.clone(),
        pixel_size: config.pixel_size()?,
        times,
        faults,
        number_series: config.number_series.then(number_series),
        lost: 0,
        link: &mut publisher,
    };
    let ended = node.publish(opened, &token);
    let lost_on_purpose = node.lost;
    publisher.close(CLOSE_GRACE);
    let frames = ended?;
    tracing::info!(frames, lost_on_purpose, "ended");
    Ok(())
}

/// Name of the series that `--number-series` publishes.
fn number_series() -> SeriesName {
    "number".parse().expect("it is short and plain")
}

/// Opens the source on a thread that can be left: a camera that does not answer must not hold up a Ctrl-C. `None`: left.
fn open(config: &Config, token: &CancellationToken) -> anyhow::Result<Option<Opened>> {
    let (sender, opened) = sync_channel(1);
    let config = config.clone();
    std::thread::Builder::new()
        .name("open".into())
        .spawn(move || {
            // Nobody waits for it any more when this fails.
            let _ = sender.send(source::open(&config));
        })
        .context("cannot start")?;
    while !token.is_cancelled() {
        match opened.recv_timeout(POLL) {
            Ok(opened) => return Ok(Some(opened?)),
            Err(RecvTimeoutError::Timeout) => (),
            Err(RecvTimeoutError::Disconnected) => anyhow::bail!("the source could not be opened"),
        }
    }
    Ok(None)
}

/// A stream on its way to a link.
pub struct Node<'a, L> {
    /// Tells this run from the next one.
    pub session: u64,
    /// Name of the stream.
    pub stream: StreamName,
    /// Most frames to publish.
    pub frames: u64,
    /// Whether a recording begins again.
    pub looping: bool,
    /// Replaces the source's range.
    pub range: Option<Range>,
    /// Replaces the source's unit.
    pub unit: Option<String>,
    /// Replaces the source's size of pixels.
    pub pixel_size: Option<PixelSize>,
    /// Log of capture times.
    pub times: Option<Times>,
    /// What goes wrong on purpose.
    pub faults: Faults,
    /// Name of the series of frame numbers, if there is to be one.
    pub number_series: Option<SeriesName>,
    /// Frames lost on purpose so far.
    pub lost: u64,
    /// Takes the frames.
    pub link: &'a mut L,
}

impl<L: Link> Node<'_, L> {
    /// Publishes until the source ends, the frames are counted out, or `token` is cancelled; then says that the stream
    /// has ended. Returns how many frames there were, with those that were lost on purpose.
    ///
    /// # Errors
    /// When the source breaks.
    pub fn publish(&mut self, opened: Opened, token: &CancellationToken) -> Result<u64, Error> {
        let mut feed = match opened.source {
            Source::Painter(painter) => Feed::Painter(painter),
            Source::Reader(reader) => {
                let ahead = ReadAhead::start(reader, self.looping).map_err(|error| Error::Io {
                    name: "reader thread".to_owned(),
                    error,
                })?;
                Feed::Reader(ahead)
            }
        };
        let mut pacer = Pacer::new(opened.rate);
        let mut start = Instant::now();
        let mut progress = Progress::new(start);
        let mut seq = 0;
        let result = loop {
            if seq == self.frames {
                break Ok(());
            }
            let step = pacer.next(start.elapsed());
            if !wait_until(start + step.due + self.faults.delay(), token) {
                break Ok(());
            }
            let mut stamp = Stamp {
                session: self.session,
                seq,
                t: now(),
            };
            let picture = match feed.next(&stamp, token) {
                Ok(Next::Picture(picture)) => picture,
                Ok(Next::End | Next::Stopped) => break Ok(()),
                Err(error) => break Err(error),
            };
            match (picture.captured, &feed) {
                (Some(captured), _) => stamp.t = captured,
                // It may have been waited for.
                (None, Feed::Reader(_)) => stamp.t = now(),
                // It was painted with its stamp.
                (None, Feed::Painter(_)) => {}
            }
            if seq == 0 {
                // The pace is that of the pictures: what opens slowly is not late.
                start = Instant::now();
            }
            self.send_number(stamp);
            if self.faults.loses() {
                self.lost += 1;
            } else {
                self.send(stamp, picture, opened.rate);
            }
            seq += 1;
            if let Some(fps) = progress.due(seq) {
                let link = self.link.summary();
                tracing::info!(%fps, frames = seq, lost_on_purpose = self.lost, skipped = pacer.skipped(), link, "publishing");
            }
        };
        self.link.event(Event {
            stream: self.stream.clone(),
            stamp: Stamp {
                session: self.session,
                seq: 0,
                t: now(),
            },
            text: "end".to_owned(),
            end: true,
        });
        result.map(|()| seq)
    }

    fn send_number(&mut self, stamp: Stamp) {
        let Some(name) = &self.number_series else {
            return;
        };
        self.link.metric(Metric {
            stream: self.stream.clone(),
            stamp,
            frame: Some(stamp.seq),
            unit: None,
            data: Data::Values(vec![(name.clone(), stamp.seq as f64)]),
        });
    }

    fn send(&mut self, stamp: Stamp, picture: Picture, rate: Rate) {
        let Picture {
            mut format, payload, ..
        } = picture;
        // A live source keeps the rate it has by itself.
        format.fps = rate.fps().or(format.fps);
        if let Some(Range { min, max }) = self.range {
            format.range = Some([min, max]);
        }
        if self.unit.is_some() {
            format.unit.clone_from(&self.unit);
        }
        if self.pixel_size.is_some() {
            format.pixel_size.clone_from(&self.pixel_size);
        }
        if let Some(times) = &mut self.times {
            times.add(stamp);
        }
        tracing::trace!(seq = stamp.seq, t = %stamp.t, "frame");
        self.link.frame(Frame {
            stream: self.stream.clone(),
            stamp,
            format,
            payload,
        });
    }
}

/// A source at work.
enum Feed {
    Painter(Box<dyn Painter>),
    Reader(ReadAhead),
}

impl Feed {
    fn next(&mut self, stamp: &Stamp, token: &CancellationToken) -> Result<Next, Error> {
        match self {
            Self::Painter(painter) => Ok(Next::Picture(painter.paint(stamp))),
            Self::Reader(ahead) => ahead.next(token),
        }
    }
}

/// Sleeps until `deadline`. `false`: `token` was cancelled first.
fn wait_until(deadline: Instant, token: &CancellationToken) -> bool {
    loop {
        if token.is_cancelled() {
            return false;
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return true;
        }
        std::thread::sleep(left.min(POLL));
    }
}

/// When the next summary is due, and the rate since the last one.
struct Progress {
    since: Instant,
    seq: u64,
}

impl Progress {
    fn new(start: Instant) -> Self {
        Self { since: start, seq: 0 }
    }

    fn due(&mut self, seq: u64) -> Option<String> {
        let elapsed = self.since.elapsed();
        (elapsed >= SUMMARY_EVERY).then(|| {
            let fps = (seq - self.seq) as f64 / elapsed.as_secs_f64();
            (self.since, self.seq) = (Instant::now(), seq);
            format!("{fps:.2}")
        })
    }
}

#[cfg(test)]
#[path = "node_tests.rs"]
mod tests;
