//! Rows of numbers from lines of text: CSV or JSON lines, of a pipe, a file or a growing file.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use protocol::{SeriesName, WallTime};

use super::csv::Table;
use super::lines::{Line, Lines};
use super::tail::Tail;
use super::text::{Config, Format};
use super::{Error, json};
use crate::clock::Clock;
use crate::refused::{Refused, excerpt};

/// What one line says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Row {
    /// When it was measured.
    pub(super) t: Option<WallTime>,
    /// `seq` of the frame that it describes.
    pub(super) frame: Option<u64>,
    pub(super) values: Vec<(SeriesName, f64)>,
}

/// Takes a report of what was passed over within a line.
pub(super) type Bad<'a> = dyn FnMut(&dyn Display) + 'a;

/// A frame number, also as table programs write it (`12.0`).
pub(super) fn parse_frame(text: &str) -> Option<u64> {
    let whole = |n: &f64| n.fract() == 0.0 && (0.0..9e15).contains(n);
    text.parse()
        .ok()
        .or_else(|| text.parse().ok().filter(whole).map(|n| n as u64))
}

/// Where lines come from.
pub(super) enum Input {
    /// Somebody writes at the other end.
    Pipe(Box<dyn Read + Send>),
    /// A finished file.
    File(File, PathBuf),
    /// A growing file.
    Tail(Tail),
}

impl Input {
    /// A file; a named pipe or a device is a pipe.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let kind = file.metadata()?.file_type();
        if kind.is_file() || kind.is_dir() {
            Ok(Self::File(file, path.to_owned()))
        } else {
            Ok(Self::Pipe(Box::new(file)))
        }
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Pipe(pipe) => pipe.read(buffer),
            Self::File(file, _) => file.read(buffer),
            Self::Tail(tail) => tail.read(buffer),
        }
    }
}

/// What the next line gave.
pub(super) enum Step {
    /// At least one value.
    Row(Row),
    /// A heading, an empty line, or one that was refused.
    Nothing,
    /// No whole line at present, but there may be one later.
    Wait,
    /// No more lines.
    End,
}

/// How lines become rows.
enum Parser {
    Csv(Table),
    Json,
}

pub(super) struct Rows {
    name: String,
    lines: Lines<Input>,
    config: Config,
    parser: Option<Parser>,
    /// The next line is the first of a file.
    is_first: bool,
    /// The followed file was replaced; what is left of the old one is being read.
    is_replaced: bool,
    refused: Refused,
}

impl Rows {
    pub(super) fn new(name: String, input: Input, config: Config) -> Self {
        Self {
            refused: Refused::new(&name),
            name,
            lines: Lines::new(input),
            config,
            parser: None,
            is_first: true,
            is_replaced: false,
        }
    }

    /// Whether somebody is still writing.
    pub(super) fn is_live(&mut self) -> bool {
        !matches!(self.lines.reader_mut(), Input::File(..))
    }

    /// File, or what else is read.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Counts and reports something about the line that was read last.
    pub(super) fn refuse(&mut self, what: &dyn Display, clock: &dyn Clock) {
        let number = self.lines.number();
        self.refused
            .add(&format_args!("line {number}: {what}"), clock.now());
    }

    /// The next line. May block.
    ///
    /// # Errors
    /// When reading fails, or what is read is neither CSV nor JSON lines.
    pub(super) fn next(&mut self, clock: &dyn Clock) -> Result<Step, Error> {
        match self.lines.next() {
            Ok(Line::End) => {}
            Ok(line) => {
                let line = owned(line);
                return self.parse(line, clock);
            }
            Err(error) => return Err(self.io(error)),
        }
        let is_last = match self.lines.reader_mut() {
            Input::Pipe(_) | Input::File(..) => true,
            // What was written to the old file until it was replaced is read before the new one.
            Input::Tail(tail) if !self.is_replaced => {
                self.is_replaced = tail.is_replaced();
                return Ok(if self.is_replaced {
                    Step::Nothing
                } else {
                    Step::Wait
                });
            }
            Input::Tail(_) => false,
        };
        let step = match self.lines.last() {
            Line::End => None,
            line => Some(owned(line)),
        };
        if let Some(line) = step {
            return self.parse(line, clock);
        }
        if is_last {
            self.refused.finish();
            return Ok(Step::End);
        }
        if let Input::Tail(tail) = self.lines.reader_mut()
            && tail.reopen()
        {
            tracing::info!(
                source = self.name,
                "the file was truncated or replaced: reading it from its beginning"
            );
            self.is_replaced = false;
            self.begin();
            return Ok(Step::Nothing);
        }
        Ok(Step::Wait)
    }

