//! Regularly sampled channels from a `.npy` file, as blocks.

use std::path::Path;

use npy::Array;
use protocol::SeriesName;
use protocol::metric::{Block, Data};

use super::{Error, Reading, Source};
use crate::clock::Clock;
use crate::schedule::{Schedule, offset};

/// How a trace is replayed.
#[derive(Clone, Debug)]
pub struct Config {
    /// Rows per second.
    pub rate_hz: f64,
    /// Multiplies every element to give the value in `unit`.
    pub scale: f64,
    /// Unit of the scaled values.
    pub unit: Option<String>,
    /// One per channel.
    pub names: Option<Vec<SeriesName>>,
    /// Begin again at the end.
    pub looping: bool,
}

/// Replays an array `[samples]` or `[samples, channels]` at its rate: row `n` carries the time `start + n / rate`.
///
/// The blocks are slices of the mapped file. A block is sent when its last row has been "measured", so that no
/// sample is ahead of its time.
pub struct Trace {
    array: Array,
    channels: usize,
    config: Config,
    schedule: Schedule,
    /// Rows per block.
    block_rows: usize,
    /// Rows sent in all rounds.
    row: u64,
}

impl Trace {
    /// Blocks per second, unless there are fewer rows: a graph redraws no more often.
    const BLOCKS_HZ: f64 = 50.0;

    /// Most bytes of a block, to keep a wide, fast trace in messages that are quickly sent.
    const MAX_BLOCK_BYTES: usize = 4 << 20;

    /// Maps the file and checks that it is a trace.
    ///
    /// # Errors
    /// [`Error`] names the file, what was expected and what came.
    pub fn open(path: &Path, config: Config, clock: &dyn Clock) -> Result<Self, Error> {
        let array = Array::open(path)?;
        let refuse = |reason| Error::format(path.display().to_string(), reason);
        let channels = match *array.shape() {
            [_] => 1,
            [_, channels] if channels <= Block::MAX_CHANNELS => channels,
            _ => {
                return Err(refuse(format!(
                    "array of shape {:?}: expected [samples] or [samples, channels] with at most {} channels",
                    array.shape(),
                    Block::MAX_CHANNELS
                )));
            }
        };
        if let Some(names) = &config.names
            && names.len() != channels
        {
            return Err(refuse(format!(
                "--names has {} names: expected {channels}, one per channel",
                names.len()
            )));
        }
        let block_rows = ((config.rate_hz / Self::BLOCKS_HZ).round() as usize)
            .min(Self::MAX_BLOCK_BYTES / array.row_bytes())
            .max(1);
        Ok(Self {
            array,
            channels,
            config,
            schedule: Schedule::start(clock),
            block_rows,
            row: 0,
        })
    }
}

