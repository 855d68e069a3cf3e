//! Lines of bounded length from anything that is read.

use std::io::{self, Read};

/// What the next read gave.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// A line without its end.
    Whole(&'a [u8]),
    /// A line longer than [`Lines::MAX_BYTES`], thrown away.
    TooLong,
    /// Nothing more now: the end, or the end so far.
    End,
}

/// Splits what `reader` gives at `\n`, with or without `\r`.
pub(super) struct Lines<R> {
    reader: R,
    buffer: Vec<u8>,
    /// The bytes of `buffer` that were read and not yet handed out.
    start: usize,
    end: usize,
    /// Bytes of these that hold no line end.
    searched: usize,
    /// The rest of a line that is too long is being skipped.
    skipping: bool,
    /// Lines begun so far.
    number: u64,
}

impl<R: Read> Lines<R> {
    /// Longest line: what the wire allows a message of values.
    pub(super) const MAX_BYTES: usize = 1 << 20;

    pub(super) fn new(reader: R) -> Self {
        Self {
            reader,
            buffer: vec![0; 1 << 16],
            start: 0,
            end: 0,
            searched: 0,
            skipping: false,
            number: 0,
        }
    }

    /// Number of the line handed out last, counted from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Where the bytes come from.
    pub(super) fn reader_mut(&mut self) -> &mut R {
        &mut self.reader
    }

    /// Forgets what was read: the input begins anew.
    pub(super) fn restart(&mut self) {
        (self.start, self.end, self.searched) = (0, 0, 0);
        self.skipping = false;
        self.number = 0;
    }

    /// The next line that is complete. May block.
    ///
    /// # Errors
    /// Those of the reader, but for interruptions.
    pub(super) fn next(&mut self) -> io::Result<Line<'_>> {
        loop {
            let fresh = &self.buffer[self.start + self.searched..self.end];
            if let Some(found) = fresh.iter().position(|&byte| byte == b'\n') {
                let line = self.start..self.start + self.searched + found;
                self.start = line.end + 1;
                self.searched = 0;
                self.number += 1;
                if std::mem::take(&mut self.skipping) || line.len() > Self::MAX_BYTES {
                    return Ok(Line::TooLong);
                }
                return Ok(Line::Whole(trim_end(&self.buffer[line])));
            }
            self.searched = self.end - self.start;
            if self.searched > Self::MAX_BYTES {
                (self.start, self.end, self.searched) = (0, 0, 0);
                self.skipping = true;
            }
            if self.fill()? == 0 {
                return Ok(Line::End);
            }
        }
    }

    /// What follows the last line end, as a line; for input that is over.
    pub(super) fn last(&mut self) -> Line<'_> {
        let line = std::mem::replace(&mut self.start, self.end)..self.end;
        self.searched = 0;
        if line.is_empty() && !self.skipping {
            return Line::End;
        }
        self.number += 1;
        if std::mem::take(&mut self.skipping) {
            return Line::TooLong;
        }
        Line::Whole(trim_end(&self.buffer[line]))
    }

    fn fill(&mut self) -> io::Result<usize> {
        if self.end == self.buffer.len() {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            if self.end == self.buffer.len() {
                self.buffer.resize(self.buffer.len() * 2, 0);
            }
        }
        loop {
            match self.reader.read(&mut self.buffer[self.end..]) {
                Ok(read) => {
                    self.end += read;
                    return Ok(read);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

fn trim_end(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Vec<String> {
        let mut lines = Lines::new(bytes);
        let show = |line: Line<'_>| match line {
            Line::Whole(line) => Some(String::from_utf8_lossy(line).into_owned()),
            Line::TooLong => Some("<too long>".into()),
            Line::End => None,
        };
        let mut out = Vec::new();
        while let Some(line) = show(lines.next().unwrap()) {
            out.push(line);
        }
        out.extend(show(lines.last()));
        assert_eq!(show(lines.last()), None);
        assert_eq!(lines.number(), out.len() as u64);
        out
    }

    #[test]
    fn lines_end_with_or_without_carriage_return_and_the_last_needs_no_end() {
        assert_eq!(all(b"a\nb\r\n\nc"), ["a", "b", "", "c"]);
        assert_eq!(all(b"a\n"), ["a"]);
        assert!(all(b"").is_empty());
    }

    #[test]
    fn a_line_of_the_greatest_length_is_whole_and_a_longer_one_is_skipped() {
        let longest = "x".repeat(Lines::<&[u8]>::MAX_BYTES);
        assert_eq!(all(format!("{longest}\nb").as_bytes()), [longest.as_str(), "b"]);
        assert_eq!(
            all(format!("a\n{longest}x\nb\n").as_bytes()),
            ["a", "<too long>", "b"]
        );
        assert_eq!(
            all(format!("a\n{longest}{longest}{longest}").as_bytes()),
            ["a", "<too long>"]
        );
    }

    #[test]
    fn an_endless_line_takes_bounded_memory() {
        let mut lines = Lines::new(io::repeat(b'x').take(64 << 20));
        assert_eq!(lines.next().unwrap(), Line::End);
        assert!(lines.buffer.len() <= 4 << 20, "{} bytes", lines.buffer.len());
    }

    #[test]
    fn a_line_that_comes_in_pieces_is_handed_out_once_it_is_complete() {
        struct Pieces(Vec<&'static [u8]>);
        impl Read for Pieces {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                if self.0.is_empty() {
                    Ok(0)
                } else {
                    self.0.remove(0).read(buffer)
                }
            }
        }
        let mut lines = Lines::new(Pieces(vec![b"ab", b"", b"c\nd", b"", b"\n"]));
        assert_eq!(lines.next().unwrap(), Line::End);
        assert_eq!(lines.next().unwrap(), Line::Whole(b"abc"));
        assert_eq!(lines.next().unwrap(), Line::End);
        assert_eq!(lines.next().unwrap(), Line::Whole(b"d"));
    }
}
