//! What is known, packed once and sent to every page (docs/protocol.md, `/ws`).

use std::sync::Arc;
use std::time::Duration;

use bytestring::ByteString;
use serde::Serialize;
use tokio::sync::broadcast;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::describe::{Picture, State, Stream};
use crate::display::Settings;
use crate::hub::Hub;
use crate::now;
use crate::series::{Columns, History, Sample};

/// Shortest time between two batches of samples: no screen shows more. What comes after a longer silence is sent at
/// once, for its picture is on its way.
const BATCHES_EVERY: Duration = Duration::from_nanos(1_000_000_000 / 60);
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
    /// Series that are no more.
    Forgotten {
        /// Their numbers.
        series: Vec<u32>,
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
        pack(self)
    }
}

/// A message to a page as JSON, of whichever websocket.
pub fn pack(message: &impl Serialize) -> ByteString {
    serde_json::to_string(message)
        .expect("plain values always serialise")
        .into()
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

/// In messages of at most a few hundred kB each: a page draws its first picture between two of them.
fn portions(series: Vec<(u32, Vec<Sample>)>) -> impl Iterator<Item = Vec<(u32, Vec<Sample>)>> {
    /// About 30 bytes of JSON each.
    const MAX_POINTS: usize = 8_192;
    let mut series = series.into_iter().peekable();
    std::iter::from_fn(move || {
        let mut portion = vec![series.next()?];
        let mut room = MAX_POINTS.saturating_sub(portion[0].1.len());
        while let Some((_, samples)) = series.peek()
            && samples.len() <= room
        {
            room -= samples.len();
            portion.extend(series.next());
        }
        Some(portion)
    })
}

/// Sends to viewers until `stop`.
pub async fn run(hub: Arc<Hub>, stop: CancellationToken) {
    let mut changes = interval(CHANGES_EVERY);
    changes.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut told = Vec::new();
    let mut told_at = Instant::now();
    let mut next_batch = Instant::now();
    let mut fresh = false;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = hub.samples.notified(), if !fresh => fresh = true,
            () = sleep_until(next_batch), if fresh => {
                fresh = false;
                next_batch = Instant::now() + BATCHES_EVERY;
                send_samples(&hub);
            }
            tick = changes.tick() => {
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

/// Under one lock of the store, so that whoever joins gets every point exactly once.
fn send_samples(hub: &Hub) {
    let mut store = hub.store();
    let series = store.take_forgotten();
    if !series.is_empty() {
        hub.send(&Outgoing::Forgotten { series });
    }
    let series: Vec<Named> = store.take_unannounced().map(Named::from).collect();
    if !series.is_empty() {
        hub.send(&Outgoing::Series { series });
    }
    let fresh = store.take_fresh(now());
    if !fresh.is_empty() && hub.has_viewers() {
        hub.send(&Outgoing::Samples {
            series: points(fresh),
        });
    }
}

/// What a page must know at once: a stream's state, which ways to its pictures there are, how they are shown, and
/// whether its regions are others.
type Told = (State, Option<([bool; 3], Settings, u64)>);

/// Sends the streams if they are `due` or one has changed its state; says whether it did.
fn send_streams(hub: &Hub, told: &mut Vec<Told>, due: bool) -> bool {
    if !hub.has_viewers() {
        return false;
    }
    let streams = hub.describe();
    let states: Vec<_> = streams
        .iter()
        .map(|stream| {
            let ways = |picture: &Picture| [&picture.live, &picture.llhls, &picture.hls].map(Option::is_some);
            let picture = stream.picture.as_ref();
            (
                stream.state,
                picture.map(|picture| {
                    let settings = picture.display.settings.clone();
                    (ways(picture), settings, picture.rois.revision)
                }),
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
            series: store.series().map(Named::from).collect(),
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
    first.extend(portions(backfill).map(|series| {
        Outgoing::Backfill {
            series: points(series),
        }
        .pack()
    }));
    first.extend(notices.iter().map(|notice| Outgoing::Notice { notice }.pack()));
    (first, later)
}

#[cfg(test)]
#[path = "relay_tests.rs"]
mod tests;
