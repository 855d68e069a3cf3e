//! The settings of every stream that ever got any, in a file: a runner that is started again shows them the same way.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use protocol::StreamName;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::Settings;
use super::fields::Fields;

/// Version of the file.
const VERSION: u64 = 1;
/// Streams remembered; overflow policy: settings of further ones last until the runner stops, and that is said.
const MAX_STREAMS: usize = 4_096;
/// Largest file that is read: so many streams take less.
const MAX_BYTES: u64 = 4 << 20;
/// A slider that is being dragged is written down so often.
const WRITE_EVERY: Duration = Duration::from_millis(250);

/// What is remembered, and where.
#[derive(Debug)]
pub struct Memory {
    file: Option<PathBuf>,
    streams: Mutex<BTreeMap<StreamName, Settings>>,
    changed: Notify,
}

#[derive(Serialize)]
struct Content<'a> {
    version: u64,
    streams: BTreeMap<&'a str, Settings>,
}

impl Memory {
    /// What `file` holds; without one, nothing is remembered over a restart. A file that cannot be read is left beside
    /// the one that takes its place, and the sentence says why.
    pub fn open(file: Option<PathBuf>) -> (Self, Option<String>) {
        let (streams, trouble) = match file.as_deref().map(read) {
            Some(Err(error)) => (
                BTreeMap::new(),
                file.as_deref().map(|file| set_aside(file, &error)),
            ),
            Some(Ok(streams)) => (streams, None),
            None => (BTreeMap::new(), None),
        };
        let memory = Self {
            file,
            streams: Mutex::new(streams),
            changed: Notify::new(),
        };
        (memory, trouble)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<StreamName, Settings>> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How `stream` is to be shown.
    pub fn of(&self, stream: &StreamName) -> Settings {
        self.lock().get(stream).copied().unwrap_or_default()
    }

    /// Remembers how `stream` is to be shown; written down soon. What nobody has changed takes no room.
    ///
    /// # Errors
    /// A sentence, when there is no room for another stream.
    pub fn set(&self, stream: &StreamName, settings: Settings) -> Result<(), String> {
        {
            let mut streams = self.lock();
            if settings == Settings::default() {
                streams.remove(stream);
            } else if streams.len() < MAX_STREAMS || streams.contains_key(stream) {
                streams.insert(stream.clone(), settings);
            } else {
                return Err(format!(
                    "settings of {MAX_STREAMS} streams are remembered already: those of {stream} last until the end \
                     of this run"
                ));
            }
        }
        self.changed.notify_one();
        Ok(())
    }

    /// Writes every change down until `stop`, the last one included; `failed` is told what went wrong.
    pub async fn keep(self: Arc<Self>, stop: CancellationToken, failed: impl Fn(String)) {
        loop {
            tokio::select! {
                biased;
                () = self.changed.notified() => {}
                () = stop.cancelled() => return,
            }
            let memory = self.clone();
            match tokio::task::spawn_blocking(move || memory.write()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => failed(error),
                Err(error) => failed(error.to_string()),
            }
            // Not after the stop: then the last change is written at once.
            let _ = tokio::time::timeout(WRITE_EVERY, stop.cancelled()).await;
        }
    }

    fn write(&self) -> Result<(), String> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let bytes = {
            let streams = self.lock();
            let streams = streams.iter().map(|(name, settings)| (name.as_str(), *settings));
            let content = Content {
                version: VERSION,
                streams: streams.collect(),
            };
            serde_json::to_vec_pretty(&content).expect("plain values always serialise")
        };
        replace(file, &bytes)
            .map_err(|error| format!("display settings are not remembered: {}: {error}", file.display()))
    }
}

/// Either the old file or the whole new one is there, whenever the machine stops.
fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(dir) = file.parent() {
        std::fs::create_dir_all(dir)?;
    }
    let new = beside(file, "new");
    let mut writer = File::create(&new)?;
    writer.write_all(bytes)?;
    writer.sync_all()?;
    drop(writer);
    std::fs::rename(new, file)
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

fn read(file: &Path) -> Result<BTreeMap<StreamName, Settings>, String> {
    let mut bytes = Vec::new();
    match File::open(file) {
        Ok(file) => file
            .take(MAX_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| error.to_string())?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(error.to_string()),
    };
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("more than {MAX_BYTES} bytes"));
    }
    parse(&bytes)
}

fn parse(bytes: &[u8]) -> Result<BTreeMap<StreamName, Settings>, String> {
    let json: Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let fields = Fields::of("", &json, &["version", "streams"])?;
    if fields.get("version").and_then(Value::as_u64) != Some(VERSION) {
        return Err(fields.wrong("version", &VERSION.to_string()));
    }
    let Some(Value::Object(streams)) = fields.get("streams") else {
        return Err(fields.wrong("streams", "an object"));
    };
    if streams.len() > MAX_STREAMS {
        return Err(format!(
            "{} streams: expected at most {MAX_STREAMS}",
            streams.len()
        ));
    }
    let streams = streams.iter().map(|(name, settings)| {
        let name: StreamName = name
            .parse()
            .map_err(|error: protocol::NameError| error.to_string())?;
        let settings = Settings::default()
            .with(settings)
            .map_err(|error| format!("stream {name}: {error}"))?;
        Ok((name, settings))
    });
    streams.collect()
}

/// Keeps a file that could not be read from being replaced.
fn set_aside(file: &Path, error: &str) -> String {
    let aside = beside(file, "unreadable");
    let what = match std::fs::rename(file, &aside) {
        Ok(()) => format!("it is now {}", aside.display()),
        Err(error) => format!("it cannot be set aside: {error}"),
    };
    format!(
        "display settings are forgotten: {}: {error}; {what}",
        file.display()
    )
}

#[cfg(test)]
#[path = "memory_tests.rs"]
mod tests;
