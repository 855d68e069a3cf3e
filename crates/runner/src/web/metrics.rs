//! What is known of all streams, for Prometheus.

use std::sync::atomic::AtomicU64;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpResponse, web};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use crate::audience::Audience;
use crate::describe::{State, Stream};
use crate::hub::Hub;

/// A decimal number that goes up and down.
type Decimal = Gauge<f64, AtomicU64>;

/// Which stream.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Of {
    kind: &'static str,
    stream: String,
}

/// Which stream, and where something was lost.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Lost {
    kind: &'static str,
    stream: String,
    at: &'static str,
}

/// One moment of all streams. The numbers live where they are counted; these are copies for one answer.
#[derive(Debug, Default)]
struct Moment {
    received: Family<Of, Counter>,
    dropped: Family<Lost, Counter>,
    live: Family<Of, Gauge>,
    rate: Family<Of, Decimal>,
    delay: Family<Of, Decimal>,
    encoded: Family<Of, Counter>,
    restarts: Family<Of, Counter>,
    viewers: Family<Of, Gauge>,
    skipped: Family<Of, Counter>,
    exact_viewers: Family<Of, Gauge>,
    exact_skipped: Family<Of, Counter>,
    rois: Family<Of, Gauge>,
    roi_skipped: Family<Of, Counter>,
}

impl Moment {
    fn add(&self, stream: &Stream) {
        let of = Of {
            kind: stream.kind,
            stream: stream.id.clone(),
        };
        self.received.get_or_create(&of).inc_by(stream.received);
        let is_live = stream.state == State::Live;
        self.live.get_or_create(&of).set(is_live.into());
        self.rate.get_or_create(&of).set(stream.rate);
        let lost = |at, count| {
            let lost = Lost {
                kind: of.kind,
                stream: of.stream.clone(),
                at,
            };
            self.dropped.get_or_create(&lost).inc_by(count);
        };
        lost("wire", stream.drops.wire);
        let Some(picture) = &stream.picture else {
            return;
        };
        lost("queue", stream.drops.queue);
        lost("encoder", stream.drops.encoder);
        if let Some(delay_ms) = picture.delay_ms {
            self.delay.get_or_create(&of).set(delay_ms / 1e3);
        }
        self.encoded.get_or_create(&of).inc_by(picture.encoder.encoded);
        self.restarts.get_or_create(&of).inc_by(picture.encoder.restarts);
        self.rois.get_or_create(&of).set(picture.rois.count as i64);
        self.roi_skipped.get_or_create(&of).inc_by(picture.rois.skipped);
    }

    fn add_viewers(&self, stream: &str, live: &Audience, exact: &Audience) {
        let of = Of {
            kind: "frame",
            stream: stream.to_owned(),
        };
        self.viewers.get_or_create(&of).set(live.now().cast_signed());
        self.skipped.get_or_create(&of).inc_by(live.skipped());
        self.exact_viewers
            .get_or_create(&of)
            .set(exact.now().cast_signed());
        self.exact_skipped.get_or_create(&of).inc_by(exact.skipped());
    }

    fn registry(self, run: &str) -> Registry {
        let labels = [("run".into(), run.to_owned().into())];
        let mut registry = Registry::with_prefix_and_labels("streamview", labels.into_iter());
        registry.register(
            "messages_received",
            "Frames or metric messages that arrived",
            self.received,
        );
        registry.register(
            "messages_dropped",
            "Lost on the wire, replaced in the queue, or lost in an encoder that died",
            self.dropped,
        );
        registry.register(
            "stream_live",
            "1 while something comes and can be shown",
            self.live,
        );
        let hertz = Unit::Other("hertz".into());
        let rate = "Frames, or samples of one series, per second of capture time";
        registry.register_with_unit("stream_rate", rate, hertz, self.rate);
        let delay =
            "Least time of late from capture to arrival; negative where the producer's clock is ahead";
        registry.register_with_unit("stream_delay", delay, Unit::Seconds, self.delay);
        registry.register("frames_encoded", "Frames given to an encoder", self.encoded);
        registry.register("encoder_restarts", "Times an encoder failed", self.restarts);
        registry.register("live_viewers", "Viewers of single frames", self.viewers);
        let skipped = "Frames that live viewers were skipped over, all viewers together";
        registry.register("live_frames_skipped", skipped, self.skipped);
        let viewers = "Viewers of frames as they were captured";
        registry.register("exact_viewers", viewers, self.exact_viewers);
        let skipped = "Frames that viewers of frames as captured were skipped over, all viewers together";
        registry.register("exact_frames_skipped", skipped, self.exact_skipped);
        registry.register("rois", "Regions of interest", self.rois);
        let skipped = "Frames that were not measured, because measuring was behind";
        registry.register("roi_frames_skipped", skipped, self.roi_skipped);
        registry
    }
}

/// Everything that is counted, as OpenMetrics text.
pub async fn text(hub: web::Data<Hub>) -> HttpResponse {
    let moment = Moment::default();
    for stream in hub.describe() {
        moment.add(&stream);
    }
    for (name, stream) in hub.frame_streams() {
        moment.add_viewers(name.as_str(), &stream.viewers, &stream.exact_viewers);
    }
    let mut text = String::new();
    match prometheus_client::encoding::text::encode(&mut text, &moment.registry(&hub.run)) {
        Ok(()) => HttpResponse::Ok()
            .insert_header((
                CONTENT_TYPE,
                "application/openmetrics-text; version=1.0.0; charset=utf-8",
            ))
            .insert_header((CACHE_CONTROL, "no-store"))
            .body(text),
        // Writing to a string does not fail.
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}
