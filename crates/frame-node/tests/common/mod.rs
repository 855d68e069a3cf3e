//! What the tests share: recordings, and a runner's ear.
#![allow(dead_code, clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use clap::Parser;
use frame_node::Config;
use frame_node::source::{self, Error, Opened, Picture, Source};
use protocol::Message;
use tokio_util::sync::CancellationToken;
use transport::{Ingest, Received, ingest};

/// A real recording, from `STREAMVIEW_TEST_DATA` or `../shared/data` beside the checkout; says so if it is not there.
pub fn recording(name: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("STREAMVIEW_TEST_DATA").map_or(beside, PathBuf::from);
    let path = folder.join(name);
    if path.is_file() {
        return Some(path);
    }
    #[allow(clippy::print_stderr, reason = "a test that tests nothing must say so")]
    let () = eprintln!("skipped: {} is not there (STREAMVIEW_TEST_DATA)", path.display());
    None
}

/// Opens what a command line names.
pub fn open(arguments: &[&str]) -> Result<Opened, Error> {
    let config = Config::try_parse_from(["frame-node"].iter().chain(arguments)).unwrap();
    config.check().unwrap();
    source::open(&config)
}

/// All pictures of a recording.
pub fn read_all(opened: Opened) -> Result<Vec<Picture>, Error> {
    let Source::Reader(mut reader) = opened.source else {
        panic!("not a recording");
    };
    std::iter::from_fn(|| reader.read().transpose()).collect()
}

/// Receives what nodes publish.
pub struct Ear {
    pub endpoint: String,
    heard: Arc<Mutex<Vec<Message>>>,
    _stop: tokio_util::sync::DropGuard,
    _runtime: tokio::runtime::Runtime,
}

impl Ear {
    pub fn open() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listen: transport::Endpoint = "tcp://127.0.0.1:0".parse().unwrap();
        let ingest = runtime
            .block_on(Ingest::bind(ingest::Config::new(listen)))
            .unwrap();
        let endpoint = format!("tcp://{}", ingest.local_addr());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let sink = {
            let heard = heard.clone();
            move |received| match received {
                Received::Message(message) => heard.lock().unwrap().push(message),
                Received::Refused { error, .. } => panic!("refused: {error}"),
                _ => (),
            }
        };
        let stop = CancellationToken::new();
        runtime.spawn(ingest.run(sink, stop.clone()));
        Self {
            endpoint,
            heard,
            _stop: stop.drop_guard(),
            _runtime: runtime,
        }
    }

    /// Everything heard so far, as soon as `enough` says so.
    pub fn wait(&self, what: &str, enough: impl Fn(&[Message]) -> bool) -> Vec<Message> {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let heard = self.heard.lock().unwrap().clone();
            if enough(&heard) {
                return heard;
            }
            assert!(Instant::now() < deadline, "never heard {what}: {heard:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// Whether the last message says that its stream has ended.
pub fn ended(heard: &[Message]) -> bool {
    matches!(heard.last(), Some(Message::Event(event)) if event.end)
}
