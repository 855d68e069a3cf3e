//! The receiving end: listens, keeps every peer at arm's length, and hands on what they publish.
//!
//! This end speaks ZMTP itself instead of putting a socket of the `zeromq` crate behind a filter;
//! `docs/design/001-transport.md` has the measurements and the reasons.

mod peer;
mod peers;
mod refusal;

use std::net::SocketAddr;
use std::time::Duration;

use protocol::{DecodeError, Message, StreamName};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::LocalSet;
use tokio_util::sync::CancellationToken;

pub use refusal::Refusal;

use crate::endpoint::Address;
use crate::{Endpoint, Error};

/// Where to listen and what to bear.
#[derive(Clone, Debug)]
pub struct Config {
    /// A `tcp://` endpoint; port 0 takes a free one.
    pub listen: Endpoint,
    /// What a peer may cost.
    pub limits: Limits,
}

impl Config {
    /// Listens on `listen` with the default limits.
    pub fn new(listen: impl Into<Endpoint>) -> Self {
        Self {
            listen: listen.into(),
            limits: Limits::default(),
        }
    }
}

/// What a peer may cost. Memory is bounded by `max_peers * max_message`, and only as far as peers really send.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Largest message, in bytes over all its parts; 64 MiB.
    pub max_message: usize,
    /// Most parts of a message; 16. The wire has 3, other numbers up to this are refused message by message.
    pub max_parts: usize,
    /// Most connections; 256. A node has two. When all are taken, the oldest unfinished handshake makes room.
    pub max_peers: usize,
    /// From connection to finished handshake; 5 s.
    pub handshake_timeout: Duration,
    /// Longest pause in the middle of a message, and longest time not to read a heartbeat; 30 s. Between
    /// messages a peer may be silent for ever.
    pub stall_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_message: 64 << 20,
            max_parts: 16,
            max_peers: 256,
            handshake_timeout: Duration::from_secs(5),
            stall_timeout: Duration::from_secs(30),
        }
    }
}

/// What ingest tells its sink.
#[derive(Clone, Debug, PartialEq)]
pub enum Received {
    /// A publisher finished its handshake.
    Joined {
        /// Its address.
        peer: SocketAddr,
    },
    /// A message that keeps every rule of the wire.
    Message(Message),
    /// A message that breaks a rule; its publisher stays connected.
    Refused {
        /// Who sent it.
        peer: SocketAddr,
        /// The stream that its topic names, if it names one.
        stream: Option<StreamName>,
        /// Which rule, what was expected, what came.
        error: DecodeError,
    },
    /// A connection that was ended from this side. If it had joined, [`Received::Left`] follows.
    TurnedAway {
        /// Whose.
        peer: SocketAddr,
        /// Why.
        reason: Refusal,
    },
    /// A publisher that had joined is gone.
    Left {
        /// Its address.
        peer: SocketAddr,
    },
}

/// A bound address that peers may already connect to; [`Ingest::run`] serves them.
#[derive(Debug)]
pub struct Ingest {
    listener: std::net::TcpListener,
    local_addr: SocketAddr,
    limits: Limits,
}

impl Ingest {
    /// Binds the address of `config`.
    ///
    /// # Errors
    /// [`Error::Listen`] names the address.
    pub async fn bind(config: Config) -> Result<Self, Error> {
        let Config { listen, limits } = config;
        bind(&listen)
            .await
            .map(|(listener, local_addr)| Self {
                listener,
                local_addr,
                limits,
            })
            .map_err(|source| Error::Listen {
                endpoint: listen,
                source,
            })
    }

    /// The bound address, with the port that port 0 became.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Serves peers on a thread of its own until `shutdown`, then closes every connection and the port.
    ///
    /// `sink` is called on that thread, in the order of arrival per connection. It must not block: whatever it
    /// does, every peer waits for. Dropping the future shuts down as well.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub async fn run(
        self,
        sink: impl FnMut(Received) + Send + 'static,
        shutdown: CancellationToken,
    ) -> Result<(), Error> {
        const THREAD: &str = "ingest";
        let failed = |source| Error::Thread {
            thread: THREAD,
            source,
        };
        let Self { listener, limits, .. } = self;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            // Look for bytes of other peers often: a busy one leaves a task for the next poll every slice.
            .event_interval(8)
            .build()
            .map_err(failed)?;
        let stop = shutdown.child_token();
        let _stop_when_dropped = stop.clone().drop_guard();
        let (ended, end) = oneshot::channel();
        let serve = move || {
            let result = LocalSet::new().block_on(&runtime, async {
                peers::serve(TcpListener::from_std(listener)?, limits, sink, stop).await;
                Ok(())
            });
            // Everything is closed now. Nobody is left to tell if the future was dropped.
            let _ = ended.send(result);
        };
        std::thread::Builder::new()
            .name(THREAD.into())
            .spawn(serve)
            .map_err(failed)?;
        end.await.map_err(|_| Error::Panicked)?.map_err(failed)
    }
}

async fn bind(listen: &Endpoint) -> std::io::Result<(std::net::TcpListener, SocketAddr)> {
    let Address::Tcp(host, port) = listen.address() else {
        return Err(std::io::Error::new(
            std::io::ErrorKind::Unsupported,
            "expected a tcp:// endpoint",
        ));
    };
    // The listener moves to the thread and runtime that serve it.
    let listener = TcpListener::bind((host.as_str(), *port)).await?.into_std()?;
    let local_addr = listener.local_addr()?;
    Ok((listener, local_addr))
}
