//! Playlists and segments.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpResponse, web};

use super::api::not_found;
use crate::hub::Hub;

/// Name of a stream's media playlist.
const PLAYLIST: &str = "index.m3u8";

/// A playlist, or a segment that a playlist names. No other name reaches the file system.
pub async fn file(hub: web::Data<Hub>, path: web::Path<(String, String)>) -> HttpResponse {
    let (stream, name) = path.into_inner();
    let Some(frames) = hub.frame_stream(&stream) else {
        return not_found(&format!("there is no frame stream {stream:?}"));
    };
    if name == PLAYLIST {
        return match frames.media.playlist() {
            Some(playlist) => HttpResponse::Ok()
                .insert_header((CONTENT_TYPE, "application/vnd.apple.mpegurl"))
                .insert_header((CACHE_CONTROL, "no-store"))
                .body(playlist),
            None => not_found(&format!("stream {stream:?} has no segment yet")),
        };
    }
    let Some(path) = frames.media.segment(&name) else {
        return not_found(&format!("segment {name:?} is not in the playlist"));
    };
    match tokio::fs::read(&path).await {
        Ok(bytes) => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, "video/mp2t"))
            .insert_header((CACHE_CONTROL, "public, max-age=3600, immutable"))
            .body(bytes),
        // It left the window between the look-up and the read.
        Err(_) => not_found(&format!("segment {name:?} is gone")),
    }
}
