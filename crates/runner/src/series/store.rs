//! Every series of every metric stream.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use protocol::metric::Data;
use protocol::{Metric, SeriesName, Stamp, StreamName, WallTime};

use super::{MetricStream, Sample, history::History};
use crate::sequence::Verdict;

/// Most series of all producers: one that invents names must not fill the memory.
pub const MAX_SERIES: usize = 4_096;
/// Most series of what is measured here: all that can be said of some 2,700 regions.
pub const MAX_MEASURED: usize = 16_384;

/// Fewest samples that a series keeps, however many there are.
const MIN_SAMPLES: usize = 256;

/// One number that was measured of a frame.
#[derive(Clone, Debug)]
pub struct Measured<'a> {
    /// Its series.
    pub name: &'a SeriesName,
    /// Unit of the values.
    pub unit: Option<&'a str>,
    /// The number.
    pub value: f64,
}

/// Which samples to read.
#[derive(Debug)]
pub struct Query {
    /// Only of this stream.
    pub stream: Option<StreamName>,
    /// Only of this name.
    pub name: Option<SeriesName>,
    /// From here on.
    pub from: WallTime,
    /// Up to and with here.
    pub to: WallTime,
}

/// All series, in at most about `budget_bytes` of samples, newest kept.
#[derive(Debug)]
pub struct Store {
    budget_bytes: usize,
    span: Duration,
    ids: HashMap<(StreamName, SeriesName), u32>,
    series: BTreeMap<u32, History>,
    /// The number of the next new series; none is given twice.
    next_id: u32,
    /// Series of what is measured here.
    measured: usize,
    streams: BTreeMap<StreamName, MetricStream>,
    /// The first number that viewers have not heard of.
    unannounced: u32,
    /// Numbers that viewers may have heard of, and that nothing belongs to any more.
    forgotten: Vec<u32>,
}

impl Store {
    /// `span`: how much is drawn for those who join late.
    pub fn new(budget_bytes: usize, span: Duration) -> Self {
        Self {
            budget_bytes,
            span,
            ids: HashMap::new(),
            series: BTreeMap::new(),
            next_id: 0,
            measured: 0,
            streams: BTreeMap::new(),
            unannounced: 0,
            forgotten: Vec::new(),
        }
    }

    /// Samples that each series may keep. What frames a stream's samples describe takes as much as a series.
    fn max_samples(&self) -> usize {
        let of_frames = self.streams.values().filter(|stream| stream.has_frames()).count();
        let columns = (self.series.len() + of_frames).max(1);
        (self.budget_bytes / size_of::<Sample>() / columns).max(MIN_SAMPLES)
    }

    /// Takes one message in.
    ///
    /// # Errors
    /// A sentence, where some or all of it was refused.
    pub fn push(&mut self, metric: &Metric) -> Result<(), (&'static str, String)> {
        let stream = self.streams.entry(metric.stream.clone()).or_default();
        match stream.sequence.note(metric.stamp) {
            Verdict::Fresh | Verdict::NewSession => {}
            Verdict::Replaced => {
                return Err(("two producers", "a newer producer has this stream's name".into()));
            }
            Verdict::Repeated => {
                return Err(("repeated", format!("seq {} has already come", metric.stamp.seq)));
            }
        }
        stream.ended = false;
        stream.arrived = Some(Instant::now());
        let before = stream.newest.replace((metric.stamp.seq, metric.stamp.t));
        let rows = match &metric.data {
            Data::Values(_) => 1,
            Data::Block(block) => block.rows as u64,
        };
        // Other series of the same moment, such as those of another unit, are no further samples.
        if before.is_none_or(|(_, t)| t != metric.stamp.t) {
            stream.rate.note(metric.stamp.t, rows);
        }
        let (known, max_samples) = (self.series.len(), self.max_samples());
        let mut refused = 0;
        match &metric.data {
            Data::Values(values) => {
                if let Some(frame) = metric.frame {
                    self.describes(&metric.stream, metric.stamp.t, frame);
                }
                for (name, value) in values {
                    let sample = Sample {
                        t: metric.stamp.t,
                        value: *value,
                    };
                    match self.id(&metric.stream, name, metric.unit.as_deref(), false) {
                        Some(id) => self.add(id, [sample], max_samples),
                        None => refused += 1,
                    }
                }
            }
            Data::Block(block) => {
                for channel in 0..block.channels {
                    let name = match &block.names {
                        Some(names) => names[channel].clone(),
                        None => channel.to_string().parse().expect("digits are a series name"),
                    };
                    let Some(id) = self.id(&metric.stream, &name, metric.unit.as_deref(), false) else {
                        refused += 1;
                        continue;
                    };
                    let samples = block.channel(channel).enumerate().map(|(row, value)| Sample {
                        t: metric.stamp.t.offset_ns(block.offset_ns(row)),
                        value,
                    });
                    self.add(id, samples, max_samples);
                }
            }
        }
        self.make_room(known);
        match refused {
            0 => Ok(()),
            n => Err((
                "too many series",
                format!("{n} series refused: there are {MAX_SERIES} already"),
            )),
        }
    }

