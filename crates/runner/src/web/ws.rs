//! One viewer of streams, series and events (docs/protocol.md, `/ws`).

use actix_web::{HttpRequest, HttpResponse, web};
use actix_ws::{Closed, Message, MessageStream, Session};
use bytestring::ByteString;
use serde::Deserialize;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio_util::sync::CancellationToken;

use super::socket::{self, GIVE_UP};
use crate::hub::Hub;
use crate::{now, relay};

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
    let (response, session, messages) = socket::accept(&request, body)?;
    actix_web::rt::spawn(async move {
        let (writer, reader) = (session.clone(), session.clone());
        socket::run(session, &stop, write(writer, &hub), read(reader, messages)).await;
    });
    Ok(response)
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

async fn read(mut session: Session, mut messages: MessageStream) {
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
