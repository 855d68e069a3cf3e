//! What a packager keeps, by what the process takes.
#![cfg(target_os = "linux")]

mod common;

use std::time::Duration;

use common::{Camera, running};
use packager::{Config, MediaTime, Range};

/// Resident memory of this process.
fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("Linux");
    let pages: usize = statm
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse().ok())
        .expect("pages");
    pages * 4_096
}

/// One test, so that nothing else takes memory meanwhile.
#[test]
fn memory_stays_within_its_bounds_whatever_passes_through() {
    let memory_bytes = 32 << 20;
    let before = resident_bytes();
    let packager = running(Config {
        memory_bytes,
        ..Config::new("r")
    });
    let mut camera = Camera::new(1, 120.0);
    camera.unit_bytes = 200_000;
    // 1 GB of video, at 24 MB/s: the limits in bytes hold.
    camera.film(&packager, 5_000);
    let held = resident_bytes().saturating_sub(before);
    assert!(held > memory_bytes / 2, "it does keep something: {held}");
    // What allocators keep for themselves comes on top.
    assert!(held < memory_bytes * 2, "{held}");
    drop(packager);

    // 15 min at 1,000 fps: the timeline of the last 11.
    let before = resident_bytes();
    let packager = running(Config::new("r"));
    let mut camera = Camera::new(1, 1_000.0);
    camera.unit_bytes = 8;
    camera.film(&packager, 900_000);
    let held = resident_bytes().saturating_sub(before);
    assert!(held < 40 << 20, "{held}");
    let newest = camera.media_us - 1_000;
    let last = Duration::from_secs(660).as_micros() as u64;
    let range = Range::Media(MediaTime::from_us(newest - last)..=MediaTime::from_us(newest));
    assert_eq!(packager.timeline(&range, usize::MAX).count(), 660_001);
}
