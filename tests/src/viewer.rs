//! A page's websocket.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::Value;
use socket2::{Domain, Socket, Type};
use tungstenite::{Error, Message, WebSocket};

use crate::PATIENCE;

/// How long one read may block.
const READ_TIME: Duration = Duration::from_millis(50);

/// An open websocket.
#[derive(Debug)]
pub struct Viewer {
    socket: WebSocket<TcpStream>,
    bytes: u64,
}

impl Viewer {
    /// Connects.
    ///
    /// # Panics
    /// When that fails.
    pub fn open(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).expect("connection"), address)
    }

    /// Connects with so little room for what it has not read yet that the other end soon notices.
    ///
    /// # Panics
    /// When that fails.
    pub fn with_little_room(address: SocketAddr) -> Self {
        const BYTES: usize = 4 << 10;
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None).expect("socket");
        socket.set_recv_buffer_size(BYTES).expect("buffer size");
        socket.connect(&address.into()).expect("connection");
        Self::over(socket.into(), address)
    }

    fn over(stream: TcpStream, address: SocketAddr) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).expect("timeout");
        let (socket, _) = tungstenite::client(format!("ws://{address}/ws"), stream).expect("handshake");
        socket
            .get_ref()
            .set_read_timeout(Some(READ_TIME))
            .expect("timeout");
        Self { socket, bytes: 0 }
    }

    /// The next message, unless `deadline` comes first.
    ///
    /// # Errors
    /// When the connection has ended.
    pub fn next(&mut self, deadline: Instant) -> Result<Option<Value>, String> {
        loop {
            match self.socket.read() {
                Ok(Message::Text(text)) => {
                    self.bytes += text.len() as u64;
                    let message = serde_json::from_str(&text);
                    return Ok(Some(message.unwrap_or_else(|error| panic!("{error}: {text}"))));
                }
                Ok(_) => {}
                Err(Error::Io(error))
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
                {
                    if Instant::now() >= deadline {
                        return Ok(None);
                    }
                }
                Err(error) => return Err(error.to_string()),
            }
        }
    }

    /// Bytes of the messages so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The first of the messages to come in which `look` finds something.
    ///
    /// # Panics
    /// When none comes within `patience`, or the connection ends.
    #[track_caller]
    pub fn wait_for<T>(
        &mut self,
        what: &str,
        patience: Duration,
        mut look: impl FnMut(&Value) -> Option<T>,
    ) -> T {
        let deadline = Instant::now() + patience;
        let mut last = Value::Null;
        while Instant::now() < deadline {
            match self.next(deadline) {
                Ok(Some(message)) => match look(&message) {
                    Some(found) => return found,
                    None => last = message,
                },
                Ok(None) => break,
                Err(error) => panic!("{what}: {error}"),
            }
        }
        let mut last = last.to_string();
        last.truncate(last.floor_char_boundary(500));
        panic!("{what}: not within {patience:?}; last message: {last}");
    }

    /// A notice whose text holds every one of `words`.
    #[track_caller]
    pub fn wait_for_notice(&mut self, words: &[&str]) -> Value {
        self.wait_for(&format!("a notice with {words:?}"), PATIENCE, |message| {
            let text = message["text"].as_str().unwrap_or_default();
            let is_it = message["type"] == "notice" && words.iter().all(|word| text.contains(word));
            is_it.then(|| message.clone())
        })
    }

    /// Sends text.
    ///
    /// # Panics
    /// When that fails.
    pub fn send(&mut self, text: &str) {
        self.socket.send(Message::text(text)).expect("sent");
    }
}
