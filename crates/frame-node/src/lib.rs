//! `frame-node` publishes frames: synthetic movies, recordings, cameras, standard input.
//!
//! [`config`] says what to publish, [`source`] makes or reads the pictures, [`pacer`] says when, [`node`] stamps and
//! sends them. What happens to a frame after it was handed over is the business of the transport: publishing never
//! waits, so nothing behind this process can slow it. [`faults`] loses and delays frames for those who ask for it.

pub mod barcode;
pub mod buffer;
pub mod config;
pub mod faults;
pub mod node;
pub mod pacer;
pub mod reader;
pub mod source;
pub mod times;

pub use config::Config;

#[cfg(target_endian = "big")]
compile_error!("frames are little-endian on the wire and are handed over as they lie in memory");
