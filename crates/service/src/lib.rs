//! The little that every streamview process shares: logging, shutdown, exit, back-off.

pub mod backoff;
pub mod exit;
pub mod log;
pub mod shutdown;

pub use backoff::Backoff;
pub use shutdown::Shutdown;
