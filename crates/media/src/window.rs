//! The segments that players may ask for. Pure: says which files to delete and leaves that to others.

use std::collections::VecDeque;
use std::time::Duration;

use protocol::WallTime;

/// Segments that stay on disk after they left the playlist, for players that read it a moment ago.
const GRACE: usize = 5;
/// Segments that always stay in the playlist, whatever the limits: a player needs three to start.
const MIN_SEGMENTS: usize = 3;

/// A finished segment.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub(crate) name: String,
    /// Capture time of the first frame.
    pub(crate) start: WallTime,
    pub(crate) duration: Duration,
    pub(crate) bytes: u64,
    /// Whether it does not continue the segment before it.
    pub(crate) discontinuity: bool,
}

/// Sliding window over the segments of a stream, bounded in time and bytes.
#[derive(Debug)]
pub(crate) struct Window {
    listed: VecDeque<Segment>,
    /// Names that left the playlist, oldest first.
    leaving: VecDeque<String>,
    /// Sequence number of the first listed segment.
    media_sequence: u64,
    /// Discontinuities that left the playlist.
    discontinuity_sequence: u64,
    /// Sums over the listed segments.
    duration: Duration,
    bytes: u64,
    limit: Duration,
    limit_bytes: u64,
}

impl Window {
    pub(crate) fn new(limit: Duration, limit_bytes: u64) -> Self {
        Self {
            listed: VecDeque::new(),
            leaving: VecDeque::new(),
            media_sequence: 0,
            discontinuity_sequence: 0,
            duration: Duration::ZERO,
            bytes: 0,
            limit,
            limit_bytes,
        }
    }

    /// Appends a segment; the names of files that nobody may ask for any more.
    pub(crate) fn push(&mut self, segment: Segment) -> Vec<String> {
        self.duration += segment.duration;
        self.bytes += segment.bytes;
        self.listed.push_back(segment);
        while self.listed.len() > MIN_SEGMENTS
            && let Some(first) = self.listed.front()
            && (self.duration - first.duration >= self.limit || self.bytes > self.limit_bytes)
        {
            self.remove_first();
        }
        let surplus = self.leaving.len().saturating_sub(GRACE);
        self.leaving.drain(..surplus).collect()
    }

    /// Gives up the older half of the playlist, for the disk is full; the names of files to delete.
    pub(crate) fn halve(&mut self) -> Vec<String> {
        let keep = (self.listed.len() / 2).max(MIN_SEGMENTS);
        while self.listed.len() > keep {
            self.remove_first();
        }
        self.leaving.drain(..).collect()
    }

    fn remove_first(&mut self) {
        if let Some(segment) = self.listed.pop_front() {
            self.duration -= segment.duration;
            self.bytes -= segment.bytes;
            self.media_sequence += 1;
            self.discontinuity_sequence += u64::from(segment.discontinuity);
            self.leaving.push_back(segment.name);
        }
    }

    /// Whether a player may ask for the file.
    pub(crate) fn holds(&self, name: &str) -> bool {
        self.listed.iter().any(|segment| segment.name == name) || self.leaving.iter().any(|left| left == name)
    }

    pub(crate) fn segments(&self) -> impl ExactSizeIterator<Item = &Segment> + Clone {
        self.listed.iter()
    }

    /// Capture time of the first listed frame, and the end of the last listed segment.
    pub(crate) fn range(&self) -> Option<(WallTime, WallTime)> {
        let (first, last) = (self.listed.front()?, self.listed.back()?);
        let last_ns = i64::try_from(last.duration.as_nanos()).unwrap_or(i64::MAX);
        Some((first.start, last.start.offset_ns(last_ns)))
    }

    pub(crate) fn media_sequence(&self) -> u64 {
        self.media_sequence
    }

    pub(crate) fn discontinuity_sequence(&self) -> u64 {
        self.discontinuity_sequence
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn segment(number: u64, discontinuity: bool) -> Segment {
        Segment {
            name: format!("r_0_0_{number}.ts"),
            start: WallTime::from_ns(1_760_000_000_000_000_000 + number as i64 * 1_000_000_000),
            duration: Duration::from_secs(1),
            bytes: 100,
            discontinuity,
        }
    }

    fn filled(window: &mut Window, count: u64) -> Vec<String> {
        (0..count)
            .flat_map(|n| window.push(segment(n, n % 2 == 1)))
            .collect()
    }

    #[test]
    fn old_segments_leave_by_time_and_their_files_go_a_little_later() {
        let mut window = Window::new(Duration::from_secs(4), u64::MAX);
        assert_eq!(filled(&mut window, 10), ["r_0_0_0.ts"]);
        assert_eq!((window.segments().len(), window.media_sequence()), (4, 6));
        assert_eq!(window.discontinuity_sequence(), 3);
        assert!(window.holds("r_0_0_9.ts") && window.holds("r_0_0_1.ts"));
        assert!(!window.holds("r_0_0_0.ts") && !window.holds("r_0_0_10.ts"));
    }

    #[test]
    fn old_segments_leave_by_bytes_but_a_player_can_always_start() {
        let mut window = Window::new(Duration::from_secs(1_000), 500);
        filled(&mut window, 10);
        assert_eq!(window.segments().len(), 5);
        let mut window = Window::new(Duration::from_secs(1_000), 1);
        filled(&mut window, 10);
        assert_eq!(window.segments().len(), MIN_SEGMENTS);
    }

    #[test]
    fn a_window_reaches_from_its_first_frame_to_the_end_of_its_last_segment() {
        let mut window = Window::new(Duration::from_secs(4), u64::MAX);
        assert_eq!(window.range(), None);
        filled(&mut window, 10);
        assert_eq!(
            window.range(),
            Some((segment(6, false).start, segment(10, false).start))
        );
    }

    #[test]
    fn a_full_disk_takes_the_older_half() {
        let mut window = Window::new(Duration::from_secs(8), u64::MAX);
        filled(&mut window, 8);
        assert_eq!(window.halve().len(), 4);
        assert_eq!((window.segments().len(), window.media_sequence()), (4, 4));
        window.halve();
        assert_eq!(window.segments().len(), MIN_SEGMENTS);
    }
}
