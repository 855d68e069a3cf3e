//! Frames as they were captured, as files.

pub mod pixel;

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, ContentEncoding, RETRY_AFTER};
use actix_web::{HttpResponse, HttpResponseBuilder, web};
use bytes::Bytes;
use protocol::StreamName;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::api::{not_found, problem};
use crate::hub::Hub;
use crate::raw::file::{self, File, Kind};
use crate::raw::{Raw, Which};

/// Pixels of files that are being made or sent, in KiB, all requests together: a slow reader keeps its frame alive
/// after the ring has forgotten it. Room for two of the largest frames as PNG.
const IN_FLIGHT_KIB: usize = 256 << 10;
/// Files that are being compressed; others wait their turn.
const COMPRESSING: usize = 2;
/// Bytes given to a connection at once: it copies them.
const CHUNK_BYTES: usize = 256 << 10;
/// Longest unit in a header, in bytes as written there.
const MAX_UNIT_BYTES: usize = 256;

/// What bounds the memory and the work of all requests.
pub struct Bounds {
    in_flight: Arc<Semaphore>,
    compressing: Arc<Semaphore>,
}

impl Bounds {
    /// Nothing under way.
    pub fn new() -> Self {
        Self {
            in_flight: Arc::new(Semaphore::new(IN_FLIGHT_KIB)),
            compressing: Arc::new(Semaphore::new(COMPRESSING)),
        }
    }
}

/// What both handlers take; as text, so that whatever does not parse can be named.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// Producer session, hexadecimal.
    session: Option<String>,
}

/// A producer session, if one is asked for.
fn session(text: Option<&str>) -> Result<Option<u64>, String> {
    let Some(text) = text else {
        return Ok(None);
    };
    let hexadecimal = (1..=16).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match u64::from_str_radix(text, 16) {
        Ok(session) if hexadecimal => Ok(Some(session)),
        _ => Err(format!(
            "session is {text:?}: expected 1 to 16 hexadecimal digits"
        )),
    }
}

/// What a file name asks for: `1234.tiff` or `latest.npy`.
fn parse(file: &str) -> Result<(Which, Kind), String> {
    let Some((frame, extension)) = file.rsplit_once('.') else {
        return Err(format!(
            "frame is {file:?}: expected a number or latest, and .npy, .tiff or .png"
        ));
    };
    let kind = extension.parse()?;
    Ok((which(frame)?, kind))
}

/// Which frame is asked for: `1234` or `latest`.
fn which(frame: &str) -> Result<Which, String> {
    let digits = frame.bytes().all(|byte| byte.is_ascii_digit());
    match frame.parse() {
        _ if frame == "latest" => Ok(Which::Latest),
        Ok(seq) if digits => Ok(Which::Seq(seq)),
        _ => Err(format!(
            "frame is {frame:?}: expected its number (64 bits) or latest"
        )),
    }
}

/// A frame stream of this name, if there is one.
fn known(hub: &Hub, name: &str) -> Option<StreamName> {
    hub.frame_stream(name).and_then(|_| name.parse().ok())
}

fn unknown(name: &str) -> HttpResponse {
    not_found(&format!("there is no frame stream {name:?}"))
}

fn bad(text: &str) -> HttpResponse {
    problem(StatusCode::BAD_REQUEST, text)
}

/// Which frames of a stream are kept.
pub async fn list(hub: web::Data<Hub>, name: web::Path<String>) -> HttpResponse {
    let Some(name) = known(&hub, &name) else {
        return unknown(&name);
    };
    let sessions: Vec<_> = hub
        .raw
        .kept(&name)
        .iter()
        .map(|kept| {
            json!({
                "session": format!("{:016x}", kept.session),
                "from_seq": kept.first.0, "to_seq": kept.last.0,
                "from_ms": kept.first.1.as_ms_f64(), "to_ms": kept.last.1.as_ms_f64(),
                "frames": kept.frames, "bytes": kept.bytes,
            })
        })
        .collect();
    let limits = hub.raw.limits();
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(json!({
            "run": hub.run, "stream": name.as_str(), "sessions": sessions,
            "limits": { "bytes": limits.bytes, "window_ms": limits.window.as_millis() as u64 },
        }))
}

/// One frame as a file.
pub async fn file(
    hub: web::Data<Hub>,
    bounds: web::Data<Bounds>,
    path: web::Path<(String, String)>,
    parameters: Result<web::Query<Parameters>, actix_web::Error>,
) -> HttpResponse {
    let (name, file) = path.into_inner();
    let parameters = match parameters {
        Ok(parameters) => parameters,
        Err(error) => return bad(&error.to_string()),
    };
    let (session, which, kind) = match (session(parameters.session.as_deref()), parse(&file)) {
        (Ok(session), Ok((which, kind))) => (session, which, kind),
        (Err(error), _) | (_, Err(error)) => return bad(&error),
    };
    let Some(name) = known(&hub, &name) else {
        return unknown(&name);
    };
    let raw = match hub.raw.get(&name, session, which) {
        Ok(raw) => raw,
        Err(error) => return not_found(&error),
    };
    if let Err(error) = kind.can_hold(raw.format.dtype) {
        return problem(StatusCode::NOT_ACCEPTABLE, &error);
    }
    let Some(in_flight) = reserve(&bounds, kind, &raw) else {
        return busy();
    };
    match make(&bounds, kind, &name, &raw).await {
        Ok(file) => {
            let mut response = HttpResponse::Ok();
            describe(&mut response, kind, &name, &raw);
            response.body(BoxBody::new(Body {
                file,
                _in_flight: in_flight,
            }))
        }
        Err(error) => problem(StatusCode::INTERNAL_SERVER_ERROR, &error),
    }
}

