//! Is it alive, and can it do its work?

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::{HttpResponse, web};
use serde_json::json;

/// How long an answer of ffmpeg is believed.
const REMEMBER: Duration = Duration::from_secs(5);

/// Whether encoders can be started, asked now and then.
pub struct Health {
    ffmpeg: PathBuf,
    answer: Mutex<Option<(Instant, Result<(), String>)>>,
}

impl Health {
    /// Nothing asked yet.
    pub const fn new(ffmpeg: PathBuf) -> Self {
        Self {
            ffmpeg,
            answer: Mutex::new(None),
        }
    }

    fn encoder(&self) -> Result<(), String> {
        let mut answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner);
        match &*answer {
            Some((asked, known)) if asked.elapsed() < REMEMBER => known.clone(),
            _ => {
                let asked = media::probe(&self.ffmpeg)
                    .map(|_| ())
                    .map_err(|error| error.to_string());
                *answer = Some((Instant::now(), asked.clone()));
                asked
            }
        }
    }
}

/// `200` while the process runs.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "ok" }))
}

/// `200` when an encoder can be started, else `503` with the reason. Everything else is bound before this answers.
pub async fn ready(health: web::Data<Health>) -> HttpResponse {
    match web::block(move || health.encoder()).await {
        Ok(Ok(())) => HttpResponse::Ok().json(json!({ "status": "ready", "reasons": [] })),
        Ok(Err(reason)) => {
            HttpResponse::ServiceUnavailable().json(json!({ "status": "not ready", "reasons": [reason] }))
        }
        Err(error) => HttpResponse::ServiceUnavailable()
            .json(json!({ "status": "not ready", "reasons": [error.to_string()] })),
    }
}
