//! One connection to the runner, on a thread of its own: dialed, watched, dialed again.
//!
//! An XPUB socket of the `zeromq` crate: its `send` writes in this task, so nothing piles up behind a slow runner.
//! The socket never dials twice, and reports a lost connection as success. So the runner sends a heartbeat
//! upstream, and a socket on which none comes is given up for a new one.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bytes::Bytes;
use protocol::codec;
use service::Backoff;
use tokio::sync::watch;
use tokio::time::{sleep, sleep_until, timeout};
use zeromq::{Socket, SocketOptions, SocketRecv, SocketSend, XPubSocket, ZmqMessage};

use crate::outbox::Outbox;
use crate::{Endpoint, Error, HEARTBEAT_INTERVAL};

/// A runner not heard for so long is gone.
const SILENCE: Duration = Duration::from_millis(1000);

/// Longest wait for a connection and its handshake.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// Shortest and longest pause between two attempts.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(500)];

/// What one connection has sent and suffered. Read from anywhere.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    sent: AtomicU64,
    cut_off: AtomicU64,
    reconnects: AtomicU64,
    connecting: AtomicBool,
}

impl Counters {
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    pub(crate) fn cut_off(&self) -> u64 {
        self.cut_off.load(Ordering::Relaxed)
    }

    pub(crate) fn reconnects(&self) -> u64 {
        self.reconnects.load(Ordering::Relaxed)
    }

    pub(crate) fn is_connecting(&self) -> bool {
        self.connecting.load(Ordering::Relaxed)
    }
}

/// When the runner was last heard, on any connection.
///
/// A socket cannot be read while it sends, and a large frame on a slow network takes longer than [`SILENCE`]. So
/// whether the runner is alive meanwhile is for the other connection to say.
#[derive(Debug, Default)]
pub(crate) struct Runner {
    heard: Mutex<Option<Instant>>,
}

impl Runner {
    fn hear(&self) -> Instant {
        let now = Instant::now();
        self.heard
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .replace(now);
        now
    }

    fn is_silent(&self) -> bool {
        let heard = *self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.is_none_or(|heard| heard.elapsed() > SILENCE)
    }
}

/// The request to end, with the time that is left for it.
#[derive(Clone, Debug)]
pub(crate) struct Closing(watch::Receiver<Option<Instant>>);

impl Closing {
    pub(crate) fn new(deadline: watch::Receiver<Option<Instant>>) -> Self {
        Self(deadline)
    }

    fn is_requested(&self) -> bool {
        self.0.borrow().is_some()
    }

    async fn requested(&self) -> Instant {
        match self.0.clone().wait_for(Option::is_some).await {
            Ok(deadline) => deadline.unwrap_or_else(Instant::now),
            // The publisher is gone without a word.
            Err(_) => Instant::now(),
        }
    }

    async fn expired(&self) {
        sleep_until(self.requested().await.into()).await;
    }
}

/// When a link dials first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dial {
    /// When it starts.
    AtOnce,
    /// When there is something to send: a node without frames has no connection for frames.
    AtFirstMessage,
}

/// Why a connection ended.
enum End {
    /// As asked.
    Closed,
    /// By itself.
    Lost(String),
}

/// A connection and what it needs.
pub(crate) struct Link {
    pub(crate) name: &'static str,
    pub(crate) endpoint: Endpoint,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) runner: Arc<Runner>,
    pub(crate) dial: Dial,
    pub(crate) closing: Closing,
}

impl Link {
    /// Starts the thread, which ends when `closing` says so.
    pub(crate) fn spawn(self) -> Result<JoinHandle<()>, Error> {
        let thread = self.name;
        let failed = |source| Error::Thread { thread, source };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(failed)?;
        self.counters
            .connecting
            .store(self.dial == Dial::AtOnce, Ordering::Relaxed);
        std::thread::Builder::new()
            .name(thread.into())
            .spawn(move || {
                runtime.block_on(self.run());
                // A name look-up may still be under way, and is not waited for.
                runtime.shutdown_background();
            })
            .map_err(failed)
    }

