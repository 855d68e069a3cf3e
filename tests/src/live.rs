//! A viewer of every frame, docs/protocol.md `/ws/live/{id}`.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::Value;
use tungstenite::Message;

use crate::socket::Socket;

/// Bytes of a fragment's header.
const HEADER_BYTES: usize = 40;

/// An open websocket that shows one stream's frames.
#[derive(Debug)]
pub struct LiveViewer {
    socket: Socket,
}

/// What the runner sends.
#[derive(Clone, Debug)]
pub enum Live {
    /// `hello`, `start` or `missed`.
    Text(Value),
    /// A frame.
    Fragment(Fragment),
}

/// One encoded frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// Whether decoding can start here.
    pub key: bool,
    /// Encoder life.
    pub life: u32,
    /// +1 per frame.
    pub number: u64,
    /// The frame's number at its producer.
    pub seq: u64,
    /// Capture time, ns since the Unix epoch.
    pub t_ns: i64,
    /// Media time, us.
    pub media_us: u64,
    /// `moof` and `mdat`.
    pub boxes: Vec<u8>,
}

impl Fragment {
    /// Takes a binary message apart.
    ///
    /// # Panics
    /// When its header is not as documented.
    pub fn parse(message: &[u8]) -> Self {
        fn part<const N: usize>(message: &[u8], offset: usize) -> [u8; N] {
            message[offset..offset + N].try_into().expect("as many bytes")
        }
        assert_eq!(message[0], 1, "version");
        assert!(message[1] <= 1, "flags {:#x}", message[1]);
        assert_eq!(usize::from(u16::from_le_bytes(part(message, 2))), HEADER_BYTES);
        let u64_at = |offset| u64::from_le_bytes(part(message, offset));
        Self {
            key: message[1] == 1,
            life: u32::from_le_bytes(part(message, 4)),
            number: u64_at(8),
            seq: u64_at(16),
            t_ns: i64::from_le_bytes(part(message, 24)),
            media_us: u64_at(32),
            boxes: message[HEADER_BYTES..].to_vec(),
        }
    }
}

impl LiveViewer {
    /// Connects.
    ///
    /// # Panics
    /// When that fails.
    pub fn open(address: SocketAddr, stream: &str) -> Self {
        Self {
            socket: Socket::open(address, &format!("/ws/live/{stream}")),
        }
    }

    /// Connects with so little room for what it has not read yet that the other end soon notices.
    ///
    /// # Panics
    /// When that fails.
    pub fn with_little_room(address: SocketAddr, stream: &str) -> Self {
        Self {
            socket: Socket::with_little_room(address, &format!("/ws/live/{stream}")),
        }
    }

    /// The next message, unless `deadline` comes first. Acknowledges nothing.
    ///
    /// # Errors
    /// When the connection has ended.
    pub fn next(&mut self, deadline: Instant) -> Result<Option<Live>, String> {
        let message = self.socket.next(deadline)?;
        Ok(message.map(|message| match message {
            Message::Text(text) => {
                Live::Text(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")))
            }
            message => Live::Fragment(Fragment::parse(&message.into_data())),
        }))
    }

    /// Says that it has taken every fragment up to `number`.
    ///
    /// # Errors
    /// When the connection has ended.
    pub fn acknowledge(&mut self, number: u64) -> Result<(), String> {
        self.socket
            .send(&format!(r#"{{"type":"ack","number":{number}}}"#))
    }

    /// Takes what comes until `enough`, and acknowledges every fragment at once; all of it.
    ///
    /// # Panics
    /// When it is not enough within `patience`, or the connection ends.
    #[track_caller]
    pub fn take_until(
        &mut self,
        what: &str,
        patience: Duration,
        mut enough: impl FnMut(&Live) -> bool,
    ) -> Vec<Live> {
        let deadline = Instant::now() + patience;
        let mut taken = Vec::new();
        while Instant::now() < deadline {
            let message = self
                .next(deadline)
                .unwrap_or_else(|error| panic!("{what}: {error}"));
            let Some(message) = message else { break };
            if let Live::Fragment(fragment) = &message {
                self.acknowledge(fragment.number)
                    .unwrap_or_else(|error| panic!("{what}: {error}"));
            }
            let is_enough = enough(&message);
            taken.push(message);
            if is_enough {
                return taken;
            }
        }
        panic!(
            "{what}: not within {patience:?}; {} messages, last: {:?}",
            taken.len(),
            taken.last()
        );
    }

    /// Takes as many fragments, and whatever comes between.
    #[track_caller]
    pub fn take(&mut self, fragments: usize, patience: Duration) -> Vec<Live> {
        let mut count = 0;
        self.take_until(&format!("{fragments} fragments"), patience, |message| {
            count += usize::from(matches!(message, Live::Fragment(_)));
            count == fragments
        })
    }
}

/// The fragments among some messages.
pub fn fragments(messages: &[Live]) -> Vec<Fragment> {
    let fragments = messages.iter().filter_map(|message| match message {
        Live::Fragment(fragment) => Some(fragment.clone()),
        Live::Text(_) => None,
    });
    fragments.collect()
}

/// The texts of a type among some messages.
pub fn texts<'a>(messages: &'a [Live], kind: &str) -> Vec<&'a Value> {
    let texts = messages.iter().filter_map(|message| match message {
        Live::Text(text) if text["type"] == kind => Some(text),
        _ => None,
    });
    texts.collect()
}
