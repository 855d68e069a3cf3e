//! A file that somebody else is still writing.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Reads a growing file; at its end, [`Tail::is_replaced`] tells whether it was truncated or rotated.
pub(super) struct Tail {
    path: PathBuf,
    file: Option<File>,
    /// Bytes read of the present file.
    position: u64,
}

impl Tail {
    /// The file need not exist yet.
    ///
    /// # Errors
    /// When it exists and cannot be opened.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = match File::open(path) {
            Ok(file) => Some(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        Ok(Self {
            path: path.to_owned(),
            file,
            position: 0,
        })
    }

    /// Whether the path now leads to another file, or to one shorter than what was read.
    pub(super) fn is_replaced(&self) -> bool {
        let Ok(at_path) = std::fs::metadata(&self.path) else {
            // Between the two steps of a rotation: what is open is still good.
            return false;
        };
        let same = |open: &Metadata| (open.dev(), open.ino()) == (at_path.dev(), at_path.ino());
        let open = self.file.as_ref().and_then(|file| file.metadata().ok());
        !open.as_ref().is_some_and(same) || at_path.len() < self.position
    }

    /// Begins anew with what is at the path, if it can be opened. What was not read of the file before is lost.
    pub(super) fn reopen(&mut self) -> bool {
        let Ok(file) = File::open(&self.path) else {
            return false;
        };
        self.file = Some(file);
        self.position = 0;
        true
    }
}

impl Read for Tail {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(file) = &mut self.file else {
            return Ok(0);
        };
        let read = file.read(buffer)?;
        self.position += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn rest(tail: &mut Tail) -> String {
        let mut text = String::new();
        tail.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn growth_truncation_and_rotation_are_followed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut tail = Tail::open(&path).unwrap();
        assert_eq!(rest(&mut tail), "");
        assert!(!tail.is_replaced() && !tail.reopen());

        fs::write(&path, "one\n").unwrap();
        assert!(tail.is_replaced() && tail.reopen());
        assert_eq!(rest(&mut tail), "one\n");
        assert!(!tail.is_replaced());

        fs::write(&path, "2\n").unwrap();
        assert!(tail.is_replaced() && tail.reopen(), "truncated");
        assert_eq!(rest(&mut tail), "2\n");

        fs::rename(&path, folder.path().join("log.1")).unwrap();
        assert!(!tail.is_replaced(), "nothing there for a moment");
        fs::write(&path, "three\n").unwrap();
        assert!(tail.is_replaced() && tail.reopen(), "another file");
        assert_eq!(rest(&mut tail), "three\n");
    }
}
