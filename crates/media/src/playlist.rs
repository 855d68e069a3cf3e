//! The media playlist of a window (RFC 8216). Pure.

use std::fmt::Write;
use std::time::{Duration, SystemTime};

use protocol::WallTime;

use crate::window::Window;

/// The playlist text, or `None` while there is no segment. Never has `EXT-X-ENDLIST`: the stream may come back.
///
/// `target` is the usual length of a segment. `EXT-X-TARGETDURATION` is that, unless a hole in the source made a
/// segment longer that is still listed: players keep three target durations away from the live edge, so a constant
/// worst case would cost everybody seconds.
pub(crate) fn render(window: &Window, target: Duration) -> Option<String> {
    let longest = window
        .segments()
        .map(|segment| rounded_s(segment.duration))
        .max()?;
    let mut text = format!(
        "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:{}\n#EXT-X-MEDIA-SEQUENCE:{}\n\
         #EXT-X-DISCONTINUITY-SEQUENCE:{}\n#EXT-X-INDEPENDENT-SEGMENTS\n",
        longest.max(rounded_s(target)).max(1),
        window.media_sequence(),
        window.discontinuity_sequence(),
    );
    for segment in window.segments() {
        if segment.discontinuity {
            text.push_str("#EXT-X-DISCONTINUITY\n");
        }
        let micros = segment.duration.as_micros();
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "#EXT-X-PROGRAM-DATE-TIME:{}\n#EXTINF:{}.{:06},\n{}",
            date_time(segment.start),
            micros / 1_000_000,
            micros % 1_000_000,
            segment.name,
        );
    }
    Some(text)
}

/// Seconds, halves up: what section 4.3.3.1 compares with the target duration.
fn rounded_s(duration: Duration) -> u64 {
    (duration + Duration::from_millis(500)).as_secs()
}

/// RFC 3339 in UTC, to the nearest millisecond. Times before 1970 read as 1970.
fn date_time(t: WallTime) -> humantime::Rfc3339Timestamp {
    let nearest_ns = t.offset_ns(500_000).as_ns();
    let since = Duration::from_nanos(u64::try_from(nearest_ns).unwrap_or(0));
    humantime::format_rfc3339_millis(SystemTime::UNIX_EPOCH + since)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::window::tests::segment;

    fn window(segments: impl IntoIterator<Item = crate::window::Segment>) -> Window {
        let mut window = Window::new(Duration::from_secs(3), u64::MAX);
        for segment in segments {
            window.push(segment);
        }
        window
    }

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn nothing_is_said_before_the_first_segment() {
        assert_eq!(render(&window([]), SECOND), None);
    }

    #[test]
    fn segments_are_listed_with_their_capture_times() {
        let mut first = segment(0, false);
        first.start = WallTime::from_ns(1_760_000_000_123_456_789);
        first.duration = Duration::from_nanos(1_033_333_900);
        assert_eq!(
            render(&window([first, segment(1, true)]), SECOND).expect("two segments"),
            "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:0\n\
             #EXT-X-DISCONTINUITY-SEQUENCE:0\n#EXT-X-INDEPENDENT-SEGMENTS\n\
             #EXT-X-PROGRAM-DATE-TIME:2025-10-09T08:53:20.123Z\n#EXTINF:1.033333,\nr_0_0_0.ts\n\
             #EXT-X-DISCONTINUITY\n\
             #EXT-X-PROGRAM-DATE-TIME:2025-10-09T08:53:21.000Z\n#EXTINF:1.000000,\nr_0_0_1.ts\n"
        );
    }

    #[test]
    fn numbers_go_on_when_segments_leave() {
        let text = render(&window((0..6).map(|n| segment(n, n == 1 || n == 5))), SECOND).expect("segments");
        assert!(
            text.contains("#EXT-X-MEDIA-SEQUENCE:3\n#EXT-X-DISCONTINUITY-SEQUENCE:1\n"),
            "{text}"
        );
        assert!(
            text.contains("#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:2025-10-09T08:53:25.000Z\n"),
            "{text}"
        );
    }

    #[test]
    fn the_target_duration_is_the_usual_one_unless_a_listed_segment_is_longer() {
        let long = |ms| {
            let mut long = segment(0, false);
            long.duration = Duration::from_millis(ms);
            render(&window([long]), SECOND).expect("a segment")
        };
        assert!(long(1_499).contains("TARGETDURATION:1\n"));
        assert!(long(1_500).contains("TARGETDURATION:2\n"));
        assert!(long(10).contains("TARGETDURATION:1\n"));
    }

    #[test]
    fn capture_times_round_to_the_nearest_millisecond() {
        let check = |ns, expected: &str| assert_eq!(date_time(WallTime::from_ns(ns)).to_string(), expected);
        check(999_600_000, "1970-01-01T00:00:01.000Z");
        check(999_400_000, "1970-01-01T00:00:00.999Z");
        check(-5, "1970-01-01T00:00:00.000Z");
    }
}
