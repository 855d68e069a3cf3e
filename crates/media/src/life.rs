//! One ffmpeg, from its first frame to the end of its input.

use std::io::{ErrorKind, IoSlice, Write};
use std::process::ChildStdin;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use protocol::{Stamp, WallTime};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::clock::Clock;
use crate::command;
use crate::ledger::{Ledger, Written};
use crate::matroska;
use crate::outcome::Outcome;
use crate::process::{Pipes, Process};
use crate::reader::{Books, Reader, spawn_stderr};
use crate::shared::{Shared, lock};
use crate::{Error, Picture};

/// How long ffmpeg may take nothing from a full pipe.
const WRITE_TIME: Duration = Duration::from_secs(3);
/// How long ffmpeg may finish no segment, in video and by the clock.
const SEGMENT_TIME: Duration = Duration::from_secs(5);
/// How often a blocked write looks whether the stream has to end.
const WRITE_POLL: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 50_000_000,
};

/// What has to stay the same within a life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Format {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// The producer's session.
    pub(crate) session: u64,
}

/// Where a life stands among the lives of its stream.
pub(crate) struct Place {
    pub(crate) number: u64,
    /// Video in the lives before.
    pub(crate) offset: Duration,
    /// The life before, if it may not be over yet.
    pub(crate) previous: Option<Ending>,
}

/// A life that takes no more frames.
pub(crate) struct Ending {
    pub(crate) process: Arc<Process>,
    pub(crate) books: Arc<Books>,
    pub(crate) reader: JoinHandle<Outcome>,
}

/// One ffmpeg that takes frames.
pub(crate) struct Life {
    shared: Arc<Shared>,
    format: Format,
    clock: Clock,
    /// How long the newest frame is shown, unless another one follows.
    period: Duration,
    /// Bytes that go before the next frame.
    header: Vec<u8>,
    stdin: ChildStdin,
    process: Arc<Process>,
    books: Arc<Books>,
    reader: JoinHandle<Outcome>,
    last_write: Instant,
}

impl Life {
    /// Starts an ffmpeg for frames of `format`, some `period` apart, the first at `epoch`.
    pub(crate) fn start(
        shared: &Arc<Shared>,
        format: Format,
        epoch: WallTime,
        period: Duration,
        place: Place,
    ) -> Result<Self, Error> {
        let stem = format!("{}_{}", shared.stem, place.number);
        let arguments = command::arguments(&shared.config, &stem, place.offset);
        std::fs::create_dir_all(&shared.dir).map_err(|source| Error::Directory {
            path: shared.dir.clone(),
            source,
        })?;
        let (process, pipes) = Process::spawn(&shared.config.ffmpeg, &shared.dir, &arguments)?;
        let process = Arc::new(process);
        let Pipes {
            stdin,
            stdout,
            stderr,
        } = pipes;
        let books = Arc::new(Books {
            ledger: Mutex::new(Ledger::new(place.offset)),
            newest_segment: Mutex::new(Instant::now()),
            turn: Mutex::default(),
        });
        let reader = Reader {
            shared: Arc::clone(shared),
            process: Arc::clone(&process),
            books: Arc::clone(&books),
            stem,
            format,
            life: place.number,
            offset: place.offset,
        };
        let previous = place.previous;
        let start_reader = || {
            let stderr = spawn_stderr(shared, stderr)?;
            std::thread::Builder::new()
                .name("media-reader".into())
                .spawn(move || reader.run(previous, stdout, stderr))
        };
        let reader = start_reader().map_err(|error| {
            process.kill();
            process.wait();
            Error::Thread(error)
        })?;
        Ok(Self {
            shared: Arc::clone(shared),
            format,
            clock: Clock::new(epoch),
            period,
            header: matroska::header(format.width, format.height, period.as_nanos() as u64),
            stdin,
            process,
            books,
            reader,
            last_write: Instant::now(),
        })
    }

    /// The presentation time of a frame, in us, if the frame continues this life.
    pub(crate) fn admit(&mut self, format: Format, t: WallTime, period: Duration) -> Option<u64> {
        if format != self.format {
            return None;
        }
        let pts_us = self.clock.pts_us(t, period)?;
        self.period = period;
        Some(pts_us)
    }

    /// Writes a picture. Blocks while ffmpeg is busy, up to [`WRITE_TIME`] without any progress, or up to the deadline
    /// of the stream's end.
    ///
    /// # Errors
    /// Why this life is over, if that is known; the frame is in the books.
    pub(crate) fn write(
        &mut self,
        picture: &Picture<'_>,
        pts_us: u64,
        stamp: Stamp,
    ) -> Result<(), Option<String>> {
        lock(&self.books.ledger).write(Written {
            stamp,
            pts_us,
            period: self.period,
        });
        self.last_write = Instant::now();
        let mut head = std::mem::take(&mut self.header);
        head.extend(matroska::cluster(
            pts_us,
            picture.y.len() + picture.u.len() + picture.v.len(),
        ));
        let mut slices = [&head, picture.y, picture.u, picture.v].map(IoSlice::new);
        let mut slices = &mut slices[..];
        let mut progress = Instant::now();
        while !slices.is_empty() {
            match self.stdin.write_vectored(slices) {
                Ok(0) => return Err(None),
                Ok(written) => {
                    IoSlice::advance_slices(&mut slices, written);
                    progress = Instant::now();
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.wait_for_room(progress)?,
                // A broken pipe: how ffmpeg ended says more.
                Err(_) => return Err(None),
            }
        }
        self.last_write = Instant::now();
        Ok(())
    }

    fn wait_for_room(&self, progress: Instant) -> Result<(), Option<String>> {
        if progress.elapsed() > WRITE_TIME {
            return Err(Some(format!(
                "ffmpeg took no frame for {} s",
                WRITE_TIME.as_secs()
            )));
        }
        if self
            .shared
            .queue
            .closed()
            .is_some_and(|deadline| Instant::now() >= deadline)
        {
            return Err(Some("ffmpeg was too slow to take the last frames".into()));
        }
        let mut room = [PollFd::new(&self.stdin, PollFlags::OUT)];
        // An error here is one of the next write too.
        let _ = poll(&mut room, Some(&WRITE_POLL));
        Ok(())
    }

    /// Why this life should be ended although it takes frames, if it should.
    pub(crate) fn stall(&self, period: Duration) -> Option<String> {
        let usual = (self.shared.config.segment.max(period)) * 3;
        let limit = usual.max(SEGMENT_TIME);
        let stalled =
            lock(&self.books.ledger).waiting() > limit && lock(&self.books.newest_segment).elapsed() > limit;
        stalled.then(|| format!("ffmpeg finished no segment in {} s of video", limit.as_secs()))
    }

    /// Whether ffmpeg ended by itself.
    pub(crate) fn is_finished(&self) -> bool {
        self.process.is_finished()
    }

    /// Video written so far.
    pub(crate) fn length(&self) -> Duration {
        self.clock.length() + self.period
    }

    /// When the newest frame was written.
    pub(crate) fn last_write(&self) -> Instant {
        self.last_write
    }

    /// Ends the input, so that ffmpeg finishes the last segment and leaves.
    pub(crate) fn close(self) -> Ending {
        lock(&self.books.ledger).close();
        self.abandon()
    }

    /// Leaves an ffmpeg that failed: its frames are lost unless they are in a segment by now.
    pub(crate) fn abandon(self) -> Ending {
        drop(self.stdin);
        Ending {
            process: self.process,
            books: self.books,
            reader: self.reader,
        }
    }
}
