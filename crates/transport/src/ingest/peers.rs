//! All connections of an ingest: accepting, making room, telling the sink.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use protocol::{StreamName, codec};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::peer::{self, End};
use super::{Limits, Received, Refusal};

/// Pause after a failed accept, such as for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// At most one warning about connections per so much time.
const WARN_INTERVAL: Duration = Duration::from_secs(1);

/// What all connections share. Everything runs on one thread, and nothing is borrowed across an await.
struct Shared<S> {
    sink: RefCell<S>,
    limits: Limits,
    peers: RefCell<BTreeMap<u64, Rc<Place>>>,
    warned: Cell<Option<Instant>>,
    suppressed: Cell<u64>,
}

/// The place that a connection takes.
struct Place {
    joined: Cell<bool>,
    pushed_out: CancellationToken,
}

/// Accepts and serves connections until `stop`.
pub(super) async fn serve(
    listener: TcpListener,
    limits: Limits,
    sink: impl FnMut(Received) + 'static,
    stop: CancellationToken,
) {
    let shared = Rc::new(Shared {
        sink: RefCell::new(sink),
        limits,
        peers: RefCell::default(),
        warned: Cell::default(),
        suppressed: Cell::default(),
    });
    // Dropped at the end, and every connection with it.
    let mut tasks = JoinSet::new();
    for id in 0.. {
        let accepted = loop {
            tokio::select! {
                () = stop.cancelled() => return,
                accepted = listener.accept() => break accepted,
                Some(ended) = tasks.join_next() => if let Err(error) = ended {
                    tracing::error!(%error, "serving a connection failed");
                },
            }
        };
        match accepted {
            Ok((stream, peer)) => {
                if let Some(place) = shared.admit(id, peer) {
                    let shared = shared.clone();
                    tasks.spawn_local(async move { shared.serve(id, place, stream, peer).await });
                }
            }
            Err(error) => {
                shared.warn(|suppressed| tracing::warn!(%error, suppressed, "cannot accept a connection"));
                shared.push_out_oldest();
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

impl<S: FnMut(Received)> Shared<S> {
    /// A place for a new connection, or none.
    fn admit(&self, id: u64, peer: SocketAddr) -> Option<Rc<Place>> {
        if self.peers.borrow().len() >= self.limits.max_peers && !self.push_out_oldest() {
            let reason = Refusal::TooManyPeers(self.limits.max_peers);
            self.tell(Received::TurnedAway { peer, reason });
            return None;
        }
        let place = Rc::new(Place {
            joined: Cell::new(false),
            pushed_out: CancellationToken::new(),
        });
        self.peers.borrow_mut().insert(id, place.clone());
        Some(place)
    }

    /// Ends the oldest connection that has not finished its handshake; false if there is none.
    fn push_out_oldest(&self) -> bool {
        let mut peers = self.peers.borrow_mut();
        let oldest = peers
            .iter()
            .find(|(_, place)| !place.joined.get())
            .map(|(&id, _)| id);
        let pushed_out = oldest.and_then(|id| peers.remove(&id));
        if let Some(place) = &pushed_out {
            place.pushed_out.cancel();
        }
        pushed_out.is_some()
    }

    async fn serve(&self, id: u64, place: Rc<Place>, stream: TcpStream, peer: SocketAddr) {
        // Heartbeats are small and must not wait for company. Best effort.
        let _ = stream.set_nodelay(true);
        let joined = || {
            place.joined.set(true);
            tracing::info!(%peer, "publisher joined");
            self.tell(Received::Joined { peer });
        };
        let deliver = |parts: &[Bytes]| self.deliver(peer, parts);
        let end = tokio::select! {
            end = peer::serve(stream, &self.limits, joined, deliver) => end,
            () = place.pushed_out.cancelled() => End::Refused(Refusal::Crowded),
        };
        self.peers.borrow_mut().remove(&id);
        if let End::Refused(reason) = end {
            self.tell(Received::TurnedAway { peer, reason });
        }
        if place.joined.get() {
            tracing::info!(%peer, "publisher left");
            self.tell(Received::Left { peer });
        }
    }

    fn deliver(&self, peer: SocketAddr, parts: &[Bytes]) {
        match codec::decode(parts) {
            Ok(message) => self.tell(Received::Message(message)),
            Err(error) => {
                let stream = parts.first().and_then(|topic| stream_of(topic));
                self.tell(Received::Refused { peer, stream, error });
            }
        }
    }

    fn tell(&self, received: Received) {
        (self.sink.borrow_mut())(received);
    }

    /// Logs now, with how many were kept back, or keeps back: a flood must not fill a disk.
    fn warn(&self, log: impl FnOnce(u64)) {
        let due = self
            .warned
            .get()
            .is_none_or(|last| last.elapsed() >= WARN_INTERVAL);
        if due {
            self.warned.set(Some(Instant::now()));
            log(self.suppressed.take());
        } else {
            self.suppressed.set(self.suppressed.get() + 1);
        }
    }
}

/// The stream that a topic names, for messages whose header is in ruins.
fn stream_of(topic: &[u8]) -> Option<StreamName> {
    let (_, name) = std::str::from_utf8(topic).ok()?.split_once('/')?;
    name.parse().ok()
}
