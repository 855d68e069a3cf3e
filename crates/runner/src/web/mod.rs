//! HTTP: the page, the API, the video and the websockets. Knows neither ZeroMQ nor ffmpeg.

mod api;
mod display;
mod exact;
mod flow;
mod frames;
mod health;
mod hls;
mod live;
mod llhls;
mod metrics;
mod page;
mod request;
mod rois;
mod socket;
mod timeline;
mod ws;

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::dev::Server;
use actix_web::http::header;
use actix_web::middleware::{Compress, DefaultHeaders};
use actix_web::{App, HttpServer, web};
use tokio_util::sync::CancellationToken;

use crate::hub::Hub;

/// Everything from here, nothing evaluated. Styles are inline because video.js and Vega set them.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data: blob:; media-src 'self' blob:; worker-src 'self' blob:; font-src 'self' data:; \
     connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/// Threads that answer requests.
const WORKERS: usize = 2;

/// Serves on `listener` until its handle is stopped. `stop` ends the websockets, which would else keep it alive.
///
/// # Errors
/// When the listener cannot be used.
pub fn serve(hub: Arc<Hub>, listener: TcpListener, stop: CancellationToken) -> std::io::Result<Server> {
    let hub = web::Data::from(hub);
    let stop = web::Data::new(stop);
    let health = web::Data::new(health::Health::new(hub.config.media.ffmpeg.clone()));
    let bounds = web::Data::new(frames::Bounds::new());
    let display_bounds = web::Data::new(display::Bounds::new());
    let roi_bounds = web::Data::new(rois::Bounds::new());
    let exact_bounds = web::Data::new(exact::Bounds::new());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(hub.clone())
            .app_data(stop.clone())
            .app_data(health.clone())
            .app_data(bounds.clone())
            .app_data(display_bounds.clone())
            .app_data(roi_bounds.clone())
            .app_data(exact_bounds.clone())
            .wrap(
                DefaultHeaders::new()
                    .add((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
                    .add((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
                    .add((header::REFERRER_POLICY, "no-referrer")),
            )
            .wrap(Compress::default())
            .configure(routes)
    });
    Ok(server
        .workers(WORKERS)
        // A frame is to leave when it is sent, not when the one before it has been confirmed.
        .tcp_nodelay(true)
        .disable_signals()
        .shutdown_timeout(1)
        .listen(listener)?
        .run())
}

fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/healthz", web::get().to(health::live))
        .route("/readyz", web::get().to(health::ready))
        .route("/metrics", web::get().to(metrics::text))
        .route("/ws", web::get().to(ws::open))
        .route("/ws/live/{stream}", web::get().to(live::open))
        .route("/ws/raw/{stream}", web::get().to(exact::open))
        .route("/hls/{stream}/{file}", web::get().to(hls::file))
        .service(
            web::scope("/api/v1")
                .route("/streams", web::get().to(api::streams))
                .route("/streams/{stream}", web::get().to(api::stream))
                .route("/streams/{stream}/timeline", web::get().to(timeline::frames))
                .route("/streams/{stream}/frames", web::get().to(frames::list))
                .route("/streams/{stream}/frames/{file}", web::get().to(frames::file))
                .route(
                    "/streams/{stream}/frames/{frame}/pixel",
                    web::get().to(frames::pixel::get),
                )
                .service(
                    web::resource("/streams/{stream}/display")
                        .route(web::get().to(display::get))
                        .route(web::put().to(display::put))
                        .route(web::patch().to(display::patch)),
                )
                .route("/streams/{stream}/display/auto", web::post().to(display::auto))
                .service(
                    web::resource("/streams/{stream}/rois")
                        .route(web::get().to(rois::list))
                        .route(web::put().to(rois::replace))
                        .route(web::post().to(rois::add)),
                )
                .service(
                    web::resource("/streams/{stream}/rois/{name}")
                        .route(web::put().to(rois::put))
                        .route(web::delete().to(rois::remove)),
                )
                .route("/streams/{stream}/histogram", web::get().to(display::histogram))
                .route("/series", web::get().to(api::series)),
        )
        .default_service(web::get().to(page::file));
}
