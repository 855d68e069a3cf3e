//! What the runner is told: flag, then environment, then configuration file, then default.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, ensure};
use bytesize::ByteSize;
use clap::{Args, Parser};
use serde::{Deserialize, Deserializer};

/// Gateway between nodes and browsers: takes frames and series over ZeroMQ, serves a page with both.
///
/// Every option may also stand in the file given with --config, under its long name with underscores. A flag wins
/// over the environment, the environment over the file.
#[derive(Debug, Parser)]
#[command(name = "runner", version)]
pub struct Arguments {
    /// TOML file with options, and with the nodes to start and look after.
    #[arg(long, env = "STREAMVIEW_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    options: Options,
}

/// Each is optional here, so that one source does not hide the next one with its defaults.
#[derive(Debug, Default, Args, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Options {
    /// Where browsers connect. Anything but a loopback address opens the page to the network, unprotected.
    /// [default: 127.0.0.1:8000]
    #[arg(long, env = "STREAMVIEW_LISTEN", value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Where nodes connect. Anything but a loopback address lets the network publish. [default: 127.0.0.1:5555]
    #[arg(long, env = "STREAMVIEW_INGEST_LISTEN", value_name = "ADDRESS:PORT")]
    ingest: Option<SocketAddr>,
    /// Directory that gets a private directory for this run's segments; removed at exit. A RAM disk spares the
    /// other disk. [default: streamview-USERID in the system's temporary directory]
    #[arg(long, env = "STREAMVIEW_TEMP_DIR", value_name = "DIR")]
    temp_dir: Option<PathBuf>,
    /// The ffmpeg to encode with, a name or a path. [default: ffmpeg]
    #[arg(long, env = "STREAMVIEW_FFMPEG", value_name = "PROGRAM")]
    ffmpeg: Option<PathBuf>,
    /// Length of a video segment, 0.2s to 60s. Plain HLS shows pictures three to four segments late. [default: 1s]
    #[arg(long, env = "STREAMVIEW_SEGMENT", value_name = "DURATION", value_parser = duration)]
    #[serde(deserialize_with = "parsed")]
    segment: Option<Duration>,
    /// Length of a part of a segment, 20ms to 1s: LL-HLS shows pictures three parts late. [default: 100ms]
    #[arg(long, env = "STREAMVIEW_PART", value_name = "DURATION", value_parser = duration)]
    #[serde(deserialize_with = "parsed")]
    part: Option<Duration>,
    /// How much video can be scrubbed back to, kept on disk per stream. [default: 10m]
    #[arg(long, env = "STREAMVIEW_WINDOW", value_name = "DURATION", value_parser = duration)]
    #[serde(deserialize_with = "parsed")]
    window: Option<Duration>,
    /// Most bytes of video kept on disk per stream, whatever --window says. [default: 2GiB]
    #[arg(long, env = "STREAMVIEW_WINDOW_BYTES", value_name = "SIZE")]
    window_bytes: Option<ByteSize>,
    /// Quality of the video, x264's constant rate factor: 0 (lossless, large) to 51. [default: 20]
    #[arg(long, env = "STREAMVIEW_CRF", value_name = "CRF")]
    crf: Option<u8>,
    /// Frames of a stream that may wait for its encoder; then the oldest is dropped. More ride out longer hiccups,
    /// and show older pictures after them. [default: 16]
    #[arg(long, env = "STREAMVIEW_QUEUE", value_name = "FRAMES")]
    queue: Option<usize>,
    /// Most frame streams; each costs an encoder. [default: 64]
    #[arg(long, env = "STREAMVIEW_MAX_STREAMS", value_name = "STREAMS")]
    max_streams: Option<usize>,
    /// Memory for the samples of all series together; the newest are kept. [default: 256MiB]
    #[arg(long, env = "STREAMVIEW_SERIES_MEMORY", value_name = "SIZE")]
    series_memory: Option<ByteSize>,
    /// How much of the series a page sees that is opened late. [default: 1m]
    #[arg(long, env = "STREAMVIEW_HISTORY", value_name = "DURATION", value_parser = duration)]
    #[serde(deserialize_with = "parsed")]
    history: Option<Duration>,
    /// Memory for frames as they were captured, of all streams together: their exact pixels can be fetched. The
    /// newest are kept; 0 keeps none. [default: 512MiB]
    #[arg(long, env = "STREAMVIEW_RAW_BYTES", value_name = "SIZE")]
    raw_bytes: Option<ByteSize>,
    /// How far back frames are kept as they were captured, if --raw-bytes holds so many. [default: 30s]
    #[arg(long, env = "STREAMVIEW_RAW_WINDOW", value_name = "DURATION", value_parser = duration)]
    #[serde(deserialize_with = "parsed")]
    raw_window: Option<Duration>,
    /// Directory of what outlives a run, such as how streams are shown. [default: streamview/PORT, the port of --listen,
    /// in $XDG_STATE_HOME or ~/.local/state; nothing outlives a run whose port the system chooses]
    #[arg(long, env = "STREAMVIEW_STATE", value_name = "DIR")]
    state: Option<PathBuf>,
    /// Nodes, only in the file: `[[node]]` tables with `name`, `command` (a list), and optional `env`, `restart`.
    #[arg(skip)]
    node: Vec<Node>,
}

fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text)
        .map_err(|error| format!("{error}: expected a duration such as 2s or 500ms"))
}

fn parsed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    duration(&text).map(Some).map_err(serde::de::Error::custom)
}

/// A process that the runner starts and looks after.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// Name in the log.
    pub name: String,
    /// Program and arguments. A bare name is looked for beside the runner, then in `PATH`.
    pub command: Vec<String>,
    /// Added to the environment.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// When to start it again.
    #[serde(default)]
    pub restart: Restart,
}

/// When a node that has ended is started again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Restart {
    /// Whenever it ends.
    Always,
    /// When it failed or was killed.
    #[default]
    OnFailure,
    /// Never.
    Never,
}

/// Checked options.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where browsers connect.
    pub listen: SocketAddr,
    /// Where nodes connect.
    pub ingest: SocketAddr,
    /// Parent of the run's directory.
    pub temp_dir: PathBuf,
    /// Encoder.
    pub ffmpeg: PathBuf,
    /// Segment length.
    pub segment: Duration,
    /// Part length.
    pub part: Duration,
    /// Video kept, by time.
    pub window: Duration,
    /// Video kept, by size.
    pub window_bytes: u64,
    /// Constant rate factor.
    pub crf: u8,
    /// Frames that may wait for an encoder.
    pub queue: usize,
    /// Most frame streams.
    pub max_streams: usize,
    /// Memory for samples, in bytes.
    pub series_memory: usize,
    /// What late joiners see of the series.
    pub history: Duration,
    /// Memory for raw frames, in bytes; 0 for none.
    pub raw_bytes: usize,
    /// Raw frames kept, by time.
    pub raw_window: Duration,
    /// Directory of what outlives a run.
    pub state: Option<PathBuf>,
    /// Processes to look after.
    pub nodes: Vec<Node>,
}

impl Config {
    /// Reads the file, if one is named, and checks everything before anything is bound or started.
    ///
    /// # Errors
    /// Names the flag or key, what was expected and what came; for a file, its line too.
    pub fn load(arguments: Arguments) -> anyhow::Result<Self> {
        let file = match &arguments.config {
            Some(path) => Options::read(path)?,
            None => Options::default(),
        };
        arguments.options.or(file).check()
    }
}

impl Options {
    fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("--config {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("--config {}", path.display()))
    }

