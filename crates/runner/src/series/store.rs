//! Every series of every metric stream.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use protocol::metric::Data;
use protocol::{Metric, SeriesName, StreamName, WallTime};

use super::{Sample, history::History};
use crate::rate::Rate;
use crate::sequence::{Sequence, Verdict};

/// Most series of a run: a producer that invents names must not fill the memory.
pub const MAX_SERIES: usize = 4_096;

/// Fewest samples that a series keeps, however many there are.
const MIN_SAMPLES: usize = 256;

/// A metric stream as its messages tell it.
#[derive(Debug, Default)]
pub struct MetricStream {
    /// Restarts and losses.
    pub sequence: Sequence,
    /// Samples of one series per second.
    pub rate: Rate,
    /// Series of this stream.
    pub series: usize,
    /// `seq` and `t` of the newest message.
    pub newest: Option<(u64, WallTime)>,
    /// When it came.
    pub arrived: Option<Instant>,
    /// Its producer said that it is over.
    pub ended: bool,
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
    ids: HashMap<(StreamName, SeriesName), usize>,
    series: Vec<History>,
    streams: BTreeMap<StreamName, MetricStream>,
    /// Series already announced to viewers.
    announced: usize,
}

impl Store {
    /// `span`: how much is drawn for those who join late.
    pub fn new(budget_bytes: usize, span: Duration) -> Self {
        let (ids, series, streams) = (HashMap::new(), Vec::new(), BTreeMap::new());
        Self {
            budget_bytes,
            span,
            ids,
            series,
            streams,
            announced: 0,
        }
    }

