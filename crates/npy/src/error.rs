//! Why a file cannot be replayed.

use std::io;
use std::path::PathBuf;

use protocol::Dtype;

/// Which file, and what is wrong with it.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}", path.display())]
pub struct Error {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub reason: Reason,
}

/// What is wrong with a file: what was expected, what came.
#[derive(Debug, thiserror::Error)]
pub enum Reason {
    /// It cannot be opened or mapped.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A directory, a pipe or a device.
    #[error("not a regular file: only those can be mapped")]
    NoFile,
    /// It does not begin as a `.npy` file does.
    #[error("no .npy file: expected it to begin with \\x93NUMPY and a version")]
    Magic,
    /// A format version of the future.
    #[error(".npy version {major}.{minor}: expected 1.0, 2.0 or 3.0")]
    Version {
        /// Major version.
        major: u8,
        /// Minor version.
        minor: u8,
    },
    /// The header does not describe an array.
    #[error("malformed .npy header: {0}")]
    Header(String),
    /// Fortran (column-major) order.
    #[error("array is in Fortran order: expected C order; save np.ascontiguousarray(a)")]
    FortranOrder,
    /// A dtype that the wire does not have.
    #[error("dtype {descr:?}{hint}: expected one of {}", Dtype::ALL.map(Dtype::name).join(", "))]
    Dtype {
        /// The header's `descr`.
        descr: String,
        /// What it means, for the frequent ones.
        hint: &'static str,
    },
    /// No axes, an empty axis, or more bytes than the machine can address.
    #[error("array of shape {0:?}: expected at least one axis, and every axis 1 or longer")]
    Shape(Vec<usize>),
    /// The file ends before the array does.
    #[error(
        "data has {got} bytes: expected {expected} for shape {shape:?} of {dtype}; the file is truncated"
    )]
    Truncated {
        /// Bytes that shape and dtype ask for.
        expected: usize,
        /// Bytes that are there.
        got: usize,
        /// Announced shape.
        shape: Vec<usize>,
        /// Announced dtype.
        dtype: Dtype,
    },
}
