//! What a viewer of exact pixels is sent.

use std::time::Instant;

use actix_web::web;
use actix_ws::{Closed, Item, Session};
use bytes::Bytes;
use pixels::Reduction;
use protocol::StreamName;
use serde::Serialize;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use super::{Bounds, Desk};
use crate::audience::Seat;
use crate::exact::{Compression, Encoding, Header, View, deflate};
use crate::hub::Hub;
use crate::raw::Raw;
use crate::relay::pack;
use crate::web::socket::GIVE_UP;

/// Pixels given to a connection at once: it copies them.
const CHUNK_BYTES: usize = 64 << 10;

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

/// The only one that sends anything but control frames: a message leaves in pieces, with nothing between them.
pub struct Writer<'a> {
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

impl<'a> Writer<'a> {
    /// For a viewer that nothing was sent to yet.
    pub fn new(
        session: Session,
        hub: &'a Hub,
        bounds: &'a Bounds,
        name: &'a StreamName,
        desk: &'a Desk,
        seat: Seat,
    ) -> Self {
        Self {
            session,
            hub,
            bounds,
            name,
            desk,
            seat,
            compression: Compression::default(),
        }
    }

    /// Sends the newest frame as soon as there is one that the viewer has not seen, and it has room for it.
    pub async fn write(mut self) -> Result<(), Closed> {
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
        let sent = self.session.text(pack(message));
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
