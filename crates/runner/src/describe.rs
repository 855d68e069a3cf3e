//! What the page and the API are told about a stream (docs/protocol.md, `Stream`).

use std::time::{Duration, Instant};

use protocol::{PixelSize, StreamName};
use serde::Serialize;

use crate::display::Shown;
use crate::roi;
use crate::series::MetricStream;
use crate::streams::FrameStream;

/// One stream, as JSON.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stream {
    /// `frame` or `metric`.
    pub kind: &'static str,
    /// Name.
    pub id: String,
    /// Whether something is coming.
    pub state: State,
    /// Why it is not live.
    pub reason: Option<String>,
    /// Producer session, hexadecimal.
    pub session: Option<String>,
    /// Number of the newest message.
    pub seq: Option<u64>,
    /// Its capture time.
    pub t_ms: Option<f64>,
    /// Frames/s, or samples/s of one series; 0 unless live.
    pub rate: f64,
    /// Messages taken.
    pub received: u64,
    /// What was lost where.
    pub drops: Drops,
    /// Only of frame streams.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub picture: Option<Picture>,
    /// Series of a metric stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub series: Option<usize>,
}

/// What only frame streams have.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Picture {
    /// Arrival here minus capture, the least of late; negative where the producer's clock is ahead.
    pub delay_ms: Option<f64>,
    /// How the newest frame is read.
    pub format: Format,
    /// Path of the websocket of frames, once there is one.
    pub live: Option<String>,
    /// Path of the low-latency playlist, once it has a part.
    pub llhls: Option<String>,
    /// Path of the playlist of all that is kept, once it has a segment.
    pub hls: Option<String>,
    /// What that reaches.
    pub dvr: Option<Dvr>,
    /// The encoder.
    pub encoder: Encoder,
    /// How its values are shown.
    pub display: Shown,
    /// Its regions of interest.
    pub rois: roi::State,
}

/// From the first frame to the end of the last one, as capture times.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Dvr {
    /// Capture time of the first frame.
    pub from_ms: f64,
    /// When the last one ends.
    pub to_ms: f64,
}

/// `protocol::frame::Format` as JSON.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Format {
    /// `[h, w]` or `[h, w, c]`.
    pub shape: Vec<u64>,
    /// NumPy's name.
    pub dtype: &'static str,
    /// Nominal frames/s.
    pub fps: Option<f64>,
    /// Unit of the values.
    pub unit: Option<String>,
    /// Values that its producer says are black and white.
    pub range: Option<[f64; 2]>,
    /// `[height, width]` of what one pixel shows.
    pub pixel_size: Option<[f64; 2]>,
    /// Unit of both.
    pub pixel_unit: Option<String>,
}

/// State of an encoder.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Encoder {
    /// `idle`, `starting`, `running` or `backoff`.
    pub phase: &'static str,
    /// Times it was started again after a failure.
    pub restarts: u64,
    /// Frames given to it.
    pub encoded: u64,
}

/// Frames or messages that were lost.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Drops {
    /// Never arrived.
    pub wire: u64,
    /// Replaced while the encoder was behind.
    pub queue: u64,
    /// Inside an encoder that died.
    pub encoder: u64,
}

/// Whether something is coming.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Known, nothing to show yet.
    Waiting,
    /// Coming.
    Live,
    /// Nothing came for longer than the rate explains, or it cannot be shown.
    Stalled,
    /// The producer said that it is over.
    Ended,
}

