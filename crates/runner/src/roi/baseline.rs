//! The fluorescence that a region has at rest, as far as the recent past tells.

use std::collections::VecDeque;
use std::time::Duration;

use protocol::WallTime;

/// ΔF/F, the change of fluorescence relative to a running baseline: `(F - F0) / F0`, where F0 is the 8th percentile (as
/// NumPy's, interpolated) of F over the last 30 s of capture time, the newest included.
///
/// A running low percentile is the baseline of `CaImAn` (Giovannucci et al., "CaImAn an open source tool for scalable
/// calcium imaging data analysis", eLife 2019; `detrend_df_f` with `quantileMin=8`): activity only ever adds light, so
/// what is dimmest of late is rest. Here the window ends at the newest frame, for nobody knows what comes. Of more than
/// twenty frames a second it takes twenty, so that it is as large at any rate.
#[derive(Debug, Default)]
pub struct Baseline {
    /// In the order of capture.
    window: VecDeque<(WallTime, f64)>,
    /// The same values, least first.
    sorted: Vec<f64>,
}

impl Baseline {
    const SPAN: Duration = Duration::from_secs(30);
    const PERCENT: f64 = 8.0;
    /// So many values at most: 24 bytes each.
    const MAX_VALUES: u32 = 600;
    /// Shortest time between two values.
    const APART: Duration = Duration::from_millis(50);

    /// ΔF/F of the next frame. NaN where F is, and where the baseline is not above 0, for nothing is relative to that.
    pub fn relative_change(&mut self, t: WallTime, f: f64) -> f64 {
        self.take(t, f);
        match self.level() {
            Some(f0) if f0 > 0.0 => (f - f0) / f0,
            _ => f64::NAN,
        }
    }

    fn take(&mut self, t: WallTime, f: f64) {
        if let Some(&(newest, _)) = self.window.back() {
            match t.since(newest) {
                // The clock was set back by far: what is in the window would never leave it.
                None if newest.since(t).is_none_or(|back| back > Self::SPAN) => *self = Self::default(),
                Some(since) if since >= Self::APART => {}
                _ => return,
            }
        }
        while let Some(&(oldest, value)) = self.window.front()
            && (self.window.len() >= Self::MAX_VALUES as usize
                || t.since(oldest).is_none_or(|age| age > Self::SPAN))
        {
            self.window.pop_front();
            let place = self.sorted.partition_point(|other| *other < value);
            self.sorted.remove(place);
        }
        if f.is_finite() {
            self.window.push_back((t, f));
            let place = self.sorted.partition_point(|other| *other < f);
            self.sorted.insert(place, f);
        }
    }

    /// `None` of no value.
    fn level(&self) -> Option<f64> {
        let last = self.sorted.len().checked_sub(1)?;
        let rank = Self::PERCENT / 100.0 * last as f64;
        let (below, above) = (
            self.sorted[rank.floor() as usize],
            self.sorted[rank.ceil() as usize],
        );
        Some(below + (above - below) * rank.fract())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at_ms(ms: i64) -> WallTime {
        WallTime::from_ns(ms * 1_000_000)
    }

    #[test]
    fn it_is_the_change_relative_to_the_eighth_percentile_of_thirty_seconds() {
        let mut baseline = Baseline::default();
        assert_eq!(baseline.relative_change(at_ms(0), 100.0), 0.0);
        // np.percentile([100, 200], 8) = 108
        let change = baseline.relative_change(at_ms(100), 200.0);
        assert!((change - (200.0 - 108.0) / 108.0).abs() < 1e-12, "{change}");
        // 301 values in 30 s: 0, 1, … 300, of which the 8th percentile is 24.
        let mut change = 0.0;
        for n in 0..=300 {
            change = baseline.relative_change(at_ms(60_000 + n * 100), n as f64);
        }
        assert!((change - (300.0 - 24.0) / 24.0).abs() < 1e-12, "{change}");
        // A step is a change until less than 8 % of the window is what was before it.
        let mut after = |s: i64| {
            let changes = (0..=s * 10).map(|n| baseline.relative_change(at_ms(90_100 + n * 100), 1_000.0));
            changes.last().unwrap_or_default()
        };
        assert!(after(25) > 2.0);
        assert_eq!(after(29), 0.0);
    }

    #[test]
    fn activity_shows_and_bleaching_does_not() {
        let mut baseline = Baseline::default();
        let mut most_at_rest = 0.0_f64;
        for n in 0..3_000_i64 {
            let rest = 500.0 * (-(n as f64) / 30_000.0).exp();
            let is_active = n % 500 > 480;
            let change = baseline.relative_change(at_ms(n * 100), if is_active { rest * 2.0 } else { rest });
            if is_active {
                assert!(change > 0.9, "{n}: {change}");
            } else {
                most_at_rest = most_at_rest.max(change.abs());
            }
        }
        assert!(most_at_rest < 0.02, "{most_at_rest}");
    }

    #[test]
    fn it_is_as_large_at_any_rate_and_forgets_what_is_old() {
        let mut baseline = Baseline::default();
        for n in 0..100_000_i64 {
            baseline.relative_change(at_ms(n), 1.0 + (n % 10) as f64);
            assert!(baseline.window.len() <= 600 && baseline.sorted.len() == baseline.window.len());
        }
        assert_eq!(baseline.window.len(), 600);
        assert!(baseline.sorted.is_sorted());
        baseline.relative_change(at_ms(200_000), 5.0);
        assert_eq!(baseline.sorted, [5.0]);
    }

    #[test]
    fn what_is_no_light_is_no_baseline() {
        let mut baseline = Baseline::default();
        assert!(baseline.relative_change(at_ms(0), f64::NAN).is_nan());
        assert!(baseline.window.is_empty());
        assert!(baseline.relative_change(at_ms(100), -3.0).is_nan());
        assert!(baseline.relative_change(at_ms(200), f64::INFINITY).is_nan());
        assert!(Baseline::default().relative_change(at_ms(0), 0.0).is_nan());
    }

    #[test]
    fn a_clock_that_jitters_back_is_waited_for_and_one_that_was_set_back_begins_anew() {
        let mut baseline = Baseline::default();
        baseline.relative_change(at_ms(100_000), 10.0);
        assert_eq!(baseline.relative_change(at_ms(99_990), 20.0), 1.0);
        assert_eq!(baseline.window.len(), 1);
        assert_eq!(baseline.relative_change(at_ms(10_000), 20.0), 0.0);
    }
}
