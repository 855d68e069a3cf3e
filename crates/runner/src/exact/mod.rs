//! The newest frame of a stream as it was captured, for viewers that draw it themselves (docs/protocol.md,
//! `/ws/raw/{id}`). Pure: what a viewer asks for, what is sent, and how much of it may be under way.

mod compression;
mod message;
mod pace;
mod view;

pub use compression::{Compression, deflate};
pub use message::{Encoding, Header};
pub use pace::Pace;
pub use view::{Asked, MAX_BYTES, View};
