use std::path::Path;

/// Why a source gives no (more) numbers.
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
    /// A `.npy` file cannot be replayed.
    #[error(transparent)]
    Npy(#[from] npy::Error),
    /// A flag does not fit the source.
    #[error("{flag}: {reason}")]
    Flag {
        /// The flag with its dashes.
        flag: &'static str,
        /// What was expected and what came.
        reason: String,
    },
    /// The system does not say how it is.
    #[error("host: {what} cannot be read: {reason}")]
    Host {
        /// What was asked for.
        what: &'static str,
        /// The system's reason.
        reason: String,
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
}
