//! JSON lines: an object of numbers per line.

use protocol::SeriesName;
use protocol::metric::Block;
use serde_json::{Map, Value};

use super::rows::{Bad, Row, parse_frame};
use super::time::Unit;
use crate::refused::excerpt;

/// The numbers of one line; `None` if it is of no use, which was reported.
pub(super) fn row(line: &str, unit: Unit, bad: &mut Bad<'_>) -> Option<Row> {
    let object: Map<String, Value> = match serde_json::from_str(line) {
        Ok(object) => object,
        Err(error) => {
            bad(&format_args!(
                "{}: expected a JSON object: {error}",
                excerpt(line)
            ));
            return None;
        }
    };
    if object.len() > Block::MAX_CHANNELS {
        bad(&format_args!(
            "{} keys: expected at most {}",
            object.len(),
            Block::MAX_CHANNELS
        ));
        return None;
    }
    let mut row = Row::default();
    for (key, value) in &object {
        match (key.as_str(), value) {
            // Many writers have no other way to say that there is no value.
            (_, Value::Null) => {}
            ("t" | "time" | "timestamp", _) => {
                row.t = match value {
                    Value::Number(number) => unit.parse(&number.to_string()),
                    Value::String(text) => unit.parse(text),
                    _ => None,
                };
                if row.t.is_none() {
                    let got = value.to_string();
                    bad(&format_args!(
                        "key {} is {}: expected {}",
                        excerpt(key),
                        excerpt(&got),
                        Unit::EXPECTED
                    ));
                    return None;
                }
            }
            ("frame", _) => {
                row.frame = parse_frame(&value.to_string());
                if row.frame.is_none() {
                    bad(&format_args!(
                        "key \"frame\" is {}: expected a frame number",
                        excerpt(&value.to_string())
                    ));
                }
            }
            _ => match (key.parse::<SeriesName>(), number(value)) {
                (Ok(name), Some(value)) => row.values.push((name, value)),
                (Err(error), _) => bad(&error),
                (_, None) => bad(&format_args!(
                    "key {} is {}: expected a number, \"NaN\", \"Infinity\" or \"-Infinity\"",
                    excerpt(key),
                    describe(value)
                )),
            },
        }
    }
    Some(row)
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => match text.as_str() {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        _ => None,
    }
}

fn describe(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".into(),
        Value::Object(_) => "an object".into(),
        other => excerpt(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use protocol::WallTime;

    use super::*;

    fn parse(line: &str) -> (Option<Row>, Vec<String>) {
        let mut reports = Vec::new();
        let row = row(line, Unit::Ms, &mut |what| reports.push(what.to_string()));
        (row, reports)
    }

    #[test]
    fn an_object_gives_values_time_and_frame() {
        let (row, reports) = parse(r#"{"t": 1760000000000, "frame": 7, "snr": 12.5, "ΔF/F": -3}"#);
        let row = row.unwrap();
        let values: Vec<_> = row
            .values
            .iter()
            .map(|(name, value)| (name.as_str(), *value))
            .collect();
        assert_eq!(values, [("snr", 12.5), ("ΔF/F", -3.0)]);
        assert_eq!(
            (row.t, row.frame),
            (Some(WallTime::from_ns(1_760_000_000_000_000_000)), Some(7))
        );
        assert!(reports.is_empty(), "{reports:?}");
    }

    #[test]
    fn numbers_are_read_to_the_last_bit() {
        let (row, _) = parse(r#"{"a": 1638.3500000000001, "b": 9007199254740993, "c": 5e-324}"#);
        let values: Vec<_> = row.unwrap().values.iter().map(|(_, value)| *value).collect();
        assert_eq!(values, [32767.0 * 0.05, 9_007_199_254_740_993_i64 as f64, 5e-324]);
    }

    #[test]
    fn nan_and_infinities_are_strings_and_null_is_no_value() {
        let (row, reports) = parse(r#"{"a": "NaN", "b": "-Infinity", "c": "Infinity", "d": null}"#);
        let values: Vec<_> = row.unwrap().values.iter().map(|(_, value)| *value).collect();
        assert!(values[0].is_nan());
        assert_eq!(values[1..], [f64::NEG_INFINITY, f64::INFINITY]);
        assert!(reports.is_empty(), "{reports:?}");
    }

    #[test]
    fn what_is_no_number_is_reported_with_its_key_and_the_others_count() {
        let (row, reports) = parse(r#"{"a": {"deep": 1}, "b": [1], "c": "fast", "d": true, "e": 1, "": 2}"#);
        assert_eq!(row.unwrap().values.len(), 1);
        assert_eq!(reports.len(), 5);
        assert!(
            reports
                .iter()
                .any(|report| report.starts_with("key \"a\" is an object: expected a number"))
        );
    }

    #[test]
    fn a_line_that_is_no_object_is_no_row() {
        for line in [
            "[1]",
            "5",
            "{\"a\": 1",
            "{\"a\": NaN}",
            "{\"t\": \"noon\", \"a\": 1}",
            &"[".repeat(100_000),
        ] {
            let (row, reports) = parse(line);
            assert_eq!(row, None, "{line:.40}");
            assert!(reports.len() == 1 && reports[0].len() < 300, "{reports:?}");
        }
    }
}
