//! The sending end: takes messages without ever blocking, and looks after its connections.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use protocol::{Event, Frame, Message, Metric, StreamName};
use tokio::sync::watch;

use crate::link::{Closing, Counters, Dial, Runner};
use crate::outbox::Outbox;
use crate::{Endpoint, Error, link};

/// Where to publish, and how much may wait while it cannot be sent.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the runner listens.
    pub endpoint: Endpoint,
    /// Most frames of each stream that wait; 16. The oldest make room. One is fresher after a stall; some ride out a
    /// busy machine, on which a camera is late and then catches up.
    pub queue_frames: usize,
    /// Most bytes of each stream's frames that wait; 16 MiB. The newest always fits.
    pub queue_frame_bytes: usize,
    /// Most metrics and events that wait; 4,096. The oldest make room.
    pub queue_messages: usize,
    /// Most bytes of metrics and events that wait; 64 MiB. The oldest make room, the newest always fits.
    pub queue_bytes: usize,
}

impl Config {
    /// Publishes to `endpoint` with the default bounds.
    pub fn new(endpoint: impl Into<Endpoint>) -> Self {
        Self {
            endpoint: endpoint.into(),
            queue_frames: 16,
            queue_frame_bytes: 16 << 20,
            queue_messages: 4096,
            queue_bytes: 64 << 20,
        }
    }
}

impl Default for Config {
    /// `tcp://127.0.0.1:5555`, where a runner on the same machine listens.
    fn default() -> Self {
        Self::new(std::net::SocketAddr::from(([127, 0, 0, 1], 5555)))
    }
}

/// What has become of the messages so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stats {
    /// Messages handed to the network.
    pub sent: u64,
    /// Frames that made room for newer ones of their stream before they could be sent.
    pub replaced: u64,
    /// Metrics and events that made room for newer ones.
    pub dropped: u64,
    /// Messages cut off in the middle with their connection.
    pub cut_off: u64,
    /// How many times a connection was lost.
    pub reconnects: u64,
    /// Whether the runner hears us.
    pub link: Link,
}

/// State of the connections in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// At least one is being dialed.
    Connecting,
    /// The runner is subscribed on each.
    Connected,
}

/// Publishes to one runner. Nothing here waits for the network: share it by reference or `Arc`.
///
/// Two threads, `publish-frames` and `publish-series`, have a connection each, so that no metric waits behind a
/// frame. Dropping is [`Publisher::close`] without grace.
#[derive(Debug)]
pub struct Publisher {
    frames: Arc<Outbox>,
    series: Arc<Outbox>,
    /// Streams that have sent frames; their events travel behind the frames.
    frame_streams: Mutex<HashSet<StreamName>>,
    counters: [Arc<Counters>; 2],
    closing: watch::Sender<Option<Instant>>,
    threads: Vec<JoinHandle<()>>,
}

impl Publisher {
    /// Starts the threads and returns at once, whether the runner is there or not.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub fn start(config: Config) -> Result<Self, Error> {
        let outbox = || {
            Arc::new(Outbox::new(
                (config.queue_frames, config.queue_frame_bytes),
                (config.queue_messages, config.queue_bytes),
            ))
        };
        let (closing, closed) = watch::channel(None);
        let mut publisher = Self {
            frames: outbox(),
            series: outbox(),
            frame_streams: Mutex::default(),
            counters: Default::default(),
            closing,
            threads: Vec::new(),
        };
        let runner = Arc::new(Runner::default());
        let [frame_counters, series_counters] = publisher.counters.clone();
        for (thread, outbox, counters, dial) in [
            (
                "publish-frames",
                &publisher.frames,
                frame_counters,
                Dial::AtFirstMessage,
            ),
            ("publish-series", &publisher.series, series_counters, Dial::AtOnce),
        ] {
            let link = link::Link {
                name: thread,
                endpoint: config.endpoint.clone(),
                outbox: outbox.clone(),
                counters,
                runner: runner.clone(),
                dial,
                closing: Closing::new(closed.clone()),
            };
            publisher.threads.push(link.spawn()?);
        }
        Ok(publisher)
    }

    /// Takes a frame; if the one before it in its stream still waits, that one is replaced and counted.
    pub fn frame(&self, frame: Frame) {
        let mut streams = self.frame_streams.lock().unwrap_or_else(PoisonError::into_inner);
        if !streams.contains(&frame.stream) {
            streams.insert(frame.stream.clone());
        }
        drop(streams);
        self.frames.put_frame(frame);
    }

    /// Takes a metric; when too many wait, the oldest is dropped and counted.
    pub fn metric(&self, metric: Metric) {
        self.series.put(Message::Metric(metric));
    }

    /// Takes an event; when too many wait, the oldest is dropped and counted.
    ///
    /// An event of a stream that has sent frames arrives after those frames, any other after the metrics before
    /// it. So the end of a stream is the last that is heard of it.
    pub fn event(&self, event: Event) {
        let streams = self.frame_streams.lock().unwrap_or_else(PoisonError::into_inner);
        let outbox = if streams.contains(&event.stream) {
            &self.frames
        } else {
            &self.series
        };
        outbox.put(Message::Event(event));
    }

    /// What has become of the messages so far.
    pub fn stats(&self) -> Stats {
        let sum = |count: fn(&Counters) -> u64| self.counters.iter().map(|counters| count(counters)).sum();
        let connecting = self.counters.iter().any(|counters| counters.is_connecting());
        Stats {
            sent: sum(Counters::sent),
            replaced: self.frames.replaced(),
            dropped: self.frames.dropped() + self.series.dropped(),
            cut_off: sum(Counters::cut_off),
            reconnects: sum(Counters::reconnects),
            link: if connecting {
                Link::Connecting
            } else {
                Link::Connected
            },
        }
    }

    /// Sends what waits and ends, within `grace`. Blocks so long.
    ///
    /// A connection that is down is not waited for, except the first one, which may be on its way.
    pub fn close(mut self, grace: Duration) {
        self.end(grace);
    }

    fn end(&mut self, grace: Duration) {
        let now = Instant::now();
        let deadline = now
            .checked_add(grace)
            .unwrap_or(now + Duration::from_secs(86_400));
        self.closing.send_replace(Some(deadline));
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a publishing thread panicked");
            }
        }
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.end(Duration::ZERO);
    }
}
