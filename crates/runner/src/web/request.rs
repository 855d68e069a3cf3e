//! What requests that change something have in common.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use bytes::Bytes;
use protocol::{Frame, StreamName};
use serde::Serialize;

use super::api::problem;
use super::socket::same_origin;
use crate::hub::Hub;
use crate::raw::Which;
use crate::streams::FrameStream;

/// Why a request gets nothing.
pub struct Refusal(pub StatusCode, pub String);

/// `404`.
pub fn not_found(text: String) -> Refusal {
    Refusal(StatusCode::NOT_FOUND, text)
}

/// `400`.
pub fn bad(text: String) -> Refusal {
    Refusal(StatusCode::BAD_REQUEST, text)
}

/// `422`.
pub fn invalid(text: String) -> Refusal {
    Refusal(StatusCode::UNPROCESSABLE_ENTITY, text)
}

/// The stream of a request.
pub struct Subject {
    /// Its name.
    pub name: StreamName,
    /// What is known of it.
    pub stream: Arc<FrameStream>,
}

impl Subject {
    /// # Errors
    /// `404`.
    pub fn of(hub: &Hub, name: &str) -> Result<Self, Refusal> {
        match (name.parse(), hub.frame_stream(name)) {
            (Ok(name), Some(stream)) => Ok(Self { name, stream }),
            _ => Err(not_found(format!("there is no frame stream {name:?}"))),
        }
    }

    /// Its newest frame as it was captured.
    ///
    /// # Errors
    /// `404`, with what is kept instead.
    pub fn newest(&self, hub: &Hub) -> Result<Frame, Refusal> {
        let raw = hub.raw.get(&self.name, None, Which::Latest).map_err(|text| {
            let bytes = hub.raw.limits().bytes;
            not_found(format!("{text} (raw_bytes is {bytes})"))
        })?;
        Ok(Frame {
            stream: self.name.clone(),
            stamp: raw.stamp,
            format: (*raw.format).clone(),
            payload: raw.payload,
        })
    }
}

/// A page of another site must not change what a lab sees, and a form is not ours.
///
/// # Errors
/// `403` and `415`.
pub fn refuse_strangers(request: &HttpRequest, has_body: bool) -> Result<(), Refusal> {
    if !same_origin(request) {
        let text = "a request from another site's page";
        return Err(Refusal(StatusCode::FORBIDDEN, text.into()));
    }
    match request.content_type() {
        "application/json" => Ok(()),
        "" if !has_body => Ok(()),
        other => {
            let text = format!("Content-Type is {other:?}: expected application/json");
            Err(Refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, text))
        }
    }
}

/// `200`, with what is so now.
pub fn answer(body: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(body)
}

/// What a handler came to, as a response.
pub fn either(answered: Result<HttpResponse, Refusal>) -> HttpResponse {
    answered.unwrap_or_else(|Refusal(status, text)| problem(status, &text))
}

/// The body of a request, of at most `max_bytes`.
///
/// # Errors
/// `413` as soon as there is more.
pub async fn read(body: web::Payload, max_bytes: usize) -> Result<Bytes, Refusal> {
    match body.to_bytes_limited(max_bytes).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) => Err(bad(format!("body: {error}"))),
        Err(_) => {
            let text = format!("body is longer than expected: at most {max_bytes} bytes");
            Err(Refusal(StatusCode::PAYLOAD_TOO_LARGE, text))
        }
    }
}

/// `400`, with what is before the place where a body is no JSON: what a number is that is none, JSON does not say by
/// its field, but this does.
pub fn not_json(body: &[u8], error: &serde_json::Error) -> Refusal {
    let line = body
        .split(|&byte| byte == b'\n')
        .nth(error.line().saturating_sub(1))
        .unwrap_or_default();
    let before = &line[..error.column().min(line.len())];
    let before = String::from_utf8_lossy(&before[before.len().saturating_sub(24)..]);
    bad(format!("body is not JSON: {error}, after {before:?}"))
}
