//! Frame buffers that come back.
//!
//! A fresh allocation of a few MB is handed out by the kernel page by page, zeroed: about a millisecond per 1080p
//! frame. A buffer that the transport is done with serves again instead.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

/// Buffers kept for later; more are let go.
const MAX_FREE: usize = 4;

/// Free buffers of a source; cloning shares them.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    free: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Pool {
    /// A buffer of `len` bytes with arbitrary content.
    pub fn take(&self, len: usize) -> Buffer {
        let recycled = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut bytes = recycled.unwrap_or_default();
        // Nothing is written to a recycled buffer of the right size.
        bytes.resize(len, 0);
        Buffer {
            bytes,
            pool: self.clone(),
        }
    }
}

/// A buffer that goes back to its pool when dropped, also as [`Bytes`] when the last clone of them is dropped.
#[derive(Debug)]
pub struct Buffer {
    bytes: Vec<u8>,
    pool: Pool,
}

impl Buffer {
    /// The filled buffer, to share.
    pub fn freeze(self) -> Bytes {
        Bytes::from_owner(self)
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let mut free = self.pool.free.lock().unwrap_or_else(PoisonError::into_inner);
        if free.len() < MAX_FREE {
            free.push(std::mem::take(&mut self.bytes));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_comes_back_after_its_last_clone() {
        let pool = Pool::default();
        let mut buffer = pool.take(1000);
        buffer[0] = 7;
        let address = buffer.as_ptr();
        let bytes = buffer.freeze();
        let clone = bytes.clone();
        drop(bytes);
        assert_ne!(pool.take(1000).as_ptr(), address, "still shared");
        drop(clone);
        let again = [pool.take(1000), pool.take(1000)];
        assert!(again.iter().any(|buffer| buffer.as_ptr() == address));
    }

    #[test]
    fn a_recycled_buffer_has_the_length_asked_for() {
        let pool = Pool::default();
        drop(pool.take(1000));
        assert_eq!(pool.take(10).len(), 10);
        assert_eq!(pool.take(5000).len(), 5000);
    }
}
