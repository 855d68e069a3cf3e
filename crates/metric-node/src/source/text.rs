//! Numbers in text: CSV or JSON lines, replayed or live.

use std::path::Path;
use std::time::Duration;

use clap::ValueEnum;
use protocol::metric::Data;

use super::replay::Replay;
use super::rows::{Input, Row, Rows, Step};
use super::tail::Tail;
use super::{Error, Reading, Source, TimeUnit};
use crate::clock::Clock;
use crate::schedule::{Schedule, offset};

/// How lines are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A heading with the names of the series, then rows of numbers.
    Csv,
    /// An object of numbers per line.
    Jsonl,
}

/// How text is read and published.
#[derive(Clone, Debug)]
pub struct Config {
    /// Default: JSON lines if the first line begins with `{`, else CSV.
    pub format: Option<Format>,
    /// Between the cells of CSV.
    pub delimiter: u8,
    /// What a number in a time column counts.
    pub time_unit: TimeUnit,
    /// Unit of all values.
    pub unit: Option<String>,
    /// Rows per second, for rows that carry no time.
    pub rate_hz: Option<f64>,
    /// Begin again at the end of a file.
    pub looping: bool,
}

/// A finished file is a recording, and is replayed: its first row is now, the others follow at the distances of
/// their time column, or at a rate. Standard input and followed files are live: rows are sent as they come, with the
/// time they carry, or else now.
pub struct Text {
    rows: Rows,
    unit: Option<String>,
    rate_hz: Option<f64>,
    looping: bool,
    replay: Replay,
    schedule: Schedule,
    /// Rows sent so far.
    sent: u64,
    /// Rows that stood in the file when following began are passed over.
    is_history: bool,
}

impl Text {
    /// Rows per second of a file that carries no time, when no rate is asked for.
    pub const DEFAULT_RATE_HZ: f64 = 10.0;

    /// How often a followed file is looked at.
    const POLL: Duration = Duration::from_millis(50);

    /// Reads standard input.
    pub fn stdin(config: Config, clock: &dyn Clock) -> Self {
        let stdin = Input::Pipe(Box::new(std::io::stdin()));
        Self::new("standard input".into(), stdin, config, clock)
    }

    /// Replays a file. A named pipe or a device is live, as standard input is.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn file(path: &Path, config: Config, clock: &dyn Clock) -> Result<Self, Error> {
        let input = Input::open(path).map_err(|error| Error::io(path, error))?;
        Ok(Self::new(path.display().to_string(), input, config, clock))
    }

    /// Publishes what is appended to a file from now on. It need not exist yet; it may be truncated and replaced.
    ///
    /// # Errors
    /// When it exists and cannot be opened.
    pub fn follow(path: &Path, config: Config, clock: &dyn Clock) -> Result<Self, Error> {
        let tail = Tail::open(path).map_err(|error| Error::io(path, error))?;
        let mut text = Self::new(path.display().to_string(), Input::Tail(tail), config, clock);
        text.is_history = true;
        Ok(text)
    }

    fn new(name: String, input: Input, config: Config, clock: &dyn Clock) -> Self {
        Self {
            unit: config.unit.clone(),
            rate_hz: config.rate_hz,
            looping: config.looping,
            replay: Replay::new(config.rate_hz.unwrap_or(Self::DEFAULT_RATE_HZ)),
            schedule: Schedule::start(clock),
            sent: 0,
            is_history: false,
            rows: Rows::new(name, input, config),
        }
    }

    /// Waits until `row` is due; `None` if it is refused or the clock was stopped.
    fn take(&mut self, row: Row, clock: &dyn Clock) -> Option<Reading> {
        if self.is_history {
            return None;
        }
        let place = match (self.rows.is_live(), row.t, self.rate_hz) {
            (true, None, Some(rate_hz)) => Some(offset(self.sent, rate_hz)),
            (true, ..) => None,
            (false, t, _) => match self.replay.place(t) {
                Ok(place) => Some(place),
                Err(reason) => {
                    self.rows.refuse(&reason, clock);
                    return None;
                }
            },
        };
        let t = match place {
            Some(place) if self.schedule.wait(place, clock) => self.schedule.time(place),
            Some(_) => return None,
            None => row.t.unwrap_or_else(|| clock.wall()),
        };
        self.sent += 1;
        Some(Reading {
            t,
            frame: row.frame,
            unit: self.unit.clone(),
            data: Data::Values(row.values),
        })
    }
}