    /// These, and where they say nothing, `other`.
    fn or(self, other: Self) -> Self {
        Self {
            listen: self.listen.or(other.listen),
            ingest: self.ingest.or(other.ingest),
            temp_dir: self.temp_dir.or(other.temp_dir),
            ffmpeg: self.ffmpeg.or(other.ffmpeg),
            segment: self.segment.or(other.segment),
            part: self.part.or(other.part),
            window: self.window.or(other.window),
            window_bytes: self.window_bytes.or(other.window_bytes),
            crf: self.crf.or(other.crf),
            queue: self.queue.or(other.queue),
            max_streams: self.max_streams.or(other.max_streams),
            series_memory: self.series_memory.or(other.series_memory),
            history: self.history.or(other.history),
            raw_bytes: self.raw_bytes.or(other.raw_bytes),
            raw_window: self.raw_window.or(other.raw_window),
            state: self.state.or(other.state),
            node: other.node,
        }
    }

    fn check(self) -> anyhow::Result<Config> {
        let listen = self.listen.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8000)));
        let config = Config {
            listen,
            ingest: self.ingest.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 5555))),
            temp_dir: self.temp_dir.unwrap_or_else(default_temp_dir),
            ffmpeg: self.ffmpeg.unwrap_or_else(|| "ffmpeg".into()),
            segment: self.segment.unwrap_or(Duration::from_secs(1)),
            part: self.part.unwrap_or(Duration::from_millis(100)),
            window: self.window.unwrap_or(Duration::from_secs(600)),
            window_bytes: self.window_bytes.unwrap_or(ByteSize::gib(2)).as_u64(),
            crf: self.crf.unwrap_or(20),
            queue: self.queue.unwrap_or(16),
            max_streams: self.max_streams.unwrap_or(64),
            series_memory: usize::try_from(self.series_memory.unwrap_or(ByteSize::mib(256)).as_u64())
                .context("series_memory: more than this machine can address")?,
            history: self.history.unwrap_or(Duration::from_secs(60)),
            raw_bytes: usize::try_from(self.raw_bytes.unwrap_or(ByteSize::mib(512)).as_u64())
                .context("raw_bytes: more than this machine can address")?,
            raw_window: self.raw_window.unwrap_or(Duration::from_secs(30)),
            state: self.state.or_else(|| default_state(listen.port())),
            nodes: self.node,
        };
        let seconds = |duration: Duration| humantime::format_duration(duration).to_string();
        let Config {
            segment,
            part,
            window,
            history,
            ..
        } = config;
        ensure!(
            (Duration::from_millis(200)..=Duration::from_secs(60)).contains(&segment),
            "segment is {}: expected 0.2s to 60s",
            seconds(segment)
        );
        ensure!(
            (Duration::from_millis(20)..=segment.min(Duration::from_secs(1))).contains(&part),
            "part is {}: expected 20ms to 1s, and no more than a segment",
            seconds(part)
        );
        ensure!(
            window >= segment * 6,
            "window is {}: expected at least six segments",
            seconds(window)
        );
        ensure!(
            config.window_bytes >= 1 << 20,
            "window_bytes is {}: expected at least 1MiB",
            config.window_bytes
        );
        ensure!(config.crf <= 51, "crf is {}: expected 0 to 51", config.crf);
        ensure!(
            (1..=1_000).contains(&config.queue),
            "queue is {}: expected 1 to 1000 frames",
            config.queue
        );
        ensure!(config.max_streams >= 1, "max_streams is 0: expected at least 1");
        ensure!(
            config.series_memory >= 1 << 20,
            "series_memory is {}: expected at least 1MiB",
            config.series_memory
        );
        ensure!(
            (Duration::from_secs(1)..=Duration::from_secs(86_400)).contains(&history),
            "history is {}: expected 1s to 1day",
            seconds(history)
        );
        ensure!(
            config.raw_bytes == 0 || config.raw_bytes >= 1 << 20,
            "raw_bytes is {}: expected 0 or at least 1MiB",
            config.raw_bytes
        );
        ensure!(
            (Duration::from_millis(100)..=Duration::from_secs(86_400)).contains(&config.raw_window),
            "raw_window is {}: expected 100ms to 1day",
            seconds(config.raw_window)
        );
        for (index, node) in config.nodes.iter().enumerate() {
            ensure!(
                !node.command.is_empty(),
                "node {:?}: command is empty: expected a program",
                node.name
            );
            let twin = config.nodes[..index].iter().any(|other| other.name == node.name);
            ensure!(
                !twin,
                "node {:?} is listed twice: expected different names",
                node.name
            );
        }
        Ok(config)
    }
}

