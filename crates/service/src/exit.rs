//! How a command-line program ends.

use std::fmt::Display;
use std::process::ExitCode;

/// The exit code of a result, 0 or 1; why it failed is said on standard error, with all causes where `E` tells them.
pub fn code<E: Display>(result: Result<(), E>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            #[allow(clippy::print_stderr, reason = "the last word of a command-line program")]
            {
                eprintln!("error: {error:#}");
            }
            ExitCode::FAILURE
        }
    }
}
