//! One viewer of one frame stream's pixels as they were captured (docs/protocol.md, `/ws/raw/{id}`).

mod writer;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use actix_web::{HttpRequest, HttpResponse, web};
use actix_ws::{Closed, Message, MessageStream, Session};
use protocol::StreamName;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use self::writer::Writer;
use super::api::not_found;
use super::socket;
use crate::exact::{Asked, MAX_BYTES, Pace, View};
use crate::hub::Hub;

/// Pixels that are under way, in KiB, to all viewers together: one that stops keeps its frames alive after the ring
/// has forgotten them. Room for sixteen of the largest messages.
const IN_FLIGHT_KIB: usize = 16 * (MAX_BYTES >> 10);
/// Frames that are being reduced or packed; other viewers wait their turn, and then get the newest.
const WORKING: usize = 2;
/// Refusals that wait until a viewer can be told; the oldest are forgotten.
const REFUSALS: usize = 8;

/// What bounds the memory and the work of all viewers.
pub struct Bounds {
    in_flight: Arc<Semaphore>,
    working: Semaphore,
}

impl Bounds {
    /// Nothing under way.
    pub fn new() -> Self {
        Self {
            in_flight: Arc::new(Semaphore::new(IN_FLIGHT_KIB)),
            working: Semaphore::new(WORKING),
        }
    }
}

/// What is known of a viewer: written by who reads from it, read by who writes to it, in one task.
#[derive(Default)]
struct Desk {
    state: RefCell<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    pace: Pace<OwnedSemaphorePermit>,
    view: View,
    /// +1 per view asked for.
    views: u64,
    refusals: VecDeque<String>,
}

impl Desk {
    fn refuse(&self, reason: String) {
        let refusals = &mut self.state.borrow_mut().refusals;
        refusals.truncate(REFUSALS - 1);
        refusals.push_front(reason);
    }
}

/// Upgrades a request of our own page.
pub async fn open(
    request: HttpRequest,
    body: web::Payload,
    hub: web::Data<Hub>,
    bounds: web::Data<Bounds>,
    stop: web::Data<CancellationToken>,
    stream: web::Path<String>,
) -> Result<HttpResponse, actix_web::Error> {
    let audience = hub
        .frame_stream(&stream)
        .map(|frames| frames.exact_viewers.clone());
    let (Some(audience), Ok(name)) = (audience, stream.parse::<StreamName>()) else {
        return Ok(not_found(&format!("there is no frame stream {:?}", *stream)));
    };
    if hub.raw.limits().bytes == 0 {
        return Ok(not_found(
            "there are no frames as they were captured: raw_bytes is 0",
        ));
    }
    let (response, session, messages) = socket::accept(&request, body)?;
    actix_web::rt::spawn(async move {
        let desk = Desk::default();
        let reader = session.clone();
        let writer = Writer::new(session.clone(), &hub, &bounds, &name, &desk, audience.join());
        let read = read(reader, messages, &desk, &hub, &name);
        socket::run(session, &stop, writer.write(), read).await;
    });
    Ok(response)
}

/// Notes what the viewer says; answers what it cannot do, and ends at nothing that it says.
async fn read(mut session: Session, mut messages: MessageStream, desk: &Desk, hub: &Hub, name: &StreamName) {
    while let Some(Ok(message)) = messages.recv().await {
        let asked = match message {
            Message::Text(text) => Asked::parse(&text),
            Message::Ping(bytes) => match session.pong(&bytes).await {
                Ok(()) => continue,
                Err(Closed) => return,
            },
            Message::Pong(_) | Message::Nop => continue,
            Message::Close(_) => return,
            Message::Binary(_) | Message::Continuation(_) => {
                Err("message is binary or in pieces: expected text in one piece".into())
            }
        };
        match asked {
            Ok(Asked::Ack(seq)) => desk.state.borrow_mut().pace.taken(seq, Instant::now()),
            Ok(Asked::View(view)) => {
                let newest = hub.raw.newest(name);
                match newest.map_or(Ok(()), |(_, raw)| view.check(raw.format.shape)) {
                    Ok(()) => {
                        let mut state = desk.state.borrow_mut();
                        state.view = view;
                        state.views += 1;
                    }
                    Err(reason) => desk.refuse(reason),
                }
            }
            Err(reason) => desk.refuse(reason),
        }
        desk.changed.notify_one();
    }
}
