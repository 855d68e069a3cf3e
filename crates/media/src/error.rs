//! What can go wrong before a stream runs; what goes wrong later is in [`Status::reason`](crate::Status).

use std::io;
use std::path::PathBuf;

use crate::Version;

/// Why something of this crate could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such program.
    #[error("ffmpeg was not found at `{}`: install it (for example `apt install ffmpeg`) or name it with --ffmpeg", .0.display())]
    NotFound(PathBuf),
    /// The program did not run.
    #[error("`{}` could not be run: {source}", path.display())]
    Run {
        /// The program.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The program ran and said something else than ffmpeg does.
    #[error("`{}` did not answer `-version` as ffmpeg does: {answer}", path.display())]
    NotFfmpeg {
        /// The program.
        path: PathBuf,
        /// What came instead.
        answer: String,
    },
    /// An ffmpeg from before the options this crate uses.
    #[error("ffmpeg at `{}` is too old: needs {needs} or newer, has {has}", path.display())]
    TooOld {
        /// The program.
        path: PathBuf,
        /// Oldest version that works.
        needs: Version,
        /// Its version.
        has: Version,
    },
    /// An ffmpeg built without a part that is needed.
    #[error("ffmpeg at `{}` was built without {part}: install a full build or name one with --ffmpeg", path.display())]
    Lacks {
        /// The program.
        path: PathBuf,
        /// What is missing, such as `the encoder libx264`.
        part: &'static str,
    },
    /// A configuration value outside its limits.
    #[error("{key} is refused: expected {expected}, got {got}")]
    Config {
        /// Field of [`Config`](crate::Config), or `id` of a run directory.
        key: &'static str,
        /// What it may be.
        expected: String,
        /// What it was.
        got: String,
    },
    /// A directory or lock that could not be made.
    #[error("directory `{}` cannot be used: {source}", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No thread.
    #[error("a thread could not be started: {0}")]
    Thread(#[source] io::Error),
}
