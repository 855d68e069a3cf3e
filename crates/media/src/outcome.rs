//! How the life of an encoder ended, and what is to be said about it.

use std::process::ExitStatus;

use crate::flv;
use crate::ledger::Mismatch;

/// How a life ended.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) status: Option<ExitStatus>,
    /// Whether it gave back anything that makes sense.
    pub(crate) has_begun: bool,
    /// Segments that were listed.
    pub(crate) segments: u64,
    /// What was wrong with its output.
    pub(crate) fault: Option<String>,
    /// Last lines of standard error.
    pub(crate) last_words: Vec<String>,
}

impl Outcome {
    /// What is to be said about an end that was not asked for; `cause` is what was noticed from outside.
    pub(crate) fn reason(&self, cause: Option<String>) -> String {
        let what = self.fault.clone().or(cause).unwrap_or_else(|| match self.status {
            Some(status) => format!("ffmpeg ended: {status}"),
            None => "ffmpeg ended".into(),
        });
        match self.last_words.as_slice() {
            [] => what,
            words => format!("{what}: {}", words.join(" | ")),
        }
    }
}

/// Why the output of a life is not followed any further.
pub(crate) enum Fault {
    /// It ended too early: how ffmpeg ended says more.
    EarlyEnd(String),
    /// It is not what it should be.
    Refused(String),
}

impl From<flv::Fault> for Fault {
    fn from(fault: flv::Fault) -> Self {
        let text = format!("what ffmpeg wrote is no use: {fault}");
        match fault.is_early_end() {
            true => Self::EarlyEnd(text),
            false => Self::Refused(text),
        }
    }
}

impl From<Mismatch> for Fault {
    fn from(mismatch: Mismatch) -> Self {
        Self::Refused(format!("what ffmpeg wrote is not what it was given: {mismatch}"))
    }
}

impl From<packager::Error> for Fault {
    fn from(error: packager::Error) -> Self {
        Self::Refused(format!("what ffmpeg wrote cannot be packaged: {error}"))
    }
}
