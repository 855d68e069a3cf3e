//! Assembles the gateway, drives it, and takes it apart in the order of the stream.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use media::RunDir;
use service::Shutdown;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use transport::{Ingest, ingest::Config as IngestConfig};

use crate::config::Config;
use crate::hub::{self, Hub};
use crate::roi::{self, Work};
use crate::{ingest, nodes, raw, relay, web};

/// How long encoders may take to finish their last segment.
const ENCODER_GRACE: Duration = Duration::from_secs(1);

/// Runs until a signal comes.
///
/// # Errors
/// When a part cannot be started, naming its flag; everything that had started is stopped.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let shutdown = Shutdown::listen().context("signals")?;
    // Both ports before anything else: a second runner is to fail before it touches a file.
    let listener = TcpListener::bind(config.listen).with_context(|| format!("--listen {}", config.listen))?;
    let address = listener.local_addr().context("--listen")?;
    let ingest = Ingest::bind(IngestConfig::new(config.ingest))
        .await
        .context("--ingest")?;
    let ingest_address = ingest.local_addr();
    let (page, nodes_connect) = (reached_at(address), reached_at(ingest_address));
    warn_if_open("--listen", address);
    warn_if_open("--ingest", ingest_address);

    let run: String = format!("{:08x}", rand::random::<u32>());
    let run_dir = RunDir::create(&config.temp_dir, &run).context("--temp-dir")?;
    if run_dir.reclaimed() > 0 {
        tracing::info!(
            runs = run_dir.reclaimed(),
            "removed what killed runs had left behind"
        );
    }
    match media::probe(&config.ffmpeg) {
        Ok(version) => tracing::info!(%version, "ffmpeg"),
        // Series go on without pictures, and the encoders try again: it may be installed meanwhile.
        Err(error) => tracing::error!("no pictures for now: {error}"),
    }

    let hub = Arc::new(Hub::new(run.clone(), hub_config(&config, run_dir.path(), run)));
    // Cancelled one after the other, below.
    let (stop_nodes, stop_ingest, stop_web) = (
        CancellationToken::new(),
        CancellationToken::new(),
        CancellationToken::new(),
    );

    let server = web::serve(hub.clone(), listener, stop_web.clone()).context("--listen")?;
    let server_handle = server.handle();
    let mut tasks = JoinSet::new();
    let ingest_stop = stop_ingest.clone();
    let sink = ingest::sink(hub.clone());
    let mut ingest_task = tokio::spawn(ingest.run(sink, ingest_stop));
    tasks.spawn(async move { ("http", server.await.map_err(anyhow::Error::from)) });
    let (relay_hub, relay_stop) = (hub.clone(), stop_web.clone());
    tasks.spawn(async move {
        relay::run(relay_hub, relay_stop).await;
        ("relay", Ok(()))
    });
    let stop_memory = CancellationToken::new();
    let (memory_hub, memory_stop) = (hub.clone(), stop_memory.clone());
    tasks.spawn(async move {
        let failed = |text| memory_hub.notice("display", "not remembered", text);
        memory_hub.displays.clone().keep(memory_stop, failed).await;
        ("memory", Ok(()))
    });
    let (memory_hub, memory_stop) = (hub.clone(), stop_memory.clone());
    tasks.spawn(async move {
        let failed = |text| memory_hub.notice("rois", "not remembered", text);
        memory_hub.regions.clone().keep(memory_stop, failed).await;
        ("memory", Ok(()))
    });
    for _ in 0..Work::threads() {
        let hub = hub.clone();
        tasks.spawn_blocking(move || {
            roi::measure(&hub);
            ("measuring", Ok(()))
        });
    }
    let nodes_done = tokio::spawn(nodes::run(config.nodes, nodes_connect, stop_nodes.clone()));

    tracing::info!("nodes connect to tcp://{nodes_connect}");
    tracing::info!("open http://{page}/");

    let ended = tokio::select! {
        () = shutdown.token().cancelled_owned() => Ok(()),
        ended = &mut ingest_task => Err(ended_by_itself("ingest", ended.map(|ended| ended.map_err(Into::into)))),
        Some(ended) = tasks.join_next() => Err(match ended {
            Ok((part, ended)) => ended_by_itself(part, Ok(ended)),
            Err(error) => error.into(),
        }),
    };

    // In the order of the stream: who sends, who receives, who encodes, who watches.
    let stopping = Instant::now();
    stop_nodes.cancel();
    if let Err(error) = nodes_done.await {
        tracing::error!(%error, "nodes");
    }
    stop_ingest.cancel();
    if !ingest_task.is_finished() {
        // What it says has no reader any more; that it has ended is what the encoders wait for.
        let _ = ingest_task.await;
    }
    hub.measuring.end();
    stop_encoders(&hub).await;
    stop_web.cancel();
    server_handle.stop(true).await;
    stop_memory.cancel();
    while let Some(task) = tasks.join_next().await {
        if let Ok((part, Err(error))) = task {
            tracing::warn!(part, %error, "at the end");
        }
    }
    drop(run_dir);
    tracing::info!(ms = stopping.elapsed().as_millis() as u64, "stopped");
    ended
}

/// Parts run until they are stopped; one that does not is the end of the run.
fn ended_by_itself(part: &str, ended: Result<anyhow::Result<()>, tokio::task::JoinError>) -> anyhow::Error {
    match ended {
        Ok(Ok(())) => anyhow::anyhow!("{part} ended by itself"),
        Ok(Err(error)) => error.context(part.to_owned()),
        Err(error) => anyhow::Error::from(error).context(part.to_owned()),
    }
}

fn hub_config(config: &Config, dir: &std::path::Path, run: String) -> hub::Config {
    let media = media::Config {
        ffmpeg: config.ffmpeg.clone(),
        segment: config.segment,
        part: config.part,
        window: config.window,
        window_bytes: config.window_bytes,
        queue: config.queue,
        crf: config.crf,
        ..media::Config::new(dir, run)
    };
    hub::Config {
        media,
        series_bytes: config.series_memory,
        history: config.history,
        raw: raw::Limits {
            bytes: config.raw_bytes,
            window: config.raw_window,
        },
        max_streams: config.max_streams,
        state: config.state.clone(),
    }
}

/// Where this machine reaches a listener: one on every address is at the loopback address, too.
fn reached_at(mut listener: SocketAddr) -> SocketAddr {
    if listener.ip().is_unspecified() {
        listener.set_ip(match listener {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    listener
}

fn warn_if_open(flag: &str, address: SocketAddr) {
    if !address.ip().is_loopback() {
        tracing::warn!(%address, "{flag} is open to the network: anyone who reaches it may use it");
    }
}

/// All at once, off the async threads: each waits for its ffmpeg.
async fn stop_encoders(hub: &Hub) {
    let mut stopping = JoinSet::new();
    for (name, stream) in hub.take_frame_streams() {
        stopping.spawn_blocking(move || {
            // A request that reads it at this moment keeps it; then its end comes with that request's.
            if let Some(stream) = Arc::into_inner(stream) {
                stream.stop(ENCODER_GRACE);
            }
            name
        });
    }
    while let Some(stopped) = stopping.join_next().await {
        if let Ok(name) = stopped {
            tracing::debug!(stream = %name, "encoder stopped");
        }
    }
}
