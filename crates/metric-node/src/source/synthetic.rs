//! Series that look like those of a running experiment.

use std::collections::VecDeque;
use std::f64::consts::TAU;

use protocol::SeriesName;
use protocol::metric::Data;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::{Error, Reading, Source};
use crate::clock::Clock;
use crate::schedule::{Schedule, offset};

/// One series: its name, unit and behaviour.
struct Series {
    name: SeriesName,
    unit: Option<&'static str>,
    signal: Signal,
    value: f64,
}

/// How a value goes on. Time constants are in seconds, so that a series looks the same at any rate.
#[derive(Clone, Copy)]
enum Signal {
    /// Wanders and is drawn back to its mean (an Ornstein-Uhlenbeck process).
    Drift { mean: f64, deviation: f64, tau_s: f64 },
    /// A count that now and then changes by one.
    Count { min: f64, max: f64, changes_hz: f64 },
    /// Jumps at random events and decays.
    Bursts {
        base: f64,
        jump: f64,
        tau_s: f64,
        events_hz: f64,
    },
    /// A slow wave with noise on it.
    Wave {
        mean: f64,
        amplitude: f64,
        period_s: f64,
        phase: f64,
        noise: f64,
    },
}

/// `snr`, `cells`, `event rate`, `temperature`, then as many `signal NNN` as are asked for. The same seed, number and
/// rate give the same values.
pub struct Synthetic {
    rate_hz: f64,
    rng: StdRng,
    series: Vec<Series>,
    schedule: Schedule,
    index: u64,
    /// Readings of the present moment that are still to be handed out, one per unit.
    ready: VecDeque<Reading>,
}

impl Synthetic {
    /// Samples per second when none are asked for.
    pub const DEFAULT_RATE_HZ: f64 = 30.0;
    /// Series when none are asked for.
    pub const DEFAULT_SERIES: usize = 4;
    /// Most series.
    pub const MAX_SERIES: usize = 1_000;

    /// `series` signals at `rate_hz`, beginning now.
    pub fn new(rate_hz: f64, series: usize, seed: u64, clock: &dyn Clock) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let series = (0..series)
            .map(|number| Series::numbered(number, &mut rng))
            .collect();
        Self {
            rate_hz,
            rng,
            series,
            schedule: Schedule::start(clock),
            index: 0,
            ready: VecDeque::new(),
        }
    }
}

impl Series {
    fn numbered(number: usize, rng: &mut StdRng) -> Self {
        let (name, unit, signal, value) = match number {
            0 => (
                "snr",
                Some("dB"),
                Signal::Drift {
                    mean: 12.0,
                    deviation: 1.5,
                    tau_s: 8.0,
                },
                12.0,
            ),
            1 => (
                "cells",
                None,
                Signal::Count {
                    min: 20.0,
                    max: 80.0,
                    changes_hz: 0.7,
                },
                42.0,
            ),
            2 => {
                let bursts = Signal::Bursts {
                    base: 2.0,
                    jump: 9.0,
                    tau_s: 1.2,
                    events_hz: 0.4,
                };
                ("event rate", Some("1/s"), bursts, 2.0)
            }
            3 => {
                let wave = Signal::Wave {
                    mean: 37.0,
                    amplitude: 0.3,
                    period_s: 90.0,
                    phase: 0.0,
                    noise: 0.02,
                };
                ("temperature", Some("°C"), wave, 37.0)
            }
            _ => {
                let wave = Signal::Wave {
                    mean: rng.random_range(-1.0..1.0),
                    amplitude: rng.random_range(0.2..2.0),
                    period_s: rng.random_range(1.0..20.0),
                    phase: rng.random_range(0.0..TAU),
                    noise: rng.random_range(0.01..0.2),
                };
                ("", Some("mV"), wave, 0.0)
            }
        };
        let name = if name.is_empty() {
            format!("signal {:03}", number + 1)
        } else {
            name.into()
        };
        Self {
            name: name.parse().expect("the built-in names are series names"),
            unit,
            signal,
            value,
        }
    }
}

