//! One viewer of one frame stream's pictures (docs/protocol.md, `/ws/live/{id}`).

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use actix_ws::{Closed, Message, MessageStream, Session};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use packager::{Init, Next, Packager};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::api::not_found;
use super::flow::Flow;
use super::socket::{self, GIVE_UP};
use crate::audience::Seat;
use crate::hub::Hub;
use crate::relay::pack;
use crate::streams::FrameStream;

/// What the runner says beside the fragments.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Outgoing<'a> {
    Hello {
        version: u32,
        run: &'a str,
        stream: &'a str,
    },
    Start {
        life: u64,
        session: String,
        codec: &'a str,
        width: u32,
        height: u32,
        init: String,
        description: String,
    },
    Missed {
        frames: u64,
    },
}

impl<'a> From<&'a Init> for Outgoing<'a> {
    fn from(init: &'a Init) -> Self {
        Self::Start {
            life: init.life,
            session: format!("{:016x}", init.session),
            codec: &init.codec,
            width: init.width,
            height: init.height,
            init: BASE64.encode(&init.segment),
            description: BASE64.encode(&init.avcc),
        }
    }
}

/// What pages send.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Incoming {
    Ack { number: u64 },
}

/// Upgrades a request of our own page.
pub async fn open(
    request: HttpRequest,
    body: web::Payload,
    hub: web::Data<Hub>,
    stop: web::Data<CancellationToken>,
    stream: web::Path<String>,
) -> Result<HttpResponse, actix_web::Error> {
    // Not the stream itself: the end of the encoder does not wait for its viewers.
    let parts = |frames: Arc<FrameStream>| (frames.media.packager().clone(), frames.viewers.clone());
    let Some((packager, viewers)) = hub.frame_stream(&stream).map(parts) else {
        return Ok(not_found(&format!("there is no frame stream {:?}", *stream)));
    };
    let (response, session, messages) = socket::accept(&request, body)?;
    actix_web::rt::spawn(async move {
        let (acks, acked) = watch::channel(None);
        let (mut writer, reader) = (session.clone(), session.clone());
        let write = async {
            let hello = Outgoing::Hello {
                version: 1,
                run: &hub.run,
                stream: &stream,
            };
            writer.text(pack(&hello)).await?;
            write(writer, &packager, acked, &viewers.join()).await
        };
        socket::run(session, &stop, write, read(reader, messages, acks)).await;
    });
    Ok(response)
}

/// Sends every fragment as soon as there is one and the viewer has room for it.
///
/// No queue: everything that is not under way yet is in the packager, once for all viewers. What waits in the session
/// or in the kernel is part of what is under way.
async fn write(
    mut session: Session,
    packager: &Packager,
    mut acked: watch::Receiver<Option<u64>>,
    seat: &Seat,
) -> Result<(), Closed> {
    let mut changes = packager.changes();
    let mut flow = Flow::default();
    let mut init: Option<Arc<Init>> = None;
    loop {
        changes.mark_unchanged();
        if let Some(number) = *acked.borrow_and_update() {
            flow.taken(number);
        }
        if let Some(Next { fragment, missed }) = next(&flow, packager) {
            if missed > 0 {
                tracing::debug!(missed, "a live viewer was skipped ahead");
                seat.skipped(missed);
                session.text(pack(&Outgoing::Missed { frames: missed })).await?;
            }
            if init.as_ref().is_none_or(|init| init.life != fragment.init.life) {
                session.text(pack(&Outgoing::from(&*fragment.init))).await?;
                init = Some(fragment.init.clone());
            }
            flow.sent(fragment.number, fragment.media, fragment.message.len());
            session.binary(fragment.message.clone()).await?;
            continue;
        }
        let woken = async {
            tokio::select! {
                changed = changes.changed(), if flow.is_open() => changed.map_err(|_| Closed),
                changed = acked.changed() => changed.map_err(|_| Closed),
            }
        };
        match timeout(GIVE_UP, woken).await {
            Ok(woken) => woken?,
            // The stream is silent: this finds out whether the connection still is one.
            Err(_) if flow.is_empty() => session.ping(b"").await?,
            Err(_) => return Err(Closed),
        }
    }
}

