//! Frames one after the other on a pipe, without anything between them.

use std::io::{ErrorKind, Read};

use protocol::frame::Format;

use super::{Error, Picture, Reader, check_size};
use crate::buffer::Pool;
use crate::reader::now;

/// Raw frames of one format.
pub struct Raw<R> {
    input: R,
    format: Format,
    /// Whether a frame's capture time is that of its arrival, not that of its pace.
    stamped: bool,
    frames: u64,
    pool: Pool,
}

impl<R: Read> Raw<R> {
    /// Reads frames of `format` from `input`; those without `fps` are captured when they arrive.
    ///
    /// # Errors
    /// When a frame would be too large.
    pub fn new(input: R, format: Format) -> Result<Self, Error> {
        check_size(&format, "--shape")?;
        Ok(Self {
            input,
            stamped: format.fps.is_none(),
            format,
            frames: 0,
            pool: Pool::default(),
        })
    }
}

impl<R: Read + Send> Reader for Raw<R> {
    fn read(&mut self) -> Result<Option<Picture>, Error> {
        let name = "standard input";
        let mut buffer = self.pool.take(self.format.byte_len());
        let got = fill(&mut self.input, &mut buffer).map_err(|error| Error::Io {
            name: name.to_owned(),
            error,
        })?;
        if got == 0 {
            return Ok(None);
        }
        if got < buffer.len() {
            return Err(Error::format(
                name,
                format!(
                    "ends within frame {}, after {got} of {} bytes: do --shape and --dtype fit?",
                    self.frames,
                    buffer.len()
                ),
            ));
        }
        self.frames += 1;
        Ok(Some(Picture {
            format: self.format.clone(),
            payload: buffer.freeze(),
            captured: self.stamped.then(now),
        }))
    }

    fn rewind(&mut self) -> Result<(), Error> {
        Err(Error::flag("--loop", "standard input cannot be read twice"))
    }
}

/// Reads until `buffer` is full or the input ends; returns how many bytes came.
pub(super) fn fill(input: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match input.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => (),
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use protocol::Dtype;
    use protocol::frame::Shape;

    use super::*;

    fn raw(bytes: &'static [u8]) -> Raw<&'static [u8]> {
        Raw::new(bytes, Format::new(Shape::new(1, 3, 1).unwrap(), Dtype::U8)).unwrap()
    }

    #[test]
    fn frames_follow_each_other_to_the_end() {
        let mut raw = raw(b"abcdef");
        assert_eq!(raw.read().unwrap().unwrap().payload, "abc");
        let last = raw.read().unwrap().unwrap();
        assert_eq!(last.payload, "def");
        assert!(last.captured.is_some(), "captured when it arrived");
        assert!(raw.read().unwrap().is_none());
    }

    #[test]
    fn a_short_last_frame_is_reported_after_the_whole_ones() {
        let mut raw = raw(b"abcde");
        assert!(raw.read().unwrap().is_some());
        let error = raw.read().unwrap_err().to_string();
        assert_eq!(
            error,
            "standard input: ends within frame 1, after 2 of 3 bytes: do --shape and --dtype fit?"
        );
    }

    #[test]
    fn a_frame_may_come_in_pieces() {
        let mut raw = Raw::new(b"ab".chain(&b"cd"[..]).chain(&b"ef"[..]), raw(b"").format).unwrap();
        assert_eq!(raw.read().unwrap().unwrap().payload, "abc");
        assert_eq!(raw.read().unwrap().unwrap().payload, "def");
    }
}