impl Signal {
    /// The value after `value`, `dt_s` later, at `t_s` since the start.
    fn next(self, value: f64, t_s: f64, dt_s: f64, rng: &mut StdRng) -> f64 {
        let happens = |rng: &mut StdRng, hz: f64| rng.random_bool(1.0 - (-hz * dt_s).exp());
        match self {
            Self::Drift {
                mean,
                deviation,
                tau_s,
            } => {
                // Exact for any step, see Gillespie 1996, Phys. Rev. E 54, 2084.
                let keep = (-dt_s / tau_s).exp();
                mean + (value - mean) * keep + deviation * (1.0 - keep * keep).sqrt() * normal(rng)
            }
            Self::Count { min, max, changes_hz } => {
                let step = if happens(rng, changes_hz) {
                    [-1.0, 1.0][usize::from(rng.random_bool(0.5))]
                } else {
                    0.0
                };
                (value + step).clamp(min, max)
            }
            Self::Bursts {
                base,
                jump,
                tau_s,
                events_hz,
            } => {
                let jump = if happens(rng, events_hz) {
                    jump * rng.random_range(0.3..1.0)
                } else {
                    0.0
                };
                base + (value - base) * (-dt_s / tau_s).exp() + jump
            }
            Self::Wave {
                mean,
                amplitude,
                period_s,
                phase,
                noise,
            } => mean + amplitude * (TAU * t_s / period_s + phase).sin() + noise * normal(rng),
        }
    }
}

/// A sample of the standard normal distribution (Box-Muller).
fn normal(rng: &mut StdRng) -> f64 {
    let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
    radius * (TAU * rng.random::<f64>()).cos()
}

impl Source for Synthetic {
    fn read(&mut self, clock: &dyn Clock) -> Result<Option<Reading>, Error> {
        if let Some(reading) = self.ready.pop_front() {
            return Ok(Some(reading));
        }
        let since_start = offset(self.index, self.rate_hz);
        if !self.schedule.wait(since_start, clock) {
            return Ok(None);
        }
        self.index += 1;
        let t = self.schedule.time(since_start);
        // A message has one unit: series of the same unit travel together.
        for series in &mut self.series {
            let (t_s, dt_s) = (since_start.as_secs_f64(), 1.0 / self.rate_hz);
            series.value = series.signal.next(series.value, t_s, dt_s, &mut self.rng);
            let sample = (series.name.clone(), series.value);
            match self.ready.back_mut() {
                Some(Reading {
                    unit,
                    data: Data::Values(values),
                    ..
                }) if unit.as_deref() == series.unit => {
                    values.push(sample);
                }
                _ => self.ready.push_back(Reading {
                    t,
                    frame: None,
                    unit: series.unit.map(Into::into),
                    data: Data::Values(vec![sample]),
                }),
            }
        }
        Ok(self.ready.pop_front())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::*;
    use crate::clock::tests::Manual;

    /// All samples of so many seconds, by series.
    fn collect(rate_hz: f64, series: usize, seed: u64, seconds: u64) -> BTreeMap<String, Vec<f64>> {
        let mut clock = Manual::new();
        clock.stop_after = Duration::from_secs(seconds);
        let mut source = Synthetic::new(rate_hz, series, seed, &clock);
        let mut all: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        while let Some(reading) = source.read(&clock).unwrap() {
            let Data::Values(values) = reading.data else {
                panic!("named values")
            };
            for (name, value) in values {
                all.entry(name.to_string()).or_default().push(value);
            }
        }
        all
    }

    #[test]
    fn the_same_seed_gives_the_same_values() {
        assert_eq!(collect(30.0, 6, 7, 5), collect(30.0, 6, 7, 5));
        assert_ne!(collect(30.0, 6, 7, 5), collect(30.0, 6, 8, 5));
    }

    #[test]
    fn a_thousand_series_each_have_a_sample_per_tick() {
        let all = collect(10.0, 1_000, 0, 2);
        assert_eq!(all.len(), 1_000);
        assert!(all.values().all(|samples| samples.len() == 20));
    }

    #[test]
    fn values_stay_where_such_an_experiment_has_them_and_move() {
        for rate_hz in [2.0, 30.0, 500.0] {
            let all = collect(rate_hz, 4, 3, 120);
            for (name, range) in [
                ("snr", 2.0..22.0),
                ("cells", 20.0..81.0),
                ("event rate", 1.9..60.0),
                ("temperature", 36.0..38.0),
            ] {
                let samples = &all[name];
                assert!(
                    samples.iter().all(|v| range.contains(v)),
                    "{name} at {rate_hz} Hz"
                );
                assert!(
                    samples.iter().any(|v| *v != samples[0]),
                    "{name} at {rate_hz} Hz stands still"
                );
            }
            assert!(all["cells"].iter().all(|v| v.fract() == 0.0));
        }
    }

    #[test]
    fn capture_times_are_exact_multiples_of_the_period() {
        let mut clock = Manual::new();
        clock.oversleep = Duration::from_millis(7);
        let mut source = Synthetic::new(30.0, 1, 0, &clock);
        for index in 0..1_000 {
            let reading = source.read(&clock).unwrap().unwrap();
            assert_eq!(
                reading.t,
                Manual::WALL.offset_ns((f64::from(index) / 30.0 * 1e9).round() as i64)
            );
        }
    }
}
