//! Rows of a CSV file: a heading, then numbers.

use csv::{ReaderBuilder, StringRecord};
use protocol::SeriesName;
use protocol::metric::Block;

use super::rows::{Bad, Row, parse_frame};
use super::time::Unit;
use crate::refused::excerpt;

/// What a column holds.
#[derive(Clone, Debug, PartialEq)]
enum Column {
    Time,
    Frame,
    Series(SeriesName),
    /// Its name makes no series name.
    Skipped,
}

/// The columns that the heading announces.
#[derive(Clone, Debug)]
pub(super) struct Table {
    columns: Vec<Column>,
    delimiter: u8,
}

impl Table {
    /// From the first line. Columns that make no series are reported and skipped.
    ///
    /// # Errors
    /// When it is no heading, or leaves no series.
    pub(super) fn new(heading: &str, delimiter: u8, bad: &mut Bad<'_>) -> Result<Self, String> {
        let names = cells(heading, delimiter).ok_or("expected a heading in CSV")?;
        if is_numbers(&names) {
            return Err("expected a heading with the names of the series, not numbers".into());
        }
        let mut columns: Vec<Column> = Vec::with_capacity(names.len());
        for (index, name) in names.iter().enumerate() {
            let skipped = |bad: &mut Bad<'_>, what: &str| {
                bad(&format_args!(
                    "column {}, {}: {what}: the column is skipped",
                    index + 1,
                    excerpt(name)
                ));
                Column::Skipped
            };
            let column = match (name, name.parse::<SeriesName>()) {
                ("t" | "time" | "timestamp", _) => Column::Time,
                ("frame", _) => Column::Frame,
                (_, Ok(series)) => Column::Series(series),
                (_, Err(_)) => skipped(bad, "expected a name of 1 to 128 bytes"),
            };
            let repeated = column != Column::Skipped && columns.contains(&column);
            columns.push(if repeated {
                skipped(bad, "there is another of this name or kind")
            } else {
                column
            });
        }
        let series = columns
            .iter()
            .filter(|column| matches!(column, Column::Series(_)))
            .count();
        if (1..=Block::MAX_CHANNELS).contains(&series) {
            Ok(Self { columns, delimiter })
        } else {
            Err(format!(
                "{series} columns of numbers: expected 1 to {}",
                Block::MAX_CHANNELS
            ))
        }
    }

    /// Whether a line that begins a file anew is data under the old heading, and no heading.
    pub(super) fn goes_on_with(&self, line: &str) -> bool {
        cells(line, self.delimiter)
            .is_some_and(|cells| cells.len() == self.columns.len() && is_numbers(&cells))
    }

    /// The numbers of one line; `None` if it is of no use, which was reported.
    pub(super) fn row(&self, line: &str, unit: Unit, bad: &mut Bad<'_>) -> Option<Row> {
        let cells = cells(line, self.delimiter)?;
        if cells.len() != self.columns.len() {
            bad(&format_args!(
                "{} cells: expected {}",
                cells.len(),
                self.columns.len()
            ));
            return None;
        }
        let mut row = Row::default();
        for (cell, column) in cells.iter().zip(&self.columns) {
            match column {
                // An empty cell is how CSV says that there is no value.
                _ if cell.is_empty() => {}
                Column::Time => {
                    row.t = unit.parse(cell);
                    if row.t.is_none() {
                        bad(&format_args!(
                            "time is {}: expected {}",
                            excerpt(cell),
                            Unit::EXPECTED
                        ));
                        return None;
                    }
                }
                Column::Frame => {
                    row.frame = parse_frame(cell);
                    if row.frame.is_none() {
                        bad(&format_args!(
                            "frame is {}: expected a frame number",
                            excerpt(cell)
                        ));
                    }
                }
                Column::Series(name) => match cell.parse() {
                    Ok(value) => row.values.push((name.clone(), value)),
                    Err(_) => bad(&format_args!(
                        "column \"{name}\" is {}: expected a number",
                        excerpt(cell)
                    )),
                },
                Column::Skipped => {}
            }
        }
        Some(row)
    }
}

fn cells(line: &str, delimiter: u8) -> Option<StringRecord> {
    let mut record = StringRecord::new();
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .delimiter(delimiter)
        .buffer_capacity(line.len().clamp(64, 1 << 13))
        .trim(csv::Trim::All)
        .from_reader(line.as_bytes());
    reader.read_record(&mut record).ok()?.then_some(record)
}