/// What a viewer gets now, if anything.
fn next(flow: &Flow, packager: &Packager) -> Option<Next> {
    if !flow.is_open() {
        return None;
    }
    let is_behind = packager
        .next(None, false)
        .is_some_and(|key| flow.is_behind(key.fragment.media));
    packager.next(flow.last(), is_behind)
}

async fn read(mut session: Session, mut messages: MessageStream, acks: watch::Sender<Option<u64>>) {
    while let Some(Ok(message)) = messages.recv().await {
        let sent = match message {
            Message::Text(text) => {
                if let Ok(Incoming::Ack { number }) = serde_json::from_str(&text) {
                    acks.send_modify(|newest| *newest = (*newest).max(Some(number)));
                }
                Ok(())
            }
            Message::Ping(bytes) => session.pong(&bytes).await,
            Message::Close(_) => return,
            _ => Ok(()),
        };
        if sent.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use packager::{AccessUnit, Config, MediaTime, Start};
    use protocol::{Stamp, WallTime};
    use serde_json::Value;

    use super::*;

    fn fixture() -> Value {
        let fixture: Value =
            serde_json::from_str(include_str!("../../../../tests/fixtures/ws.json")).unwrap();
        fixture["live"].clone()
    }

    #[test]
    fn messages_are_those_that_the_page_is_tested_with() {
        let fixture = fixture();
        let expected = fixture["runner_to_page"].as_array().unwrap();
        let messages = [
            Outgoing::Hello {
                version: 1,
                run: "5f1d2c3b",
                stream: "camera",
            },
            Outgoing::Start {
                life: 3,
                session: "9f86d081884c7d65".into(),
                codec: "avc1.42c01e",
                width: 640,
                height: 480,
                init: BASE64.encode([0, 1, 2, 3, 255]),
                description: BASE64.encode([1, 66, 192, 30]),
            },
            Outgoing::Missed { frames: 12 },
        ];
        assert_eq!(messages.len(), expected.len());
        for (message, expected) in messages.iter().zip(expected) {
            assert_eq!(serde_json::from_str::<Value>(&pack(message)).unwrap(), *expected);
        }
        let ack = fixture["page_to_runner"][0].clone();
        assert_eq!(
            serde_json::from_value::<Incoming>(ack).unwrap(),
            Incoming::Ack { number: 42 }
        );
    }

    #[test]
    fn a_fragment_has_the_header_that_the_page_is_tested_with() {
        let fixture = &fixture()["fragment"];
        let of = |key: &str| fixture[key].as_u64().unwrap();
        let packager = Packager::new(Config::new("run_0"));
        // Constrained baseline, one parameter set of each kind.
        let avcc = b"\x01\x42\xc0\x1e\xff\xe1\x00\x04\x67\x42\xc0\x1e\x01\x00\x02\x68\xce";
        let begun = packager.begin(Start {
            life: of("life"),
            session: 1,
            width: 640,
            height: 480,
            avcc: bytes::Bytes::from_static(avcc),
        });
        begun.unwrap();
        // Those before it, and itself.
        for number in 0..=of("number") {
            let before = of("number") - number;
            let unit = AccessUnit {
                stamp: Stamp {
                    session: 1,
                    seq: of("seq") - before,
                    t: WallTime::from_ns(fixture["t_ns"].as_i64().unwrap()),
                },
                media: MediaTime::from_us(of("media_us") - before * 33_000),
                period: Duration::from_millis(33),
                key: number % 21 == 0,
                data: bytes::Bytes::from_static(b"\0\0\0\x02\x65\x88"),
            };
            packager.push(unit).unwrap();
        }
        let fragment = packager.next(None, false).unwrap().fragment;
        let header: String = fragment.message[..40]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(header, fixture["header_hex"].as_str().unwrap());
        assert_eq!(fragment.message[44..48], *b"moof");
        assert_eq!(fragment.init.codec, "avc1.42c01e");
    }
}
