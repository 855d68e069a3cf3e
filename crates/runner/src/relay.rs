//! What is known, packed once and sent to every page (docs/protocol.md, `/ws`).

use std::sync::Arc;
use std::time::Duration;

use bytestring::ByteString;
use serde::Serialize;
use tokio::sync::broadcast;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::describe::{State, Stream};
use crate::hub::Hub;
use crate::now;
use crate::series::{Columns, History, Sample};

/// Batches of samples per second.
const BATCHES_PER_SECOND: u32 = 30;
/// Longest time between two `streams` messages.
const STREAMS_EVERY: Duration = Duration::from_millis(500);
/// How soon a change of state is told.
const CHANGES_EVERY: Duration = Duration::from_millis(100);

/// A message to a page.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Outgoing<'a> {
    /// First of all.
    Hello {
        /// Version of these messages.
        version: u32,
        /// Name of the run.
        run: &'a str,
        /// The runner's clock.
        now_ms: f64,
        /// How far back a late joiner sees.
        history_ms: u64,
    },
    /// Every stream.
    Streams {
        /// The full list.
        streams: &'a [Stream],
    },
    /// Series that are new.
    Series {
        /// Their names and numbers.
        series: Vec<Named<'a>>,
    },
    /// All points so far.
    Backfill {
        /// Per series.
        series: Vec<Points>,
    },
    /// Points since the last batch.
    Samples {
        /// Per series that has any.
        series: Vec<Points>,
    },
    /// The viewer was too slow.
    Missed {
        /// Messages it did not get.
        messages: u64,
    },
    /// A producer's event.
    Event {
        /// Of which stream.
        stream: &'a str,
        /// When.
        t_ms: f64,
        /// What.
        text: &'a str,
    },
    /// Something was refused or failed.
    Notice {
        /// What, from whom, how often, when last.
        #[serde(flatten)]
        notice: &'a crate::notices::Notice,
    },
    /// Answer to a ping.
    Pong {
        /// Number of the ping.
        id: f64,
        /// The runner's clock.
        now_ms: f64,
    },
}

impl Outgoing<'_> {
    /// As JSON.
    pub fn pack(&self) -> ByteString {
        serde_json::to_string(self)
            .expect("plain values always serialise")
            .into()
    }
}

/// Name and number of a series.
#[derive(Debug, Serialize)]
pub struct Named<'a> {
    id: u32,
    stream: &'a str,
    name: &'a str,
    unit: Option<&'a str>,
}

impl<'a> From<&'a History> for Named<'a> {
    fn from(history: &'a History) -> Self {
        let (stream, name) = (history.stream.as_str(), history.name.as_str());
        Self {
            id: history.id,
            stream,
            name,
            unit: history.unit.as_deref(),
        }
    }
}

/// Points of one series.
#[derive(Debug, Serialize)]
pub struct Points {
    id: u32,
    #[serde(flatten)]
    columns: Columns,
}

fn points(series: Vec<(u32, Vec<Sample>)>) -> Vec<Points> {
    series
        .into_iter()
        .map(|(id, samples)| Points {
            id,
            columns: samples.as_slice().into(),
        })
        .collect()
}

/// Sends to viewers until `stop`.
pub async fn run(hub: Arc<Hub>, stop: CancellationToken) {
    let mut batches = interval(Duration::from_secs(1) / BATCHES_PER_SECOND);
    batches.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut told = Vec::new();
    let mut told_at = Instant::now();
    let mut looked_at = Instant::now();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            tick = batches.tick() => {
                send_samples(&hub);
                if tick - looked_at >= CHANGES_EVERY {
                    looked_at = tick;
                    if send_streams(&hub, &mut told, tick - told_at >= STREAMS_EVERY) {
                        told_at = tick;
                    }
                    for notice in hub.notices().take_unsent() {
                        hub.send(&Outgoing::Notice { notice: &notice });
                    }
                }
            }
        }
    }
}

/// Under one lock of the store, so that whoever joins gets every point exactly once.
fn send_samples(hub: &Hub) {
    let mut store = hub.store();
    let new = store.take_unannounced();
    if !new.is_empty() {
        hub.send(&Outgoing::Series {
            series: new.iter().map(Named::from).collect(),
        });
    }
    let fresh = store.take_fresh(now());
    if !fresh.is_empty() && hub.has_viewers() {
        hub.send(&Outgoing::Samples {
            series: points(fresh),
        });
    }
}

/// Sends the streams if they are `due` or one has changed its state; says whether it did.
fn send_streams(hub: &Hub, told: &mut Vec<(State, Option<String>)>, due: bool) -> bool {
    if !hub.has_viewers() {
        return false;
    }
    let streams = hub.describe();
    let states: Vec<_> = streams
        .iter()
        .map(|stream| {
            (
                stream.state,
                stream.picture.as_ref().and_then(|picture| picture.hls.clone()),
            )
        })
        .collect();
    if !due && states == *told {
        return false;
    }
    *told = states;
    hub.send(&Outgoing::Streams { streams: &streams });
    true
}

/// Everything a page needs to begin, and what is sent after it, without a gap or a repetition in the samples.
pub fn join(hub: &Hub) -> (Vec<ByteString>, broadcast::Receiver<ByteString>) {
    let (later, series, backfill) = {
        let store = hub.store();
        let series = Outgoing::Series {
            series: store.series().iter().map(Named::from).collect(),
        }
        .pack();
        (hub.subscribe(), series, store.backfill())
    };
    let streams = hub.describe();
    let notices: Vec<_> = hub.notices().all().cloned().collect();
    let hello = Outgoing::Hello {
        version: 1,
        run: &hub.run,
        now_ms: now().as_ms_f64(),
        history_ms: hub.config.history.as_millis() as u64,
    };
    let mut first = vec![
        hello.pack(),
        Outgoing::Streams { streams: &streams }.pack(),
        series,
    ];
    first.push(
        Outgoing::Backfill {
            series: points(backfill),
        }
        .pack(),
    );
    first.extend(notices.iter().map(|notice| Outgoing::Notice { notice }.pack()));
    (first, later)
}
