//! Real processes, end to end: what the tests beside this share.
//!
//! The tests run the binaries of this workspace, found beside the test itself; `cargo build --workspace` makes them.
//! A [`Lab`] is one test's directory and everything it starts there. Whatever a test waits for, it waits for with
//! [`wait_for`], the only place that pauses.

mod lab;
mod live;
mod low_latency;
mod peer;
mod playlist;
mod process;
mod recording;
mod runner;
mod socket;
mod viewer;
mod wait;

pub mod decoded;
pub mod http;

pub use lab::Lab;
pub use live::{Fragment, Live, LiveViewer, fragments, texts};
pub use low_latency::{LiveSegment, LowLatency, Part};
pub use peer::{Peer, greeting, header, long_header, ready};
pub use playlist::{Playlist, Video};
pub use process::{Process, Stopped, is_alive};
pub use recording::recording;
pub use runner::{Addresses, Runner};
pub use viewer::Viewer;
pub use wait::{PATIENCE, now_ns, wait_for};
