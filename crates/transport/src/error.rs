//! What can go wrong before anything flows. Afterwards nothing does: links redial, bad peers are turned away.

use std::io;

use crate::Endpoint;

/// Why a publisher or an ingest could not be started.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not an address.
    #[error(
        "endpoint {text:?}: {problem}: expected tcp://host:port or ipc:///path, such as tcp://127.0.0.1:5555"
    )]
    Endpoint {
        /// What was given.
        text: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The address cannot be bound.
    #[error("cannot listen on {endpoint}: {}", source.kind())]
    Listen {
        /// Where.
        endpoint: Endpoint,
        /// Why not.
        source: io::Error,
    },
    /// No thread or no event loop for it.
    #[error("cannot start thread {thread:?}: {source}")]
    Thread {
        /// Its name.
        thread: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// The ingest thread ended by itself, which is a defect of it or of the sink.
    #[error("the ingest thread panicked")]
    Panicked,
}
