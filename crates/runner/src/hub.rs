//! Everything the gateway knows, shared by ingest, relay and web.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use bytestring::ByteString;
use protocol::{Event, Frame, Metric, StreamName};
use tokio::sync::{Notify, broadcast};

use crate::describe::{self, Stream};
use crate::display::{Control, Drawer, Settings, Shown};
use crate::memory::Memory;
use crate::notices::Notices;
use crate::raw::{self, Rings};
use crate::roi::{self, Edited, Regions, Rois, Set, Work};
use crate::series::Store;
use crate::streams::FrameStream;
use crate::{now, relay};

/// Messages that wait for a viewer; one who is further behind is told what it missed. About two seconds.
const VIEWER_QUEUE: usize = 128;

/// Why a frame was not taken: a reason and a sentence.
type Refused = (&'static str, String);

/// What a hub is made with.
#[derive(Debug)]
pub struct Config {
    /// Of every stream's encoder.
    pub media: media::Config,
    /// Memory for samples.
    pub series_bytes: usize,
    /// What late joiners see of the series.
    pub history: std::time::Duration,
    /// Raw frames kept.
    pub raw: raw::Limits,
    /// Most frame streams: each is an encoder.
    pub max_streams: usize,
    /// Directory of what outlives a run; without one, nothing does.
    pub state: Option<PathBuf>,
}

/// The state behind every handler.
pub struct Hub {
    /// Random name of this run of the runner.
    pub run: String,
    /// As configured.
    pub config: Config,
    /// The newest frames as they were captured.
    pub raw: Rings,
    /// How streams are shown, over restarts.
    pub displays: Arc<Memory<Settings>>,
    /// The regions of streams, over restarts.
    pub regions: Arc<Memory<Regions>>,
    /// Streams with frames to measure.
    pub measuring: Work,
    frames: Mutex<BTreeMap<StreamName, Arc<FrameStream>>>,
    store: Mutex<Store>,
    notices: Mutex<Notices>,
    /// Samples came that no viewer was sent.
    pub samples: Notify,
    viewers: broadcast::Sender<ByteString>,
}

/// The guarded values are valid after every statement, so a panic elsewhere does not spoil them.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Hub {
    /// A hub that knows nothing of its streams but what the run before remembered.
    pub fn new(run: String, config: Config) -> Self {
        let file = |name: &str| config.state.as_ref().map(|dir| dir.join(name));
        let (displays, display_trouble) = Memory::open(file("display.json"));
        let (regions, region_trouble) = Memory::open(file("rois.json"));
        let store = Mutex::new(Store::new(config.series_bytes, config.history));
        let (viewers, _) = broadcast::channel(VIEWER_QUEUE);
        let hub = Self {
            run,
            raw: Rings::new(config.raw),
            displays: Arc::new(displays),
            regions: Arc::new(regions),
            measuring: Work::default(),
            config,
            frames: Mutex::default(),
            store,
            notices: Mutex::default(),
            samples: Notify::new(),
            viewers,
        };
        for (source, trouble) in [("display", display_trouble), ("rois", region_trouble)] {
            if let Some(trouble) = trouble {
                hub.notice(source, "unreadable", trouble);
            }
        }
        hub
    }

    /// Takes a frame in; the first of a stream starts its encoder.
    pub fn frame(&self, frame: Frame) {
        let name = frame.stream.clone();
        match self.stream_that_took(&frame) {
            Ok(stream) => {
                stream.encode(frame.clone());
                if stream.rois.push(frame) {
                    self.measuring.add(stream.rois.clone());
                }
            }
            Err((reason, text)) => self.notice(&format!("frame/{name}"), reason, text),
        }
    }

    /// The stream of `frame`, which it has counted and kept. Nobody finds a stream without its first frame.
    fn stream_that_took(&self, frame: &Frame) -> Result<Arc<FrameStream>, Refused> {
        let mut frames = lock(&self.frames);
        if let Some(stream) = frames.get(&frame.stream).cloned() {
            drop(frames);
            self.keep(&stream, frame)?;
            return Ok(stream);
        }
        if frames.len() >= self.config.max_streams {
            return Err((
                "too many streams",
                format!("there are {} frame streams already", frames.len()),
            ));
        }
        let stream = Arc::new(self.start(frame)?);
        self.keep(&stream, frame)?;
        frames.insert(frame.stream.clone(), stream.clone());
        Ok(stream)
    }

    /// Counts and keeps a frame, before anybody can see it: who does may ask for its values at once.
    fn keep(&self, stream: &FrameStream, frame: &Frame) -> Result<(), Refused> {
        stream.accept(frame)?;
        self.raw.push(frame.clone());
        Ok(())
    }

    /// A stream whose first frame will be `frame`.
    fn start(&self, frame: &Frame) -> Result<FrameStream, Refused> {
        let display = Arc::new(Control::new(self.displays.of(&frame.stream)));
        let rois = Arc::new(Rois::new(&frame.stream, self.regions.of(&frame.stream)));
        if let Some(trouble) = rois.trouble() {
            self.notice(&format!("frame/{}", frame.stream), "not measured", trouble);
        }
        let drawer = Drawer::new(display.clone(), rois.clone());
        let media = media::Stream::start(frame.stream.clone(), self.config.media.clone(), drawer)
            .map_err(|error| ("encoder", error.to_string()))?;
        tracing::info!(stream = %frame.stream, shape = %frame.format.shape, dtype = %frame.format.dtype, "new frame stream");
        Ok(FrameStream::new(media, display, rois, frame))
    }

    /// Shows a frame stream otherwise from its next frame on, and remembers it.
    ///
    /// # Errors
    /// Those of `change`; then all is as it was.
    pub fn show(
        &self,
        name: &StreamName,
        stream: &FrameStream,
        change: impl FnOnce(Settings) -> Result<Settings, String>,
    ) -> Result<Shown, String> {
        let rois = stream.rois.set();
        // Both in the same order, when two ask at once.
        stream.display.change(|before| {
            let settings = change(before.clone())?;
            if let Some(roi) = &settings.window.roi
                && before.window.roi.as_ref() != Some(roi)
                && rois.get(roi).is_none()
            {
                return Err(format!(
                    "window.roi is {:?}: expected the name of a region of {name}, or null",
                    roi.as_str()
                ));
            }
            if let Err(text) = self.displays.set(name, settings.clone()) {
                self.notice(&format!("frame/{name}"), "not remembered", text);
            }
            Ok::<_, String>(settings)
        })?;
        Ok(stream.shown())
    }

    /// Changes the regions of a frame stream, and remembers them.
    ///
    /// # Errors
    /// Those of `change`; then all is as it was.
    pub fn edit_rois(
        &self,
        name: &StreamName,
        stream: &FrameStream,
        change: impl FnOnce(&Set) -> Result<Edited, roi::Refused>,
    ) -> Result<Arc<Set>, roi::Refused> {
        let shape = stream.read(|facts| facts.format.shape);
        let edited = stream.rois.edit(shape, self, change, |edited| {
            if let Err(text) = self.regions.set(name, edited.set.to_remember()) {
                self.notice(&format!("frame/{name}"), "not remembered", text);
            }
        })?;
        // Viewers are told of series that are no more, also while no frame comes.
        self.samples.notify_one();
        if let Some((old, new)) = edited.renamed {
            // A window that looks at the region goes on doing so.
            let followed = self.show(name, stream, |mut settings| {
                settings.window.roi = settings.window.roi.map(|roi| if roi == old { new } else { roi });
                Ok(settings)
            });
            if let Err(text) = followed {
                self.notice(&format!("frame/{name}"), "not followed", text);
            }
        }
        Ok(edited.set)
    }

    /// A frame of `stream` has been measured, and its samples are in the store.
    pub fn measured(&self, stream: &StreamName, session: u64) {
        let is_over = self.frame_stream(stream.as_str()).is_some_and(|stream| {
            stream.read(|facts| facts.ended && facts.sequence.session() == Some(session))
        });
        if is_over {
            // Said while the frame waited.
            self.store().end(session);
        }
        self.samples.notify_one();
    }

    /// Takes numbers in.
    pub fn metric(&self, metric: &Metric) {
        let taken = match metric.stream.as_str().ends_with(roi::SUFFIX) {
            true => Err((
                "reserved name",
                format!("metric streams that end in {} are the runner's own", roi::SUFFIX),
            )),
            false => lock(&self.store).push(metric),
        };
        if let Err((reason, text)) = taken {
            self.notice(&format!("metric/{}", metric.stream), reason, text);
        }
        self.samples.notify_one();
    }

    /// Takes an event in, and tells every viewer.
    pub fn event(&self, event: &Event) {
        if event.end {
            for stream in self.frame_streams().values() {
                stream.end(event.stamp.session);
            }
            lock(&self.store).end(event.stamp.session);
        }
        tracing::info!(stream = %event.stream, "event: {}", event.text);
        self.send(&relay::Outgoing::Event {
            stream: event.stream.as_str(),
            t_ms: event.stamp.t.as_ms_f64(),
            text: &event.text,
        });
    }

    /// Something was refused or failed.
    pub fn notice(&self, source: &str, reason: &'static str, text: String) {
        lock(&self.notices).add(source, reason, text, now());
    }

    /// Troubles so far.
    pub fn notices(&self) -> MutexGuard<'_, Notices> {
        lock(&self.notices)
    }

    /// The series; producers of series wait while this is held.
    pub fn store(&self) -> MutexGuard<'_, Store> {
        lock(&self.store)
    }

    /// Frame streams by name.
    pub fn frame_streams(&self) -> BTreeMap<StreamName, Arc<FrameStream>> {
        lock(&self.frames).clone()
    }

    /// One frame stream.
    pub fn frame_stream(&self, name: &str) -> Option<Arc<FrameStream>> {
        lock(&self.frames).get(&name.parse().ok()?).cloned()
    }

    /// Forgets the frame streams, handing them to who stops them.
    pub fn take_frame_streams(&self) -> BTreeMap<StreamName, Arc<FrameStream>> {
        std::mem::take(&mut lock(&self.frames))
    }

    /// Every stream at this moment, frame streams first.
    pub fn describe(&self) -> Vec<Stream> {
        let now = Instant::now();
        let frames = self.frame_streams();
        let mut streams: Vec<Stream> = frames
            .iter()
            .map(|(name, stream)| describe::frame_stream(name, stream, now))
            .collect();
        let store = self.store();
        streams.extend(
            store
                .streams()
                .map(|(name, stream)| describe::metric_stream(name, stream, now)),
        );
        streams
    }

    /// Whether anybody watches: packing for nobody is waste.
    pub fn has_viewers(&self) -> bool {
        self.viewers.receiver_count() > 0
    }

    /// What is sent from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<ByteString> {
        self.viewers.subscribe()
    }

    /// Packs `message` once and leaves it for every viewer; never waits.
    pub fn send(&self, message: &relay::Outgoing<'_>) {
        if self.has_viewers() {
            // An error means that the last viewer has just left.
            let _ = self.viewers.send(message.pack());
        }
    }
}

#[cfg(test)]
#[path = "hub_tests.rs"]
mod tests;
