//! The loop: wait until a frame is due, take a picture, stamp it, hand it over.

use std::time::{Duration, Instant};

use anyhow::Context;
use protocol::{Event, Frame, Stamp, StreamName};
use service::Shutdown;
use tokio_util::sync::CancellationToken;

use crate::config::{Config, Range};
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
    /// Hands an event over.
    fn event(&mut self, event: Event);
    /// How it goes, in a few words for the log.
    fn summary(&self) -> String;
}

impl Link for transport::Publisher {
    fn frame(&mut self, frame: Frame) {
        Self::frame(self, frame);
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
    // Only signals live here; the frame loop is this thread's own.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("signals")
        .enable_all()
        .build()
        .context("cannot start")?;
    let token = {
        let _inside = runtime.enter();
        Shutdown::listen().context("cannot listen for signals")?.token()
    };
    let opened = source::open(config)?;
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
        times,
        link: &mut publisher,
    };
    let ended = node.publish(opened, &token);
    publisher.close(CLOSE_GRACE);
    // A runtime that is dropped waits for its threads.
    runtime.shutdown_background();
    let published = ended?;
    tracing::info!(frames = published, "ended");
    Ok(())
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
    /// Log of capture times.
    pub times: Option<Times>,
    /// Takes the frames.
    pub link: &'a mut L,
}

impl<L: Link> Node<'_, L> {
    /// Publishes until the source ends, the frames are counted out, or `token` is cancelled; then says that the stream
    /// has ended. Returns how many frames there were.
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
        let start = Instant::now();
        let mut progress = Progress::new(start);
        let mut seq = 0;
        let result = loop {
            if seq == self.frames {
                break Ok(());
            }
            let step = pacer.next(start.elapsed());
            if !wait_until(start + step.due, token) {
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
            if let Some(captured) = picture.captured {
                stamp.t = captured;
            }
            self.send(stamp, picture, opened.rate);
            seq += 1;
            if let Some(fps) = progress.due(seq) {
                let link = self.link.summary();
                tracing::info!(%fps, frames = seq, skipped = pacer.skipped(), link, "publishing");
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