/// A frame stream at this moment.
pub fn frame_stream(name: &StreamName, stream: &FrameStream, now: Instant) -> Stream {
    let status = stream.media.status();
    let packager = stream.media.packager();
    let has_frames = packager.newest().is_some();
    let has_parts = packager.progress() > (0, 0);
    let dvr = stream.media.dvr();
    let rois = stream.rois.state();
    stream.read(|facts| {
        let pixel_size = facts.format.pixel_size.as_ref();
        let silence = silence(facts.arrived, facts.rate.period(), now);
        let encoder_down = status.phase == media::Phase::Backoff;
        let (state, reason) = if facts.ended {
            (State::Ended, None)
        } else if encoder_down {
            (State::Stalled, status.reason.clone())
        } else if let Some(silence) = silence {
            (
                State::Stalled,
                Some(format!("no frame for {:.0} s", silence.as_secs_f64())),
            )
        } else if !has_frames {
            (State::Waiting, status.reason.clone())
        } else {
            (State::Live, None)
        };
        Stream {
            kind: "frame",
            id: name.to_string(),
            state,
            reason,
            session: facts.sequence.session().map(|session| format!("{session:016x}")),
            seq: Some(facts.newest.seq),
            t_ms: Some(facts.newest.t.as_ms_f64()),
            rate: if silence.is_none() {
                facts.rate.per_second().unwrap_or(0.0)
            } else {
                0.0
            },
            received: facts.sequence.received(),
            drops: Drops {
                wire: facts.sequence.lost(),
                queue: status.dropped_queue,
                encoder: status.dropped_encoder,
            },
            picture: Some(Picture {
                delay_ms: facts.delay.least_ms(),
                format: Format {
                    shape: facts.format.shape.dims(),
                    dtype: facts.format.dtype.name(),
                    fps: facts.format.fps,
                    unit: facts.format.unit.clone(),
                    range: facts.format.range,
                    pixel_size: pixel_size.map(PixelSize::sides),
                    pixel_unit: pixel_size.map(|size| size.unit().to_owned()),
                },
                live: has_frames.then(|| format!("/ws/live/{name}")),
                llhls: has_parts.then(|| format!("/hls/{name}/live.m3u8")),
                hls: (status.segments > 0).then(|| format!("/hls/{name}/index.m3u8")),
                dvr: dvr.map(|(from, to)| Dvr {
                    from_ms: from.as_ms_f64(),
                    to_ms: to.as_ms_f64(),
                }),
                encoder: Encoder {
                    phase: status.phase.as_str(),
                    restarts: status.restarts,
                    encoded: status.encoded,
                },
                display: stream.display.shown(&facts.format),
                rois,
            }),
            series: None,
        }
    })
}

/// A metric stream at this moment.
pub fn metric_stream(name: &StreamName, stream: &MetricStream, now: Instant) -> Stream {
    let silence = stream
        .arrived
        .and_then(|arrived| silence(arrived, stream.rate.period(), now));
    let (state, reason) = match silence {
        _ if stream.ended => (State::Ended, None),
        Some(silence) => (
            State::Stalled,
            Some(format!("no sample for {:.0} s", silence.as_secs_f64())),
        ),
        None if stream.arrived.is_some() => (State::Live, None),
        None => (State::Waiting, None),
    };
    Stream {
        kind: "metric",
        id: name.to_string(),
        state,
        reason,
        session: stream.sequence.session().map(|session| format!("{session:016x}")),
        seq: stream.newest.map(|(seq, _)| seq),
        t_ms: stream.newest.map(|(_, t)| t.as_ms_f64()),
        rate: if silence.is_none() {
            stream.rate.per_second().unwrap_or(0.0)
        } else {
            0.0
        },
        received: stream.sequence.received(),
        drops: Drops {
            wire: stream.sequence.lost(),
            ..Drops::default()
        },
        picture: None,
        series: Some(stream.series),
    }
}

/// How long nothing has come, if that is longer than the rate explains.
fn silence(arrived: Instant, period: Option<Duration>, now: Instant) -> Option<Duration> {
    /// Until a rate is known.
    const UNKNOWN_RATE: Duration = Duration::from_secs(5);
    /// Scheduling and networks hiccup.
    const AT_LEAST: Duration = Duration::from_secs(1);
    let silence = now.saturating_duration_since(arrived);
    let allowed = period.map_or(UNKNOWN_RATE, |period| (period * 3).max(AT_LEAST));
    (silence > allowed).then_some(silence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_judged_by_the_rate() {
        let arrived = Instant::now();
        let after = |ms| arrived + Duration::from_millis(ms);
        let period = |ms| Some(Duration::from_millis(ms));
        assert_eq!(silence(arrived, period(33), after(900)), None);
        assert_eq!(
            silence(arrived, period(33), after(1_100)),
            Some(Duration::from_millis(1_100))
        );
        assert_eq!(silence(arrived, period(2_000), after(5_000)), None);
        assert!(silence(arrived, period(2_000), after(6_100)).is_some());
        assert_eq!(silence(arrived, None, after(4_000)), None);
    }
}