/// Whether no cell but empty ones is a name.
fn is_numbers(cells: &StringRecord) -> bool {
    cells
        .iter()
        .all(|cell| cell.is_empty() || cell.parse::<f64>().is_ok())
}

#[cfg(test)]
mod tests {
    use protocol::WallTime;

    use super::*;

    fn table(heading: &str) -> (Result<Table, String>, Vec<String>) {
        let mut reports = Vec::new();
        let table = Table::new(heading, b',', &mut |what| reports.push(what.to_string()));
        (table, reports)
    }

    fn row(heading: &str, line: &str) -> (Option<Row>, Vec<String>) {
        let mut reports = Vec::new();
        let row = table(heading)
            .0
            .unwrap()
            .row(line, Unit::S, &mut |what| reports.push(what.to_string()));
        (row, reports)
    }

    fn values(row: &Row) -> Vec<(&str, f64)> {
        row.values
            .iter()
            .map(|(name, value)| (name.as_str(), *value))
            .collect()
    }

    #[test]
    fn a_row_has_values_time_and_frame() {
        let (row, reports) = row("time, snr ,frame,\"lick, left\"", "1760000000,12.5,42,-1e3");
        let row = row.unwrap();
        assert_eq!(values(&row), [("snr", 12.5), ("lick, left", -1000.0)]);
        assert_eq!(
            (row.t, row.frame),
            (Some(WallTime::from_ns(1_760_000_000_000_000_000)), Some(42))
        );
        assert!(reports.is_empty(), "{reports:?}");
    }

    #[test]
    fn nan_and_infinities_are_values_and_empty_cells_are_none() {
        let (row, reports) = row("a,b,c,d", "nan,-inf,,Infinity");
        let row = row.unwrap();
        assert!(row.values[0].1.is_nan());
        assert_eq!(
            values(&row)[1..],
            [("b", f64::NEG_INFINITY), ("d", f64::INFINITY)]
        );
        assert!(reports.is_empty(), "{reports:?}");
    }

    #[test]
    fn a_cell_that_is_no_number_is_reported_with_its_column_and_the_others_count() {
        let (row, reports) = row("a,b", "n/a,5");
        assert_eq!(values(&row.unwrap()), [("b", 5.0)]);
        assert_eq!(reports, ["column \"a\" is \"n/a\": expected a number"]);
    }

    #[test]
    fn a_row_of_another_length_or_without_a_good_time_is_no_row() {
        for (line, report) in [
            ("1,2,3", "3 cells: expected 2"),
            ("1", "1 cells: expected 2"),
            ("x,2", "time is \"x\""),
        ] {
            let (row, reports) = row("t,a", line);
            assert_eq!(row, None);
            assert!(reports[0].contains(report), "{reports:?}");
        }
    }

    #[test]
    fn a_heading_without_names_is_refused() {
        for (heading, part) in [("1,2", "not numbers"), ("", "heading"), ("t,frame", "0 columns")] {
            let error = table(heading).0.unwrap_err();
            assert!(error.contains(part), "{heading:?}: {error}");
        }
        let wide = vec!["x"; 5_000]
            .iter()
            .enumerate()
            .map(|(n, x)| format!("{x}{n}"))
            .collect::<Vec<_>>()
            .join(",");
        assert!(table(&wide).0.unwrap_err().contains("5000 columns"));
    }

    #[test]
    fn nameless_and_repeated_columns_are_skipped_and_reported() {
        let (table, reports) = table("a,,a,b");
        let row = table.unwrap().row("1,2,3,4", Unit::S, &mut |_| {}).unwrap();
        assert_eq!(values(&row), [("a", 1.0), ("b", 4.0)]);
        assert_eq!(reports.len(), 2);
        assert!(reports[1].starts_with("column 3, \"a\""), "{reports:?}");
    }

    #[test]
    fn another_delimiter_may_be_asked_for() {
        let table = Table::new("a;b", b';', &mut |_| {}).unwrap();
        assert_eq!(
            values(&table.row("1;2", Unit::S, &mut |_| {}).unwrap()),
            [("a", 1.0), ("b", 2.0)]
        );
        assert!(table.goes_on_with("3;4") && !table.goes_on_with("a;b") && !table.goes_on_with("3;4;5"));
    }
}
