//! Regions of interest: listed, drawn, edited, removed (docs/protocol.md, section 6).

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::{HttpRequest, HttpResponse, web};
use pixels::Roi;
use protocol::StreamName;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::request::{
    Refusal, Subject, answer, either, invalid, not_found, not_json, read, refuse_strangers,
};
use crate::hub::Hub;
use crate::roi::{Change, Edited, Refused, Region, RoiName, Set, Wanted};

/// Largest list: a thousand polygons of a few hundred corners each.
const MAX_BODY_BYTES: usize = 16 << 20;
/// Requests that are being read and judged; others wait their turn.
const EDITING: usize = 2;

/// What bounds the memory and the work of all requests.
pub struct Bounds {
    editing: Semaphore,
}

impl Bounds {
    /// Nothing under way.
    pub const fn new() -> Self {
        Self {
            editing: Semaphore::const_new(EDITING),
        }
    }

    async fn permit(&self) -> Result<SemaphorePermit<'_>, Refusal> {
        let permit = self.editing.acquire().await;
        permit.map_err(|_| failed("nothing is edited any more".into()))
    }
}

fn failed(text: String) -> Refusal {
    Refusal(StatusCode::INTERNAL_SERVER_ERROR, text)
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NotFound(text) => not_found(text),
            Refused::Invalid(text) => invalid(text),
        }
    }
}

/// `400` if it is not JSON, `422` if it is not the JSON that is expected here: that is named by its place.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let parsed =
        serde_path_to_error::deserialize(&mut json).map_err(|error| match error.inner().is_data() {
            true => invalid(error.to_string()),
            false => not_json(body, error.inner()),
        })?;
    json.end().map_err(|error| not_json(body, &error))?;
    Ok(parsed)
}

fn name(text: &str) -> Result<RoiName, Refusal> {
    text.parse().map_err(not_found)
}

fn listed(hub: &Hub, stream: &StreamName, set: &Set) -> Value {
    let rois: Vec<&Region> = set.regions().collect();
    json!({ "run": hub.run, "stream": stream.as_str(), "revision": set.revision, "rois": rois })
}

/// Edits the regions of a stream as a body of JSON says, away from the threads that answer.
async fn edit<B: DeserializeOwned, T: Send + 'static>(
    (request, hub, bounds): (&HttpRequest, &web::Data<Hub>, &Bounds),
    stream: &str,
    body: web::Payload,
    edit: impl FnOnce(&Hub, &Subject, B) -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    refuse_strangers(request, true)?;
    let subject = Subject::of(hub, stream)?;
    let _permit = bounds.permit().await?;
    let body = read(body, MAX_BODY_BYTES).await?;
    let hub = hub.clone();
    let edited = web::block(move || edit(&hub, &subject, parse(&body)?)).await;
    edited.map_err(|error| failed(error.to_string()))?
}

/// All regions of a stream.
pub async fn list(hub: web::Data<Hub>, stream: web::Path<String>) -> HttpResponse {
    let subject = Subject::of(&hub, &stream);
    either(subject.map(|subject| answer(&listed(&hub, &subject.name, &subject.stream.rois.set()))))
}

/// Others instead of all regions.
pub async fn replace(
    request: HttpRequest,
    hub: web::Data<Hub>,
    bounds: web::Data<Bounds>,
    stream: web::Path<String>,
    body: web::Payload,
) -> HttpResponse {
    let replace = |hub: &Hub, subject: &Subject, Wanted { rois, .. }| {
        let change = |set: &Set| set.replaced(rois).map(Edited::from);
        let set = hub.edit_rois(&subject.name, &subject.stream, change)?;
        Ok(listed(hub, &subject.name, &set))
    };
    let replaced = edit((&request, &hub, &bounds), &stream, body, replace).await;
    either(replaced.map(|list| answer(&list)))
}

/// One region more.
pub async fn add(
    request: HttpRequest,
    hub: web::Data<Hub>,
    bounds: web::Data<Bounds>,
    stream: web::Path<String>,
    body: web::Payload,
) -> HttpResponse {
    let add = |hub: &Hub, subject: &Subject, Change { name, roi }: Change| {
        let mut region = None;
        hub.edit_rois(&subject.name, &subject.stream, |set| {
            let (edited, added) = added(set, name, roi)?;
            region = Some(added);
            Ok(edited)
        })?;
        region.ok_or_else(|| failed("nothing was edited".into()))
    };
    let added = edit((&request, &hub, &bounds), &stream, body, add).await;
    either(added.map(|region| created(&stream, &region)))
}

fn added(set: &Set, name: Option<RoiName>, roi: Option<Arc<Roi>>) -> Result<(Edited, Region), Refused> {
    let missing = "shape is missing: expected a rectangle, an ellipse or a polygon";
    let roi = roi.ok_or_else(|| Refused::Invalid(missing.into()))?;
    let (set, region) = set.added(name, roi)?;
    Ok((set.into(), region))
}

fn created(stream: &str, region: &Region) -> HttpResponse {
    let place = format!("/api/v1/streams/{stream}/rois/{}", region.name);
    HttpResponse::Created()
        .insert_header((LOCATION, place))
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(region)
}

/// Another name or other pixels for one region, or a new one of that name.
pub async fn put(
    request: HttpRequest,
    hub: web::Data<Hub>,
    bounds: web::Data<Bounds>,
    path: web::Path<(String, String)>,
    body: web::Payload,
) -> HttpResponse {
    let (stream, asked) = path.into_inner();
    let put = move |hub: &Hub, subject: &Subject, Change { name: new, roi }: Change| {
        let name = name(&asked)?;
        let mut put = None;
        hub.edit_rois(&subject.name, &subject.stream, |set| {
            let is_new = set.get(&name).is_none() && new.as_ref().is_none_or(|new| *new == name);
            let (edited, region) = match is_new {
                true => added(set, Some(name), roi)?,
                false => set.changed(&name, new, roi)?,
            };
            put = Some((is_new, region));
            Ok(edited)
        })?;
        put.ok_or_else(|| failed("nothing was edited".into()))
    };
    let answered = edit((&request, &hub, &bounds), &stream, body, put).await;
    either(answered.map(|(is_new, region)| match is_new {
        true => created(&stream, &region),
        false => answer(&region),
    }))
}

/// One region less.
pub async fn remove(
    request: HttpRequest,
    hub: web::Data<Hub>,
    bounds: web::Data<Bounds>,
    path: web::Path<(String, String)>,
) -> HttpResponse {
    let (stream, asked) = path.into_inner();
    either(removed(&request, &hub, &bounds, &stream, &asked).await)
}

async fn removed(
    request: &HttpRequest,
    hub: &web::Data<Hub>,
    bounds: &Bounds,
    stream: &str,
    asked: &str,
) -> Result<HttpResponse, Refusal> {
    refuse_strangers(request, false)?;
    let subject = Subject::of(hub, stream)?;
    let name = name(asked)?;
    let _permit = bounds.permit().await?;
    let hub = hub.clone();
    let remove = move || {
        let change = |set: &Set| set.without(&name).map(Edited::from);
        hub.edit_rois(&subject.name, &subject.stream, change)
    };
    let removed = web::block(remove).await;
    removed.map_err(|error| failed(error.to_string()))??;
    let gone = HttpResponse::NoContent()
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish();
    Ok(gone)
}
