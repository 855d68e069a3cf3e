//! The command line, which is also the manual.

use clap::builder::BoolishValueParser;
use clap::{CommandFactory, Parser};
use protocol::{SeriesName, StreamName};
use transport::Endpoint;

use crate::source::{Error, Host, Kind, Synthetic, TimeUnit, text, trace};

/// Publish series to a streamview runner.
///
/// Numbers go to the runner as they come and are never waited for: when the runner is slow, stopped or gone, the oldest
/// that wait make room, are counted, and metric-node goes on as if nothing had happened. It finds the runner again by
/// itself, whichever of the two is started first.
///
/// At the end of the source, or after Ctrl-C, the stream is marked as ended. A second Ctrl-C leaves at once.
#[derive(Clone, Debug, Parser)]
#[command(version, max_term_width = 110, after_long_help = EXAMPLES)]
pub struct Config {
    /// What to publish: a keyword or a file.
    #[arg(env = "STREAMVIEW_SOURCE", long_help = SOURCES)]
    pub source: String,

    /// Name of the stream: 1 to 64 of A-Z a-z 0-9 _ - . [default: signals for synthetic, else from the source's name].
    #[arg(long, env = "STREAMVIEW_STREAM", value_name = "NAME")]
    pub stream: Option<StreamName>,

    /// Where the runner takes series: tcp://host:port or ipc:///path.
    #[arg(
        long,
        env = "STREAMVIEW_INGEST",
        value_name = "ENDPOINT",
        default_value = "tcp://127.0.0.1:5555"
    )]
    pub connect: Endpoint,

    /// Samples per second of each series.
    ///
    /// The pace does not drift: sample n is due, and carries the time, n/rate after the first one. A node that was held up
    /// for more than a second goes on later instead of catching up. Default: 30 for synthetic, 2 for host (at most 5), 10 for
    /// a file that carries no time. Needed for .npy. Standard input is published as it arrives; with --rate it is read at
    /// that pace, if it carries no time.
    #[arg(long, env = "STREAMVIEW_RATE", value_name = "HZ", value_parser = parse_rate)]
    pub rate: Option<f64>,

    /// Begin again at the end of a file. Times and message numbers go on.
    #[arg(long = "loop", env = "STREAMVIEW_LOOP", value_parser = BoolishValueParser::new())]
    pub looping: bool,

    /// Publish what is appended to the file from now on, like tail -f. The file may come later, be truncated or rotated.
    #[arg(long, env = "STREAMVIEW_FOLLOW", value_parser = BoolishValueParser::new())]
    pub follow: bool,

    /// Unit of all values, such as uV; for .npy after --scale.
    #[arg(long, env = "STREAMVIEW_UNIT")]
    pub unit: Option<String>,

    /// For .npy: multiplies every element to give the value in --unit, such as 0.05 uV per bit [default: 1].
    #[arg(long, env = "STREAMVIEW_SCALE", value_name = "FACTOR", allow_hyphen_values = true, value_parser = parse_scale)]
    pub scale: Option<f64>,

    /// For .npy: names of the channels, separated by commas [default: 0, 1, …].
    #[arg(long, env = "STREAMVIEW_NAMES", value_name = "A,B,…", value_delimiter = ',')]
    pub names: Option<Vec<SeriesName>>,

    /// How text is read [default: jsonl if it begins with {, else csv].
    #[arg(long, env = "STREAMVIEW_FORMAT")]
    pub format: Option<text::Format>,

    /// What stands between the cells of CSV: one character, or tab [default: ,].
    #[arg(long, env = "STREAMVIEW_DELIMITER", value_name = "CHAR", value_parser = parse_delimiter)]
    pub delimiter: Option<u8>,

    /// What a number in a time column counts since the Unix epoch [default: s]. UTC times such as 2026-01-31T12:00:00Z are
    /// read as they are.
    #[arg(long, env = "STREAMVIEW_TIME_UNIT", value_name = "UNIT")]
    pub time_unit: Option<TimeUnit>,

    /// How many synthetic series, 1 to 1000 [default: 4].
    #[arg(long, env = "STREAMVIEW_SERIES", value_name = "COUNT", value_parser = parse_series)]
    pub series: Option<usize>,

    /// Seed of synthetic: the same seed, rate and number of series give the same values [default: 0].
    #[arg(long, env = "STREAMVIEW_SEED")]
    pub seed: Option<u64>,
}

const SOURCES: &str = "\
What to publish: a keyword or a file.

synthetic    signals like those of a running experiment: snr, cells, event rate,
             temperature, then as many more as --series asks for
host         CPU, memory, disk and network of this machine
FILE.npy     NumPy array [samples] or [samples, channels], C order,
             little-endian; memory-mapped and sent as blocks; needs --rate
FILE         CSV (the first line names the series) or JSON lines (an object of
             numbers per line). A column or key t, time or timestamp is the
             capture time, frame is the number of the frame that the values
             describe. The file is replayed: its first row is now, the others
             follow at the distances of their times, or at --rate; with
             --follow it is live
-            the same on standard input, live: published as it arrives, with the
             time it carries, or else now

A file that is called like a keyword is reached as ./host.";

const EXAMPLES: &str = "\
Examples:
  metric-node synthetic --series 16 --rate 60 --seed 1
  metric-node host --rate 2
  metric-node recording.npy --rate 40000 --scale 0.05 --unit uV --loop
  metric-node session.csv --loop
  metric-node session.csv --follow --time-unit ms
  my-analysis | metric-node - --stream analysis