/// Room for the frame and, where it is compressed, for as much again.
fn reserve(bounds: &Bounds, kind: Kind, raw: &Raw) -> Option<OwnedSemaphorePermit> {
    let bytes = match kind {
        Kind::Npy | Kind::Tiff => raw.payload.len(),
        Kind::Png => 2 * raw.payload.len(),
    };
    let kib = u32::try_from(bytes.div_ceil(1 << 10)).ok()?;
    bounds.in_flight.clone().try_acquire_many_owned(kib).ok()
}

fn busy() -> HttpResponse {
    let mut response = problem(
        StatusCode::SERVICE_UNAVAILABLE,
        "too many frames are being fetched at this moment: ask again",
    );
    response.headers_mut().insert(
        RETRY_AFTER,
        actix_web::http::header::HeaderValue::from_static("1"),
    );
    response
}

async fn make(bounds: &Bounds, kind: Kind, name: &StreamName, raw: &Raw) -> Result<File, String> {
    if kind != Kind::Png {
        return file::encode(kind, name, raw);
    }
    let turn = bounds.compressing.clone().acquire_owned().await;
    let turn = turn.map_err(|error| error.to_string())?;
    let (name, raw) = (name.clone(), raw.clone());
    let made = web::block(move || {
        let _turn = turn;
        file::encode(kind, &name, &raw)
    });
    made.await.map_err(|error| error.to_string())?
}

fn describe(response: &mut HttpResponseBuilder, kind: Kind, name: &StreamName, raw: &Raw) {
    let Raw { stamp, format, .. } = raw;
    let (session, seq) = (format!("{:016x}", stamp.session), stamp.seq);
    let file_name = format!("{name}_{session}_{seq}.{}", kind.extension());
    response
        .content_type(kind.content_type())
        // These are large and close: compressing them would cost more time than it saves.
        .insert_header(ContentEncoding::Identity)
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_DISPOSITION, format!("inline; filename=\"{file_name}\"")))
        .insert_header(("X-Streamview-Session", session))
        .insert_header(("X-Streamview-Seq", seq.to_string()))
        .insert_header(("X-Streamview-Capture-Ns", stamp.t.as_ns().to_string()));
    if let Some(unit) = format.unit.as_deref().map(percent_encoded)
        && unit.len() <= MAX_UNIT_BYTES
    {
        response.insert_header(("X-Streamview-Unit", unit));
    }
}

/// For headers, which hold ASCII alone: UTF-8 as RFC 3986 writes it.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'!'..=b'~' if byte != b'%' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// A file on its way, in chunks, and the room that it takes until it has gone.
struct Body {
    file: File,
    _in_flight: OwnedSemaphorePermit,
}

impl MessageBody for Body {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized((self.file.head.len() + self.file.rest.len()) as u64)
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        let File { head, rest } = &mut self.get_mut().file;
        let piece = if head.is_empty() { rest } else { head };
        let chunk = piece.split_to(piece.len().min(CHUNK_BYTES));
        Poll::Ready((!chunk.is_empty()).then_some(Ok(chunk)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_is_a_number_or_latest_and_a_format() {
        assert_eq!(parse("latest.npy"), Ok((Which::Latest, Kind::Npy)));
        assert_eq!(
            parse("18446744073709551615.png"),
            Ok((Which::Seq(u64::MAX), Kind::Png))
        );
        for (file, word) in [
            ("5", "expected a number or latest"),
            ("5.jpg", "expected npy, tiff or png"),
            (".tiff", "expected its number"),
            ("+5.tiff", "expected its number"),
            ("-1.tiff", "expected its number"),
            ("18446744073709551616.tiff", "expected its number"),
            ("newest.tiff", "expected its number"),
        ] {
            let error = parse(file).unwrap_err();
            assert!(error.contains(word), "{file}: {error}");
        }
    }

    #[test]
    fn a_session_is_hexadecimal() {
        let session = |text: &str| session(Some(text));
        assert_eq!(session("9f86d081884c7d65"), Ok(Some(0x9f86_d081_884c_7d65)));
        assert_eq!(session("a"), Ok(Some(10)));
        for text in ["", "+a", "0x1", "12345678901234567", "g"] {
            assert!(session(text).is_err(), "{text}");
        }
    }

    #[test]
    fn any_unit_fits_into_a_header() {
        assert_eq!(percent_encoded("µV/Hz 100%\n"), "%C2%B5V/Hz%20100%25%0A");
    }
}
