//! One viewer of one frame stream's pixels as they were captured (docs/protocol.md, `/ws/raw/{id}`).

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use actix_web::{HttpRequest, HttpResponse, web};
use actix_ws::{Closed, Item, Message, MessageStream, Session};
use bytes::Bytes;
use bytestring::ByteString;
use pixels::Reduction;
use protocol::StreamName;
use serde::Serialize;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::api::not_found;
use super::socket::{self, GIVE_UP};
use crate::audience::Seat;
use crate::exact::{Asked, Compression, Encoding, Header, MAX_BYTES, Pace, View, deflate};
use crate::hub::Hub;
use crate::raw::Raw;

/// Pixels that are under way, in KiB, to all viewers together: one that stops keeps its frames alive after the ring
/// has forgotten them. Room for sixteen of the largest messages.
const IN_FLIGHT_KIB: usize = 16 * (MAX_BYTES >> 10);
/// Frames that are being reduced or packed; other viewers wait their turn, and then get the newest.
const WORKING: usize = 2;
/// Pixels given to a connection at once: it copies them.
const CHUNK_BYTES: usize = 64 << 10;
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

/// What the runner says beside the frames.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Outgoing<'a> {
    Hello {
        version: u32,
        run: &'a str,
        stream: &'a str,
    },
    Refused {
        reason: &'a str,
    },
    Waiting {
        reason: &'a str,
    },
}

impl Outgoing<'_> {
    fn pack(&self) -> ByteString {
        serde_json::to_string(self)
            .expect("plain values always serialise")
            .into()
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
        let writer = Writer {
            session: session.clone(),
            hub: &hub,
            bounds: &bounds,
            name: &name,
            desk: &desk,
            seat: audience.join(),
            compression: Compression::default(),
        };
        let read = read(reader, messages, &desk, &hub, &name);
        socket::run(session, &stop, writer.write(), read).await;
    });
    Ok(response)
}

/// The only one that sends anything but control frames: a message leaves in pieces, with nothing between them.
struct Writer<'a> {
    session: Session,
    hub: &'a Hub,
    bounds: &'a Bounds,
    name: &'a StreamName,
    desk: &'a Desk,
    seat: Seat,
    compression: Compression,
}

/// A frame that is ready to leave.
struct Ready {
    /// The how-manieth of all that came.
    number: u64,
    raw: Raw,
    reduction: Reduction,
    encoding: Encoding,
    pixels: Bytes,
    room: OwnedSemaphorePermit,
}

