//! Which frame is where in the video.

use std::ops::RangeInclusive;
use std::str::FromStr;

use actix_web::http::StatusCode;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, web};
use packager::{Frames, Range};
use protocol::WallTime;
use serde::{Deserialize, Serialize};

use super::api::{not_found, problem};
use crate::hub::Hub;

/// Frames in one answer.
const MAX_FRAMES: usize = 100_000;

/// What is asked for; as text, so that whatever does not parse can be named.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    from_ms: Option<String>,
    to_ms: Option<String>,
    from_seq: Option<String>,
    to_seq: Option<String>,
    /// Hexadecimal.
    session: Option<String>,
}

impl Parameters {
    fn range(&self) -> Result<Range, String> {
        let by_time = self.from_ms.is_some() || self.to_ms.is_some();
        let by_seq = self.from_seq.is_some() || self.to_seq.is_some() || self.session.is_some();
        if !by_seq {
            let from = time("from_ms", self.from_ms.as_deref())?.unwrap_or(WallTime::from_ns(i64::MIN));
            let to = time("to_ms", self.to_ms.as_deref())?.unwrap_or(WallTime::from_ns(i64::MAX));
            return Ok(Range::Capture(ordered("from_ms", from, to)?));
        }
        if by_time {
            return Err("from_ms and to_ms: expected either these or from_seq, to_seq and session".into());
        }
        let session = self.session.as_deref().map(|text| {
            let digits = (1..=16).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit());
            u64::from_str_radix(text, 16)
                .ok()
                .filter(|_| digits)
                .ok_or_else(|| format!("session is {text:?}: expected 1 to 16 hexadecimal digits"))
        });
        let seq = |key, text: &Option<String>| parsed::<u64>(key, text.as_deref(), "a whole number");
        let from = seq("from_seq", &self.from_seq)?.unwrap_or(0);
        let to = seq("to_seq", &self.to_seq)?.unwrap_or(u64::MAX);
        Ok(Range::Sequence {
            session: session.transpose()?,
            seq: ordered("from_seq", from, to)?,
        })
    }
}

fn parsed<T: FromStr>(key: &str, text: Option<&str>, expected: &str) -> Result<Option<T>, String> {
    let refused = |text| format!("{key} is {text:?}: expected {expected}");
    text.map(|text| text.parse().map_err(|_| refused(text)))
        .transpose()
}

fn time(key: &str, text: Option<&str>) -> Result<Option<WallTime>, String> {
    let ms: Option<f64> = parsed(key, text, "ms since the Unix epoch")?;
    match ms {
        Some(ms) if !ms.is_finite() => Err(format!("{key} is {ms}: expected ms since the Unix epoch")),
        // As near as a number of ms can say, which is not quite 1 us.
        ms => Ok(ms.map(|ms| WallTime::from_ns((ms * 1e6) as i64))),
    }
}

fn ordered<T: PartialOrd>(key: &str, from: T, to: T) -> Result<RangeInclusive<T>, String> {
    match from <= to {
        true => Ok(from..=to),
        false => Err(format!(
            "{key}: expected nothing that is later than the other end"
        )),
    }
}

#[derive(Serialize)]
struct Answer<'a> {
    run: &'a str,
    stream: &'a str,
    spans: Vec<Span>,
    more: bool,
}

#[derive(Serialize)]
struct Span {
    life: u64,
    session: String,
    seq: Vec<u64>,
    t_ms: Vec<f64>,
    media_us: Vec<u64>,
}

impl<'a> Answer<'a> {
    fn new(run: &'a str, stream: &'a str, frames: Frames) -> Self {
        let spans = frames.spans.into_iter().map(|span| Span {
            life: span.life,
            session: format!("{:016x}", span.session),
            seq: span.seq,
            t_ms: span.t.into_iter().map(WallTime::as_ms_f64).collect(),
            media_us: span.media.into_iter().map(|media| media.as_us()).collect(),
        });
        Self {
            run,
            stream,
            spans: spans.collect(),
            more: frames.more,
        }
    }
}

/// The encoded frames of a range.
pub async fn frames(
    hub: web::Data<Hub>,
    stream: web::Path<String>,
    parameters: Result<web::Query<Parameters>, actix_web::Error>,
) -> HttpResponse {
    let range = match parameters
        .map_err(|error| error.to_string())
        .and_then(|parameters| parameters.range())
    {
        Ok(range) => range,
        Err(error) => return problem(StatusCode::BAD_REQUEST, &error),
    };
    let Some(packager) = hub
        .frame_stream(&stream)
        .map(|frames| frames.media.packager().clone())
    else {
        return not_found(&format!("there is no frame stream {:?}", *stream));
    };
    // Megabytes of text: made where nobody else's pictures wait for it.
    let body = web::block(move || {
        let frames = packager.timeline(&range, MAX_FRAMES);
        serde_json::to_vec(&Answer::new(&hub.run, &stream, frames))
    })
    .await;
    match body {
        Ok(Ok(body)) => HttpResponse::Ok()
            .content_type("application/json")
            .insert_header((CACHE_CONTROL, "no-store"))
            .body(body),
        Ok(Err(error)) => problem(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
        Err(error) => problem(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use packager::MediaTime;
    use serde_json::json;

    use super::*;

    fn range(query: &str) -> Result<Range, String> {
        web::Query::<Parameters>::from_query(query)
            .map_err(|error| error.to_string())?
            .range()
    }

    #[test]
    fn a_range_is_of_capture_times_or_of_numbers() {
        let ns = WallTime::from_ns;
        let all = Range::Capture(ns(i64::MIN)..=ns(i64::MAX));
        assert_eq!(range(""), Ok(all));
        let some = Range::Capture(ns(1_500_000)..=ns(2_000_000));
        assert_eq!(range("from_ms=1.5&to_ms=2"), Ok(some));
        let seq = |session, seq| Ok(Range::Sequence { session, seq });
        assert_eq!(range("from_seq=3"), seq(None, 3..=u64::MAX));
        assert_eq!(range("to_seq=3&session=00ff"), seq(Some(255), 0..=3));
        for (query, named) in [
            ("from_ms=soon", "from_ms"),
            ("to_ms=inf", "to_ms"),
            ("from_ms=2&to_ms=1", "from_ms"),
            ("from_seq=-1", "from_seq"),
            ("to_seq=1.5", "to_seq"),
            ("from_seq=2&to_seq=1", "from_seq"),
            ("session=xyz", "session"),
            ("session=%2B1", "session"),
            ("from_ms=1&session=1", "from_ms"),
            ("colour=red", "colour"),
        ] {
            let error = range(query).unwrap_err();
            assert!(error.contains(named), "{query}: {error}");
        }
    }

    #[test]
    fn the_answer_is_as_documented() {
        let frames = Frames {
            spans: vec![packager::Span {
                life: 2,
                session: 0x9f86_d081_884c_7d65,
                seq: vec![1233, 1234],
                t: vec![WallTime::from_ns(1_500_000), WallTime::from_ns(34_750_000)],
                media: vec![MediaTime::from_us(0), MediaTime::from_us(33_250)],
            }],
            more: true,
        };
        let answer = serde_json::to_value(Answer::new("5f1d2c3b", "camera", frames)).unwrap();
        let expected = json!({
            "run": "5f1d2c3b", "stream": "camera",
            "spans": [{
                "life": 2, "session": "9f86d081884c7d65",
                "seq": [1233, 1234], "t_ms": [1.5, 34.75], "media_us": [0, 33250]
            }],
            "more": true
        });
        assert_eq!(answer, expected);
    }
}
