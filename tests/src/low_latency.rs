//! A low-latency playlist (RFC 8216bis), as text that is taken apart by hand: the tests look at what a parser of
//! RFC 8216 leaves out.

use crate::{PATIENCE, Runner, wait_for};

/// `live.m3u8` of a stream at some moment.
#[derive(Clone, Debug, Default)]
pub struct LowLatency {
    /// As it came.
    pub text: String,
    /// Initialization section of the newest segment.
    pub init: String,
    /// Sequence number of the first segment.
    pub media_sequence: u64,
    /// Oldest first; the last one may still grow.
    pub segments: Vec<LiveSegment>,
    /// The part that comes next.
    pub hint: Option<String>,
}

/// One segment.
#[derive(Clone, Debug, Default)]
pub struct LiveSegment {
    /// Its name, when it is whole.
    pub uri: Option<String>,
    /// Capture time of its first frame, ms since the Unix epoch.
    pub start_ms: f64,
    /// Its parts, where they are listed.
    pub parts: Vec<Part>,
}

/// One part.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its name.
    pub uri: String,
    /// Seconds.
    pub duration_s: f64,
    /// Whether it begins with a key frame.
    pub independent: bool,
}

/// The value of an attribute, without its quotes.
fn attribute<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let attributes = line.split_once(':')?.1.split(',');
    let value = attributes
        .filter_map(|attribute| attribute.split_once('='))
        .find(|(key, _)| *key == name)?
        .1;
    Some(value.trim_matches('"'))
}

impl LowLatency {
    /// Takes a playlist apart.
    ///
    /// # Panics
    /// When it is none.
    pub fn parse(text: &str) -> Self {
        let mut playlist = Self {
            text: text.to_owned(),
            ..Self::default()
        };
        assert!(text.starts_with("#EXTM3U\n"), "{text}");
        let mut segment = LiveSegment::default();
        for line in text.lines() {
            if let Some(number) = line.strip_prefix("#EXT-X-MEDIA-SEQUENCE:") {
                playlist.media_sequence = number.parse().expect("a number");
            } else if line.starts_with("#EXT-X-MAP:") {
                playlist.init = attribute(line, "URI").expect("URI").to_owned();
            } else if let Some(time) = line.strip_prefix("#EXT-X-PROGRAM-DATE-TIME:") {
                segment.start_ms = unix_ms(time);
            } else if line.starts_with("#EXT-X-PART:") {
                segment.parts.push(Part {
                    uri: attribute(line, "URI").expect("URI").to_owned(),
                    duration_s: attribute(line, "DURATION")
                        .and_then(|seconds| seconds.parse().ok())
                        .expect("DURATION"),
                    independent: attribute(line, "INDEPENDENT") == Some("YES"),
                });
            } else if line.starts_with("#EXT-X-PRELOAD-HINT:TYPE=PART") {
                playlist.hint = attribute(line, "URI").map(str::to_owned);
            } else if !line.starts_with('#') && !line.is_empty() {
                segment.uri = Some(line.to_owned());
                playlist.segments.push(std::mem::take(&mut segment));
            }
        }
        if !segment.parts.is_empty() {
            playlist.segments.push(segment);
        }
        playlist
    }

    /// The playlist of a stream, once it holds `segments` whole segments.
    #[track_caller]
    pub fn of(runner: &Runner, stream: &str, segments: usize) -> Self {
        wait_for(
            &format!("{segments} live segments of {stream:?}"),
            PATIENCE,
            || {
                let response = runner.get(&format!("/hls/{stream}/live.m3u8"));
                if response.status != 200 {
                    return Err(format!("{}: {}", response.status, response.text()));
                }
                let playlist = Self::parse(response.text());
                let whole = playlist.segments.iter().filter(|segment| segment.uri.is_some());
                match whole.count() {
                    count if count >= segments => Ok(playlist),
                    count => Err(format!("{count} segments")),
                }
            },
        )
    }

    /// Media sequence number of the segment that grows, and the number of the part that comes next.
    pub fn next_part(&self) -> (u64, usize) {
        let whole = self.segments.iter().filter(|segment| segment.uri.is_some());
        let open = self.segments.last().filter(|segment| segment.uri.is_none());
        let msn = self.media_sequence + whole.count() as u64;
        (msn, open.map_or(0, |segment| segment.parts.len()))
    }

    /// When the newest part ends, as a capture time in ms since the Unix epoch.
    pub fn end_ms(&self) -> f64 {
        let newest = self.segments.last().expect("a segment");
        let parts_s: f64 = newest.parts.iter().map(|part| part.duration_s).sum();
        newest.start_ms + parts_s * 1e3
    }
}

/// Reads `2026-01-02T03:04:05.678Z`.
fn unix_ms(time: &str) -> f64 {
    // A playlist of nothing but this, for a parser that knows dates.
    let playlist =
        format!("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-PROGRAM-DATE-TIME:{time}\n#EXTINF:1,\nx\n");
    let playlist = m3u8_rs::parse_media_playlist_res(playlist.as_bytes()).expect("a playlist");
    let time = playlist.segments[0].program_date_time.expect("a date");
    time.timestamp_millis() as f64
}