    /// Samples that each series may keep.
    fn max_samples(&self) -> usize {
        (self.budget_bytes / size_of::<Sample>() / self.series.len().max(1)).max(MIN_SAMPLES)
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
        let mut refused = 0;
        match &metric.data {
            Data::Values(values) => {
                for (name, value) in values {
                    let sample = Sample {
                        t: metric.stamp.t,
                        value: *value,
                    };
                    match self.index(metric, name) {
                        Some(index) => self.add(index, std::iter::once(sample)),
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
                    let Some(index) = self.index(metric, &name) else {
                        refused += 1;
                        continue;
                    };
                    let samples = block.channel(channel).enumerate().map(|(row, value)| Sample {
                        t: metric.stamp.t.offset_ns(block.offset_ns(row)),
                        value,
                    });
                    self.add(index, samples);
                }
            }
        }
        match refused {
            0 => Ok(()),
            n => Err((
                "too many series",
                format!("{n} series refused: there are {MAX_SERIES} already"),
            )),
        }
    }

    fn add(&mut self, index: usize, samples: impl Iterator<Item = Sample>) {
        let max_samples = self.max_samples();
        for sample in samples {
            self.series[index].push(sample, max_samples);
        }
    }

    fn index(&mut self, metric: &Metric, name: &SeriesName) -> Option<usize> {
        // Two reference counts per look-up, no allocation.
        let key = (metric.stream.clone(), name.clone());
        if let Some(&index) = self.ids.get(&key) {
            return Some(index);
        }
        let index = self.series.len();
        if index >= MAX_SERIES {
            return None;
        }
        self.series.push(History::new(
            index as u32,
            key.0.clone(),
            key.1.clone(),
            metric.unit.clone(),
        ));
        self.ids.insert(key, index);
        if let Some(stream) = self.streams.get_mut(&metric.stream) {
            stream.series += 1;
        }
        let max_samples = self.max_samples();
        for history in &mut self.series {
            history.shrink_to(max_samples);
        }
        Some(index)
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

    /// Every series.
    pub fn series(&self) -> &[History] {
        &self.series
    }

    /// Series since the last call.
    pub fn take_unannounced(&mut self) -> &[History] {
        let from = std::mem::replace(&mut self.announced, self.series.len());
        &self.series[from..]
    }

    /// Points to draw since the last call, of each series that has any.
    pub fn take_fresh(&mut self, now: WallTime) -> Vec<(u32, Vec<Sample>)> {
        let oldest = now.offset_ns(-i64::try_from(self.span.as_nanos()).unwrap_or(i64::MAX));
        let mut fresh = Vec::new();
        for history in &mut self.series {
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
            .iter()
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
        self.series.iter().filter(wanted).map(read).collect()
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use protocol::metric::Block;
    use protocol::{Dtype, Stamp};

    use super::*;

    const EVERYTHING: Query = Query {
        stream: None,
        name: None,
        from: WallTime::from_ns(i64::MIN),
        to: WallTime::from_ns(i64::MAX),
    };

    fn values(seq: u64, t_ms: i64, values: &[(&str, f64)]) -> Metric {
        Metric {
            stream: "metrics".parse().unwrap(),
            stamp: Stamp {
                session: 1,
                seq,
                t: WallTime::from_ns(t_ms * 1_000_000),
            },
            frame: None,
            unit: None,
            data: Data::Values(
                values
                    .iter()
                    .map(|&(name, value)| (name.parse().unwrap(), value))
                    .collect(),
            ),
        }
    }

    fn block(seq: u64, rows: usize, channels: usize) -> Metric {
        let elements = (0..rows * channels).map(|element| element as i16);
        Metric {
            stream: "probe".parse().unwrap(),
            stamp: Stamp {
                session: 1,
                seq,
                t: WallTime::from_ns(seq as i64 * rows as i64 * 25_000),
            },
            frame: None,
            unit: Some("uV".into()),
            data: Data::Block(Block {
                rows,
                channels,
                dtype: Dtype::I16,
                dt_ns: 25_000.0,
                names: None,
                scale: 0.5,
                payload: elements.flat_map(i16::to_le_bytes).collect::<Bytes>(),
            }),
        }
    }

    #[test]
    fn messages_of_one_moment_are_one_sample_of_each_series() {
        let mut store = Store::new(1 << 20, Duration::from_secs(60));
        for moment in 0..40 {
            let t_ms = moment as i64 * 50;
            store
                .push(&values(2 * moment, t_ms, &[("voltage", 1.0)]))
                .unwrap();
            store
                .push(&values(2 * moment + 1, t_ms, &[("current", 2.0)]))
                .unwrap();
        }
        let (_, stream) = store.streams().next().unwrap();
        let rate = stream.rate.per_second().unwrap();
        assert!((rate - 20.0).abs() < 1e-9, "{rate}");
    }

    #[test]
    fn blocks_become_a_series_per_channel_with_exact_times() {
        let mut store = Store::new(1 << 20, Duration::from_secs(60));
        store.push(&block(0, 3, 2)).unwrap();
        let read = store.read(&EVERYTHING);
        assert_eq!(read.len(), 2);
        let (history, samples) = &read[1];
        assert_eq!(
            (history.name.as_str(), history.unit.as_deref()),
            ("1", Some("uV"))
        );
        let expected = [(0, 0.5), (25_000, 1.5), (50_000, 2.5)];
        assert_eq!(
            samples.iter().map(|s| (s.t.as_ns(), s.value)).collect::<Vec<_>>(),
            expected
        );
    }

    #[test]
    fn memory_is_bounded_and_the_newest_are_kept() {
        let budget_bytes = 1 << 16;
        let mut store = Store::new(budget_bytes, Duration::from_secs(60));
        for seq in 0..100 {
            store.push(&block(seq, 100, 4)).unwrap();
        }
        let read = store.read(&EVERYTHING);
        let held: usize = read
            .iter()
            .map(|(_, samples)| samples.len() * size_of::<Sample>())
            .sum();
        assert!(held <= budget_bytes, "{held}");
        assert_eq!(read[0].1.last().unwrap().t.as_ns(), (100 * 100 - 1) * 25_000);
    }

    #[test]
    fn a_late_joiner_gets_what_the_others_have_drawn_and_no_more() {
        let mut store = Store::new(1 << 20, Duration::from_secs(60));
        store.push(&values(0, 1_000, &[("snr", 1.0)])).unwrap();
        let now = WallTime::from_ns(2_000_000_000);
        assert_eq!(store.take_fresh(now)[0].1.len(), 1);
        store.push(&values(1, 2_000, &[("snr", 2.0)])).unwrap();
        store.push(&values(2, 3_000, &[("snr", f64::NAN)])).unwrap();
        assert_eq!(store.backfill()[0].1.len(), 1);
        assert_eq!(store.take_fresh(now)[0].1.len(), 2);
        assert_eq!(store.backfill()[0].1.len(), 3);
        assert!(store.take_fresh(now).is_empty());
    }

    #[test]
    fn invented_names_do_not_fill_the_memory() {
        let mut store = Store::new(1 << 20, Duration::from_secs(60));
        for seq in 0..MAX_SERIES as u64 {
            store.push(&values(seq, 0, &[(&format!("s{seq}"), 0.0)])).unwrap();
        }
        let (reason, _) = store
            .push(&values(
                MAX_SERIES as u64,
                0,
                &[("one too many", 0.0), ("s0", 1.0)],
            ))
            .unwrap_err();
        assert_eq!(reason, "too many series");
        assert_eq!(store.series().len(), MAX_SERIES);
    }

    #[test]
    fn only_new_series_are_announced() {
        let mut store = Store::new(1 << 20, Duration::from_secs(60));
        store.push(&values(0, 0, &[("a", 0.0)])).unwrap();
        assert_eq!(store.take_unannounced().len(), 1);
        store.push(&values(1, 0, &[("a", 0.0), ("b", 0.0)])).unwrap();
        assert_eq!(store.take_unannounced()[0].name.as_str(), "b");
        assert!(store.take_unannounced().is_empty());
    }
}
