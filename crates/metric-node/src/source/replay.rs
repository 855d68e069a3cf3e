//! Where the rows of a recording stand in time.

use std::time::Duration;

use protocol::WallTime;

use crate::schedule::offset;

/// Gives every row its distance from the first one: by its own time, or else by a rate.
pub(super) struct Replay {
    rate_hz: f64,
    /// Rows so far, in all rounds.
    rows: u64,
    /// Rows of this round.
    round_rows: u64,
    /// Time of the first row of this round.
    first: Option<WallTime>,
    /// Where this round began.
    base: Duration,
    /// Where the newest row stands, and its distance from the one before.
    newest: Duration,
    distance: Duration,
}

impl Replay {
    /// `rate_hz`: of rows that carry no time.
    pub(super) fn new(rate_hz: f64) -> Self {
        Self {
            rate_hz,
            rows: 0,
            round_rows: 0,
            first: None,
            base: Duration::ZERO,
            newest: Duration::ZERO,
            distance: Duration::ZERO,
        }
    }

    /// Where the next row stands, whose own time is `t`.
    ///
    /// # Errors
    /// When its time is before that of the row before, or when one of the two has none.
    pub(super) fn place(&mut self, t: Option<WallTime>) -> Result<Duration, &'static str> {
        let place = match (t, self.first) {
            (None, None) => offset(self.rows, self.rate_hz),
            (Some(t), None) if self.round_rows == 0 => {
                self.first = Some(t);
                self.base
            }
            (Some(t), Some(first)) => {
                let since = t.since(first).map(|since| self.base.saturating_add(since));
                let place = since.filter(|&place| place >= self.newest);
                place.ok_or("time is before that of the row before")?
            }
            (Some(_), None) => return Err("a time, which the first row had not"),
            (None, Some(_)) => return Err("no time, which the first row had"),
        };
        self.distance = place - self.newest;
        self.newest = place;
        self.rows += 1;
        self.round_rows += 1;
        Ok(place)
    }

    /// The recording begins again; the first row follows the last one at the distance that it had from its
    /// neighbour. `false` if there was no row.
    pub(super) fn next_round(&mut self) -> bool {
        if self.first.take().is_some() {
            self.base = self.newest.saturating_add(self.distance);
        }
        std::mem::take(&mut self.round_rows) > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s(seconds: i64) -> Option<WallTime> {
        Some(WallTime::from_ns(seconds * 1_000_000_000))
    }

    #[test]
    fn rows_with_times_keep_their_distances_over_rounds() {
        let mut replay = Replay::new(10.0);
        let mut places = Vec::new();
        for _ in 0..2 {
            for t in [s(1_000), s(1_001), s(1_004)] {
                places.push(replay.place(t).unwrap().as_secs());
            }
            assert!(replay.next_round());
        }
        assert_eq!(places, [0, 1, 4, 7, 8, 11]);
    }

    #[test]
    fn rows_without_times_come_at_the_rate_over_rounds() {
        let mut replay = Replay::new(10.0);
        let mut place = || replay.place(None).unwrap().as_millis();
        assert_eq!([place(), place(), place()], [0, 100, 200]);
        assert!(replay.next_round());
        assert_eq!(replay.place(None).unwrap().as_millis(), 300);
    }

    #[test]
    fn a_time_that_goes_back_or_is_missing_is_refused_and_the_next_row_is_placed() {
        let mut replay = Replay::new(10.0);
        assert!(replay.place(s(10)).is_ok());
        assert_eq!(replay.place(s(12)), Ok(Duration::from_secs(2)));
        assert!(replay.place(s(11)).is_err());
        assert!(replay.place(s(9)).is_err());
        assert!(replay.place(None).is_err());
        assert_eq!(replay.place(s(13)), Ok(Duration::from_secs(3)));

        let mut replay = Replay::new(10.0);
        assert!(replay.place(None).is_ok());
        assert!(replay.place(s(10)).is_err());
    }

    #[test]
    fn an_empty_round_is_noticed() {
        assert!(!Replay::new(1.0).next_round());
    }
}
