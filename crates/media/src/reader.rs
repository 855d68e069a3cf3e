//! What comes out of an ffmpeg: frames to the packager, finished segments into the playlist, last words into a reason.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{ChildStderr, ChildStdout};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use packager::{AccessUnit, MediaTime, Start};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::Phase;
use crate::command::{playlist_name, segment_name};
use crate::flv::{Demuxer, Item, Unit};
use crate::ledger::{Ledger, Span};
use crate::life::{Ending, Format};
use crate::outcome::{Fault, Outcome};
use crate::process::{Process, last_words};
use crate::shared::{Shared, lock};

/// How long the life before may give nothing while this one has something to show.
const HAND_OVER_TIME: Duration = Duration::from_millis(500);
/// How often the life before is looked at.
const TURN_POLL: Duration = Duration::from_millis(2);
/// Bytes read at a time.
const READ_BYTES: usize = 64 << 10;
/// What a unit may have beyond its pixels: parameter sets, and the encoder's words about itself.
const MIN_UNIT_BYTES: usize = 64 << 10;
/// An MPEG-TS packet: whatever is no multiple of it was cut short.
const TS_PACKET_BYTES: u64 = 188;

/// The books of a life, kept by those who write frames and those who read what became of them.
pub(crate) struct Books {
    pub(crate) ledger: Mutex<Ledger>,
    /// When the newest segment was listed, or the life began.
    pub(crate) newest_segment: Mutex<Instant>,
    pub(crate) turn: Mutex<Turn>,
}

/// Lives publish one after the other.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Turn {
    /// The life before is not done.
    #[default]
    Waits,
    /// Nothing came since then.
    SilentSince(Instant),
    /// All that will ever come is out.
    Over,
}

impl Books {
    fn turn(&self) -> Turn {
        *lock(&self.turn)
    }

    fn set_turn(&self, turn: Turn) {
        *lock(&self.turn) = turn;
    }
}

/// Follows one life to its end.
pub(crate) struct Reader {
    pub(crate) shared: Arc<Shared>,
    pub(crate) process: Arc<Process>,
    pub(crate) books: Arc<Books>,
    /// Start of the names of this life's files.
    pub(crate) stem: String,
    pub(crate) format: Format,
    /// Number of the life, and video in the lives before.
    pub(crate) life: u64,
    pub(crate) offset: Duration,
}

impl Reader {
    /// `previous` comes first, in the playlist and for live viewers.
    pub(crate) fn run(
        self,
        previous: Option<Ending>,
        stdout: ChildStdout,
        stderr: JoinHandle<Vec<String>>,
    ) -> Outcome {
        let previous = previous.map(|previous| self.wait_for_turn(previous, &stdout));
        self.books.set_turn(Turn::SilentSince(Instant::now()));
        let mut outcome = Outcome::default();
        let stdout = BufReader::with_capacity(READ_BYTES, stdout);
        let mut demuxer = Demuxer::new(stdout, self.max_unit_bytes());
        let end = self.follow(&mut demuxer, &mut outcome);
        if outcome.has_begun {
            let end_us = lock(&self.books.ledger).end_us();
            self.shared.packager.end(self.media(end_us));
        }
        self.books.set_turn(Turn::Over);
        if let Err(Fault::Refused(what)) = &end {
            outcome.fault = Some(what.clone());
            self.process.kill();
        }
        outcome.status = self.process.wait();
        if let Err(Fault::EarlyEnd(what)) = end
            && outcome.status.is_some_and(|status| status.success())
        {
            outcome.fault = Some(what);
        }
        outcome.last_words = stderr.join().unwrap_or_default();
        self.end(&outcome);
        if let Some(previous) = previous {
            // What it had to say it has logged.
            let _ = previous.join();
        }
        self.process.set_finished();
        self.shared.queue.wake();
        outcome
    }

    /// Waits until everything of the life before is out. As long as frames come a live viewer sees them; but once this
    /// life has something to show, one that gives nothing for [`HAND_OVER_TIME`] is killed.
    fn wait_for_turn(&self, previous: Ending, stdout: &ChildStdout) -> JoinHandle<Outcome> {
        let mut readable_since = None;
        let mut killed = false;
        while !previous.reader.is_finished() {
            if readable_since.is_none() && is_readable(stdout) {
                readable_since = Some(Instant::now());
            }
            let is_late = |since: Instant| since.elapsed() > HAND_OVER_TIME;
            match previous.books.turn() {
                Turn::Over => break,
                Turn::SilentSince(since)
                    if !killed && is_late(since) && readable_since.is_some_and(is_late) =>
                {
                    tracing::warn!(stream = %self.shared.name, "an encoder is killed: the next one waits for it");
                    previous.process.kill();
                    killed = true;
                }
                Turn::SilentSince(_) | Turn::Waits => {}
            }
            std::thread::sleep(TURN_POLL);
        }
        previous.reader
    }

