//! How a stream is shown: asked, changed, and what there is to choose from (docs/protocol.md, section 5).

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use pixels::{Histogram, Ignore, Sample, Window};
use protocol::Frame;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::request::{Refusal, Subject, answer, bad, either, invalid, not_json, read, refuse_strangers};
use crate::display::{Settings, Shown};
use crate::hub::Hub;

/// Largest settings.
const MAX_BODY_BYTES: usize = 4 << 10;
/// Frames that are being measured; other requests wait their turn.
const MEASURING: usize = 2;
/// Pixels of a histogram.
const PIXELS: usize = 1 << 16;

/// What bounds the work of all requests.
pub struct Bounds {
    measuring: Semaphore,
}

impl Bounds {
    /// Nothing under way.
    pub const fn new() -> Self {
        Self {
            measuring: Semaphore::const_new(MEASURING),
        }
    }
}

/// How a stream is shown.
pub async fn get(hub: web::Data<Hub>, name: web::Path<String>) -> HttpResponse {
    either(Subject::of(&hub, &name).map(|subject| answer(&subject.stream.shown())))
}

/// Shows it as the body says, and as nobody said otherwise where that is silent.
pub async fn put(
    request: HttpRequest,
    hub: web::Data<Hub>,
    name: web::Path<String>,
    body: web::Payload,
) -> HttpResponse {
    let change = |_, json: &Value| Settings::default().with(json);
    either(changed(&request, &hub, &name, body, change).await)
}

/// Shows it as the body says, and as it was where that is silent.
pub async fn patch(
    request: HttpRequest,
    hub: web::Data<Hub>,
    name: web::Path<String>,
    body: web::Payload,
) -> HttpResponse {
    let change = |settings: Settings, json: &Value| settings.with(json);
    either(changed(&request, &hub, &name, body, change).await)
}

async fn changed(
    request: &HttpRequest,
    hub: &Hub,
    name: &str,
    body: web::Payload,
    change: impl FnOnce(Settings, &Value) -> Result<Settings, String>,
) -> Result<HttpResponse, Refusal> {
    refuse_strangers(request, true)?;
    let Subject { name, stream } = Subject::of(hub, name)?;
    let body = read(body, MAX_BODY_BYTES).await?;
    let json: Value = serde_json::from_slice(&body).map_err(|error| not_json(&body, &error))?;
    let shown: Result<Shown, String> = hub.show(&name, &stream, |settings| change(settings, &json));
    shown.map(|shown| answer(&shown)).map_err(invalid)
}

/// Fixes the window where the newest frame's values are.
pub async fn auto(
    request: HttpRequest,
    hub: web::Data<Hub>,
    bounds: web::Data<Bounds>,
    name: web::Path<String>,
) -> HttpResponse {
    either(auto_once(&request, &hub, &bounds, &name).await)
}

async fn auto_once(
    request: &HttpRequest,
    hub: &Hub,
    bounds: &Bounds,
    name: &str,
) -> Result<HttpResponse, Refusal> {
    refuse_strangers(request, false)?;
    let subject = Subject::of(hub, name)?;
    let measure = {
        let (levels, rois) = (
            subject.stream.display.settings().window,
            subject.stream.rois.clone(),
        );
        move |frame: &Frame| {
            let roi = levels.roi.as_ref();
            let mask = roi.and_then(|name| rois.mask(name, frame.format.shape));
            levels.auto(&frame.format).once(frame, mask.as_deref())
        }
    };
    let (frame, window) = measured(hub, bounds, &subject, measure).await?;
    let Some(window) = window else {
        let seq = frame.stamp.seq;
        return Err(invalid(format!(
            "frame {seq} has no value that counts: expected one that is finite and not to be ignored"
        )));
    };
    let shown = hub.show(&subject.name, &subject.stream, |settings| {
        Ok(settings.fixed_at(window))
    });
    shown.map(|shown| answer(&shown)).map_err(invalid)
}