/// One per user: a directory that only its owner may enter cannot be shared.
fn default_temp_dir() -> PathBuf {
    let user = rustix::process::getuid().as_raw();
    std::env::temp_dir().join(format!("streamview-{user}"))
}

/// Of each runner of a user its own, and the same one whenever it is started again: that is known by its port.
///
/// <https://specifications.freedesktop.org/basedir-spec/latest/>
fn default_state(port: u16) -> Option<PathBuf> {
    let absolute = |path: PathBuf| path.is_absolute().then_some(path);
    let of_user = || absolute(std::env::var_os("XDG_STATE_HOME")?.into());
    let home = of_user().or_else(|| Some(absolute(std::env::home_dir()?)?.join(".local/state")))?;
    (port != 0).then(|| home.join("streamview").join(port.to_string()))
}

/// For tests and tools: a configuration from the text of a file.
impl FromStr for Config {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        toml::from_str::<Options>(text)?.check()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        format!("{:#}", text.parse::<Config>().unwrap_err())
    }

    #[test]
    fn the_command_line_is_well_formed() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }

    #[test]
    fn an_unknown_key_is_an_error_that_names_its_line() {
        let error = refused("listen = \"127.0.0.1:1\"\nlisten_port = 3\n");
        assert!(
            error.contains("line 2") && error.contains("listen_port"),
            "{error}"
        );
        let error = refused("[[node]]\nname = \"a\"\ncommand = [\"x\"]\ncomand = 1\n");
        assert!(error.contains("line 4") && error.contains("comand"), "{error}");
    }

    #[test]
    fn values_outside_their_range_name_the_key_and_what_was_expected() {
        assert_eq!(
            refused("segment = \"100ms\""),
            "segment is 100ms: expected 0.2s to 60s"
        );
        assert_eq!(
            refused("part = \"2s\""),
            "part is 2s: expected 20ms to 1s, and no more than a segment"
        );
        assert_eq!(
            refused("window = \"2s\""),
            "window is 2s: expected at least six segments"
        );
        assert_eq!(refused("crf = 60"), "crf is 60: expected 0 to 51");
        assert_eq!(
            refused("raw_bytes = \"1KiB\""),
            "raw_bytes is 1024: expected 0 or at least 1MiB"
        );
        assert_eq!(
            refused("raw_window = \"0s\""),
            "raw_window is 0s: expected 100ms to 1day"
        );
        assert!(refused("segment = \"soon\"").contains("expected a duration such as 2s"));
        let twice = "[[node]]\nname = \"a\"\ncommand = [\"x\"]\n[[node]]\nname = \"a\"\ncommand = [\"y\"]\n";
        assert!(refused(twice).contains("listed twice"));
    }

    #[test]
    fn what_outlives_a_run_is_kept_where_the_next_one_at_the_same_port_looks() {
        let state = |text: &str| text.parse::<Config>().unwrap().state;
        assert_eq!(state("listen = \"127.0.0.1:0\""), None);
        assert_eq!(
            state("listen = \"127.0.0.1:0\"\nstate = \"here\""),
            Some("here".into())
        );
        let at_8000 = default_state(8_000).expect("a home");
        assert!(
            at_8000.is_absolute() && at_8000.ends_with("streamview/8000"),
            "{at_8000:?}"
        );
    }

    #[test]
    fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
        let flags = Options {
            crf: Some(30),
            ..Options::default()
        };
        let file: Options = toml::from_str("crf = 25\nqueue = 9").unwrap();
        let config = flags.or(file).check().unwrap();
        assert_eq!((config.crf, config.queue, config.max_streams), (30, 9, 64));
    }
}