    /// Until the end of the sequence.
    fn follow(&self, demuxer: &mut Demuxer<impl BufRead>, outcome: &mut Outcome) -> Result<(), Fault> {
        loop {
            match demuxer.next()? {
                Item::Config(avcc) => {
                    self.shared.packager.begin(Start {
                        life: self.life,
                        session: self.format.session,
                        width: self.format.width,
                        height: self.format.height,
                        avcc,
                    })?;
                    outcome.has_begun = true;
                }
                Item::Unit(unit) => {
                    if let Some(span) = self.publish(unit)? {
                        self.list(&span, outcome)?;
                    }
                }
                // The segments are written first.
                Item::End => {
                    let last = lock(&self.books.ledger).finish();
                    return last.map_or(Ok(()), |span| self.list(&span, outcome));
                }
            }
        }
    }

    /// Hands a frame to live viewers; the segment that it ended.
    fn publish(&self, unit: Unit) -> Result<Option<Span>, Fault> {
        let (frame, finished) = lock(&self.books.ledger).take(unit.time_ms, unit.key)?;
        self.shared.packager.push(AccessUnit {
            stamp: frame.stamp,
            media: self.media(frame.pts_us),
            period: frame.period,
            key: unit.key,
            data: unit.data,
        })?;
        self.books.set_turn(Turn::SilentSince(Instant::now()));
        let mut status = self.shared.status_mut();
        status.published += 1;
        // A life that is being ended says nothing about the one that runs.
        if status.phase == Phase::Starting && !lock(&self.books.ledger).is_closed() {
            status.phase = Phase::Running;
        }
        Ok(finished)
    }

    /// Puts the next segment of this life, which holds `span`, into the playlist.
    fn list(&self, span: &Span, outcome: &mut Outcome) -> Result<(), Fault> {
        let name = segment_name(&self.stem, outcome.segments);
        // ffmpeg 5.1 does not look at what a write says: on a full disk it goes on, with exit code 0.
        let bytes = fs::metadata(self.shared.dir.join(&name)).map_or(0, |file| file.len());
        if bytes == 0 || !bytes.is_multiple_of(TS_PACKET_BYTES) {
            let full = self.disk_is_full();
            if full {
                self.shared.make_room();
            }
            let why = if full { ": No space left on device" } else { "" };
            return Err(Fault::Refused(format!("segment {name} is cut short{why}")));
        }
        tracing::trace!(stream = %self.shared.name, name, frames = span.frames, "segment");
        self.shared.list(name, span, bytes, outcome.segments == 0);
        outcome.segments += 1;
        *lock(&self.books.newest_segment) = Instant::now();
        let mut status = self.shared.status_mut();
        status.listed += span.frames;
        if status.phase == Phase::Running && !lock(&self.books.ledger).is_closed() {
            status.reason = None;
        }
        Ok(())
    }

    /// Counts what is in no segment as lost, and removes what is in no playlist.
    fn end(&self, outcome: &Outcome) {
        let file = |name: String| self.shared.dir.join(name);
        let playlist = playlist_name(&self.stem);
        // ffmpeg writes it under the second name first. Neither need be there.
        for name in [format!("{playlist}.tmp"), playlist] {
            let _ = fs::remove_file(file(name));
        }
        let mut number = outcome.segments;
        while fs::remove_file(file(segment_name(&self.stem, number))).is_ok() {
            number += 1;
        }
        let mut ledger = lock(&self.books.ledger);
        let (closed, lost) = (ledger.is_closed(), ledger.take_rest());
        drop(ledger);
        let well = outcome.fault.is_none() && outcome.status.is_some_and(|status| status.success());
        let mut status = self.shared.status_mut();
        status.dropped_encoder += lost;
        if closed && (lost > 0 || !well) {
            let reason = outcome.reason(None);
            tracing::error!(stream = %self.shared.name, lost, reason, "an encoder failed at its end");
            status.reason = Some(reason);
        }
    }

    /// Media time of what is shown `us` after the start of this life.
    fn media(&self, us: u64) -> MediaTime {
        MediaTime::from_us(self.offset.as_micros() as u64 + us)
    }

    /// A coded picture may be somewhat larger than the raw one.
    fn max_unit_bytes(&self) -> usize {
        self.format.width as usize * self.format.height as usize * 3 + MIN_UNIT_BYTES
    }

    fn disk_is_full(&self) -> bool {
        const FULL_BYTES: u64 = 1 << 20;
        rustix::fs::statvfs(&self.shared.dir)
            .is_ok_and(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) < FULL_BYTES || disk.f_favail == 0)
    }
}

/// Whether a read would not wait.
fn is_readable(stdout: &ChildStdout) -> bool {
    let mut ready = [PollFd::new(stdout, PollFlags::IN)];
    poll(&mut ready, Some(&Timespec::default())).is_ok_and(|count| count > 0)
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
