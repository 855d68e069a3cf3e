//! What all websockets have in common.

use std::time::Duration;

use actix_web::error::InternalError;
use actix_web::http::StatusCode;
use actix_web::http::header::{HOST, ORIGIN};
use actix_web::{HttpRequest, HttpResponse, web};
use actix_ws::{CloseCode, CloseReason, Closed, MessageStream, Session};
use tokio_util::sync::CancellationToken;

use super::api::problem;

/// Largest message a page may send.
const MAX_MESSAGE_BYTES: usize = 4 << 10;
/// A viewer that takes nothing for so long is gone: its machine sleeps or has crashed.
pub const GIVE_UP: Duration = Duration::from_secs(120);

/// Upgrades a request of our own page, or of a program.
///
/// # Errors
/// The response to give instead.
pub fn accept(
    request: &HttpRequest,
    body: web::Payload,
) -> Result<(HttpResponse, Session, MessageStream), actix_web::Error> {
    if !same_origin(request) {
        let refused = problem(StatusCode::FORBIDDEN, "websocket from another site's page");
        return Err(InternalError::from_response("another site", refused).into());
    }
    let (response, session, messages) = actix_ws::handle(request, body)?;
    Ok((response, session, messages.max_frame_size(MAX_MESSAGE_BYTES)))
}

/// Browsers let any site open a websocket to any address and only name the site: a page from elsewhere must not
/// read a lab's data. Programs send no origin.
pub fn same_origin(request: &HttpRequest) -> bool {
    let Some(origin) = request.headers().get(ORIGIN) else {
        return true;
    };
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let site = origin
        .to_str()
        .ok()
        .and_then(|origin| origin.split_once("://"))
        .map(|(_, site)| site);
    host.is_some() && site == host
}

/// Runs until the viewer leaves (`read` ends), it cannot be served any more (`write` ends), or `stop`; then closes.
///
/// Reading and writing apart, so that a viewer that stops reading is still heard when it leaves.
pub async fn run(
    session: Session,
    stop: &CancellationToken,
    write: impl Future<Output = Result<(), Closed>>,
    read: impl Future<Output = ()>,
) {
    let code = tokio::select! {
        _ = write => CloseCode::Away,
        () = read => CloseCode::Normal,
        () = stop.cancelled() => CloseCode::Restart,
    };
    // A viewer that does not read does not take this either; its end must not wait for it.
    let close = session.close(Some(CloseReason {
        code,
        description: None,
    }));
    let _ = tokio::time::timeout(Duration::from_millis(200), close).await;
}
