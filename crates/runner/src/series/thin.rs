//! Fewer points, the same picture: the minimum and the maximum of every interval.

use super::Sample;

/// Thins one series as it comes, to at most two real samples per interval of `interval_ns`.
///
/// A chart one pixel wide per interval looks the same as with every sample; see Jugel et al., "M4: a
/// visualization-oriented time series data aggregation", VLDB 2014.
#[derive(Debug)]
pub struct Thinner {
    interval_ns: i64,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    interval: i64,
    min: Sample,
    max: Sample,
}

impl Thinner {
    /// `interval_ns` is above 0.
    pub const fn new(interval_ns: i64) -> Self {
        Self {
            interval_ns,
            open: None,
        }
    }

    /// Takes a sample, and gives what the interval before it leaves once that is over.
    pub fn push(&mut self, sample: Sample, mut emit: impl FnMut(Sample)) {
        let interval = sample.t.as_ns().div_euclid(self.interval_ns);
        match &mut self.open {
            Some(open) if open.interval == interval => {
                // NaN loses to any number: an interval is a gap only if nothing was measured in it.
                if sample.value < open.min.value || open.min.value.is_nan() {
                    open.min = sample;
                }
                if sample.value > open.max.value || open.max.value.is_nan() {
                    open.max = sample;
                }
            }
            _ => {
                self.flush(&mut emit);
                self.open = Some(Open {
                    interval,
                    min: sample,
                    max: sample,
                });
            }
        }
    }

    /// Gives what the interval has so far: a viewer does not wait for its end.
    pub fn flush(&mut self, mut emit: impl FnMut(Sample)) {
        let Some(Open { min, max, .. }) = self.open.take() else {
            return;
        };
        let (first, second) = if min.t <= max.t { (min, max) } else { (max, min) };
        emit(first);
        if second.t != first.t {
            emit(second);
        }
    }
}

/// At most about `max_points` of `samples`, which are in the order of time.
pub fn thin(samples: &[Sample], max_points: usize) -> Vec<Sample> {
    let (Some(first), Some(last)) = (samples.first(), samples.last()) else {
        return Vec::new();
    };
    if samples.len() <= max_points {
        return samples.to_vec();
    }
    let span_ns = last.t.as_ns().saturating_sub(first.t.as_ns());
    let intervals = (max_points / 2).max(1) as i64;
    let mut thinner = Thinner::new((span_ns / intervals).saturating_add(1).max(1));
    let mut kept = Vec::with_capacity(max_points + 2);
    for &sample in samples {
        thinner.push(sample, |sample| kept.push(sample));
    }
    thinner.flush(|sample| kept.push(sample));
    kept
}

#[cfg(test)]
mod tests {
    use protocol::WallTime;

    use super::*;

    fn sample(t_ns: i64, value: f64) -> Sample {
        Sample {
            t: WallTime::from_ns(t_ns),
            value,
        }
    }

    fn check(interval_ns: i64, values: &[(i64, f64)], expected: &[(i64, f64)]) {
        let mut thinner = Thinner::new(interval_ns);
        let mut kept = Vec::new();
        for &(t_ns, value) in values {
            thinner.push(sample(t_ns, value), |s| kept.push((s.t.as_ns(), s.value)));
        }
        thinner.flush(|s| kept.push((s.t.as_ns(), s.value)));
        assert_eq!(kept, expected);
    }

    #[test]
    fn slow_series_keep_every_sample() {
        let samples = [(0, 1.0), (10, 2.0), (20, 3.0), (35, 2.5)];
        check(10, &samples, &samples);
    }

    #[test]
    fn fast_series_keep_extremes_at_their_own_times() {
        check(
            10,
            &[(0, 1.0), (1, 9.0), (2, 5.0), (3, -4.0), (10, 7.0), (11, 7.0)],
            &[(1, 9.0), (3, -4.0), (10, 7.0)],
        );
    }

    #[test]
    fn nan_shows_only_where_nothing_was_measured() {
        check(10, &[(0, f64::NAN), (1, 3.0), (2, f64::NAN)], &[(1, 3.0)]);
        let mut thinner = Thinner::new(10);
        thinner.push(sample(0, f64::NAN), |_| ());
        let mut kept = Vec::new();
        thinner.flush(|s| kept.push(s));
        assert!(kept.len() == 1 && kept[0].value.is_nan());
    }

    #[test]
    fn a_long_history_thins_to_the_points_a_chart_can_show() {
        let samples: Vec<Sample> = (0..100_000)
            .map(|i| sample(i * 25_000, (i as f64 / 50.0).sin()))
            .collect();
        let kept = thin(&samples, 2_000);
        assert!((1_000..=2_002).contains(&kept.len()), "{}", kept.len());
        assert!(kept.windows(2).all(|pair| pair[0].t < pair[1].t));
    }
}
