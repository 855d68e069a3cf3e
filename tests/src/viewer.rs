//! A page's websocket.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::Value;
use tungstenite::Message;

use crate::PATIENCE;
use crate::socket::Socket;

const PATH: &str = "/ws";

/// An open websocket.
#[derive(Debug)]
pub struct Viewer {
    socket: Socket,
    bytes: u64,
}

impl Viewer {
    /// Connects.
    ///
    /// # Panics
    /// When that fails.
    pub fn open(address: SocketAddr) -> Self {
        Self {
            socket: Socket::open(address, PATH),
            bytes: 0,
        }
    }

    /// Connects with so little room for what it has not read yet that the other end soon notices.
    ///
    /// # Panics
    /// When that fails.
    pub fn with_little_room(address: SocketAddr) -> Self {
        Self {
            socket: Socket::with_little_room(address, PATH),
            bytes: 0,
        }
    }

    /// The next message, unless `deadline` comes first.
    ///
    /// # Errors
    /// When the connection has ended.
    pub fn next(&mut self, deadline: Instant) -> Result<Option<Value>, String> {
        let Some(message) = self.socket.next(deadline)? else {
            return Ok(None);
        };
        let Message::Text(text) = message else {
            panic!("text was expected: {message:?}");
        };
        self.bytes += text.len() as u64;
        Ok(Some(
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")),
        ))
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
        self.socket.send(text).expect("sent");
    }
}
