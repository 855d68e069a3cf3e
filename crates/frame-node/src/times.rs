//! The log of `--times`: which frame was captured when.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use protocol::Stamp;

/// Writes `seq,t_ns` lines, each in one piece, so that a reader of the growing file sees whole lines.
#[derive(Debug)]
pub struct Times {
    file: Option<File>,
}

impl Times {
    /// Creates (or empties) the file and writes the heading.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn create(path: &Path) -> std::io::Result<Self> {
        let mut file = File::create(path)?;
        file.write_all(b"seq,t_ns\n")?;
        Ok(Self { file: Some(file) })
    }

    /// Adds a line. A full disk ends the log, never the stream.
    pub fn add(&mut self, stamp: Stamp) {
        let Some(file) = &mut self.file else {
            return;
        };
        let line = format!("{},{}\n", stamp.seq, stamp.t.as_ns());
        if let Err(error) = file.write_all(line.as_bytes()) {
            tracing::error!(%error, seq = stamp.seq, "--times: the file ends here");
            self.file = None;
        }
    }
}
