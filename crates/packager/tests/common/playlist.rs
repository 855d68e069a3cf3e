//! Reads a low-latency playlist as a player would, line by line.

use std::collections::BTreeMap;

/// One segment, finished or not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Segment {
    pub msn: u64,
    /// Number of its discontinuity (RFC 8216, 6.2.1): segments with different numbers do not continue each other.
    pub discontinuity: u64,
    pub map: String,
    pub date_time: String,
    pub parts: Vec<Part>,
    /// Duration in us and address, once finished.
    pub whole: Option<(u64, String)>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    pub duration_us: u64,
    pub uri: String,
    pub independent: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Playlist {
    pub target_us: u64,
    pub part_target_us: u64,
    pub part_hold_back_us: u64,
    pub independent_segments: bool,
    pub segments: Vec<Segment>,
    pub hint: Option<String>,
}

impl Playlist {
    pub fn parse(text: &str) -> Self {
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("#EXTM3U"));
        let mut playlist = Self::default();
        let mut next = Segment::default();
        let mut extinf_us = None;
        let mut touched = false;
        for line in lines {
            let (tag, value) = line.split_once(':').unwrap_or((line, ""));
            assert!(playlist.hint.is_none(), "nothing follows the hint");
            touched |= ["#EXT-X-PART", "#EXT-X-DISCONTINUITY", "#EXT-X-PROGRAM-DATE-TIME"].contains(&tag);
            match tag {
                "#EXT-X-VERSION" => assert_eq!(value, "9"),
                "#EXT-X-TARGETDURATION" => playlist.target_us = us(value),
                "#EXT-X-SERVER-CONTROL" => {
                    let attributes = attributes(value);
                    assert_eq!(attributes["CAN-BLOCK-RELOAD"], "YES");
                    playlist.part_hold_back_us = us(&attributes["PART-HOLD-BACK"]);
                }
                "#EXT-X-PART-INF" => playlist.part_target_us = us(&attributes(value)["PART-TARGET"]),
                "#EXT-X-MEDIA-SEQUENCE" => next.msn = value.parse().expect("a number"),
                "#EXT-X-DISCONTINUITY-SEQUENCE" => next.discontinuity = value.parse().expect("a number"),
                "#EXT-X-INDEPENDENT-SEGMENTS" => playlist.independent_segments = true,
                "#EXT-X-DISCONTINUITY" => next.discontinuity += 1,
                "#EXT-X-MAP" => next.map = attributes(value)["URI"].clone(),
                "#EXT-X-PROGRAM-DATE-TIME" => next.date_time = value.into(),
                "#EXT-X-PART" => {
                    let attributes = attributes(value);
                    next.parts.push(Part {
                        duration_us: us(&attributes["DURATION"]),
                        uri: attributes["URI"].clone(),
                        independent: attributes.get("INDEPENDENT").is_some_and(|value| value == "YES"),
                    });
                }
                "#EXTINF" => extinf_us = Some(us(value.strip_suffix(',').expect("a comma"))),
                "#EXT-X-PRELOAD-HINT" => {
                    let attributes = attributes(value);
                    assert_eq!(attributes["TYPE"], "PART");
                    playlist.hint = Some(attributes["URI"].clone());
                }
                name if !name.starts_with('#') => {
                    next.whole = Some((extinf_us.take().expect("a duration"), line.into()));
                    touched = false;
                    let following = Segment {
                        msn: next.msn + 1,
                        discontinuity: next.discontinuity,
                        map: next.map.clone(),
                        ..Segment::default()
                    };
                    playlist.segments.push(std::mem::replace(&mut next, following));
                }
                other => panic!("unknown tag {other}"),
            }
        }
        if touched {
            playlist.segments.push(next);
        }
        playlist
    }

    /// Addresses of everything that it says exists.
    pub fn uris(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().flat_map(|segment| {
            let parts = segment.parts.iter().map(|part| part.uri.as_str());
            let whole = segment.whole.iter().map(|(_, uri)| uri.as_str());
            parts.chain(whole).chain([segment.map.as_str()])
        })
    }
}

fn attributes(list: &str) -> BTreeMap<String, String> {
    let pairs = list
        .split(',')
        .map(|pair| pair.split_once('=').expect("name=value"));
    pairs
        .map(|(name, value)| (name.into(), value.trim_matches('"').into()))
        .collect()
}

fn us(seconds: &str) -> u64 {
    (seconds.parse::<f64>().expect("seconds") * 1e6).round() as u64
}