    async fn run(self) {
        if self.dial == Dial::AtFirstMessage {
            tokio::select! {
                () = self.outbox.filled() => {}
                _ = self.closing.requested() => if self.outbox.is_empty() { return },
            }
        }
        let mut backoff = Backoff::new(PAUSES[0], PAUSES[1]);
        let mut reported_down = false;
        for attempt in 0_u64.. {
            self.counters.connecting.store(true, Ordering::Relaxed);
            let end = match self.connect(attempt == 0).await {
                Ok(socket) => self.serve(socket, &mut backoff, &mut reported_down).await,
                Err(end) => end,
            };
            let End::Lost(reason) = end else { return };
            if reported_down {
                tracing::debug!(endpoint = %self.endpoint, connection = self.name, reason, "still no runner");
            } else {
                reported_down = true;
                tracing::warn!(endpoint = %self.endpoint, connection = self.name, reason, "no runner, dialing on");
            }
            tokio::select! {
                () = sleep(backoff.pause()) => {}
                _ = self.closing.requested() => return,
            }
        }
    }

    /// A socket that has shaken hands.
    async fn connect(&self, first: bool) -> Result<XPubSocket, End> {
        let mut options = SocketOptions::default();
        options.connect_timeout(CONNECT_TIMEOUT);
        let mut socket = XPubSocket::with_options(options);
        let endpoint = self.endpoint.to_string();
        let connected = tokio::select! {
            connected = timeout(CONNECT_TIMEOUT, socket.connect(&endpoint)) => connected,
            () = self.closing.expired() => return Err(End::Closed),
            _ = self.closing.requested(), if !first => return Err(End::Closed),
        };
        match connected {
            Ok(Ok(())) => Ok(socket),
            Ok(Err(error)) => Err(End::Lost(error.to_string())),
            Err(_) => Err(End::Lost(format!("no handshake within {CONNECT_TIMEOUT:?}"))),
        }
    }

    /// Sends what is put into the outbox until the runner is lost, or closing is done.
    async fn serve(&self, mut socket: XPubSocket, backoff: &mut Backoff, reported_down: &mut bool) -> End {
        let mut subscribed = false;
        let mut heard = Instant::now();
        let mut emptied = None;
        loop {
            if self.closing.is_requested() && self.outbox.is_empty() {
                // The kernel still has to deliver what it was handed, and a socket closed with something unread
                // in it throws that away. A heartbeat after the last message means there was time enough.
                let emptied = *emptied.get_or_insert_with(Instant::now);
                if heard > emptied {
                    return End::Closed;
                }
            }
            tokio::select! {
                biased;
                received = socket.recv() => match received {
                    Ok(message) => {
                        heard = self.runner.hear();
                        if !subscribed && is_subscription(&message) {
                            subscribed = true;
                            *reported_down = false;
                            backoff.reset();
                            self.counters.connecting.store(false, Ordering::Relaxed);
                            tracing::info!(endpoint = %self.endpoint, connection = self.name, "runner is subscribed");
                        }
                    }
                    Err(error) => return self.lost(error.to_string()),
                },
                () = self.closing.expired() => return End::Closed,
                message = self.outbox.take(), if subscribed => {
                    if let Err(end) = self.send(&mut socket, codec::encode(&message)).await {
                        self.counters.cut_off.fetch_add(1, Ordering::Relaxed);
                        return end;
                    }
                    self.counters.sent.fetch_add(1, Ordering::Relaxed);
                }
                () = sleep_until((heard + SILENCE).into()) => {
                    return self.lost(format!("not heard for {SILENCE:?}"));
                }
                _ = self.closing.requested(), if !self.closing.is_requested() => {}
            }
        }
    }

    /// Sends one message, for as long as the runner lives.
    async fn send(&self, socket: &mut XPubSocket, parts: codec::Parts) -> Result<(), End> {
        let Ok(message) = ZmqMessage::try_from(Vec::<Bytes>::from(parts)) else {
            unreachable!("a message has three parts");
        };
        let mut sending = pin!(socket.send(message));
        loop {
            tokio::select! {
                sent = &mut sending => return sent.map_err(|error| self.lost(error.to_string())),
                () = self.closing.expired() => return Err(End::Closed),
                () = sleep(HEARTBEAT_INTERVAL) => if self.runner.is_silent() {
                    return Err(self.lost(format!("not heard for {SILENCE:?} while sending")));
                },
            }
        }
    }

    fn lost(&self, reason: String) -> End {
        self.counters.reconnects.fetch_add(1, Ordering::Relaxed);
        End::Lost(reason)
    }
}

fn is_subscription(message: &ZmqMessage) -> bool {
    message.len() == 1 && message.get(0).is_some_and(|part| part.first() == Some(&1))
}
