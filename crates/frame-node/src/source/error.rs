use std::path::Path;

/// Why a source gives no (more) pictures.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or pipe could not be read.
    #[error("{name}: {error}")]
    Io {
        /// File, or what was read.
        name: String,
        /// The system's reason.
        error: std::io::Error,
    },
    /// The content is not what it should be.
    #[error("{name}: {reason}")]
    Format {
        /// File, or what was read.
        name: String,
        /// What was expected and what came.
        reason: String,
    },
    /// A NumPy file that cannot be replayed.
    #[error(transparent)]
    Npy(#[from] npy::Error),
    /// A page of a TIFF stack is broken or of an unknown kind.
    #[error("{name}: page {page}: {reason}")]
    Page {
        /// File.
        name: String,
        /// Counted from 1.
        page: u64,
        /// What was expected and what came.
        reason: String,
    },
    /// A flag does not fit the source.
    #[error("{flag}: {reason}")]
    Flag {
        /// The flag with its dashes.
        flag: &'static str,
        /// What was expected and what came.
        reason: String,
    },
    /// ffmpeg or ffprobe could not be started.
    #[error("{program} cannot be started: {error}: install ffmpeg, or name it with --ffmpeg")]
    Start {
        /// What was to be run.
        program: String,
        /// The system's reason.
        error: std::io::Error,
    },
}

impl Error {
    pub(crate) fn io(path: &Path, error: std::io::Error) -> Self {
        Self::Io {
            name: path.display().to_string(),
            error,
        }
    }

    pub(crate) fn format(name: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Format {
            name: name.into(),
            reason: reason.into(),
        }
    }

    pub(crate) fn flag(flag: &'static str, reason: impl Into<String>) -> Self {
        Self::Flag {
            flag,
            reason: reason.into(),
        }
    }
}
