//! The low-latency media playlist of a window (RFC 8216bis, draft-pantos-hls-rfc8216bis). Pure.

use std::fmt::Write;
use std::time::{Duration, SystemTime};

use protocol::WallTime;

use crate::name::Name;
use crate::segment::Segment;
use crate::window::Window;

/// Parts are listed this many target durations back from the end (6.2.2).
const PARTS_TARGETS: u32 = 3;
/// How far players stay away from the end, in part target durations (recommended by 4.4.3.8).
const HOLD_BACK_PARTS: u32 = 3;
/// The part target duration is a multiple of this, so that jitter does not change it at every reload.
const PART_TARGET_STEP_US: u128 = 5_000;

/// The playlist text, or `None` while there is no part. Never has `EXT-X-ENDLIST`: the stream may come back.
pub(crate) fn render(window: &Window) -> Option<String> {
    let first = window.segments().next()?;
    if window.segments().all(|segment| segment.parts.is_empty()) {
        return None;
    }
    let target = window.target();
    let part_target = part_target(window, target);
    let mut text = format!(
        "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:{}\n\
         #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK={}\n#EXT-X-PART-INF:PART-TARGET={}\n\
         #EXT-X-MEDIA-SEQUENCE:{}\n#EXT-X-DISCONTINUITY-SEQUENCE:{}\n",
        target.as_secs(),
        Seconds(part_target * HOLD_BACK_PARTS),
        Seconds(part_target),
        first.msn,
        window.discontinuity_sequence(),
    );
    if window.segments().all(|segment| segment.independent) {
        text.push_str("#EXT-X-INDEPENDENT-SEGMENTS\n");
    }
    let mut life = None;
    for (segment, has_parts) in segments(window, target) {
        if segment.discontinuity {
            text.push_str("#EXT-X-DISCONTINUITY\n");
        }
        // Writing to a string cannot fail.
        if life.replace(segment.init.life) != Some(segment.init.life) {
            let init = Name::Init {
                life: segment.init.life,
            };
            let _ = writeln!(text, "#EXT-X-MAP:URI=\"{}\"", init.text(window.stem()));
        }
        let _ = writeln!(text, "#EXT-X-PROGRAM-DATE-TIME:{}", date_time(segment.start));
        if has_parts {
            write_parts(&mut text, segment, window.stem());
        }
        if segment.whole.is_some() {
            let name = Name::Segment { msn: segment.msn };
            let duration = Seconds(segment.duration());
            let _ = writeln!(text, "#EXTINF:{duration},\n{}", name.text(window.stem()));
        }
    }
    if let Some(hint) = window.hint() {
        let hint = hint.text(window.stem());
        let _ = writeln!(text, "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"{hint}\"");
    }
    Some(text)
}

fn write_parts(text: &mut String, segment: &Segment, stem: &str) {
    for (part, n) in segment.parts.iter().zip(0..) {
        let name = Name::Part {
            msn: segment.msn,
            part: n,
        };
        let independent = if part.independent { ",INDEPENDENT=YES" } else { "" };
        let _ = writeln!(
            text,
            "#EXT-X-PART:DURATION={},URI=\"{}\"{independent}",
            Seconds(part.duration),
            name.text(stem),
        );
    }
}

/// The listed segments, and whether their parts are listed too: not when all of them are far from the end.
fn segments(window: &Window, target: Duration) -> impl Iterator<Item = (&Segment, bool)> {
    let total: Duration = window.segments().map(Segment::duration).sum();
    let mut end = Duration::ZERO;
    window.segments().map(move |segment| {
        end += segment.duration();
        (segment, total - end <= target * PARTS_TARGETS)
    })
}

/// Duration that no listed part exceeds. As regular frames make it with a little jitter; holes in the source may make
/// it longer for as long as they are listed.
fn part_target(window: &Window, target: Duration) -> Duration {
    let usual = window.usual_part();
    let listed = segments(window, target).filter(|(_, has_parts)| *has_parts);
    let longest = listed
        .flat_map(|(segment, _)| &segment.parts)
        .map(|part| part.duration)
        .max();
    let us = longest.max(Some(usual + usual / 20)).unwrap_or(usual).as_micros();
    Duration::from_micros((us.div_ceil(PART_TARGET_STEP_US) * PART_TARGET_STEP_US) as u64)
}

/// Seconds with microseconds.
struct Seconds(Duration);

impl std::fmt::Display for Seconds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{:06}", self.0.as_secs(), self.0.subsec_micros())
    }
}

/// RFC 3339 in UTC, to the nearest millisecond. Times before 1970 read as 1970.
fn date_time(t: WallTime) -> humantime::Rfc3339Timestamp {
    let nearest_ns = t.offset_ns(500_000).as_ns();
    let since = Duration::from_nanos(u64::try_from(nearest_ns).unwrap_or(0));
    humantime::format_rfc3339_millis(SystemTime::UNIX_EPOCH + since)
}
