//! Keeps an encoder alive while frames come: starts it, feeds it, ends it, restarts it, says why.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use protocol::Frame;
use service::Backoff;

use crate::clock::Pace;
use crate::life::{Ending, Format, Life, Place};
use crate::outcome::Outcome;
use crate::process::Process;
use crate::queue::Popped;
use crate::shared::Shared;
use crate::{Display, Phase, Picture, probe};

/// How long an ffmpeg may take to finish its last segment.
const DRAIN_TIME: Duration = Duration::from_secs(3);
/// How long a killed ffmpeg may take to be gone.
const KILL_TIME: Duration = Duration::from_secs(2);
/// How long an ffmpeg that closed its input may take to say why.
const LAST_WORDS_TIME: Duration = Duration::from_millis(500);
/// How often an ending life is looked at.
const END_POLL: Duration = Duration::from_millis(2);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

pub(crate) struct Supervisor {
    shared: Arc<Shared>,
    life: Option<Life>,
    /// How many lives there were.
    lives: u64,
    /// Video in the lives that are over.
    length: Duration,
    /// Lives whose input has ended, and when they have to be over.
    draining: Vec<(Arc<Process>, Instant)>,
    /// The youngest of them.
    previous: Option<Ending>,
    pace: Pace,
    backoff: Backoff,
}

