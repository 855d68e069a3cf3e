//! A player that reloads, and believes nothing.

use std::collections::HashMap;

use bytes::Bytes;
use packager::{File, Packager};

use super::playlist::Playlist;

/// A file that has to be there.
pub fn ready(packager: &Packager, name: &str) -> Bytes {
    match packager.file(name) {
        File::Ready { bytes, content_type } => {
            assert_eq!(content_type, "video/mp4");
            bytes
        }
        other => panic!("{name}: {other:?}"),
    }
}

/// Reloads the playlist and holds it against the rules and against everything it said before.
#[derive(Default)]
pub struct Player {
    /// Everything ever named, as it was when it was first seen.
    files: HashMap<String, Bytes>,
    /// Discontinuity number and capture time of every segment ever seen.
    pub segments: HashMap<u64, (u64, String)>,
    hint: Option<String>,
    pub first_msn: u64,
    pub reloads: usize,
}

impl Player {
    pub fn reload(&mut self, packager: &Packager) {
        let Some(text) = packager.playlist() else {
            return;
        };
        self.reloads += 1;
        let playlist = Playlist::parse(&text);
        self.check_files(packager, &playlist);
        self.check_history(&playlist);
        check_durations(&playlist);
        let (msn, parts) = packager.progress();
        let open = playlist.segments.iter().find(|segment| segment.whole.is_none());
        if let Some(open) = open {
            assert_eq!((open.msn, open.parts.len() as u64), (msn, parts), "{text}");
        }
        assert_eq!(playlist.hint.is_some(), open.is_some(), "{text}");
        if let Some(hint) = &playlist.hint {
            assert_eq!(*hint, format!("run_cam_{msn}.{parts}.m4s"));
            assert_eq!(packager.file(hint), File::Hinted);
        }
        self.hint = playlist.hint;
        check_with_another_reader(&text);
    }

    fn check_files(&mut self, packager: &Packager, playlist: &Playlist) {
        for uri in playlist.uris() {
            let bytes = ready(packager, uri);
            let first = self.files.entry(uri.into()).or_insert_with(|| bytes.clone());
            assert!(*first == bytes, "{uri} changed");
        }
        // What was promised came, under the promised name.
        if let Some(hint) = &self.hint {
            assert_ne!(packager.file(hint), File::Unknown, "{hint}");
        }
    }

    fn check_history(&mut self, playlist: &Playlist) {
        let numbers: Vec<_> = playlist.segments.iter().map(|segment| segment.msn).collect();
        assert!(
            numbers.windows(2).all(|pair| pair[1] == pair[0] + 1),
            "{numbers:?}"
        );
        assert!(self.first_msn <= numbers[0]);
        self.first_msn = numbers[0];
        for segment in &playlist.segments {
            let now = (segment.discontinuity, segment.date_time.clone());
            let first = self.segments.entry(segment.msn).or_insert_with(|| now.clone());
            assert_eq!(*first, now, "segment {} changed", segment.msn);
        }
    }
}

/// RFC 8216bis, 4.4.3.1, 4.4.3.7, 4.4.3.8 and 4.4.4.9.
fn check_durations(playlist: &Playlist) {
    assert!(playlist.part_hold_back_us >= playlist.part_target_us * 3);
    for segment in &playlist.segments {
        let parts_us: u64 = segment.parts.iter().map(|part| part.duration_us).sum();
        for part in &segment.parts {
            assert!(part.duration_us <= playlist.part_target_us, "{part:?}");
        }
        let Some((duration_us, _)) = segment.whole else {
            continue;
        };
        assert!((duration_us + 500_000) / 1_000_000 * 1_000_000 <= playlist.target_us);
        assert!(segment.parts.is_empty() || parts_us == duration_us);
    }
    // Parts are listed near the end, and there only.
    let mut distance_us = 0;
    for segment in playlist.segments.iter().rev() {
        let far = distance_us > 3 * playlist.target_us;
        assert_eq!(
            segment.parts.is_empty(),
            far || segment.whole.is_none() && distance_us == 0 && segment.parts.is_empty()
        );
        distance_us += segment.whole.as_ref().map_or_else(
            || segment.parts.iter().map(|part| part.duration_us).sum(),
            |(us, _)| *us,
        );
    }
}

/// m3u8-rs knows nothing of parts; all the rest has to be what it expects.
fn check_with_another_reader(text: &str) {
    let ours = Playlist::parse(text);
    let (rest, theirs) = m3u8_rs::parse_media_playlist(text.as_bytes()).expect("a media playlist");
    assert!(rest.is_empty());
    assert!(!theirs.end_list);
    assert_eq!(theirs.target_duration * 1_000_000, ours.target_us);
    assert_eq!(theirs.media_sequence, ours.segments[0].msn);
    assert_eq!(theirs.independent_segments, ours.independent_segments);
    let finished = ours
        .segments
        .iter()
        .filter_map(|segment| Some((segment, segment.whole.as_ref()?)));
    let theirs = theirs.segments.iter().filter(|segment| !segment.uri.is_empty());
    for ((segment, (duration_us, uri)), theirs) in finished.clone().zip(theirs.clone()) {
        assert_eq!(*uri, theirs.uri);
        assert!((theirs.duration - *duration_us as f32 / 1e6).abs() < 1e-4);
        let date_time = theirs.program_date_time.expect("a capture time");
        let expected = segment.date_time.replace('Z', "+00:00");
        assert_eq!(date_time.format("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string(), expected);
    }
    assert_eq!(finished.count(), theirs.count());
}