Log: one summary every 10 s on standard error; STREAMVIEW_LOG=debug tells more.
Exit code: 0 at the end of the source or after Ctrl-C, 1 after an error, 2 for a command line that makes no sense.";

impl Config {
    /// What `SOURCE` means.
    pub fn kind(&self) -> Kind {
        Kind::of(&self.source)
    }

    /// Checks the flags against each other and against the source.
    ///
    /// # Errors
    /// A usage error, which names the flag.
    pub fn check(&self) -> Result<(), clap::Error> {
        let refuse = |flag: &str, reason: &str| {
            let message = format!("{flag}: {reason}");
            Err(Self::command().error(clap::error::ErrorKind::ArgumentConflict, message))
        };
        let kind = self.kind();
        let npy = matches!(kind, Kind::Npy(_));
        let text = matches!(kind, Kind::Text(_) | Kind::Stdin);
        let file = matches!(kind, Kind::Text(_) | Kind::Npy(_));
        if npy && self.rate.is_none() {
            return refuse("--rate", "needed for .npy, such as 40000");
        }
        if kind == Kind::Host && self.rate.is_some_and(|rate| rate > Host::MAX_RATE_HZ) {
            return refuse("--rate", "at most 5 for host: its CPU times are no finer");
        }
        if !npy && self.rate.is_some_and(|rate| rate > MAX_MESSAGES_HZ) {
            return refuse(
                "--rate",
                "at most 10000: faster signals are sent as blocks, from .npy",
            );
        }
        if self.looping && !file {
            return refuse("--loop", "only for files");
        }
        if self.follow && !matches!(kind, Kind::Text(_)) {
            return refuse("--follow", "only for CSV and JSON lines in a file");
        }
        if self.follow && self.looping {
            return refuse("--follow", "a file that is followed has no end to --loop at");
        }
        if self.follow && self.rate.is_some() {
            return refuse("--rate", "a file that is followed is published as it grows");
        }
        if self.unit.is_some() && !(npy || text) {
            return refuse("--unit", "the source has its own");
        }
        if self.unit.as_ref().is_some_and(|unit| unit.len() > 256) {
            return refuse("--unit", "expected at most 256 bytes");
        }
        for (flag, is_given) in [
            ("--scale", self.scale.is_some()),
            ("--names", self.names.is_some()),
        ] {
            if is_given && !npy {
                return refuse(flag, "only for .npy");
            }
        }
        for (flag, is_given) in [
            ("--format", self.format.is_some()),
            ("--delimiter", self.delimiter.is_some()),
            ("--time-unit", self.time_unit.is_some()),
        ] {
            if is_given && !text {
                return refuse(flag, "only for CSV and JSON lines");
            }
        }
        for (flag, is_given) in [
            ("--series", self.series.is_some()),
            ("--seed", self.seed.is_some()),
        ] {
            if is_given && kind != Kind::Synthetic {
                return refuse(flag, "only for synthetic");
            }
        }
        let names = self.names.as_deref().unwrap_or_default();
        let repeated = names
            .iter()
            .enumerate()
            .any(|(index, name)| names[..index].contains(name));
        if repeated {
            return refuse("--names", "expected no name twice");
        }
        Ok(())
    }

    /// The stream to publish.
    ///
    /// # Errors
    /// When the source's name makes no stream name.
    pub fn stream(&self) -> Result<StreamName, protocol::NameError> {
        match &self.stream {
            Some(name) => Ok(name.clone()),
            None => self.kind().stream(),
        }
    }

    /// How a `.npy` is replayed.
    pub(crate) fn trace(&self) -> Result<trace::Config, Error> {
        let reason = || "needed for .npy".to_owned();
        Ok(trace::Config {
            rate_hz: self.rate.ok_or_else(|| Error::Flag {
                flag: "--rate",
                reason: reason(),
            })?,
            scale: self.scale.unwrap_or(1.0),
            unit: self.unit.clone(),
            names: self.names.clone(),
            looping: self.looping,
        })
    }

    /// How text is read.
    pub(crate) fn text(&self) -> text::Config {
        text::Config {
            format: self.format,
            delimiter: self.delimiter.unwrap_or(b','),
            time_unit: self.time_unit.unwrap_or_default(),
            unit: self.unit.clone(),
            rate_hz: self.rate,
            looping: self.looping,
        }
    }
}

/// Fastest rate of messages with named values, in Hz.
const MAX_MESSAGES_HZ: f64 = 10_000.0;

/// Slowest and fastest rate of a trace, in Hz.
const RATES_HZ: std::ops::RangeInclusive<f64> = 1e-3..=1e8;

fn parse_rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate| RATES_HZ.contains(rate));
    rate.ok_or_else(|| {
        format!(
            "expected samples per second, {} to {}",
            RATES_HZ.start(),
            RATES_HZ.end()
        )
    })
}

fn parse_scale(text: &str) -> Result<f64, String> {
    let scale = text
        .parse()
        .ok()
        .filter(|scale: &f64| scale.is_finite() && *scale != 0.0);
    scale.ok_or_else(|| "expected a finite number other than 0".to_owned())
}

fn parse_series(text: &str) -> Result<usize, String> {
    let series = text
        .parse()
        .ok()
        .filter(|series| (1..=Synthetic::MAX_SERIES).contains(series));
    series.ok_or_else(|| format!("expected 1 to {}", Synthetic::MAX_SERIES))
}

fn parse_delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        &[one] if one.is_ascii_punctuation() && one != b'"' || one == b'\t' || one == b' ' => Ok(one),
        _ => Err("expected one character such as ; or tab".to_owned()),
    }
}

#[cfg(test)]
#[path = "config_tests.rs"]
pub(crate) mod tests;
