//! The page, out of the binary.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse};
use rust_embed::Embed;

use super::api::not_found;

/// `frontend/dist` as it was when the runner was built.
#[derive(Embed)]
#[folder = "../../frontend/dist"]
#[allow_missing = true]
struct Assets;

/// Vite puts a hash of the content into the names of what is below this.
const HASHED: &str = "assets/";

/// A file of the page; `/` is its index.
pub async fn file(request: HttpRequest) -> HttpResponse {
    let name = match request.path().trim_start_matches('/') {
        "" => "index.html",
        name => name,
    };
    match Assets::get(name) {
        Some(asset) => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, asset.metadata.mimetype()))
            .insert_header((CACHE_CONTROL, if name.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" }))
            .body(match asset.data {
                std::borrow::Cow::Borrowed(bytes) => bytes::Bytes::from_static(bytes),
                std::borrow::Cow::Owned(bytes) => bytes.into(),
            }),
        None if name == "index.html" => HttpResponse::ServiceUnavailable()
            .body("this runner was built without its page: run `npm ci && npm run build` in frontend/, then build the runner again"),
        None => not_found(&format!("there is no {:?}", request.path())),
    }
}
