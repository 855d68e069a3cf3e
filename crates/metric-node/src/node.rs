//! The loop: take a reading, stamp it, hand it over.

use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use anyhow::Context;
use protocol::{Event, Metric, Stamp, StreamName};
use service::Shutdown;
use tokio_util::sync::CancellationToken;
use transport::Publisher;

use crate::clock::{Clock, System};
use crate::config::Config;
use crate::source::{self, Error, Reading, Source};

/// How long the last messages may take to leave.
const CLOSE_GRACE: Duration = Duration::from_millis(800);
/// How often the log says how it goes.
const SUMMARY_EVERY: Duration = Duration::from_secs(10);
/// How often a node that waits for a reading looks whether it is to stop.
const POLL: Duration = Duration::from_millis(50);
/// Readings between the source's thread and the loop. The source waits when they are this many; the loop never waits
/// for anything but the source.
const READINGS: usize = 64;

/// Where metrics go. Never blocks.
pub trait Link {
    /// Hands a metric over.
    fn metric(&mut self, metric: Metric);
    /// Hands an event over.
    fn event(&mut self, event: Event);
    /// How it goes, in a few words for the log.
    fn summary(&self) -> String;
}

impl Link for Publisher {
    fn metric(&mut self, metric: Metric) {
        Self::metric(self, metric);
    }

    fn event(&mut self, event: Event) {
        Self::event(self, event);
    }

    fn summary(&self) -> String {
        let stats = self.stats();
        format!("{:?}, sent {}, dropped {}", stats.link, stats.sent, stats.dropped)
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
    let clock = System::new(token.clone());
    let source = source::open(config, &clock)?;
    let stream = config.stream()?;
    let mut publisher = Publisher::start(transport::publisher::Config {
        endpoint: config.connect.clone(),
        ..transport::publisher::Config::default()
    })
    .with_context(|| format!("--connect {}", config.connect))?;
    tracing::info!(%stream, source = config.source, connect = %config.connect, "publishing");
    let mut node = Node {
        session: rand::random(),
        stream,
        link: &mut publisher,
    };
    let ended = node.publish(source, clock, &token);
    publisher.close(CLOSE_GRACE);
    let published = ended?;
    tracing::info!(messages = published, "ended");
    Ok(())
}

/// A stream on its way to a link.
pub struct Node<'a, L> {
    /// Tells this run from the next one.
    pub session: u64,
    /// Name of the stream.
    pub stream: StreamName,
    /// Takes the metrics.
    pub link: &'a mut L,
}

impl<L: Link> Node<'_, L> {
    /// Publishes until the source ends or `token` is cancelled; then says that the stream has ended. Returns how many
    /// messages there were.
    ///
    /// # Errors
    /// When the source breaks.
    pub fn publish<C>(
        &mut self,
        source: Box<dyn Source>,
        clock: C,
        token: &CancellationToken,
    ) -> Result<u64, Error>
    where
        C: Clock + Clone + Send + 'static,
    {
        let readings = spawn(source, clock.clone())?;
        let mut summary_due = Instant::now() + SUMMARY_EVERY;
        let mut seq = 0;
        let result = loop {
            if token.is_cancelled() {
                break Ok(());
            }
            match readings.recv_timeout(POLL) {
                Ok(Ok(reading)) => {
                    self.send(seq, reading);
                    seq += 1;
                }
                Ok(Err(error)) => break Err(error),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break Ok(()),
            }
            let now = Instant::now();
            if now >= summary_due {
                summary_due = now + SUMMARY_EVERY;
                tracing::info!(messages = seq, link = self.link.summary(), "publishing");
            }
        };
        self.link.event(Event {
            stream: self.stream.clone(),
            stamp: Stamp {
                session: self.session,
                seq: 0,
                t: clock.wall(),
            },
            text: "end".to_owned(),
            end: true,
        });
        result.map(|()| seq)
    }

    fn send(&mut self, seq: u64, reading: Reading) {
        let Reading { t, frame, unit, data } = reading;
        tracing::trace!(seq, %t, "metric");
        self.link.metric(Metric {
            stream: self.stream.clone(),
            stamp: Stamp {
                session: self.session,
                seq,
                t,
            },
            frame,
            unit,
            data,
        });
    }
}

