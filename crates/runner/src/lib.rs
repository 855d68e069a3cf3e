//! The gateway: takes frames and series from nodes, turns frames into HLS, keeps the history of series, and serves
//! both to pages. Owns the run's temp directory, the websockets and the nodes that its configuration lists.
//!
//! `ingest` never waits for anything behind it; `streams`, `series` and `notices` hold what is known; `relay` packs
//! it once for every viewer; `web` hands it out and knows neither ZeroMQ nor ffmpeg.

mod audience;
pub mod config;
mod delay;
mod describe;
mod display;
mod exact;
mod hub;
mod ingest;
mod memory;
mod nodes;
mod notices;
mod rate;
mod raw;
mod relay;
mod roi;
mod runner;
mod sequence;
mod series;
mod streams;
mod web;

pub use config::Config;
pub use runner::run;

/// The time now. The only clock that stamps what the runner itself says.
pub(crate) fn now() -> protocol::WallTime {
    std::time::SystemTime::now().into()
}
