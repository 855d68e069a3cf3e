//! One pixel of a frame as it was captured.

use actix_web::http::StatusCode;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::json;

use super::super::api::{not_found, problem};
use super::{bad, known, session, unknown, which};
use crate::hub::Hub;
use crate::raw::{Raw, Which};
use crate::series::Number;

/// The same session and number are the same frame for ever.
const IMMUTABLE: &str = "public, max-age=3600, immutable";
/// Another frame, or one of another session, may be meant next time.
const MOVING: &str = "no-store";

/// What the handler takes; as text, so that whatever does not parse can be named.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// Column, from 0.
    x: Option<String>,
    /// Row, from 0.
    y: Option<String>,
    /// Producer session, hexadecimal.
    session: Option<String>,
}

impl Parameters {
    fn position(&self) -> Result<[usize; 2], String> {
        Ok([
            coordinate("x", self.x.as_deref())?,
            coordinate("y", self.y.as_deref())?,
        ])
    }
}

fn coordinate(key: &str, text: Option<&str>) -> Result<usize, String> {
    let Some(text) = text else {
        return Err(format!("{key} is missing: expected a whole number of pixels"));
    };
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse()
        .ok()
        .filter(|_| digits)
        .ok_or_else(|| format!("{key} is {text:?}: expected a whole number of pixels"))
}

/// The values of one pixel, a few bytes of the frame that is kept: nothing else is read, and nothing copied.
pub async fn get(
    hub: web::Data<Hub>,
    path: web::Path<(String, String)>,
    parameters: Result<web::Query<Parameters>, actix_web::Error>,
) -> HttpResponse {
    let (name, frame) = path.into_inner();
    let parameters = match parameters {
        Ok(parameters) => parameters,
        Err(error) => return bad(&error.to_string()),
    };
    let asked = which(&frame).and_then(|which| {
        let session = session(parameters.session.as_deref())?;
        Ok((which, session, parameters.position()?))
    });
    let (which, session, [x, y]) = match asked {
        Ok(asked) => asked,
        Err(error) => return bad(&error),
    };
    let Some(name) = known(&hub, &name) else {
        return unknown(&name);
    };
    let raw = match hub.raw.get(&name, session, which) {
        Ok(raw) => raw,
        Err(error) => return not_found(&error),
    };
    let values = match values(&raw, x, y) {
        Ok(values) => values,
        Err(error) => return problem(StatusCode::UNPROCESSABLE_ENTITY, &error),
    };
    let caching = match (which, session) {
        (Which::Seq(_), Some(_)) => IMMUTABLE,
        _ => MOVING,
    };
    let Raw { stamp, format, .. } = &raw;
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, caching))
        .json(json!({
            "run": hub.run, "stream": name.as_str(),
            "session": format!("{:016x}", stamp.session), "seq": stamp.seq, "t_ms": stamp.t.as_ms_f64(),
            "x": x, "y": y, "values": values, "unit": format.unit, "dtype": format.dtype.name(),
        }))
}

/// One value per channel.
fn values(raw: &Raw, x: usize, y: usize) -> Result<Vec<Number>, String> {
    let (shape, dtype) = (raw.format.shape, raw.format.dtype);
    for (key, at, side) in [("x", x, shape.width()), ("y", y, shape.height())] {
        if at >= side {
            let last = side - 1;
            return Err(format!(
                "{key} is {at}: expected 0 to {last}, for the frame is {shape}"
            ));
        }
    }
    let size = dtype.size() * shape.channels();
    let start = (y * shape.width() + x) * size;
    let pixel = &raw.payload[start..start + size];
    Ok(pixel
        .chunks_exact(dtype.size())
        .map(|element| Number(dtype.value(element)))
        .collect())
}
