//! A hand-made peer on the ZeroMQ port (ZMTP 3.0, <https://rfc.zeromq.org/spec/23/>), for what no node ever sends.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use protocol::codec;
use serde_json::Value;

use crate::PATIENCE;

/// A ZMTP 3.0 greeting with mechanism NULL.
pub fn greeting() -> Vec<u8> {
    let mut bytes = vec![0; 64];
    bytes[0] = 0xff;
    bytes[9] = 0x7f;
    bytes[10] = 3;
    bytes[12..16].copy_from_slice(b"NULL");
    bytes
}

/// The READY command of a socket type.
pub fn ready(socket_type: &str) -> Vec<u8> {
    let mut body = b"\x05READY\x0bSocket-Type".to_vec();
    body.extend_from_slice(&(socket_type.len() as u32).to_be_bytes());
    body.extend_from_slice(socket_type.as_bytes());
    [vec![4, body.len() as u8], body].concat()
}

/// What comes before a part of `length` bytes; `more` parts may follow.
pub fn long_header(more: bool, length: u64) -> Vec<u8> {
    [&[2 | u8::from(more)][..], &length.to_be_bytes()].concat()
}

/// A message header of any keys, as MessagePack.
///
/// # Panics
/// Never: every JSON value has a form in MessagePack.
pub fn header(keys: &Value) -> Vec<u8> {
    rmp_serde::to_vec_named(keys).expect("MessagePack")
}

/// A connection that may say anything.
#[derive(Debug)]
pub struct Peer {
    stream: TcpStream,
}

impl Peer {
    /// Connects and says `bytes`.
    ///
    /// # Panics
    /// When there is no connection.
    pub fn say(address: SocketAddr, bytes: &[u8]) -> Self {
        let mut stream = TcpStream::connect(address).expect("connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("timeout");
        // The other end may hang up in the middle of it.
        let _ = stream.write_all(bytes);
        Self { stream }
    }

    /// Connects as a publisher and waits for the subscription.
    ///
    /// # Panics
    /// When the handshake fails.
    pub fn join(address: SocketAddr) -> Self {
        let mut peer = Self::say(address, &[greeting(), ready("PUB")].concat());
        // READY of an XSUB socket, then the subscription to everything.
        let mut answer = [0; 64 + 28 + 3];
        peer.stream.read_exact(&mut answer).expect("handshake");
        assert_eq!(answer[92..], [0, 1, 1], "a subscription to everything");
        peer
    }

    /// Publishes a message of any parts.
    ///
    /// # Panics
    /// When the connection was ended.
    pub fn publish_parts(&mut self, parts: &[impl AsRef<[u8]>]) {
        let mut bytes = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            bytes.extend(long_header(index + 1 < parts.len(), part.as_ref().len() as u64));
            bytes.extend_from_slice(part.as_ref());
        }
        self.stream.write_all(&bytes).expect("published");
    }

    /// Publishes a message that keeps the rules.
    pub fn publish(&mut self, message: impl Into<protocol::Message>) {
        self.publish_parts(&codec::encode(&message.into()));
    }

    /// Whether the other end hangs up, in time.
    pub fn is_hung_up_on(&mut self) -> bool {
        let mut rest = Vec::new();
        match self.stream.read_to_end(&mut rest) {
            Ok(_) => true,
            Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
        }
    }
}
