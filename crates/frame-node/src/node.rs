//! The loop: wait until a frame is due, take a picture, stamp it, hand it over.

use std::sync::mpsc::{RecvTimeoutError, sync_channel};
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
    let Some(opened) = open(config, &token)? else {
        return Ok(());
    };
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
        let mut start = Instant::now();
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

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use protocol::Dtype;
    use protocol::frame::{Format, Shape};

    use super::*;
    use crate::source::Reader;

    #[derive(Default)]
    struct Log {
        frames: Vec<Frame>,
        events: Vec<Event>,
        /// Cancelled after so many frames.
        stop_after: Option<(usize, CancellationToken)>,
    }

    impl Link for Log {
        fn frame(&mut self, frame: Frame) {
            self.frames.push(frame);
            if let Some((count, token)) = &self.stop_after
                && self.frames.len() == *count
            {
                token.cancel();
            }
        }

        fn event(&mut self, event: Event) {
            self.events.push(event);
        }

        fn summary(&self) -> String {
            String::new()
        }
    }

    /// `count` pictures, then the end, or an error.
    struct Pictures {
        count: u8,
        next: u8,
        broken: bool,
    }

    impl Reader for Pictures {
        fn read(&mut self) -> Result<Option<Picture>, Error> {
            if self.next == self.count {
                return if self.broken {
                    Err(Error::format("pictures", "torn"))
                } else {
                    Ok(None)
                };
            }
            self.next += 1;
            Ok(Some(Picture {
                format: Format::new(Shape::new(1, 1, 1).unwrap(), Dtype::U8),
                payload: Bytes::copy_from_slice(&[self.next]),
                captured: None,
            }))
        }

        fn rewind(&mut self) -> Result<(), Error> {
            self.next = 0;
            Ok(())
        }
    }

    fn node(link: &mut Log) -> Node<'_, Log> {
        Node {
            session: 42,
            stream: "s".parse().unwrap(),
            frames: u64::MAX,
            looping: false,
            range: None,
            unit: None,
            times: None,
            link,
        }
    }

    fn pictures(count: u8, broken: bool, rate: Rate) -> Opened {
        let reader = Pictures {
            count,
            next: 0,
            broken,
        };
        Opened {
            source: Source::Reader(Box::new(reader)),
            rate,
        }
    }

    #[test]
    fn frames_are_numbered_stamped_in_order_and_followed_by_the_end() {
        let mut log = Log::default();
        let count = node(&mut log)
            .publish(pictures(5, false, Rate::Fps(1000.0)), &CancellationToken::new())
            .unwrap();
        assert_eq!(count, 5);
        let seqs: Vec<u64> = log.frames.iter().map(|frame| frame.stamp.seq).collect();
        assert_eq!(seqs, [0, 1, 2, 3, 4]);
        assert!(log.frames.is_sorted_by_key(|frame| frame.stamp.t));
        assert!(
            log.frames
                .iter()
                .all(|frame| frame.stamp.session == 42 && frame.format.fps == Some(1000.0))
        );
        let [end] = &log.events[..] else {
            panic!("{:?}", log.events);
        };
        assert!(end.end && end.stamp.session == 42 && end.text == "end");
    }

    /// Opens slowly, as ffmpeg may.
    struct Slow(Pictures);

    impl Reader for Slow {
        fn read(&mut self) -> Result<Option<Picture>, Error> {
            if self.0.next == 0 {
                std::thread::sleep(Duration::from_millis(300));
            }
            self.0.read()
        }

        fn rewind(&mut self) -> Result<(), Error> {
            self.0.rewind()
        }
    }

    #[test]
    fn a_source_that_opens_slowly_keeps_its_pace_from_its_first_picture_on() {
        let mut log = Log::default();
        let pictures = Pictures {
            count: 4,
            next: 0,
            broken: false,
        };
        let opened = Opened {
            source: Source::Reader(Box::new(Slow(pictures))),
            rate: Rate::Fps(20.0),
        };
        node(&mut log).publish(opened, &CancellationToken::new()).unwrap();
        let times: Vec<_> = log.frames.iter().map(|frame| frame.stamp.t).collect();
        // 50 ms apart: neither the wait for the first nor a burst after it.
        for pair in times.windows(2) {
            let apart = pair[1].since(pair[0]).unwrap();
            assert!((25..150).contains(&apart.as_millis()), "{apart:?}");
        }
    }

    #[test]
    fn a_loop_goes_on_numbering_and_ends_after_the_frames_asked_for() {
        let mut log = Log::default();
        let mut node = node(&mut log);
        (node.looping, node.frames) = (true, 7);
        node.publish(pictures(3, false, Rate::Max), &CancellationToken::new())
            .unwrap();
        let sent: Vec<(u64, u8)> = log
            .frames
            .iter()
            .map(|frame| (frame.stamp.seq, frame.payload[0]))
            .collect();
        assert_eq!(sent, [(0, 1), (1, 2), (2, 3), (3, 1), (4, 2), (5, 3), (6, 1)]);
    }

    #[test]
    fn range_and_unit_of_the_command_line_replace_the_sources() {
        let mut log = Log::default();
        let mut node = node(&mut log);
        node.range = Some(Range { min: -1.0, max: 1.0 });
        node.unit = Some("mV".into());
        node.publish(pictures(1, false, Rate::Max), &CancellationToken::new())
            .unwrap();
        let format = &log.frames[0].format;
        assert_eq!(
            (format.range, format.unit.as_deref()),
            (Some([-1.0, 1.0]), Some("mV"))
        );
    }

    #[test]
    fn a_broken_source_ends_the_stream_before_it_is_reported() {
        let mut log = Log::default();
        let error = node(&mut log)
            .publish(pictures(2, true, Rate::Max), &CancellationToken::new())
            .unwrap_err();
        assert_eq!(error.to_string(), "pictures: torn");
        assert_eq!((log.frames.len(), log.events.len()), (2, 1));
    }

    #[test]
    fn a_stop_ends_a_stream_in_good_order() {
        let token = CancellationToken::new();
        let mut log = Log {
            stop_after: Some((3, token.clone())),
            ..Log::default()
        };
        let mut node = node(&mut log);
        node.looping = true;
        assert_eq!(node.publish(pictures(9, false, Rate::Max), &token).unwrap(), 3);
        assert!(log.events[0].end);
    }

    #[test]
    fn the_log_of_times_has_a_line_per_frame() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut log = Log::default();
        let mut node = node(&mut log);
        node.times = Some(Times::create(file.path()).unwrap());
        node.publish(pictures(3, false, Rate::Max), &CancellationToken::new())
            .unwrap();
        let expected: String = log
            .frames
            .iter()
            .map(|frame| format!("{},{}\n", frame.stamp.seq, frame.stamp.t.as_ns()))
            .collect();
        let text = std::fs::read_to_string(file.path()).unwrap();
        assert_eq!(text, format!("seq,t_ns\n{expected}"));
    }
}
