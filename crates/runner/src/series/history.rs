//! The samples of one series.

use std::collections::VecDeque;

use protocol::{SeriesName, StreamName, WallTime};

use super::thin::{Thinner, thin};

/// Interval of which a page gets the minimum and the maximum, in nanoseconds: 100 per second.
const DISPLAY_INTERVAL_NS: i64 = 10_000_000;

/// One measured number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// When.
    pub t: WallTime,
    /// What; NaN and infinities are values.
    pub value: f64,
}

/// All samples that memory still holds, newest kept, and the fewer that are drawn.
#[derive(Debug)]
pub struct History {
    /// Number of the series, valid for this run.
    pub id: u32,
    /// Its stream.
    pub stream: StreamName,
    /// Its name within the stream.
    pub name: SeriesName,
    /// Unit of its values.
    pub unit: Option<String>,
    /// Measured here, not sent by a producer.
    pub is_measured: bool,
    samples: VecDeque<Sample>,
    drawn: VecDeque<Sample>,
    thinner: Thinner,
    /// How many at the end of `drawn` have not been handed out.
    fresh: usize,
}

impl History {
    /// An empty history.
    pub fn new(
        id: u32,
        stream: StreamName,
        name: SeriesName,
        unit: Option<String>,
        is_measured: bool,
    ) -> Self {
        let thinner = Thinner::new(DISPLAY_INTERVAL_NS);
        Self {
            id,
            stream,
            name,
            unit,
            is_measured,
            samples: VecDeque::new(),
            drawn: VecDeque::new(),
            thinner,
            fresh: 0,
        }
    }

    /// Adds a sample; of more than `max_samples` the oldest go.
    pub fn push(&mut self, sample: Sample, max_samples: usize) {
        while self.samples.len() >= max_samples {
            self.samples.pop_front();
        }
        self.samples.push_back(sample);
        let (drawn, fresh) = (&mut self.drawn, &mut self.fresh);
        self.thinner.push(sample, |sample| {
            drawn.push_back(sample);
            *fresh += 1;
        });
        while self.drawn.len() > max_samples {
            self.drawn.pop_front();
        }
        self.fresh = self.fresh.min(self.drawn.len());
    }

    /// What is to be drawn since the last call, forgetting what is drawn of before `oldest`.
    pub fn take_fresh(&mut self, oldest: WallTime) -> impl ExactSizeIterator<Item = Sample> + '_ {
        let (drawn, fresh) = (&mut self.drawn, &mut self.fresh);
        self.thinner.flush(|sample| {
            drawn.push_back(sample);
            *fresh += 1;
        });
        while self.drawn.len() > self.fresh && self.drawn.front().is_some_and(|sample| sample.t < oldest) {
            self.drawn.pop_front();
        }
        let count = std::mem::take(&mut self.fresh);
        self.drawn.range(self.drawn.len() - count..).copied()
    }

    /// What was handed out is to be handed out once more.
    pub fn hand_out_again(&mut self) {
        self.fresh = self.drawn.len();
    }

    /// What has been handed out to draw, as at most about `max_points`.
    pub fn drawn(&self, max_points: usize) -> Vec<Sample> {
        let handed_out: Vec<Sample> = self
            .drawn
            .range(..self.drawn.len() - self.fresh)
            .copied()
            .collect();
        thin(&handed_out, max_points)
    }

    /// Every sample held from `from` to `to`, both included.
    pub fn between(&self, from: WallTime, to: WallTime) -> impl Iterator<Item = Sample> + '_ {
        self.samples
            .iter()
            .copied()
            .filter(move |sample| (from..=to).contains(&sample.t))
    }

    /// Drops the oldest samples beyond `max_samples`.
    pub fn shrink_to(&mut self, max_samples: usize) {
        let excess = self.samples.len().saturating_sub(max_samples);
        if excess > 0 {
            self.samples.drain(..excess);
            self.samples.shrink_to(max_samples);
        }
    }
}
