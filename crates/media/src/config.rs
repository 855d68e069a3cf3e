//! How one stream is encoded and kept.

use std::path::PathBuf;
use std::time::Duration;

use crate::Error;

/// Presets of libx264 that may be asked for, fastest first.
pub const PRESETS: [&str; 7] = [
    "ultrafast",
    "superfast",
    "veryfast",
    "faster",
    "fast",
    "medium",
    "slow",
];

/// How one stream is encoded and kept.
#[derive(Clone, Debug)]
pub struct Config {
    /// The program: a name to look up in `PATH`, or a path.
    pub ffmpeg: PathBuf,
    /// Existing directory of this run; the stream makes a directory of its own in it.
    pub dir: PathBuf,
    /// Start of every segment's name: the run's id, 1 to 32 of `A-Z a-z 0-9 -`.
    pub prefix: String,
    /// Shortest segment; a segment ends at the first frame that is so much later than its first. 0.2 to 60 s.
    pub segment: Duration,
    /// Usual duration of an LL-HLS part. 0.02 to 1 s.
    pub part: Duration,
    /// How much video stays in the playlist and on disk; older segments are deleted.
    pub window: Duration,
    /// How many bytes of segments stay in the playlist, whatever `window` says.
    pub window_bytes: u64,
    /// Frames that may wait for the encoder; when one more comes the oldest is dropped and counted. At least 1.
    pub queue: usize,
    /// Constant rate factor of libx264, 0 (lossless) to 51.
    pub crf: u8,
    /// One of [`PRESETS`].
    pub preset: String,
    /// Upper limit of the bit rate in kbit/s, over one second.
    pub max_kbps: Option<u32>,
    /// Encoder threads; more cost latency and gain little at usual sizes.
    pub threads: u8,
}

impl Config {
    /// The defaults, for a run directory and a run id.
    pub fn new(dir: impl Into<PathBuf>, prefix: impl Into<String>) -> Self {
        Self {
            ffmpeg: "ffmpeg".into(),
            dir: dir.into(),
            prefix: prefix.into(),
            segment: Duration::from_secs(1),
            part: Duration::from_millis(100),
            window: Duration::from_secs(600),
            window_bytes: 2 << 30,
            queue: 16,
            crf: 20,
            preset: PRESETS[0].into(),
            max_kbps: None,
            threads: 1,
        }
    }

    /// # Errors
    /// [`Error::Config`] names the field that is outside its limits.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let require = |ok: bool, key, expected: &str, got: &dyn std::fmt::Display| match ok {
            true => Ok(()),
            false => Err(Error::Config {
                key,
                expected: expected.into(),
                got: got.to_string(),
            }),
        };
        let segment_ms = 200..=60_000;
        require(is_id(&self.prefix), "prefix", ID_EXPECTED, &self.prefix)?;
        require(
            segment_ms.contains(&self.segment.as_millis()),
            "segment",
            "0.2 s to 60 s",
            &humantime::format_duration(self.segment),
        )?;
        let part_ms = 20..=1_000;
        require(
            part_ms.contains(&self.part.as_millis()),
            "part",
            "0.02 s to 1 s",
            &humantime::format_duration(self.part),
        )?;
        require(self.queue >= 1, "queue", "at least 1 frame", &self.queue)?;
        require(self.crf <= 51, "crf", "0 to 51", &self.crf)?;
        require(self.threads >= 1, "threads", "at least 1", &self.threads)?;
        require(
            PRESETS.contains(&self.preset.as_str()),
            "preset",
            &PRESETS.join(", "),
            &self.preset,
        )
    }
}

pub(crate) const ID_EXPECTED: &str = "1 to 32 of A-Z a-z 0-9 -";

/// Whether `text` is safe as a part of a file name, a URL and an ffmpeg file name pattern.
pub(crate) fn is_id(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_outside_their_limits_are_named() {
        let check = |change: fn(&mut Config), expected: &str| {
            let mut config = Config::new("/tmp", "run1");
            change(&mut config);
            assert_eq!(config.check().unwrap_err().to_string(), expected);
        };
        assert!(Config::new("/tmp", "run1").check().is_ok());
        check(
            |c| c.prefix = "%d/..".into(),
            "prefix is refused: expected 1 to 32 of A-Z a-z 0-9 -, got %d/..",
        );
        check(
            |c| c.segment = Duration::ZERO,
            "segment is refused: expected 0.2 s to 60 s, got 0s",
        );
        check(
            |c| c.part = Duration::from_millis(1_001),
            "part is refused: expected 0.02 s to 1 s, got 1s 1ms",
        );
        check(
            |c| c.queue = 0,
            "queue is refused: expected at least 1 frame, got 0",
        );
        check(|c| c.crf = 52, "crf is refused: expected 0 to 51, got 52");
    }
}