    /// Takes in what was measured here of a frame: samples of the moment at which it was captured. Gaps between frames
    /// are no losses of this stream.
    ///
    /// # Errors
    /// A sentence, where some of it was refused.
    pub fn record<'a>(
        &mut self,
        stream: &StreamName,
        frame: Stamp,
        values: impl IntoIterator<Item = Measured<'a>>,
    ) -> Result<(), (&'static str, String)> {
        let of = self.streams.entry(stream.clone()).or_default();
        of.sequence.follow(frame);
        of.ended = false;
        of.arrived = Some(Instant::now());
        of.newest = Some((frame.seq, frame.t));
        of.rate.note(frame.t, 1);
        self.describes(stream, frame.t, frame.seq);
        let (known, max_samples) = (self.series.len(), self.max_samples());
        let mut refused = 0;
        for Measured { name, unit, value } in values {
            match self.id(stream, name, unit, true) {
                Some(id) => self.add(id, [Sample { t: frame.t, value }], max_samples),
                None => refused += 1,
            }
        }
        self.make_room(known);
        match refused {
            0 => Ok(()),
            n => Err((
                "too many series",
                format!("{n} series of regions refused: there are {MAX_MEASURED} already"),
            )),
        }
    }

    fn describes(&mut self, stream: &StreamName, t: WallTime, frame: u64) {
        let max_samples = self.max_samples();
        if let Some(stream) = self.streams.get_mut(stream) {
            stream.describes(t, frame, max_samples);
        }
    }

    fn add(&mut self, id: u32, samples: impl IntoIterator<Item = Sample>, max_samples: usize) {
        if let Some(history) = self.series.get_mut(&id) {
            for sample in samples {
                history.push(sample, max_samples);
            }
        }
    }

    /// The number of a series; a new one for a new series, while there is room.
    fn id(
        &mut self,
        stream: &StreamName,
        name: &SeriesName,
        unit: Option<&str>,
        is_measured: bool,
    ) -> Option<u32> {
        // Two reference counts per look-up, no allocation.
        let key = (stream.clone(), name.clone());
        if let Some(&id) = self.ids.get(&key) {
            return Some(id);
        }
        let has_room = match is_measured {
            true => self.measured < MAX_MEASURED,
            false => self.series.len() - self.measured < MAX_SERIES,
        };
        if !has_room {
            return None;
        }
        let history = History::new(
            self.next_id,
            key.0.clone(),
            key.1.clone(),
            unit.map(Into::into),
            is_measured,
        );
        Some(self.insert(history))
    }

    /// Gives a history the next number.
    fn insert(&mut self, mut history: History) -> u32 {
        let id = self.next_id;
        self.next_id += 1;
        history.id = id;
        self.measured += usize::from(history.is_measured);
        if let Some(stream) = self.streams.get_mut(&history.stream) {
            stream.series += 1;
        }
        self.ids
            .insert((history.stream.clone(), history.name.clone()), id);
        self.series.insert(id, history);
        id
    }

    fn take(&mut self, stream: &StreamName, name: &SeriesName) -> Option<History> {
        let id = self.ids.remove(&(stream.clone(), name.clone()))?;
        let history = self.series.remove(&id)?;
        self.measured -= usize::from(history.is_measured);
        if let Some(stream) = self.streams.get_mut(stream) {
            stream.series -= 1;
        }
        // Who joined a moment ago has heard of it, however new it is.
        self.forgotten.push(id);
        Some(history)
    }

    /// Nothing of a series is kept any more.
    pub fn forget(&mut self, stream: &StreamName, name: &SeriesName) {
        self.take(stream, name);
    }

    /// A series goes on under another name, with all that is kept of it. To viewers it is a new one.
    pub fn rename(&mut self, stream: &StreamName, name: &SeriesName, new: &SeriesName) {
        if let Some(mut history) = self.take(stream, name) {
            self.take(stream, new);
            history.name = new.clone();
            history.hand_out_again();
            self.insert(history);
        }
    }

    /// When there are more series than the `known` ones, each of them may keep less.
    fn make_room(&mut self, known: usize) {
        if self.series.len() > known {
            let max_samples = self.max_samples();
            for history in self.series.values_mut() {
                history.shrink_to(max_samples);
            }
        }
    }

    /// A producer session is over.
    pub fn end(&mut self, session: u64) {
        for stream in self
            .streams
            .values_mut()
            .filter(|stream| stream.sequence.session() == Some(session))
        {
            stream.ended = true;
        }
    }

    /// Metric streams by name.
    pub fn streams(&self) -> impl Iterator<Item = (&StreamName, &MetricStream)> {
        self.streams.iter()
    }

    /// Every series, by number.
    pub fn series(&self) -> impl ExactSizeIterator<Item = &History> {
        self.series.values()
    }

    /// Series since the last call.
    pub fn take_unannounced(&mut self) -> impl Iterator<Item = &History> {
        let from = std::mem::replace(&mut self.unannounced, self.next_id);
        self.series.range(from..).map(|(_, history)| history)
    }

    /// Numbers of series that are no more, since the last call.
    pub fn take_forgotten(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.forgotten)
    }

    /// Which frames the samples of a stream describe, by the moment at which they were captured; those between `from`
    /// and `to`, both included.
    pub fn frames(&self, stream: &StreamName, from: WallTime, to: WallTime) -> HashMap<WallTime, u64> {
        let stream = self.streams.get(stream);
        stream.map(|stream| stream.frames(from, to)).unwrap_or_default()
    }

    /// Points to draw since the last call, of each series that has any.
    pub fn take_fresh(&mut self, now: WallTime) -> Vec<(u32, Vec<Sample>)> {
        let oldest = now.offset_ns(-i64::try_from(self.span.as_nanos()).unwrap_or(i64::MAX));
        let mut fresh = Vec::new();
        for history in self.series.values_mut() {
            let id = history.id;
            let points = history.take_fresh(oldest);
            if points.len() > 0 {
                fresh.push((id, points.collect()));
            }
        }
        fresh
    }

    /// What a late joiner draws: all that has been handed out, within what charts can show.
    pub fn backfill(&self) -> Vec<(u32, Vec<Sample>)> {
        /// Points of all series together.
        const MAX_POINTS: usize = 65_536;
        let max_points = (MAX_POINTS / self.series.len().max(1)).clamp(100, 2_000);
        self.series
            .values()
            .map(|history| (history.id, history.drawn(max_points)))
            .collect()
    }

    /// The samples that `query` asks for, series by series.
    pub fn read(&self, query: &Query) -> Vec<(&History, Vec<Sample>)> {
        let wanted = |history: &&History| {
            query
                .stream
                .as_ref()
                .is_none_or(|stream| *stream == history.stream)
                && query.name.as_ref().is_none_or(|name| *name == history.name)
        };
        let read = |history| -> (&History, Vec<Sample>) {
            (history, History::between(history, query.from, query.to).collect())
        };
        self.series.values().filter(wanted).map(read).collect()
    }
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