impl Supervisor {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            life: None,
            lives: 0,
            length: Duration::ZERO,
            draining: Vec::new(),
            previous: None,
            pace: Pace::default(),
            backoff: Backoff::new(FIRST_PAUSE, LONGEST_PAUSE),
        }
    }

    /// Until the queue is closed and everything in it is encoded.
    pub(crate) fn run(mut self, mut display: impl Display) {
        loop {
            match self.shared.queue.pop(self.next_deadline()) {
                Popped::Item(_) if self.is_out_of_time() => self.shared.status_mut().dropped_encoder += 1,
                Popped::Item(frame) => {
                    let picture = display.picture(&frame);
                    self.encode(&frame, &picture);
                }
                Popped::Woken | Popped::TimedOut => {}
                Popped::Closed => break,
            }
            self.end_overdue();
            self.check();
        }
        self.finish();
    }

    fn is_out_of_time(&self) -> bool {
        self.shared
            .queue
            .closed()
            .is_some_and(|deadline| Instant::now() >= deadline)
    }

    fn next_deadline(&self) -> Option<Instant> {
        let silence = self
            .life
            .as_ref()
            .map(|life| life.last_write() + self.pace.silence());
        let drained = self.draining.iter().map(|(_, deadline)| *deadline);
        drained.chain(silence).min()
    }

    fn encode(&mut self, frame: &Frame, picture: &Picture<'_>) {
        if let Some(fault) = picture.fault() {
            tracing::error!(stream = %self.shared.name, fault, "a frame is lost");
            let mut status = self.shared.status_mut();
            status.dropped_encoder += 1;
            status.reason = Some(fault);
            return;
        }
        let t = frame.stamp.t;
        self.pace.observe(t, frame.format.fps);
        let period = self.pace.period();
        let format = Format {
            width: picture.width,
            height: picture.height,
            session: frame.stamp.session,
        };
        let admitted = self.life.as_mut().and_then(|life| life.admit(format, t, period));
        let pts_us = match admitted {
            Some(pts_us) => pts_us,
            None => {
                self.retire();
                let place = Place {
                    number: self.lives,
                    offset: self.length,
                    previous: self.previous.take(),
                };
                match Life::start(&self.shared, format, t, period, place) {
                    Ok(mut life) => {
                        tracing::debug!(stream = %self.shared.name, life = self.lives, ?format, "encoder started");
                        self.lives += 1;
                        let pts_us = life.admit(format, t, period).unwrap_or(0);
                        self.life = Some(life);
                        self.shared.status_mut().phase = Phase::Starting;
                        pts_us
                    }
                    Err(error) => {
                        self.shared.status_mut().dropped_encoder += 1;
                        return self.back_off(error.to_string());
                    }
                }
            }
        };
        let Some(life) = &mut self.life else { return };
        match life.write(picture, pts_us, frame.stamp) {
            Ok(()) => self.shared.status_mut().encoded += 1,
            Err(cause) => self.fail(cause),
        }
    }

    /// Ends a life that is over, stuck, or has nothing to do.
    fn check(&mut self) {
        let Some(life) = &self.life else { return };
        if life.is_finished() {
            self.fail(None);
        } else if let Some(cause) = life.stall(self.pace.period()) {
            self.fail(Some(cause));
        } else if life.last_write().elapsed() >= self.pace.silence() {
            self.retire();
            self.shared.status_mut().phase = Phase::Idle;
        }
    }

    fn take_life(&mut self) -> Option<Life> {
        let life = self.life.take()?;
        self.length += life.length();
        Some(life)
    }

    /// Ends the input of the current life; the next one need not wait for its end.
    fn retire(&mut self) {
        if let Some(life) = self.take_life() {
            let ending = life.close();
            self.draining
                .push((Arc::clone(&ending.process), Instant::now() + DRAIN_TIME));
            self.previous = Some(ending);
        }
    }

    /// Kills what took too long to end.
    fn end_overdue(&mut self) {
        let now = Instant::now();
        self.draining.retain(|(process, deadline)| {
            let overdue = *deadline <= now;
            if overdue && !process.is_finished() {
                process.kill();
            }
            !overdue && !process.is_finished()
        });
    }

    /// The current life is over and should not be: ends it, remembers why, and waits a little.
    fn fail(&mut self, cause: Option<String>) {
        let Some(life) = self.take_life() else { return };
        let Ending { process, reader, .. } = life.abandon();
        // One that ends by itself may need a moment to say how.
        let patience = if cause.is_some() {
            Duration::ZERO
        } else {
            LAST_WORDS_TIME
        };
        self.draining.push((process, Instant::now() + patience));
        let outcome = self.outcome(reader);
        let reason = outcome.reason(cause);
        if outcome.segments > 0 {
            self.backoff.reset();
        }
        // If it never worked, perhaps it never can.
        let unable = match outcome.has_begun {
            true => None,
            false => probe(&self.shared.config.ffmpeg).err(),
        };
        self.back_off(unable.map_or(reason, |error| error.to_string()));
    }

    fn back_off(&mut self, reason: String) {
        let pause = self.backoff.pause();
        tracing::warn!(stream = %self.shared.name, reason, ?pause, "the encoder failed and is restarted");
        {
            let mut status = self.shared.status_mut();
            status.phase = Phase::Backoff;
            status.reason = Some(reason);
            status.restarts += 1;
        }
        let until = Instant::now() + pause;
        while Instant::now() < until {
            let drained = self.draining.iter().map(|(_, deadline)| *deadline);
            let next = drained.min().map_or(until, |deadline| deadline.min(until));
            if self.shared.queue.pause(next) {
                break;
            }
            self.end_overdue();
        }
    }

    /// Waits for the end of a life that was killed or is draining.
    fn outcome(&mut self, reader: JoinHandle<Outcome>) -> Outcome {
        let mut give_up = None;
        while !reader.is_finished() {
            self.end_overdue();
            if self.draining.is_empty() {
                let deadline = *give_up.get_or_insert_with(|| Instant::now() + KILL_TIME);
                if Instant::now() >= deadline {
                    tracing::warn!(stream = %self.shared.name, "ffmpeg cannot be killed");
                    return Outcome::default();
                }
            }
            std::thread::sleep(END_POLL);
        }
        reader.join().unwrap_or_default()
    }

    /// Lets the last segment be written, as far as time allows.
    fn finish(mut self) {
        self.retire();
        let deadline = self.shared.queue.closed().unwrap_or_else(Instant::now);
        for (_, drained) in &mut self.draining {
            *drained = deadline;
        }
        if let Some(previous) = self.previous.take() {
            self.outcome(previous.reader);
        }
        self.shared.status_mut().phase = Phase::Idle;
    }
}
