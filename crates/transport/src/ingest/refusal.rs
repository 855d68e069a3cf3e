//! Why a connection was turned away.

use std::time::Duration;

/// What a peer did that ends its connection, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The first bytes are those of another protocol.
    #[error("not ZMTP: the first bytes are no ZeroMQ greeting")]
    NotZmtp,
    /// A ZeroMQ older than 4.0.
    #[error("ZMTP version {0}: expected 3 or later")]
    Version(u8),
    /// Authentication that this end does not do.
    #[error("security mechanism {0}: expected NULL")]
    Mechanism(String),
    /// A socket that does not publish.
    #[error("socket type {0}: expected PUB or XPUB")]
    SocketType(String),
    /// Connected, but did not say what it is.
    #[error("handshake not finished within {0:?}")]
    Handshake(Duration),
    /// A frame header with bits that mean nothing.
    #[error("frame flags {0:#04x}: expected a message part or a command")]
    Flags(u8),
    /// A malformed or huge command, or one in the wrong place.
    #[error("command {0}")]
    Command(String),
    /// A message that would not be held in memory.
    #[error("message of at least {got} bytes: expected at most {max}")]
    MessageSize {
        /// Bytes announced.
        got: u64,
        /// The limit.
        max: u64,
    },
    /// A message that goes on and on.
    #[error("message of more than {0} parts")]
    Parts(usize),
    /// There is no memory for the message that it announces.
    #[error("no memory for a message part of {0} bytes")]
    Memory(usize),
    /// Stopped in the middle of a message, or stopped reading what it is sent.
    #[error("no progress for {0:?}")]
    Stalled(Duration),
    /// Every place is taken by a peer that has finished its handshake.
    #[error("{0} peers are connected already")]
    TooManyPeers(usize),
    /// Its unfinished handshake made room for a newer connection.
    #[error("pushed out by newer connections before the handshake")]
    Crowded,
}

impl Refusal {
    /// A short stable label, for counters.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::NotZmtp => "not_zmtp",
            Self::Version(_) => "version",
            Self::Mechanism(_) => "mechanism",
            Self::SocketType(_) => "socket_type",
            Self::Handshake(_) => "handshake",
            Self::Flags(_) => "flags",
            Self::Command(_) => "command",
            Self::MessageSize { .. } => "message_size",
            Self::Parts(_) => "parts",
            Self::Memory(_) => "memory",
            Self::Stalled(_) => "stalled",
            Self::TooManyPeers(_) => "too_many_peers",
            Self::Crowded => "crowded",
        }
    }
}
