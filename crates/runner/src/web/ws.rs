//! One viewer.

use std::time::Duration;

use actix_web::http::header::{HOST, ORIGIN};
use actix_web::{HttpRequest, HttpResponse, web};
use actix_ws::{CloseCode, CloseReason, Closed, Message, MessageStream, Session};
use bytestring::ByteString;
use serde::Deserialize;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio_util::sync::CancellationToken;

use crate::hub::Hub;
use crate::{now, relay};

/// Largest message a page may send.
const MAX_MESSAGE_BYTES: usize = 4 << 10;
/// A viewer that takes nothing for so long is gone: its machine sleeps or has crashed.
const GIVE_UP: Duration = Duration::from_secs(120);

/// What pages send.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Incoming {
    Ping { id: f64 },
}

/// Upgrades a request of our own page.
pub async fn open(
    request: HttpRequest,
    body: web::Payload,
    hub: web::Data<Hub>,
    stop: web::Data<CancellationToken>,
) -> Result<HttpResponse, actix_web::Error> {
    if !same_origin(&request) {
        return Ok(HttpResponse::Forbidden().body("websocket from another site's page"));
    }
    let (response, session, messages) = actix_ws::handle(&request, body)?;
    actix_web::rt::spawn(serve(
        session,
        messages.max_frame_size(MAX_MESSAGE_BYTES),
        hub,
        stop,
    ));
    Ok(response)
}

/// Browsers let any site open a websocket to any address and only name the site: a page from elsewhere must not
/// read a lab's data. Programs send no origin.
fn same_origin(request: &HttpRequest) -> bool {
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

async fn serve(
    mut session: Session,
    mut messages: MessageStream,
    hub: web::Data<Hub>,
    stop: web::Data<CancellationToken>,
) {
    // Reading and writing apart, so that a viewer that stops reading is still heard when it leaves.
    let writer = session.clone();
    let reason = tokio::select! {
        _ = write(writer, &hub) => CloseCode::Away,
        () = read(&mut session, &mut messages) => CloseCode::Normal,
        () = stop.cancelled() => CloseCode::Restart,
    };
    // A viewer that does not read does not take this either; its end must not wait for it.
    let close = session.close(Some(CloseReason {
        code: reason,
        description: None,
    }));
    let _ = tokio::time::timeout(Duration::from_millis(200), close).await;
}

/// Sends all there is, then what comes. A viewer that is too slow is told how much it missed, and gets all again.
async fn write(mut session: Session, hub: &Hub) -> Result<(), Closed> {
    let mut later = begin(&mut session, hub).await?;
    loop {
        match later.recv().await {
            Ok(message) => send(&mut session, message).await?,
            Err(RecvError::Lagged(messages)) => {
                tracing::debug!(messages, "a viewer is too slow");
                send(&mut session, relay::Outgoing::Missed { messages }.pack()).await?;
                later = begin(&mut session, hub).await?;
            }
            Err(RecvError::Closed) => return Ok(()),
        }
    }
}

async fn begin(session: &mut Session, hub: &Hub) -> Result<broadcast::Receiver<ByteString>, Closed> {
    let (first, later) = relay::join(hub);
    for message in first {
        send(session, message).await?;
    }
    Ok(later)
}

async fn send(session: &mut Session, message: ByteString) -> Result<(), Closed> {
    tokio::time::timeout(GIVE_UP, session.text(message))
        .await
        .unwrap_or(Err(Closed))
}

async fn read(session: &mut Session, messages: &mut MessageStream) {
    while let Some(Ok(message)) = messages.recv().await {
        let sent = match message {
            Message::Text(text) => match serde_json::from_str(&text) {
                Ok(Incoming::Ping { id }) => {
                    session
                        .text(
                            relay::Outgoing::Pong {
                                id,
                                now_ms: now().as_ms_f64(),
                            }
                            .pack(),
                        )
                        .await
                }
                Err(_) => Ok(()),
            },
            Message::Ping(bytes) => session.pong(&bytes).await,
            Message::Close(_) => return,
            _ => Ok(()),
        };
        if sent.is_err() {
            return;
        }
    }
}
