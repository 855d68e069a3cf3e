//! Playlists, segments and parts.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpResponse, web};
use packager::File;
use tokio_util::sync::CancellationToken;

use super::api::{not_found, problem};
use super::llhls::{Directives, Refused, Waiting};
use crate::hub::Hub;

/// Name of a stream's media playlist of everything that can be scrubbed back to.
const PLAYLIST: &str = "index.m3u8";
/// Name of its low-latency playlist.
const LIVE_PLAYLIST: &str = "live.m3u8";

/// Another one a moment later.
const CHANGES: &str = "no-cache";
/// The answer to a blocking request stays true, but the next run of the runner counts from 0 again.
const SHARED: &str = "public, max-age=1";
/// Names are never used again.
const IMMUTABLE: &str = "public, max-age=3600, immutable";

/// A playlist, or something that a playlist names. No other name reaches the file system.
pub async fn file(
    hub: web::Data<Hub>,
    stop: web::Data<CancellationToken>,
    path: web::Path<(String, String)>,
    directives: web::Query<Directives>,
) -> HttpResponse {
    let (stream, name) = path.into_inner();
    // Let go of before any wait: the end of the encoder does not wait for who waits for it.
    let Some(frames) = hub.frame_stream(&stream) else {
        return not_found(&format!("there is no frame stream {stream:?}"));
    };
    if name == PLAYLIST {
        return match frames.media.playlist() {
            Some(text) => playlist(text, CHANGES),
            None => not_found(&format!("stream {stream:?} has no segment yet")),
        };
    }
    if let Some(path) = frames.media.segment(&name) {
        drop(frames);
        return match tokio::fs::read(&path).await {
            Ok(bytes) => media(bytes, "video/mp2t"),
            // It left the window between the look-up and the read.
            Err(_) => not_found(&format!("segment {name:?} is gone")),
        };
    }
    let packager = frames.media.packager().clone();
    drop(frames);
    let waiting = Waiting {
        packager: &packager,
        segment: hub.config.media.segment,
        part: hub.config.media.part,
        stop: &stop,
    };
    let refused = |refused| match refused {
        Refused::TooFar => problem(
            StatusCode::BAD_REQUEST,
            "this is further ahead than any playlist announced",
        ),
        Refused::TooLate => problem(StatusCode::SERVICE_UNAVAILABLE, "this did not come in time"),
    };
    if name == LIVE_PLAYLIST {
        return match directives.asked() {
            Err(error) => problem(StatusCode::BAD_REQUEST, &error),
            Ok(None) => match packager.playlist() {
                Some(text) => playlist(text, CHANGES),
                None => not_found(&format!("stream {stream:?} has no part yet")),
            },
            Ok(Some(asked)) => match waiting.playlist(asked).await {
                Ok(text) => playlist(text, SHARED),
                Err(why) => refused(why),
            },
        };
    }
    match waiting.file(&name).await {
        Ok(File::Ready { bytes, content_type }) => media(bytes, content_type),
        Ok(_) => not_found(&format!("{name:?} is in no playlist")),
        Err(why) => refused(why),
    }
}

fn playlist(text: String, cache: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/vnd.apple.mpegurl"))
        .insert_header((CACHE_CONTROL, cache))
        .body(text)
}

fn media(bytes: impl Into<bytes::Bytes>, content_type: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, content_type))
        .insert_header((CACHE_CONTROL, IMMUTABLE))
        .body(bytes.into())
}