impl Source for Text {
    fn read(&mut self, clock: &dyn Clock) -> Result<Option<Reading>, Error> {
        while !clock.is_stopped() {
            match self.rows.next(clock)? {
                Step::Row(row) => {
                    if let Some(reading) = self.take(row, clock) {
                        return Ok(Some(reading));
                    }
                }
                Step::Nothing => {}
                Step::Wait => {
                    self.is_history = false;
                    clock.sleep(Self::POLL);
                }
                Step::End => {
                    if !self.rows.is_live() && !self.replay.next_round() {
                        return Err(Error::format(self.rows.name(), "no row with a number"));
                    }
                    if !(self.looping && self.rows.rewind()?) {
                        return Ok(None);
                    }
                }
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::VecDeque;
    use std::fs;
    use std::io::Write;
    use std::path::PathBuf;
    use std::time::Instant;

    use protocol::WallTime;

    use super::*;
    use crate::clock::tests::Manual;

    fn config() -> Config {
        Config {
            format: None,
            delimiter: b',',
            time_unit: TimeUnit::S,
            unit: None,
            rate_hz: None,
            looping: false,
        }
    }

    fn pipe(text: &'static str, config: Config, clock: &dyn Clock) -> Text {
        Text::new(
            "pipe".into(),
            Input::Pipe(Box::new(text.as_bytes())),
            config,
            clock,
        )
    }

    fn file(text: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    }

    /// `(milliseconds since the clock's start, first value)` of the next so many readings.
    fn collect(text: &mut Text, clock: &dyn Clock, most: usize) -> Vec<(i64, f64)> {
        let readings = std::iter::from_fn(|| text.read(clock).unwrap()).take(most);
        let first = |reading: Reading| match reading.data {
            Data::Values(values) => (
                (reading.t.as_ns() - Manual::WALL.as_ns()) / 1_000_000,
                values[0].1,
            ),
            Data::Block(_) => panic!("text is sent as values"),
        };
        readings.map(first).collect()
    }

    #[test]
    fn a_pipe_is_live_and_its_rows_are_of_now() {
        let clock = Manual::new();
        clock.advance(Duration::from_millis(1_500));
        let mut text = pipe("a,b\n1,2\n3,4", config(), &clock);
        assert_eq!(collect(&mut text, &clock, 9), [(1_500, 1.0), (1_500, 3.0)]);
    }

    #[test]
    fn a_pipe_with_a_time_column_keeps_its_times() {
        let clock = Manual::new();
        let mut text = pipe("{\"t\": 1, \"a\": 5, \"frame\": 3}\n", config(), &clock);
        let reading = text.read(&clock).unwrap().unwrap();
        assert_eq!(
            (reading.t, reading.frame),
            (WallTime::from_ns(1_000_000_000), Some(3))
        );
        assert_eq!(clock.elapsed(), Duration::ZERO);
    }

    #[test]
    fn a_pipe_is_read_at_a_rate_if_asked() {
        let clock = Manual::new();
        let mut text = pipe(
            "a\n1\n2\n3\n",
            Config {
                rate_hz: Some(4.0),
                ..config()
            },
            &clock,
        );
        assert_eq!(collect(&mut text, &clock, 9), [(0, 1.0), (250, 2.0), (500, 3.0)]);
    }

    #[test]
    fn a_file_is_replayed_at_the_distances_of_its_times() {
        let clock = Manual::new();
        let file = file("time,a\n100,1\n100.5,2\n102,3\n");
        let mut text = Text::file(file.path(), config(), &clock).unwrap();
        assert_eq!(
            collect(&mut text, &clock, 9),
            [(0, 1.0), (500, 2.0), (2_000, 3.0)]
        );
        assert_eq!(clock.elapsed(), Duration::from_secs(2));
    }

    #[test]
    fn a_file_in_a_loop_goes_on_in_time() {
        let clock = Manual::new();
        let file = file("a\n1\n2\n");
        let config = Config {
            looping: true,
            rate_hz: Some(10.0),
            ..config()
        };
        let mut text = Text::file(file.path(), config, &clock).unwrap();
        assert_eq!(
            collect(&mut text, &clock, 5),
            [(0, 1.0), (100, 2.0), (200, 1.0), (300, 2.0), (400, 1.0)]
        );
    }

    #[test]
    fn bad_lines_are_counted_and_passed_over() {
        let clock = Manual::new();
        let long = "x".repeat(2 << 20);
        let file = file(&format!("\u{feff}a,b\n1,2\n1,2,3\nn/a,9\n\n{long}\n5,\n"));
        fs::OpenOptions::new()
            .append(true)
            .open(file.path())
            .unwrap()
            .write_all(b"\xff\xfe,1\n7,8")
            .unwrap();
        let mut text = Text::file(file.path(), config(), &clock).unwrap();
        let values: Vec<f64> = collect(&mut text, &clock, 99)
            .into_iter()
            .map(|(_, value)| value)
            .collect();
        assert_eq!(values, [1.0, 9.0, 5.0, 7.0]);
    }

    #[test]
    fn a_file_without_numbers_is_an_error_that_names_it() {
        let clock = Manual::new();
        for (content, part) in [
            ("", "no row with a number"),
            ("a,b\n", "no row with a number"),
            ("a\nx\n", "no row with a number"),
            ("1,2\n3,4\n", "line 1: expected a heading"),
            ("[1, 2]\n", "no row with a number"),
            ("%PDF-1.4\n\u{0}\u{1}\n", "no row with a number"),
        ] {
            let file = file(content);
            for looping in [false, true] {
                let mut text = Text::file(file.path(), Config { looping, ..config() }, &clock).unwrap();
                let error = text.read(&clock).unwrap_err().to_string();
                assert!(error.contains(part), "{content:?}: {error}");
                assert!(error.starts_with(&file.path().display().to_string()), "{error}");
            }
        }
        assert!(Text::file(Path::new("/nowhere.csv"), config(), &clock).is_err());
        assert!(
            Text::file(Path::new("/"), config(), &clock)
                .unwrap()
                .read(&clock)
                .is_err()
        );
    }

    /// What somebody else does to a file.
    #[derive(Clone, Copy)]
    enum Do {
        Append(&'static str),
        Write(&'static str),
        Rename,
        Nothing,
    }

    /// A clock whose sleeps let somebody else do the next thing; stopped when all is done.
    struct Script {
        path: PathBuf,
        actions: RefCell<VecDeque<Do>>,
    }

    impl Script {
        fn new(path: &Path, actions: &[Do]) -> Self {
            Self {
                path: path.to_owned(),
                actions: RefCell::new(actions.iter().copied().collect()),
            }
        }
    }

    impl Clock for Script {
        fn now(&self) -> Instant {
            Instant::now()
        }

        fn wall(&self) -> WallTime {
            Manual::WALL
        }

        fn sleep(&self, _: Duration) {
            match self.actions.borrow_mut().pop_front() {
                Some(Do::Append(text)) => {
                    let mut file = fs::OpenOptions::new().append(true).open(&self.path).unwrap();
                    file.write_all(text.as_bytes()).unwrap();
                }
                Some(Do::Write(text)) => fs::write(&self.path, text).unwrap(),
                Some(Do::Rename) => fs::rename(&self.path, self.path.with_extension("old")).unwrap(),
                Some(Do::Nothing) | None => {}
            }
        }

        fn is_stopped(&self) -> bool {
            self.actions.borrow().is_empty()
        }
    }

    #[test]
    fn a_followed_file_gives_what_is_appended_over_truncation_and_rotation() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.csv");
        fs::write(&path, "a\n1\n2\n").unwrap();
        let script = [
            Do::Append("3\n4"),
            Do::Append("5\n"),
            // Truncated, with a heading and without one.
            Do::Write("a\n6\n"),
            Do::Write("7\n"),
            // Rotated: the last lines of the old file come first; the new one has other columns.
            Do::Append("8\n9"),
            Do::Rename,
            Do::Write("b\n10\n"),
            Do::Nothing,
            Do::Nothing,
        ];
        let clock = Script::new(&path, &script);
        let mut text = Text::follow(&path, config(), &clock).unwrap();
        let values: Vec<f64> = collect(&mut text, &clock, 99)
            .into_iter()
            .map(|(_, value)| value)
            .collect();
        assert_eq!(values, [3.0, 45.0, 6.0, 7.0, 8.0, 9.0, 10.0]);
    }

    #[test]
    fn a_followed_file_may_come_later() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.jsonl");
        let clock = Script::new(&path, &[Do::Write("{\"a\": 1}\n"), Do::Nothing, Do::Nothing]);
        let mut text = Text::follow(&path, config(), &clock).unwrap();
        assert_eq!(collect(&mut text, &clock, 9), [(0, 1.0)]);
    }
}
