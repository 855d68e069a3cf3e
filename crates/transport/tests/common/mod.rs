//! A runner's ingest for tests, and peers that misbehave.
#![allow(dead_code, clippy::unwrap_used)]

pub mod messages;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use protocol::Message;
use tokio_util::sync::CancellationToken;
use transport::ingest::{Config, Limits};
use transport::{Endpoint, Ingest, Publisher, Received, publisher};

/// Time that anything may take here before a test gives up.
pub const DEADLINE: Duration = Duration::from_secs(20);

pub fn any_port() -> SocketAddr {
    ([127, 0, 0, 1], 0).into()
}

/// An ingest that serves in the background.
pub struct Runner {
    pub addr: SocketAddr,
    pub received: Receiver<Received>,
    stop: CancellationToken,
    thread: Option<JoinHandle<Result<(), transport::Error>>>,
}

impl Runner {
    pub fn start() -> Self {
        Self::with(any_port(), Limits::default())
    }

    pub fn with(addr: SocketAddr, limits: Limits) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let config = Config {
            listen: addr.into(),
            limits,
        };
        let ingest = runtime.block_on(Ingest::bind(config)).unwrap();
        let addr = ingest.local_addr();
        let stop = CancellationToken::new();
        let shutdown = stop.clone();
        let (sender, received) = sync_channel(1 << 14);
        let sink = move |received| {
            let _ = sender.try_send(received);
        };
        let thread = std::thread::spawn(move || runtime.block_on(ingest.run(sink, shutdown)));
        Self {
            addr,
            received,
            stop,
            thread: Some(thread),
        }
    }

    /// The first of what comes for which `pick` returns something.
    pub fn wait_for<T>(&self, what: &str, mut pick: impl FnMut(Received) -> Option<T>) -> T {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.received.recv_timeout(left) {
                Ok(received) => {
                    if let Some(picked) = pick(received) {
                        return picked;
                    }
                }
                Err(_) => panic!("{what} did not come within {DEADLINE:?}"),
            }
        }
    }

    pub fn message(&self) -> Message {
        self.wait_for("a message", |received| match received {
            Received::Message(message) => Some(message),
            _ => None,
        })
    }

    /// Reason label of the next connection that is turned away.
    pub fn turned_away(&self) -> &'static str {
        self.wait_for("a refusal", |received| match received {
            Received::TurnedAway { reason, .. } => Some(reason.reason()),
            _ => None,
        })
    }

    /// Closes everything and returns once the port is free.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.stop.cancel();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap().unwrap();
        }
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.end();
        }
    }
}

pub fn publisher(addr: SocketAddr) -> Publisher {
    Publisher::start(publisher::Config::new(Endpoint::tcp(addr))).unwrap()
}

/// Waits until `condition` holds.
pub fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !condition() {
        assert!(
            Instant::now() < deadline,
            "{what} did not come true within {DEADLINE:?}"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A ZMTP 3.0 greeting with mechanism NULL.
pub fn greeting() -> Vec<u8> {
    let mut bytes = vec![0; 64];
    bytes[0] = 0xff;
    bytes[9] = 0x7f;
    bytes[10] = 3;
    bytes[12..16].copy_from_slice(b"NULL");
    bytes
}

/// READY of a socket type.
pub fn ready(socket_type: &str) -> Vec<u8> {
    let mut body = b"\x05READY\x0bSocket-Type".to_vec();
    body.extend_from_slice(&(socket_type.len() as u32).to_be_bytes());
    body.extend_from_slice(socket_type.as_bytes());
    let mut bytes = vec![4, body.len() as u8];
    bytes.append(&mut body);
    bytes
}

/// A frame header with an eight-byte length.
pub fn long_header(flags: u8, len: u64) -> Vec<u8> {
    let mut bytes = vec![flags | 2];
    bytes.extend_from_slice(&len.to_be_bytes());
    bytes
}

/// A message as it is on the wire.
pub fn wire(parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        bytes.extend(long_header(u8::from(index + 1 < parts.len()), part.len() as u64));
        bytes.extend_from_slice(part);
    }
    bytes
}

pub fn connect(addr: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(addr).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream
}

/// Connects and sends `bytes`; a connection that is closed meanwhile is what an attack expects.
pub fn attack(addr: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut stream = connect(addr);
    let _ = stream.write_all(bytes);
    stream
}

/// Connects as a publisher that has shaken hands.
pub fn raw_publisher(addr: SocketAddr) -> TcpStream {
    let mut stream = attack(addr, &[greeting(), ready("PUB")].concat());
    let mut answer = [0; 64 + 28 + 3];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(answer[92..], [0, 1, 1], "a subscription to everything");
    stream
}

/// Whether the other end has closed, within the deadline.
pub fn is_closed(stream: &mut TcpStream) -> bool {
    let mut rest = Vec::new();
    match stream.read_to_end(&mut rest) {
        Ok(_) => true,
        Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
    }
}
