//! A running gateway, and what it tells.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use rustix::process::Pid;
use serde_json::Value;

use crate::http::{self, Response};
use crate::{Lab, LiveViewer, PATIENCE, Playlist, Process, Viewer, wait_for};

/// Where a runner listens.
#[derive(Clone, Copy, Debug)]
pub struct Addresses {
    /// Browsers.
    pub http: SocketAddr,
    /// Nodes.
    pub ingest: SocketAddr,
}

impl Addresses {
    /// Ports that the system chooses.
    pub fn any() -> Self {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            http: any,
            ingest: any,
        }
    }

    /// Ports that were free a moment ago, and that the system gives to nobody by itself: a runner can come back to
    /// them after it was gone.
    ///
    /// # Panics
    /// When none is free.
    pub fn reserved() -> Self {
        static NEXT: AtomicU16 = AtomicU16::new(0);
        const FIRST: u16 = 12_000;
        const COUNT: u16 = 18_000;
        let start = (std::process::id() as u16).wrapping_mul(61);
        let free = || {
            (0..COUNT)
                .map(|_| start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % COUNT + FIRST)
                .map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
                .find(|address| TcpListener::bind(address).is_ok())
                .expect("a free port")
        };
        Self {
            http: free(),
            ingest: free(),
        }
    }
}

/// A runner that answers.
#[derive(Debug)]
pub struct Runner {
    /// Its process.
    pub process: Process,
    /// Where it listens.
    pub addresses: Addresses,
    temp_dir: PathBuf,
}

impl Runner {
    /// Starts one on any ports. `arguments` is one line, split at spaces.
    pub fn start(lab: &Lab, arguments: &str) -> Self {
        Self::start_at(lab, Addresses::any(), arguments)
    }

    /// Starts one at `addresses`, and waits until it says that it is ready.
    ///
    /// # Panics
    /// When it does not.
    pub fn start_at(lab: &Lab, addresses: Addresses, arguments: &str) -> Self {
        let temp_dir = lab.dir().join("temp");
        let (listen, ingest) = (addresses.http.to_string(), addresses.ingest.to_string());
        let mut line = vec!["--listen", &listen, "--ingest", &ingest];
        line.extend(["--temp-dir", temp_dir.to_str().expect("a path of UTF-8")]);
        let state = lab.dir().join("state");
        line.extend(["--state", state.to_str().expect("a path of UTF-8")]);
        line.extend(arguments.split(' ').filter(|argument| !argument.is_empty()));
        let mut process = lab.start("runner", &line);
        let mut address = |text| {
            let rest = process.wait_for_log(text, PATIENCE);
            rest.trim_end_matches('/').parse().expect("an address in the log")
        };
        let addresses = Addresses {
            ingest: address("nodes connect to tcp://"),
            http: address("open http://"),
        };
        Self {
            process,
            addresses,
            temp_dir,
        }
    }

    /// `kill -9`, then a new one at the same addresses.
    pub fn kill_and_restart(&mut self, lab: &Lab) {
        self.process.kill();
        *self = Self::start_at(lab, self.addresses, "");
    }

    /// Where its run directories are.
    pub fn temp_dir(&self) -> &Path {
        &self.temp_dir
    }

    /// Names of the run directories that exist, its own and what others left.
    pub fn run_dirs(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(&self.temp_dir) else {
            return Vec::new();
        };
        let names = entries.flatten().map(|entry| entry.file_name());
        names.map(|name| name.to_string_lossy().into_owned()).collect()
    }

    /// The ffmpeg processes that run now.
    pub fn encoders(&self) -> Vec<Pid> {
        self.process.children("ffmpeg")
    }

    /// The answer to `GET`.
    ///
    /// # Panics
    /// When there is none.
    pub fn get(&self, path: &str) -> Response {
        http::get(self.addresses.http, path).expect("an answer")
    }

    /// The answer to a request with JSON in it.
    ///
    /// # Panics
    /// When there is none.
    pub fn send(&self, method: &str, path: &str, json: &Value) -> Response {
        let headers = [("content-type", "application/json")];
        let body = json.to_string();
        http::send(self.addresses.http, method, path, &headers, body.as_bytes()).expect("an answer")
    }

    /// Every stream, as the API tells.
    pub fn streams(&self) -> Vec<Value> {
        match self.get("/api/v1/streams").json()["streams"].take() {
            Value::Array(streams) => streams,
            other => panic!("streams: {other}"),
        }
    }

    /// A stream, once there is one and `look` finds in it what it looks for.
    #[track_caller]
    pub fn wait_for_stream<T>(
        &self,
        (kind, id): (&str, &str),
        what: &str,
        patience: Duration,
        mut look: impl FnMut(&Value) -> Option<T>,
    ) -> T {
        wait_for(&format!("{kind} stream {id:?}: {what}"), patience, || {
            let streams = self.streams();
            let stream = streams
                .iter()
                .find(|stream| stream["kind"] == kind && stream["id"] == id)
                .ok_or_else(|| format!("{} other streams", streams.len()))?;
            look(stream).ok_or_else(|| stream.to_string())
        })
    }

    /// A frame stream as it is now.
    #[track_caller]
    pub fn frame_stream(&self, id: &str) -> Value {
        self.wait_for_stream(("frame", id), "known", PATIENCE, |stream| Some(stream.clone()))
    }

    /// A frame stream, once it is live.
    #[track_caller]
    pub fn wait_live(&self, id: &str, patience: Duration) -> Value {
        self.wait_for_stream(("frame", id), "live", patience, |stream| {
            (stream["state"] == "live").then(|| stream.clone())
        })
    }

    /// A frame stream, once frames have been encoded and listed that were captured after `t_ns`.
    #[track_caller]
    pub fn wait_played_after(&self, id: &str, t_ns: i64, patience: Duration) -> Playlist {
        wait_for(&format!("{id:?} goes on"), patience, || {
            let playlist = Playlist::try_of(self, id)?;
            match playlist.newest_start_ms() {
                Some(start_ms) if start_ms > t_ns / 1_000_000 => Ok(playlist),
                newest => Err(format!("newest segment starts at {newest:?}")),
            }
        })
    }

    /// Opens a websocket.
    pub fn viewer(&self) -> Viewer {
        Viewer::open(self.addresses.http)
    }

    /// Opens a websocket of frames.
    pub fn live_viewer(&self, stream: &str) -> LiveViewer {
        LiveViewer::open(self.addresses.http, stream)
    }
}
