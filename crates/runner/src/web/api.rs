//! JSON and CSV for programs.

use std::collections::{BTreeMap, HashMap};
use std::str::FromStr;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpResponse, web};
use protocol::{NameError, WallTime};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::hub::Hub;
use crate::series::{Columns, Query, Sample, thin};

/// An error as every handler gives it.
pub fn problem(status: StatusCode, text: &str) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(json!({ "error": text }))
}

/// `404` with a sentence.
pub fn not_found(text: &str) -> HttpResponse {
    problem(StatusCode::NOT_FOUND, text)
}

fn fresh(body: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(body)
}

/// Every stream.
pub async fn streams(hub: web::Data<Hub>) -> HttpResponse {
    fresh(&json!({ "run": hub.run, "streams": hub.describe() }))
}

/// The streams of one name: a frame stream, a metric stream, or one of each.
pub async fn stream(hub: web::Data<Hub>, name: web::Path<String>) -> HttpResponse {
    let mut streams = hub.describe();
    streams.retain(|stream| stream.id == *name);
    match streams.is_empty() {
        true => not_found(&format!("there is no stream {:?}", *name)),
        false => fresh(&json!({ "run": hub.run, "streams": streams })),
    }
}

/// What `/api/v1/series` takes; as text, so that whatever does not parse can be named.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesParameters {
    stream: Option<String>,
    name: Option<String>,
    /// ms since the Unix epoch.
    from: Option<String>,
    /// ms since the Unix epoch.
    to: Option<String>,
    /// Of each series at most about so many: the minimum and the maximum of every interval.
    points: Option<String>,
    /// `json` (the default) or `csv`.
    format: Option<String>,
}

#[derive(Clone, Copy, Debug)]
enum Format {
    Json,
    Csv,
}

impl SeriesParameters {
    fn read(&self) -> Result<(Query, Format, usize), String> {
        Ok((self.query()?, self.format()?, self.points()?))
    }

    fn query(&self) -> Result<Query, String> {
        let query = Query {
            stream: name("stream", self.stream.as_deref())?,
            name: name("name", self.name.as_deref())?,
            from: time("from", self.from.as_deref(), i64::MIN)?,
            to: time("to", self.to.as_deref(), i64::MAX)?,
        };
        if query.from > query.to {
            return Err("from is later than to".into());
        }
        Ok(query)
    }

    fn points(&self) -> Result<usize, String> {
        let Some(text) = self.points.as_deref() else {
            return Ok(usize::MAX);
        };
        match text.parse() {
            Ok(points) if points >= 2 => Ok(points),
            _ => Err(format!(
                "points is {text:?}: expected a whole number of at least 2"
            )),
        }
    }

    fn format(&self) -> Result<Format, String> {
        match self.format.as_deref() {
            None | Some("json") => Ok(Format::Json),
            Some("csv") => Ok(Format::Csv),
            Some(other) => Err(format!("format is {other:?}: expected json or csv")),
        }
    }
}

fn name<N: FromStr<Err = NameError>>(key: &str, text: Option<&str>) -> Result<Option<N>, String> {
    let name = text.map(str::parse).transpose();
    name.map_err(|error| format!("{key}: {error}"))
}

fn time(key: &str, text: Option<&str>, absent_ns: i64) -> Result<WallTime, String> {
    let Some(text) = text else {
        return Ok(WallTime::from_ns(absent_ns));
    };
    match text.parse::<f64>() {
        Ok(ms) if ms.is_finite() => Ok(WallTime::from_ns((ms * 1e6) as i64)),
        _ => Err(format!("{key} is {text:?}: expected ms since the Unix epoch")),
    }
}

#[derive(Serialize)]
struct Series {
    id: u32,
    stream: String,
    name: String,
    unit: Option<String>,
    #[serde(flatten)]
    columns: Columns,
    /// Which frame each sample describes, where that is known of any.
    #[serde(skip_serializing_if = "Option::is_none")]
    frame: Option<Vec<Option<u64>>>,
}

/// Samples that memory still holds.
pub async fn series(
    hub: web::Data<Hub>,
    parameters: Result<web::Query<SeriesParameters>, actix_web::Error>,
) -> HttpResponse {
    let parameters = match parameters {
        Ok(parameters) => parameters.into_inner(),
        Err(error) => return problem(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    let (query, format, points) = match parameters.read() {
        Ok(asked) => asked,
        Err(error) => return problem(StatusCode::BAD_REQUEST, &error),
    };
    // Copied under the lock, written as text after it: producers of series wait for the former only.
    let mut frames: BTreeMap<String, HashMap<WallTime, u64>> = BTreeMap::new();
    let mut read: Vec<(Series, Vec<Sample>)> = {
        let store = hub.store();
        let named = |history: &crate::series::History| Series {
            id: history.id,
            stream: history.stream.to_string(),
            name: history.name.to_string(),
            unit: history.unit.clone(),
            columns: Columns::from(&[][..]),
            frame: None,
        };
        let read = store.read(&query);
        for (history, _) in &read {
            frames
                .entry(history.stream.to_string())
                .or_insert_with(|| store.frames(&history.stream, query.from, query.to));
        }
        read.into_iter()
            .map(|(history, samples)| (named(history), samples))
            .collect()
    };
    frames.retain(|_, frames| !frames.is_empty());
    if read.is_empty() && (query.stream.is_some() || query.name.is_some()) {
        return not_found("there is no such series");
    }
    for (_, samples) in &mut read {
        if samples.len() > points {
            *samples = thin(samples, points);
        }
    }
    match format {
        Format::Json => {
            let series: Vec<Series> = read
                .into_iter()
                .map(|(series, samples)| Series {
                    columns: samples.as_slice().into(),
                    frame: frames.get(&series.stream).map(|frames| {
                        let of = |sample: &Sample| frames.get(&sample.t).copied();
                        samples.iter().map(of).collect()
                    }),
                    ..series
                })
                .collect();
            fresh(&json!({ "run": hub.run, "series": series }))
        }
        Format::Csv => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
            .insert_header((CACHE_CONTROL, "no-store"))
            .body(csv(&read)),
    }
}

/// One line per sample; times in whole nanoseconds, so that nothing is rounded.
fn csv(read: &[(Series, Vec<Sample>)]) -> String {
    use std::fmt::Write;
    let mut text = String::from("stream,series,t_ns,value\n");
    for (series, samples) in read {
        let name = quoted(&series.name);
        for sample in samples {
            // Writing to a string does not fail.
            let _ = writeln!(
                text,
                "{},{name},{},{}",
                series.stream,
                sample.t.as_ns(),
                sample.value
            );
        }
    }
    text
}

/// A CSV field as RFC 4180 quotes it.
fn quoted(field: &str) -> std::borrow::Cow<'_, str> {
    match field.contains([',', '"']) {
        true => format!("\"{}\"", field.replace('"', "\"\"")).into(),
        false => field.into(),
    }
}
