//! `metric-node` publishes series: synthetic signals, this machine, CSV, JSON lines, NumPy traces.
//!
//! [`config`] says what to publish, [`source`] makes or reads the numbers when [`schedule`] says so, [`node`] stamps
//! and sends them. Publishing never waits, so nothing behind this process can slow it.

pub mod clock;
pub mod config;
pub mod node;
pub mod refused;
pub mod schedule;
pub mod source;

pub use config::Config;