impl Writer<'_> {
    /// Sends the newest frame as soon as there is one that the viewer has not seen, and it has room for it.
    async fn write(mut self) -> Result<(), Closed> {
        let hello = Outgoing::Hello {
            version: 1,
            run: &self.hub.run,
            stream: self.name.as_str(),
        };
        self.say(&hello).await?;
        let mut came = self.hub.raw.came(self.name);
        // The frame sent last, and the view it was sent for.
        let mut last: Option<(u64, u64)> = None;
        let mut has_none = false;
        loop {
            let number = *came.borrow_and_update();
            self.tell_refusals().await?;
            let (is_open, view, views) = {
                let state = self.desk.state.borrow();
                (state.pace.is_open(), state.view, state.views)
            };
            if is_open && number > 0 && last != Some((number, views)) {
                let ready = self.prepare(view).await?;
                if ready.is_none() && !has_none {
                    let reason = "the newest frame is not kept: it is larger than raw_bytes leaves room for";
                    self.say(&Outgoing::Waiting { reason }).await?;
                }
                has_none = ready.is_none();
                if let Some(ready) = ready {
                    let skipped = last.map_or(0, |(last, _)| ready.number.saturating_sub(last + 1));
                    last = Some((ready.number, views));
                    self.seat.skipped(skipped);
                    self.send(ready, skipped).await?;
                    continue;
                }
                last = last.map(|(last, _)| (last, views));
            }
            let waits = self.desk.state.borrow().pace.waits(Instant::now());
            let woken = async {
                tokio::select! {
                    changed = came.changed(), if is_open => changed.map_err(|_| Closed),
                    () = self.desk.changed.notified() => Ok(()),
                }
            };
            match timeout(GIVE_UP.saturating_sub(waits.unwrap_or_default()), woken).await {
                Ok(woken) => woken?,
                // The stream is silent: this finds out whether the connection still is one.
                Err(_) if waits.is_none() => self.session.ping(b"").await?,
                Err(_) => return Err(Closed),
            }
        }
    }

    async fn say(&mut self, message: &Outgoing<'_>) -> Result<(), Closed> {
        let sent = self.session.text(message.pack());
        timeout(GIVE_UP, sent).await.unwrap_or(Err(Closed))
    }

    async fn tell_refusals(&mut self) -> Result<(), Closed> {
        loop {
            let refusal = self.desk.state.borrow_mut().refusals.pop_back();
            let Some(reason) = refusal else { return Ok(()) };
            self.say(&Outgoing::Refused { reason: &reason }).await?;
        }
    }

    /// What is now the newest frame, as this viewer wants to see it; `None` where it is not kept.
    async fn prepare(&mut self, view: View) -> Result<Option<Ready>, Closed> {
        let raw = &self.hub.raw;
        loop {
            let Some((_, first)) = raw.newest(self.name) else {
                return Ok(None);
            };
            let bytes = sent_bytes(&first, &reduction(view, &first));
            let room = self.room(bytes).await?;
            let link = self.desk.state.borrow().pace.bytes_per_s();
            let packs = view.compress && self.compression.pays(bytes, link, Instant::now());
            let is_work = packs || !reduction(view, &first).is_whole(first.format.shape);
            // Closed only with the runner.
            let _turn = match is_work {
                true => Some(self.bounds.working.acquire().await.map_err(|_| Closed)?),
                false => None,
            };
            // Waiting takes time: what is sent is the newest frame after it, if it is like the one before.
            let Some((number, raw)) = raw.newest(self.name) else {
                return Ok(None);
            };
            if (raw.format.shape, raw.format.dtype) != (first.format.shape, first.format.dtype) {
                continue;
            }
            let reduction = reduction(view, &raw);
            let (pixels, encoding) = match is_work {
                true => self.work(&raw, reduction, packs).await?,
                false => (raw.payload.clone(), Encoding::Raw),
            };
            return Ok(Some(Ready {
                number,
                raw,
                reduction,
                encoding,
                pixels,
                room,
            }));
        }
    }

    /// Room for so many bytes among those that are under way to all viewers.
    async fn room(&mut self, bytes: usize) -> Result<OwnedSemaphorePermit, Closed> {
        let kib = u32::try_from(bytes.div_ceil(1 << 10)).map_err(|_| Closed)?;
        let in_flight = self.bounds.in_flight.clone();
        if let Ok(room) = in_flight.clone().try_acquire_many_owned(kib) {
            return Ok(room);
        }
        let reason = "other viewers have so much under way at this moment that there is no room";
        self.say(&Outgoing::Waiting { reason }).await?;
        in_flight.acquire_many_owned(kib).await.map_err(|_| Closed)
    }

    /// Reduces and packs on a thread that nobody waits for.
    async fn work(
        &mut self,
        raw: &Raw,
        reduction: Reduction,
        packs: bool,
    ) -> Result<(Bytes, Encoding), Closed> {
        let raw = raw.clone();
        let work = web::block(move || {
            let (shape, dtype) = (raw.format.shape, raw.format.dtype);
            let pixels = match reduction.is_whole(shape) {
                true => raw.payload,
                false => reduction.apply(shape, dtype, &raw.payload).into(),
            };
            let begun = Instant::now();
            let packed = packs.then(|| deflate(&pixels)).flatten();
            (pixels, packed, begun.elapsed())
        });
        let (pixels, packed, took) = work.await.map_err(|_| Closed)?;
        if packs {
            let after = packed.as_ref().map_or(pixels.len(), Vec::len);
            self.compression
                .measured(pixels.len(), after, took, Instant::now());
        }
        Ok(match packed {
            Some(packed) => (packed.into(), Encoding::Deflate),
            None => (pixels, Encoding::Raw),
        })
    }

    /// One message: the header, then the pixels, of which nothing is copied here.
    async fn send(&mut self, ready: Ready, skipped: u64) -> Result<(), Closed> {
        let Ready {
            raw,
            reduction,
            encoding,
            mut pixels,
            room,
            ..
        } = ready;
        let header = Header {
            stamp: raw.stamp,
            shape: raw.format.shape,
            dtype: raw.format.dtype,
            reduction,
            encoding,
            skipped,
        };
        drop(raw);
        self.desk
            .state
            .borrow_mut()
            .pace
            .sent(header.stamp.seq, pixels.len(), Instant::now(), room);
        self.piece(Item::FirstBinary(header.pack())).await?;
        while pixels.len() > CHUNK_BYTES {
            self.piece(Item::Continue(pixels.split_to(CHUNK_BYTES))).await?;
        }
        self.piece(Item::Last(pixels)).await?;
        self.desk.state.borrow_mut().pace.left(Instant::now());
        Ok(())
    }

    async fn piece(&mut self, item: Item) -> Result<(), Closed> {
        let sent = self.session.continuation(item);
        timeout(GIVE_UP, sent).await.unwrap_or(Err(Closed))
    }
}

fn reduction(view: View, raw: &Raw) -> Reduction {
    view.reduction(raw.format.shape, raw.format.dtype)
}

/// Bytes of what is sent, before packing.
fn sent_bytes(raw: &Raw, reduction: &Reduction) -> usize {
    let format = &raw.format;
    reduction.height() * reduction.width() * format.shape.channels() * format.dtype.size()
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
