//! streamview messages over ZeroMQ; the only crate that names it.
//!
//! A node has a [`Publisher`]: it takes frames, metrics and events without ever blocking, and keeps two connections
//! to a runner, one for frames and one for the rest, which it dials again whenever they are lost. A runner has an
//! [`Ingest`]: it listens, decodes, and hands everything to a sink that never waits.
//!
//! What a gap in the sequence numbers means, and what is done with frames, is left to the users of this crate.

mod endpoint;
mod error;
pub mod ingest;
mod link;
mod outbox;
pub mod publisher;
#[cfg(test)]
#[path = "../tests/common/messages.rs"]
#[allow(missing_docs, dead_code)]
mod testing;
mod zmtp;

pub use endpoint::Endpoint;
pub use error::Error;
pub use ingest::{Ingest, Received};
pub use publisher::Publisher;

/// How often a runner is heard from.
pub const HEARTBEAT_INTERVAL: std::time::Duration = std::time::Duration::from_millis(250);
