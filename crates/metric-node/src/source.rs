//! Where numbers come from.

mod csv;
mod error;
mod host;
mod json;
mod lines;
mod replay;
mod rows;
mod synthetic;
mod tail;
pub mod text;
mod time;
pub mod trace;

use std::path::{Path, PathBuf};

use protocol::metric::Data;
use protocol::{NameError, StreamName, WallTime};

use crate::clock::Clock;
use crate::config::Config;

pub use error::Error;
pub use host::Host;
pub use synthetic::Synthetic;
pub use text::Text;
pub use time::Unit as TimeUnit;
pub use trace::Trace;

/// Numbers without their place in a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// When they were measured; of a block, its first row.
    pub t: WallTime,
    /// `seq` of the frame that they describe.
    pub frame: Option<u64>,
    /// Unit of all of them.
    pub unit: Option<String>,
    /// The numbers.
    pub data: Data,
}

/// Gives readings one after the other. Lives on a thread of its own.
pub trait Source: Send {
    /// The next reading, when it is due; `None` at the end or when the clock was stopped. May block.
    ///
    /// # Errors
    /// When the source is broken; the readings so far are good.
    fn read(&mut self, clock: &dyn Clock) -> Result<Option<Reading>, Error>;
}

/// What the argument `SOURCE` means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `synthetic`
    Synthetic,
    /// `host`
    Host,
    /// `-`
    Stdin,
    /// `*.npy`
    Npy(PathBuf),
    /// Anything else: CSV or JSON lines.
    Text(PathBuf),
}

impl Kind {
    /// From the argument. A file that is called like a keyword is reached as `./synthetic`.
    pub fn of(argument: &str) -> Self {
        let path = Path::new(argument);
        match argument {
            "synthetic" => Self::Synthetic,
            "host" => Self::Host,
            "-" => Self::Stdin,
            _ if path
                .extension()
                .is_some_and(|extension| extension.eq_ignore_ascii_case("npy")) =>
            {
                Self::Npy(path.into())
            }
            _ => Self::Text(path.into()),
        }
    }

    /// The stream name when `--stream` gives none.
    ///
    /// # Errors
    /// Never, as long as the names in here are stream names.
    pub fn stream(&self) -> Result<StreamName, NameError> {
        let file = match self {
            Self::Synthetic => return "signals".parse(),
            Self::Host => return "host".parse(),
            Self::Stdin => return "stdin".parse(),
            Self::Npy(path) | Self::Text(path) => path,
        };
        StreamName::of_file(file).map_or_else(|| "signals".parse(), Ok)
    }
}

/// Opens the source that `config` names.
///
/// # Errors
/// [`Error`] names the file or flag, what was expected and what came.
pub fn open(config: &Config, clock: &dyn Clock) -> Result<Box<dyn Source>, Error> {
    Ok(match config.kind() {
        Kind::Synthetic => Box::new(Synthetic::new(
            config.rate.unwrap_or(Synthetic::DEFAULT_RATE_HZ),
            config.series.unwrap_or(Synthetic::DEFAULT_SERIES),
            config.seed.unwrap_or(0),
            clock,
        )),
        Kind::Host => Box::new(Host::open(config.rate.unwrap_or(Host::DEFAULT_RATE_HZ), clock)?),
        Kind::Npy(path) => Box::new(Trace::open(&path, config.trace()?, clock)?),
        Kind::Stdin => Box::new(Text::stdin(config.text(), clock)),
        Kind::Text(path) if config.follow => Box::new(Text::follow(&path, config.text(), clock)?),
        Kind::Text(path) => Box::new(Text::file(&path, config.text(), clock)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_is_a_keyword_or_a_file() {
        let check = |argument: &str, expected: Kind| assert_eq!(Kind::of(argument), expected, "{argument}");
        check("synthetic", Kind::Synthetic);
        check("host", Kind::Host);
        check("-", Kind::Stdin);
        check("a/B.NPY", Kind::Npy("a/B.NPY".into()));
        for file in ["log.csv", "x.jsonl", "./host", "npy"] {
            check(file, Kind::Text(file.into()));
        }
    }

    #[test]
    fn a_stream_is_called_like_its_source() {
        for (argument, expected) in [
            ("synthetic", "signals"),
            ("host", "host"),
            ("-", "stdin"),
            ("/data/lick times.csv", "lick_times"),
            ("/", "signals"),
        ] {
            assert_eq!(
                Kind::of(argument).stream().unwrap().as_str(),
                expected,
                "{argument}"
            );
        }
    }
}