    /// Begins a file again; `false` if that is impossible.
    ///
    /// # Errors
    /// When it can no longer be opened.
    pub(super) fn rewind(&mut self) -> Result<bool, Error> {
        let Input::File(file, path) = self.lines.reader_mut() else {
            return Ok(false);
        };
        match File::open(&*path) {
            Ok(again) => *file = again,
            Err(error) => return Err(self.io(error)),
        }
        self.begin();
        Ok(true)
    }

    fn begin(&mut self) {
        self.lines.restart();
        self.is_first = true;
    }

    fn io(&self, error: io::Error) -> Error {
        let name = self.name.clone();
        Error::Io { name, error }
    }

    /// Reads a line; `None` is one that was too long.
    fn parse(&mut self, line: Option<Vec<u8>>, clock: &dyn Clock) -> Result<Step, Error> {
        let number = self.lines.number();
        let refused = &mut self.refused;
        let mut bad = |what: &dyn Display| {
            refused.add(&format_args!("line {number}: {what}"), clock.now());
        };
        let Some(line) = line else {
            bad(&format_args!("longer than {} bytes", Lines::<Input>::MAX_BYTES));
            return Ok(Step::Nothing);
        };
        let Ok(line) = std::str::from_utf8(&line) else {
            bad(&format_args!(
                "{}: expected UTF-8",
                excerpt(&String::from_utf8_lossy(&line))
            ));
            return Ok(Step::Nothing);
        };
        // Some table programs begin a file with a byte order mark.
        let line = line.trim_start_matches('\u{feff}').trim_end();
        if line.trim_start().is_empty() {
            return Ok(Step::Nothing);
        }
        if std::mem::take(&mut self.is_first) {
            let is_json = match self.config.format {
                Some(format) => format == Format::Jsonl,
                None => line.trim_start().starts_with(['{', '[']),
            };
            // Some loggers truncate a file and go on without writing the heading again.
            let goes_on = matches!(&self.parser, Some(Parser::Csv(table)) if table.goes_on_with(line));
            if is_json {
                self.parser = Some(Parser::Json);
            } else if !goes_on {
                match Table::new(line, self.config.delimiter, &mut bad) {
                    Ok(table) => self.parser = Some(Parser::Csv(table)),
                    Err(reason) if self.parser.is_some() => bad(&reason),
                    Err(reason) => {
                        return Err(Error::format(&self.name, format!("line {number}: {reason}")));
                    }
                }
                return Ok(Step::Nothing);
            }
        }
        let row = match &self.parser {
            Some(Parser::Csv(table)) => table.row(line, self.config.time_unit, &mut bad),
            _ => json::row(line, self.config.time_unit, &mut bad),
        };
        Ok(match row {
            Some(row) if !row.values.is_empty() => Step::Row(row),
            _ => Step::Nothing,
        })
    }
}

/// A copy, so that the buffer is free; `None` for a line that was too long.
fn owned(line: Line<'_>) -> Option<Vec<u8>> {
    match line {
        Line::Whole(line) => Some(line.to_vec()),
        Line::TooLong | Line::End => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frame_numbers_may_be_written_as_floats() {
        for (text, frame) in [
            ("12", Some(12)),
            ("12.0", Some(12)),
            ("12.5", None),
            ("-1", None),
            ("x", None),
        ] {
            assert_eq!(parse_frame(text), frame, "{text}");
        }
        assert_eq!(parse_frame("18446744073709551615"), Some(u64::MAX));
    }
}