/// Looks at a stream's newest frame, away from the threads that answer.
async fn measured<T: Send + 'static>(
    hub: &Hub,
    bounds: &Bounds,
    subject: &Subject,
    measure: impl FnOnce(&Frame) -> T + Send + 'static,
) -> Result<(Frame, T), Refusal> {
    let failed = |text: String| Refusal(StatusCode::INTERNAL_SERVER_ERROR, text);
    let permit = bounds.measuring.acquire().await;
    let _permit = permit.map_err(|_| failed("nothing is measured any more".into()))?;
    let frame = subject.newest(hub)?;
    let measuring = web::block(move || {
        let result = measure(&frame);
        (frame, result)
    });
    measuring.await.map_err(|error| failed(error.to_string()))
}

/// What a histogram takes; as text, so that whatever does not parse can be named.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    bins: Option<String>,
    /// Where the first bin begins.
    min: Option<String>,
    /// Where the last one ends.
    max: Option<String>,
}

impl Parameters {
    fn bins(&self) -> Result<usize, String> {
        const MAX_BINS: usize = 4_096;
        let text = self.bins.as_deref().unwrap_or("256");
        match text.parse() {
            Ok(bins) if (1..=MAX_BINS).contains(&bins) => Ok(bins),
            _ => Err(format!(
                "bins is {text:?}: expected a whole number, 1 to {MAX_BINS}"
            )),
        }
    }

    /// `None` unless somebody asked for it.
    fn range(&self) -> Result<Option<Window>, String> {
        let number = |field: &str, text: &str| match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            _ => Err(format!("{field} is {text:?}: expected a finite number")),
        };
        match (self.min.as_deref(), self.max.as_deref()) {
            (None, None) => Ok(None),
            (Some(min), Some(max)) => {
                let range = [number("min", min)?, number("max", max)?];
                let window = Window::try_from(range).map_err(|error| error.to_string())?;
                Ok(Some(window))
            }
            (None, Some(_)) => Err("min is missing: expected it beside max".into()),
            (Some(_), None) => Err("max is missing: expected it beside min".into()),
        }
    }
}

/// How often the values of a stream's newest frame occur.
pub async fn histogram(
    hub: web::Data<Hub>,
    bounds: web::Data<Bounds>,
    name: web::Path<String>,
    parameters: Result<web::Query<Parameters>, actix_web::Error>,
) -> HttpResponse {
    either(histogram_of_newest(&hub, &bounds, &name, parameters).await)
}

async fn histogram_of_newest(
    hub: &Hub,
    bounds: &Bounds,
    name: &str,
    parameters: Result<web::Query<Parameters>, actix_web::Error>,
) -> Result<HttpResponse, Refusal> {
    let parameters = parameters.map_err(|error| bad(error.to_string()))?;
    let bins = parameters.bins().map_err(bad)?;
    let range = parameters.range().map_err(bad)?;
    let subject = Subject::of(hub, name)?;
    let count = move |frame: &Frame| {
        let sample = Sample::of(frame, None, PIXELS, Ignore::default());
        let range = range.unwrap_or_else(|| extent(sample.values()));
        (Histogram::new(&sample, range, bins), sample.not_finite())
    };
    let (frame, (histogram, not_finite)) = measured(hub, bounds, &subject, count).await?;
    Ok(answer(&json!({
        "run": hub.run, "stream": subject.name.as_str(),
        "session": format!("{:016x}", frame.stamp.session),
        "seq": frame.stamp.seq, "t_ms": frame.stamp.t.as_ms_f64(),
        "min": histogram.range.black(), "max": histogram.range.white(),
        "counts": histogram.counts, "below": histogram.below, "above": histogram.above,
        "nan": not_finite,
    })))
}

/// From the least to the greatest value; of a constant, a range that begins at it, and 0 to 1 of nothing.
fn extent(values: &[f64]) -> Window {
    let (min, max) = values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(min, max), &value| {
            (min.min(value), max.max(value))
        });
    let max = if min == max { min + min.abs().max(1.0) } else { max };
    Window::new(min, max)
        // So far apart that a double does not hold the distance: the half of it that is in the middle.
        .or_else(|| Window::new(min.max(f64::MIN / 2.0), max.min(f64::MAX / 2.0)))
        .unwrap_or(Window::new(0.0, 1.0).expect("0 to 1 is a range"))
}