impl Source for Trace {
    fn read(&mut self, clock: &dyn Clock) -> Result<Option<Reading>, Error> {
        let total = self.array.rows();
        if self.row >= total as u64 && !self.config.looping {
            return Ok(None);
        }
        let first = (self.row % total as u64) as usize;
        let rows = self.block_rows.min(total - first);
        let rate_hz = self.config.rate_hz;
        if !self.schedule.wait(offset(self.row + rows as u64, rate_hz), clock) {
            return Ok(None);
        }
        let t = self.schedule.time(offset(self.row, rate_hz));
        self.row += rows as u64;
        Ok(Some(Reading {
            t,
            frame: None,
            unit: self.config.unit.clone(),
            data: Data::Block(Block {
                rows,
                channels: self.channels,
                dtype: self.array.dtype(),
                dt_ns: 1e9 / rate_hz,
                names: self.config.names.clone(),
                scale: self.config.scale,
                payload: self.array.slice(first..first + rows),
            }),
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::path::PathBuf;
    use std::time::Duration;

    use super::*;
    use crate::clock::tests::Manual;

    fn config(rate_hz: f64) -> Config {
        Config {
            rate_hz,
            scale: 1.0,
            unit: None,
            names: None,
            looping: false,
        }
    }

    fn npy(shape: &str, values: impl IntoIterator<Item = i16>) -> tempfile::NamedTempFile {
        let header = format!("{{'descr': '<i2', 'fortran_order': False, 'shape': {shape}, }}");
        let mut file = tempfile::NamedTempFile::with_suffix(".npy").unwrap();
        file.write_all(b"\x93NUMPY\x01\x00").unwrap();
        file.write_all(&(header.len() as u16).to_le_bytes()).unwrap();
        file.write_all(header.as_bytes()).unwrap();
        for value in values {
            file.write_all(&value.to_le_bytes()).unwrap();
        }
        file
    }

    fn block(reading: Reading) -> Block {
        match reading.data {
            Data::Block(block) => block,
            Data::Values(_) => panic!("a trace is sent as blocks"),
        }
    }

    #[test]
    fn every_row_is_sent_once_with_its_own_time() {
        let mut clock = Manual::new();
        clock.oversleep = Duration::from_millis(2);
        let file = npy("(250, 2)", (0..500).map(|n| n as i16));
        let mut trace = Trace::open(file.path(), config(1_000.0), &clock).unwrap();
        let mut sent = Vec::new();
        while let Some(reading) = trace.read(&clock).unwrap() {
            let row = sent.len() as i64;
            assert_eq!(reading.t, Manual::WALL.offset_ns(row * 1_000_000));
            let block = block(reading);
            assert!(block.rows <= 20 && block.dt_ns == 1e6);
            sent.extend(block.channel(1));
        }
        assert_eq!(sent, (0..250).map(|n| f64::from(n * 2 + 1)).collect::<Vec<_>>());
        assert_eq!(clock.elapsed(), Duration::from_millis(252));
    }

    #[test]
    fn no_sample_is_ahead_of_its_time() {
        let clock = Manual::new();
        let file = npy("(100,)", (0..100).map(|n| n as i16));
        let mut trace = Trace::open(file.path(), config(200.0), &clock).unwrap();
        while let Some(reading) = trace.read(&clock).unwrap() {
            let t = reading.t;
            let block = block(reading);
            assert!(t.offset_ns(block.offset_ns(block.rows)) <= clock.wall());
        }
    }

    #[test]
    fn a_loop_goes_on_in_time_and_begins_again_in_the_file() {
        let clock = Manual::new();
        let file = npy("(3,)", [1, 2, 3]);
        let looping = Config {
            looping: true,
            ..config(10.0)
        };
        let mut trace = Trace::open(file.path(), looping, &clock).unwrap();
        let readings: Vec<_> = (0..7).map(|_| trace.read(&clock).unwrap().unwrap()).collect();
        assert_eq!(readings[6].t, Manual::WALL.offset_ns(600_000_000));
        let values: Vec<f64> = readings
            .into_iter()
            .flat_map(|r| block(r).channel(0).collect::<Vec<_>>())
            .collect();
        assert_eq!(values, [1.0, 2.0, 3.0, 1.0, 2.0, 3.0, 1.0]);
    }

    #[test]
    fn scale_unit_and_names_are_handed_on() {
        let clock = Manual::new();
        let file = npy("(1, 2)", [100, -100]);
        let config = Config {
            scale: 0.05,
            unit: Some("uV".into()),
            names: Some(vec!["a".parse().unwrap(), "b".parse().unwrap()]),
            ..config(1.0)
        };
        let mut trace = Trace::open(file.path(), config.clone(), &clock).unwrap();
        let reading = trace.read(&clock).unwrap().unwrap();
        assert_eq!(reading.unit.as_deref(), Some("uV"));
        let block = block(reading);
        assert_eq!(block.channel(1).collect::<Vec<_>>(), [-5.0]);
        assert_eq!(block.names, config.names);

        let three = npy("(1, 3)", [1, 2, 3]);
        let error = Trace::open(three.path(), config, &clock)
            .err()
            .unwrap()
            .to_string();
        assert!(error.contains("--names has 2 names: expected 3"), "{error}");
    }

    #[test]
    fn an_array_that_is_no_trace_is_refused_with_its_name() {
        let clock = Manual::new();
        for shape in ["(1, 1, 1)", "(1, 5000)"] {
            let file = npy(shape, std::iter::repeat_n(0, 5000));
            let error = Trace::open(file.path(), config(1.0), &clock)
                .err()
                .unwrap()
                .to_string();
            assert!(
                error.contains("expected [samples] or [samples, channels]"),
                "{error}"
            );
            assert!(error.starts_with(&file.path().display().to_string()), "{error}");
        }
    }

    /// A recording from outside the repository, if it is there.
    fn recording(name: &str) -> Option<PathBuf> {
        let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
        let folder = std::env::var_os("STREAMVIEW_TEST_DATA").map_or_else(beside, PathBuf::from);
        let path = folder.join(name);
        if !path.exists() {
            eprintln!("skipped: {name} is not there; STREAMVIEW_TEST_DATA names its folder");
            return None;
        }
        Some(path)
    }

    #[test]
    fn a_real_recording_arrives_whole_at_its_40_khz() {
        let Some(path) = recording("hippocampus_16ch_40kHz_int16.npy") else {
            return;
        };
        let clock = Manual::new();
        let config = Config {
            scale: 0.05,
            unit: Some("uV".into()),
            ..config(40_000.0)
        };
        let mut trace = Trace::open(&path, config, &clock).unwrap();
        let mut rows = 0;
        let mut payload = Vec::new();
        while let Some(reading) = trace.read(&clock).unwrap() {
            assert_eq!(reading.t, Manual::WALL.offset_ns(rows as i64 * 25_000));
            let block = block(reading);
            assert_eq!((block.channels, block.dt_ns), (16, 25_000.0));
            rows += block.rows;
            payload.extend_from_slice(&block.payload);
        }
        assert_eq!(rows, 66_438);
        assert_eq!(clock.elapsed(), offset(66_438, 40_000.0));
        let file = std::fs::read(&path).unwrap();
        assert!(file.ends_with(&payload), "the samples differ from the file's");
    }
}
