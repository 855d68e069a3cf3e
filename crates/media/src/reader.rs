//! What comes out of an ffmpeg: finished segments into the playlist, last words into a reason.

use std::fs;
use std::io::Read;
use std::process::{ChildStderr, ChildStdout, ExitStatus};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Instant;

use crate::Phase;
use crate::ledger::Ledger;
use crate::listing::{Entry, Listing, file_name};
use crate::process::{Process, last_words};
use crate::shared::{Shared, lock};

/// An MPEG-TS packet: whatever is no multiple of it was cut short.
const TS_PACKET_BYTES: u64 = 188;

/// The books of a life, kept by those who write frames and those who read segments.
pub(crate) struct Books {
    pub(crate) ledger: Mutex<Ledger>,
    /// When the newest segment was listed, or the life began.
    pub(crate) progress: Mutex<Instant>,
}

/// How a life ended.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) status: Option<ExitStatus>,
    /// Segments that were listed.
    pub(crate) segments: u64,
    /// What was wrong with a segment.
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

/// Follows one life to its end.
pub(crate) struct Reader {
    pub(crate) shared: Arc<Shared>,
    pub(crate) process: Arc<Process>,
    pub(crate) books: Arc<Books>,
    /// Start of the names of this life's segments.
    pub(crate) stem: String,
    /// The reader of the life before: its segments come first in the playlist.
    pub(crate) previous: Option<JoinHandle<Outcome>>,
}

impl Reader {
    pub(crate) fn run(mut self, mut stdout: ChildStdout, stderr: JoinHandle<Vec<String>>) -> Outcome {
        if let Some(previous) = self.previous.take() {
            // What it had to say it has logged.
            let _ = previous.join();
        }
        let mut outcome = Outcome::default();
        let mut listing = Listing::default();
        let mut buffer = [0; 4_096];
        loop {
            match stdout.read(&mut buffer) {
                Ok(0) => break,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => break,
                Ok(length) => {
                    for entry in listing.feed(&buffer[..length], &self.stem) {
                        self.finished_segment(entry, &mut outcome);
                    }
                }
            }
        }
        outcome.status = self.process.wait();
        outcome.last_words = stderr.join().unwrap_or_default();
        self.end(&outcome, listing.listed());
        self.process.set_finished();
        self.shared.queue.wake();
        outcome
    }

    fn finished_segment(&self, entry: Entry, outcome: &mut Outcome) {
        if outcome.fault.is_some() {
            return;
        }
        // ffmpeg 5.1 does not look at what a write says: on a full disk it goes on, with exit code 0.
        let bytes = fs::metadata(self.shared.dir.join(&entry.name)).map_or(0, |file| file.len());
        if bytes == 0 || !bytes.is_multiple_of(TS_PACKET_BYTES) {
            let full = self.disk_is_full();
            let why = if full { ": No space left on device" } else { "" };
            outcome.fault = Some(format!("segment {} is cut short{why}", entry.name));
            self.process.kill();
            if full {
                self.shared.make_room();
            }
            return;
        }
        let Some(span) = lock(&self.books.ledger).take(entry.duration) else {
            tracing::debug!(stream = %self.shared.name, name = entry.name, "a segment without frames is passed over");
            return;
        };
        *lock(&self.books.progress) = Instant::now();
        tracing::trace!(stream = %self.shared.name, name = entry.name, frames = span.frames, "segment");
        self.shared.list(entry.name, &span, bytes);
        outcome.segments += 1;
        let mut status = self.shared.status_mut();
        status.listed += span.frames;
        // A life that is being ended says nothing about the one that runs.
        if status.phase == Phase::Starting && !lock(&self.books.ledger).is_closed() {
            status.phase = Phase::Running;
            status.reason = None;
        }
    }

    /// Gives the frames that are left to the last segment, or counts them as lost, and removes what is in no playlist.
    fn end(&self, outcome: &Outcome, listed: u64) {
        let mut ledger = lock(&self.books.ledger);
        let closed = ledger.is_closed();
        let well = outcome.fault.is_none() && outcome.status.is_some_and(|status| status.success());
        if closed
            && well
            && let Some((duration, frames)) = ledger.finish()
        {
            self.shared.window().set_last_duration(duration);
            self.shared.status_mut().listed += frames;
        }
        let lost = ledger.take_rest();
        drop(ledger);
        if lost > 0 {
            self.shared.status_mut().dropped_encoder += lost;
        }
        if closed && (lost > 0 || !well) {
            let reason = outcome.reason(None);
            tracing::error!(stream = %self.shared.name, lost, reason, "an encoder failed at its end");
            self.shared.status_mut().reason = Some(reason);
        }
        let mut number = listed.saturating_sub(u64::from(outcome.fault.is_some()));
        while fs::remove_file(self.shared.dir.join(file_name(&self.stem, number))).is_ok() {
            number += 1;
        }
    }

    fn disk_is_full(&self) -> bool {
        const FULL_BYTES: u64 = 1 << 20;
        rustix::fs::statvfs(&self.shared.dir)
            .is_ok_and(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) < FULL_BYTES || disk.f_favail == 0)
    }
}

/// Reads standard error on a thread of its own.
pub(crate) fn spawn_stderr(
    shared: &Arc<Shared>,
    stderr: ChildStderr,
) -> std::io::Result<JoinHandle<Vec<String>>> {
    let name = shared.name.clone();
    std::thread::Builder::new()
        .name("media-stderr".into())
        .spawn(move || {
            last_words(
                stderr,
                |line| tracing::debug!(stream = %name, line, "ffmpeg says"),
            )
        })
}