/// Reads `source` on a thread of its own, which may stay blocked in a read when the process ends.
fn spawn<C>(mut source: Box<dyn Source>, clock: C) -> Result<Receiver<Result<Reading, Error>>, Error>
where
    C: Clock + Send + 'static,
{
    let (sender, receiver) = sync_channel(READINGS);
    let thread = std::thread::Builder::new().name("source".into());
    let read = move || {
        // An error is the last that is sent; a receiver that is gone wants no more.
        while let Some(reading) = source.read(&clock).transpose() {
            let is_last = reading.is_err();
            if sender.send(reading).is_err() || is_last {
                break;
            }
        }
    };
    let started = thread.spawn(read).map(|_| receiver);
    started.map_err(|error| Error::Io {
        name: "source thread".into(),
        error,
    })
}

#[cfg(test)]
mod tests {
    use protocol::WallTime;
    use protocol::metric::Data;

    use super::*;

    #[derive(Default)]
    struct Recorder {
        metrics: Vec<Metric>,
        events: Vec<Event>,
        cancel_at: Option<(usize, CancellationToken)>,
    }

    impl Link for Recorder {
        fn metric(&mut self, metric: Metric) {
            assert!(self.events.is_empty(), "a metric after the end");
            self.metrics.push(metric);
            if let Some((at, token)) = &self.cancel_at
                && self.metrics.len() == *at
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

    /// So many readings, then what `last` gives.
    struct Counter<F>(u64, F);

    impl<F: FnMut() -> Result<Option<Reading>, Error> + Send> Source for Counter<F> {
        fn read(&mut self, _: &dyn Clock) -> Result<Option<Reading>, Error> {
            if self.0 == 0 {
                return (self.1)();
            }
            self.0 -= 1;
            Ok(Some(Reading {
                t: WallTime::from_ns(self.0 as i64),
                frame: Some(self.0),
                unit: Some("mV".into()),
                data: Data::Values(Vec::new()),
            }))
        }
    }

    fn publish(source: impl Source + 'static, cancel_at: Option<usize>) -> (Result<u64, Error>, Recorder) {
        let token = CancellationToken::new();
        let mut link = Recorder {
            cancel_at: cancel_at.map(|at| (at, token.clone())),
            ..Recorder::default()
        };
        let stream = "s".parse().unwrap();
        let mut node = Node {
            session: 9,
            stream,
            link: &mut link,
        };
        (
            node.publish(Box::new(source), System::new(token.clone()), &token),
            link,
        )
    }

    fn assert_ended(link: &Recorder) {
        let [end] = &link.events[..] else {
            panic!("one event")
        };
        assert!(end.end && end.text == "end" && end.stamp.session == 9 && end.stream.as_str() == "s");
    }

    #[test]
    fn every_reading_is_sent_in_order_with_its_own_time_and_the_end_is_said() {
        let (published, link) = publish(Counter(200, || Ok(None)), None);
        assert_eq!(published.unwrap(), 200);
        for (seq, metric) in link.metrics.iter().enumerate() {
            assert_eq!((metric.stamp.seq, metric.stamp.session), (seq as u64, 9));
            assert_eq!(
                (metric.stamp.t, metric.frame),
                (WallTime::from_ns(199 - seq as i64), Some(199 - seq as u64))
            );
            assert_eq!(metric.unit.as_deref(), Some("mV"));
        }
        assert_eq!(link.metrics.len(), 200);
        assert_ended(&link);
    }

    #[test]
    fn a_source_that_breaks_is_an_error_after_the_end_is_said() {
        let (published, link) = publish(Counter(3, || Err(Error::format("x.csv", "broken"))), None);
        assert_eq!(published.unwrap_err().to_string(), "x.csv: broken");
        assert_eq!(link.metrics.len(), 3);
        assert_ended(&link);
    }

    #[test]
    fn a_stop_ends_the_stream_even_while_the_source_is_blocked_in_a_read() {
        let (hold, blocked) = sync_channel::<()>(0);
        let blocks = move || {
            let _ = blocked.recv();
            Ok(None)
        };
        let (published, link) = publish(Counter(5, blocks), Some(5));
        assert_eq!(published.unwrap(), 5);
        assert_ended(&link);
        drop(hold);
    }
}
