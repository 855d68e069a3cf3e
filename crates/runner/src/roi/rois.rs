//! The regions of one stream: what everybody who deals with them shares.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pixels::{Brightness, Mask};
use protocol::frame::Shape;
use protocol::{Frame, StreamName};
use serde::Serialize;

use super::measurer::{self, Measurer};
use super::queue::Queue;
use super::{Edited, Refused, Regions, RoiName, SUFFIX, Set};
use crate::hub::Hub;
use crate::series::Store;

/// The regions of one frame stream, read at every frame and changed at any time.
///
/// Whoever holds the set may lock the series store, never the other way round.
#[derive(Debug)]
pub struct Rois {
    stream: StreamName,
    /// The metric stream of what is measured; `None` if it cannot have a name.
    series: Option<StreamName>,
    set: Mutex<Arc<Set>>,
    /// Held by who makes another set, which may take a while.
    editing: Mutex<()>,
    queue: Queue,
    measurer: Mutex<Measurer>,
}

/// What is told of them wherever their stream is, as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct State {
    /// Changes in this run.
    pub revision: u64,
    /// Regions.
    pub count: usize,
    /// Frames that were not measured, because measuring was behind.
    pub skipped: u64,
}

/// The guarded values are valid after every statement, so a panic elsewhere does not spoil them.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Rois {
    /// Those that are remembered of a stream.
    pub fn new(stream: &StreamName, remembered: Regions) -> Self {
        Self {
            stream: stream.clone(),
            series: format!("{stream}{SUFFIX}").parse().ok(),
            set: Mutex::new(Arc::new(Set::remembered(remembered.into()))),
            editing: Mutex::default(),
            queue: Queue::default(),
            measurer: Mutex::default(),
        }
    }

    /// Why nothing of this stream is measured, if so.
    pub fn trouble(&self) -> Option<String> {
        let longest = StreamName::MAX_LEN - SUFFIX.len();
        self.series.is_none().then(|| {
            format!("the stream's name is too long for series of its own: expected at most {longest} letters")
        })
    }

    /// The regions now, and their pixels in the frames that were measured or edited last.
    pub fn set(&self) -> Arc<Set> {
        lock(&self.set).clone()
    }

    /// The regions now, and their pixels in frames of `shape`.
    pub fn fitted(&self, shape: Shape) -> Arc<Set> {
        let set = self.set();
        if set.fits(shape) {
            return set;
        }
        let fitted = Arc::new(set.fitted_to(shape));
        let mut current = lock(&self.set);
        if current.revision == fitted.revision {
            *current = fitted.clone();
        }
        fitted
    }

    /// The pixels of a region in frames of `shape`. `None` if there is no such region, or it does not fit in.
    pub fn mask(&self, name: &RoiName, shape: Shape) -> Option<Arc<Mask>> {
        self.fitted(shape).get(name)?.mask.clone()
    }

    /// For humans and programs.
    pub fn state(&self) -> State {
        let set = self.set();
        State {
            revision: set.revision,
            count: set.len(),
            skipped: self.queue.skipped(),
        }
    }

    /// Changes them, in view of what they are; nobody else does meanwhile. Series of regions that are no more are
    /// forgotten, and those of one that got another name go on under that. `done` is told before the next change.
    ///
    /// # Errors
    /// Those of `change`; then all is as it was.
    pub fn edit(
        &self,
        shape: Shape,
        hub: &Hub,
        change: impl FnOnce(&Set) -> Result<Edited, Refused>,
        done: impl FnOnce(&Edited),
    ) -> Result<Edited, Refused> {
        if let Some(trouble) = self.trouble() {
            return Err(Refused::Invalid(trouble));
        }
        let _editing = lock(&self.editing);
        let before = self.fitted(shape);
        let edited = change(&before)?;
        {
            let mut current = lock(&self.set);
            *current = edited.set.clone();
            if let Some(series) = &self.series {
                follow(&mut hub.store(), series, &before, &edited);
            }
        }
        done(&edited);
        Ok(edited)
    }

    /// Takes a frame in, waiting for nothing; says whether somebody must be told that there is something to measure.
    pub fn push(&self, frame: Frame) -> bool {
        self.series.is_some() && self.queue.push(frame)
    }

    /// Measures the frame that waits longest; says whether there was one.
    pub fn measure_next(&self, hub: &Hub) -> bool {
        let Some(series) = &self.series else {
            return false;
        };
        // Only who is told that there is something to do comes here: nobody waits for this.
        let mut measurer = lock(&self.measurer);
        let Some(frame) = self.queue.pop() else {
            return false;
        };
        let shape = frame.format.shape;
        let brightness = Brightness::of(&frame.format, &frame.payload);
        let source = format!("frame/{}", self.stream);
        loop {
            let set = self.fitted(shape);
            let statistics = measurer::statistics(&set, &frame);
            let current = lock(&self.set);
            if current.revision != set.revision {
                // They were changed meanwhile.
                continue;
            }
            let values = measurer.values(&frame, brightness, &set, &statistics);
            if let Err((reason, text)) = hub.store().record(series, frame.stamp, values) {
                hub.notice(&source, reason, text);
            }
            if let Some(text) = measurer.misfits(&set, shape) {
                hub.notice(&source, "region does not fit", text);
            }
            break;
        }
        hub.measured(&self.stream, frame.stamp.session);
        true
    }
}

/// Lets the series of regions have the names that these have now.
fn follow(store: &mut Store, stream: &StreamName, before: &Set, edited: &Edited) {
    if let Some((old, new)) = &edited.renamed {
        for (old, new) in measurer::series(old).iter().zip(&measurer::series(new)) {
            store.rename(stream, old, new);
        }
    }
    let kept: HashSet<&RoiName> = edited.set.regions().map(|region| &region.name).collect();
    for region in before.regions() {
        let is_renamed = edited
            .renamed
            .as_ref()
            .is_some_and(|(old, _)| *old == region.name);
        if !is_renamed && !kept.contains(&region.name) {
            for name in &measurer::series(&region.name) {
                store.forget(stream, name);
            }
        }
    }
}
