//! What is known of every stream beyond a run, in a file: a runner that is started again goes on with it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use protocol::StreamName;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Version of the files.
const VERSION: u64 = 1;
/// Streams remembered.
const MAX_STREAMS: usize = 4_096;
/// A slider that is being dragged is written down so often.
const WRITE_EVERY: Duration = Duration::from_millis(250);

/// What can be remembered of a stream. What it reads of a file is as valid as what it was made of.
pub trait Remember: Clone + Default + PartialEq + Serialize + DeserializeOwned + Send + 'static {
    /// What it is, in messages.
    const WHAT: &'static str;
    /// Largest file that is read and written.
    const MAX_BYTES: u64;

    /// What it takes in the file, at most.
    fn bytes(&self) -> u64;
}

/// What is remembered, and where. Overflow policy: what there is no room for lasts until the runner stops, and that is
/// said.
#[derive(Debug)]
pub struct Memory<T> {
    file: Option<PathBuf>,
    streams: Mutex<BTreeMap<StreamName, T>>,
    changed: Notify,
}

#[derive(Serialize)]
struct Content<'a, T> {
    version: u64,
    streams: BTreeMap<&'a str, &'a T>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored<T> {
    #[serde(rename = "version")]
    _version: u64,
    streams: BTreeMap<String, T>,
}

/// The beginning of any version.
#[derive(Deserialize)]
struct Versioned {
    version: u64,
}

impl<T: Remember> Memory<T> {
    /// What `file` holds; without one, nothing is remembered over a restart. A file that cannot be read is left beside
    /// the one that takes its place, and the sentence says why.
    pub fn open(file: Option<PathBuf>) -> (Self, Option<String>) {
        let (streams, trouble) = match file.as_deref().map(read) {
            Some(Err(error)) => {
                let trouble = file.as_deref().map(|file| set_aside(T::WHAT, file, &error));
                (BTreeMap::new(), trouble)
            }
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

    fn lock(&self) -> MutexGuard<'_, BTreeMap<StreamName, T>> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of `stream`.
    pub fn of(&self, stream: &StreamName) -> T {
        self.lock().get(stream).cloned().unwrap_or_default()
    }

    /// Remembers something else of `stream`; written down soon. What nobody has changed takes no room.
    ///
    /// # Errors
    /// A sentence, when there is no room for it.
    pub fn set(&self, stream: &StreamName, what: T) -> Result<(), String> {
        {
            let mut streams = self.lock();
            streams.remove(stream);
            if what != T::default() {
                let of_file: u64 = streams.values().chain([&what]).map(T::bytes).sum();
                if streams.len() >= MAX_STREAMS || of_file > T::MAX_BYTES {
                    return Err(format!(
                        "{} of {stream} last until the end of this run: expected at most {MAX_STREAMS} streams and {} \
                         bytes to be remembered",
                        T::WHAT,
                        T::MAX_BYTES
                    ));
                }
                streams.insert(stream.clone(), what);
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
            let content = Content {
                version: VERSION,
                streams: streams.iter().map(|(name, what)| (name.as_str(), what)).collect(),
            };
            serde_json::to_vec(&content).expect("plain values always serialise")
        };
        replace(file, &bytes)
            .map_err(|error| format!("{} are not remembered: {}: {error}", T::WHAT, file.display()))
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

fn read<T: Remember>(file: &Path) -> Result<BTreeMap<StreamName, T>, String> {
    let mut bytes = Vec::new();
    match File::open(file) {
        Ok(file) => file
            .take(T::MAX_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| error.to_string())?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(error.to_string()),
    };
    if bytes.len() as u64 > T::MAX_BYTES {
        return Err(format!("more than {} bytes", T::MAX_BYTES));
    }
    parse(&bytes)
}

fn parse<T: Remember>(bytes: &[u8]) -> Result<BTreeMap<StreamName, T>, String> {
    let Versioned { version } = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if version != VERSION {
        return Err(format!("version is {version}: expected {VERSION}"));
    }
    let json = &mut serde_json::Deserializer::from_slice(bytes);
    let stored: Stored<T> = serde_path_to_error::deserialize(json).map_err(|error| error.to_string())?;
    if stored.streams.len() > MAX_STREAMS {
        let count = stored.streams.len();
        return Err(format!("{count} streams: expected at most {MAX_STREAMS}"));
    }
    let named = |(name, what): (String, T)| match name.parse() {
        Ok(name) => Ok((name, what)),
        Err(error) => Err(protocol::NameError::to_string(&error)),
    };
    stored.streams.into_iter().map(named).collect()
}

/// Keeps a file that could not be read from being replaced.
fn set_aside(what: &str, file: &Path, error: &str) -> String {
    let aside = beside(file, "unreadable");
    let now = match std::fs::rename(file, &aside) {
        Ok(()) => format!("it is now {}", aside.display()),
        Err(error) => format!("it cannot be set aside: {error}"),
    };
    format!("{what} are forgotten: {}: {error}; {now}", file.display())
}

#[cfg(test)]
#[path = "memory_tests.rs"]
mod tests;
