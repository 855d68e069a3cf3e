//! Frame streams: what their messages tell, and the encoder behind each.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use protocol::frame::Format;
use protocol::{Frame, Stamp};

use crate::audience::Audience;
use crate::delay::Delay;
use crate::display::{Control, Shown};
use crate::now;
use crate::rate::Rate;
use crate::roi::Rois;
use crate::sequence::{Sequence, Verdict};

/// One frame stream, from its first frame to the end of the run.
pub struct FrameStream {
    /// Its encoder and its playlist.
    pub media: media::Stream,
    /// How its values are shown.
    pub display: Arc<Control>,
    /// Its regions of interest, and what waits to be measured.
    pub rois: Arc<Rois>,
    /// Who watches its single frames.
    pub viewers: Audience,
    /// Who watches its frames as they were captured.
    pub exact_viewers: Audience,
    facts: Mutex<Facts>,
}

/// What is known of the frames themselves.
#[derive(Debug)]
pub struct Facts {
    /// Restarts and losses.
    pub sequence: Sequence,
    /// Frames/s by capture time.
    pub rate: Rate,
    /// From capture to here.
    pub delay: Delay,
    /// How the newest frame is read.
    pub format: Format,
    /// Stamp of the newest frame.
    pub newest: Stamp,
    /// When it came.
    pub arrived: Instant,
    /// Its producer said that it is over.
    pub ended: bool,
}

impl FrameStream {
    /// A stream whose first frame is `frame`; the frame itself is still to be pushed.
    pub fn new(media: media::Stream, display: Arc<Control>, rois: Arc<Rois>, frame: &Frame) -> Self {
        let facts = Facts {
            sequence: Sequence::default(),
            rate: Rate::default(),
            delay: Delay::default(),
            format: frame.format.clone(),
            newest: frame.stamp,
            arrived: Instant::now(),
            ended: false,
        };
        Self {
            media,
            display,
            rois,
            viewers: Audience::default(),
            exact_viewers: Audience::default(),
            facts: Mutex::new(facts),
        }
    }

    /// Notes a frame that came in; to be encoded next.
    ///
    /// # Errors
    /// A reason and a sentence, where it was refused.
    pub fn accept(&self, frame: &Frame) -> Result<(), (&'static str, String)> {
        let mut facts = self.facts.lock().unwrap_or_else(PoisonError::into_inner);
        match facts.sequence.note(frame.stamp) {
            Verdict::Fresh => {}
            // Another producer has another rate, and maybe another clock.
            Verdict::NewSession => {
                facts.rate = Rate::default();
                facts.delay = Delay::default();
            }
            Verdict::Replaced => {
                return Err(("two producers", "a newer producer has this stream's name".into()));
            }
            Verdict::Repeated => {
                return Err(("repeated", format!("seq {} has already come", frame.stamp.seq)));
            }
        }
        facts.rate.note(frame.stamp.t, 1);
        if facts.format != frame.format {
            facts.format = frame.format.clone();
        }
        facts.newest = frame.stamp;
        facts.arrived = Instant::now();
        let arrived = facts.arrived;
        facts.delay.note(frame.stamp.t, now(), arrived);
        facts.ended = false;
        Ok(())
    }

    /// Has a frame drawn and encoded that was accepted. Never waits: what the encoder has no time for is dropped and
    /// counted.
    pub fn encode(&self, frame: Frame) {
        self.media.push(frame);
    }

    /// A producer session is over.
    pub fn end(&self, session: u64) {
        let mut facts = self.facts.lock().unwrap_or_else(PoisonError::into_inner);
        if facts.sequence.session() == Some(session) {
            facts.ended = true;
        }
    }

    /// How it is shown from now on.
    pub fn shown(&self) -> Shown {
        self.read(|facts| self.display.shown(&facts.format))
    }

    /// Finishes the last segment, within `grace`.
    pub fn stop(self, grace: Duration) {
        self.media.stop(grace);
    }

    /// Looks at the facts; `look` is short, for frames wait on it.
    pub fn read<T>(&self, look: impl FnOnce(&Facts) -> T) -> T {
        look(&self.facts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
