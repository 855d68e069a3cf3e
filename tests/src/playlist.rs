//! Playlists and segments, as other programs read them.

use std::path::Path;
use std::process::Command;

use m3u8_rs::MediaPlaylist;

use crate::{PATIENCE, Runner, http, wait_for};

/// A media playlist of a stream.
#[derive(Clone, Debug)]
pub struct Playlist {
    /// As parsed.
    pub media: MediaPlaylist,
    stream: String,
}

/// What ffprobe finds in a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Video {
    /// Pixels.
    pub width: u64,
    /// Pixels.
    pub height: u64,
    /// Decoded frames.
    pub frames: u64,
}

impl Playlist {
    /// The playlist of a stream at this moment.
    ///
    /// # Errors
    /// When it has none yet.
    pub fn try_of(runner: &Runner, stream: &str) -> Result<Self, String> {
        let response = http::get(runner.addresses.http, &format!("/hls/{stream}/index.m3u8"))?;
        if response.status != 200 {
            return Err(format!("{}: {}", response.status, response.text()));
        }
        let media = m3u8_rs::parse_media_playlist_res(&response.body)
            .unwrap_or_else(|error| panic!("{error}: {}", response.text()));
        Ok(Self {
            media,
            stream: stream.to_owned(),
        })
    }

    /// The playlist of a stream, once it holds `segments`.
    #[track_caller]
    pub fn of(runner: &Runner, stream: &str, segments: usize) -> Self {
        wait_for(&format!("{segments} segments of {stream:?}"), PATIENCE, || {
            let playlist = Self::try_of(runner, stream)?;
            match playlist.media.segments.len() {
                count if count >= segments => Ok(playlist),
                count => Err(format!("{count} segments")),
            }
        })
    }

    /// Capture time of the newest segment's first frame, in ms since the Unix epoch.
    pub fn newest_start_ms(&self) -> Option<i64> {
        let newest = self.media.segments.last()?;
        newest.program_date_time.map(|time| time.timestamp_millis())
    }

    /// Segments before which the picture breaks off.
    pub fn discontinuities(&self) -> usize {
        self.media
            .segments
            .iter()
            .filter(|segment| segment.discontinuity)
            .count()
    }

    /// Fetches a segment; its name and its bytes.
    ///
    /// # Panics
    /// When it cannot be fetched.
    pub fn fetch(&self, runner: &Runner, segment: usize) -> (&str, Vec<u8>) {
        let name = &self.media.segments[segment].uri;
        let response = runner.get(&format!("/hls/{}/{name}", self.stream));
        assert_eq!(
            (response.status, response.content_type.as_str()),
            (200, "video/mp2t"),
            "{name}"
        );
        (name, response.body)
    }

    /// Fetches a segment and has ffprobe decode it.
    ///
    /// # Panics
    /// When it cannot be fetched or decoded.
    pub fn probe(&self, runner: &Runner, segment: usize) -> Video {
        let (name, response) = self.fetch(runner, segment);
        // Beside the logs, for whoever wants to know what was wrong with it.
        let path = runner.temp_dir().with_file_name(name);
        std::fs::write(&path, &response).expect("segment");
        let video = probe(&path);
        std::fs::remove_file(&path).expect("segment");
        video
    }
}

fn probe(segment: &Path) -> Video {
    let output = Command::new("ffprobe")
        // Named, for it would have to guess at a segment of a few hundred bytes.
        .args([
            "-v",
            "error",
            "-f",
            "mpegts",
            "-count_frames",
            "-select_streams",
            "v",
        ])
        .args([
            "-show_entries",
            "stream=width,height,nb_read_frames",
            "-of",
            "json",
        ])
        .arg(segment)
        .output()
        .expect("ffprobe");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.is_empty(), "{}: {errors}", segment.display());
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON of ffprobe");
    let stream = &json["streams"][0];
    Video {
        width: stream["width"].as_u64().expect("width"),
        height: stream["height"].as_u64().expect("height"),
        frames: stream["nb_read_frames"]
            .as_str()
            .and_then(|count| count.parse().ok())
            .expect("frames"),
    }
}
