//! What ffmpeg's own playlist says about finished segments. Pure.

use std::time::Duration;

/// A finished segment, as ffmpeg lists it.
#[derive(Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) duration: Duration,
}

/// Reads playlists that arrive one after the other in pieces, each repeating the end of the one before.
#[derive(Default)]
pub(crate) struct Listing {
    partial: String,
    duration: Option<Duration>,
    listed: u64,
}

/// Longest line that is kept: more is no playlist.
const MAX_LINE_BYTES: usize = 4_096;

impl Listing {
    /// The segments that `bytes` add, each once. Segments are expected as `<stem>_<number>.ts`, numbered from 0.
    pub(crate) fn feed(&mut self, bytes: &[u8], stem: &str) -> Vec<Entry> {
        let mut entries = Vec::new();
        self.partial.push_str(&String::from_utf8_lossy(bytes));
        while let Some(end) = self.partial.find('\n') {
            let line: String = self.partial.drain(..=end).collect();
            let line = line.trim_end();
            if let Some(value) = line.strip_prefix("#EXTINF:") {
                let seconds = value.split(',').next().and_then(|text| text.parse().ok());
                self.duration = seconds.and_then(|s| Duration::try_from_secs_f64(s).ok());
            } else if line == file_name(stem, self.listed)
                && let Some(duration) = self.duration.take()
            {
                self.listed += 1;
                entries.push(Entry {
                    name: line.to_owned(),
                    duration,
                });
            }
        }
        if self.partial.len() > MAX_LINE_BYTES {
            self.partial.clear();
        }
        entries
    }

    /// How many segments were listed.
    pub(crate) fn listed(&self) -> u64 {
        self.listed
    }
}

/// Name of segment `number` of the life `stem`.
pub(crate) fn file_name(stem: &str, number: u64) -> String {
    format!("{stem}_{number}.ts")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "#EXTM3U\n#EXT-X-VERSION:6\n#EXTINF:1.002322,\nr_0.ts\n\
                        #EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1.002322,\nr_0.ts\n#EXTINF:0.333333,\nr_1.ts\n\
                        #EXT-X-ENDLIST\n";

    #[test]
    fn every_segment_is_told_once_however_the_text_is_cut() {
        for piece in [1, 7, TEXT.len()] {
            let mut listing = Listing::default();
            let entries: Vec<_> = TEXT
                .as_bytes()
                .chunks(piece)
                .flat_map(|bytes| listing.feed(bytes, "r"))
                .map(|entry| (entry.name, entry.duration.as_micros()))
                .collect();
            assert_eq!(
                entries,
                [("r_0.ts".into(), 1_002_322), ("r_1.ts".into(), 333_333)]
            );
        }
    }

    #[test]
    fn anything_else_on_the_pipe_is_passed_over() {
        let mut listing = Listing::default();
        let noise = "#EXTINF:nan,\nr_0.ts\n#EXTINF:1.0,\n../../etc/passwd\n\u{fffd}\n";
        assert_eq!(listing.feed(noise.as_bytes(), "r"), []);
        assert_eq!(listing.feed(&[b'x'; 100_000], "r"), []);
        assert!(listing.partial.len() <= MAX_LINE_BYTES);
    }
}
