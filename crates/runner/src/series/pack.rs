//! Samples as JSON.

use serde::{Serialize, Serializer};

use super::Sample;

/// A number that JSON may not have: NaN and infinities travel as strings that JavaScript's `Number()` reads.
#[derive(Clone, Copy, Debug)]
pub struct Number(pub f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            value if value.is_finite() => serializer.serialize_f64(value),
            value if value.is_nan() => serializer.serialize_str("NaN"),
            value if value > 0.0 => serializer.serialize_str("Infinity"),
            _ => serializer.serialize_str("-Infinity"),
        }
    }
}

/// Samples in columns: times in ms since the Unix epoch, and values.
#[derive(Debug, Serialize)]
pub struct Columns {
    t: Vec<f64>,
    v: Vec<Number>,
}

impl From<&[Sample]> for Columns {
    fn from(samples: &[Sample]) -> Self {
        Self {
            t: samples.iter().map(|sample| sample.t.as_ms_f64()).collect(),
            v: samples.iter().map(|sample| Number(sample.value)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::WallTime;

    use super::*;

    #[test]
    fn what_json_has_no_number_for_travels_as_text() {
        let values = [1.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
        let samples = values.map(|value| Sample {
            t: WallTime::from_ns(1_760_000_000_000_125_000),
            value,
        });
        let json = serde_json::to_string(&Columns::from(&samples[..])).unwrap();
        let t = "1760000000000.125";
        assert_eq!(
            json,
            format!(r#"{{"t":[{t},{t},{t},{t}],"v":[1.5,"NaN","Infinity","-Infinity"]}}"#)
        );
    }
}
