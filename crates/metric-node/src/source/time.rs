//! Capture times as people write them.

use clap::ValueEnum;
use protocol::WallTime;

/// What a number in a time column counts, since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Unit {
    /// Seconds.
    #[default]
    S,
    /// Milliseconds.
    Ms,
    /// Microseconds.
    Us,
    /// Nanoseconds.
    Ns,
}

impl Unit {
    const fn ns(self) -> i64 {
        match self {
            Self::S => 1_000_000_000,
            Self::Ms => 1_000_000,
            Self::Us => 1_000,
            Self::Ns => 1,
        }
    }

    /// What is expected where [`Unit::parse`] gives `None`.
    pub(super) const EXPECTED: &str =
        "a number (see --time-unit) or a UTC time such as 2026-01-31T12:00:00.5Z";

    /// A number of this unit, or an RFC 3339 time in UTC. Integers are exact.
    pub(super) fn parse(self, text: &str) -> Option<WallTime> {
        if let Ok(whole) = text.parse::<i64>() {
            return whole.checked_mul(self.ns()).map(WallTime::from_ns);
        }
        if let Ok(number) = text.parse::<f64>() {
            return self.fraction(number);
        }
        let utc = text.strip_suffix("+00:00").map(|local| format!("{local}Z"));
        humantime::parse_rfc3339_weak(utc.as_deref().unwrap_or(text))
            .ok()
            .map(WallTime::from)
    }

    /// A number of this unit; fractions are good to a fraction of a microsecond in this century.
    pub(super) fn fraction(self, number: f64) -> Option<WallTime> {
        let ns = (number * self.ns() as f64).round();
        // 2^63: beyond it the cast would saturate.
        (ns.abs() < 9.2e18).then(|| WallTime::from_ns(ns as i64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_their_unit_and_text_as_rfc_3339() {
        let check = |unit: Unit, text: &str, ns: i64| {
            assert_eq!(unit.parse(text), Some(WallTime::from_ns(ns)), "{text}");
        };
        check(Unit::S, "1760000000", 1_760_000_000_000_000_000);
        check(Unit::S, "0.25", 250_000_000);
        check(Unit::Ms, "1760000000123", 1_760_000_000_123_000_000);
        check(Unit::Us, "1.5", 1_500);
        check(Unit::Ns, "1760000000123456789", 1_760_000_000_123_456_789);
        for text in [
            "2025-10-09T08:53:20.5Z",
            "2025-10-09 08:53:20.5",
            "2025-10-09T08:53:20.5+00:00",
        ] {
            check(Unit::Ms, text, 1_760_000_000_500_000_000);
        }
        for bad in ["", "nan", "inf", "1e300", "9223372036854775807", "yesterday"] {
            assert_eq!(Unit::S.parse(bad), None, "{bad}");
        }
    }
}
