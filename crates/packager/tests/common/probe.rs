//! ffprobe's view of a file.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// Every frame, decoded, and the stream. Nothing may have been worth a warning.
pub fn probe(path: &Path) -> Value {
    run([
        OsStr::new("-show_frames"),
        OsStr::new("-show_streams"),
        path.as_os_str(),
    ])
}

/// The stream alone: reads no more than it must, so that a live playlist has an end.
pub fn probe_start(path: &Path) -> Value {
    run([OsStr::new("-show_streams"), path.as_os_str()])
}

fn run<'a>(arguments: impl IntoIterator<Item = &'a OsStr>) -> Value {
    let output = Command::new("ffprobe")
        .args(["-v", "warning", "-of", "json"])
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("ffprobe runs");
    let warnings = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && warnings.is_empty(), "{warnings}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn frames(probe: &Value) -> &[Value] {
    probe["frames"].as_array().expect("frames")
}

/// Presentation times of all frames, in ticks of the stream.
pub fn times(probe: &Value) -> Vec<u64> {
    frames(probe)
        .iter()
        .map(|frame| frame["pts"].as_u64().expect("a time"))
        .collect()
}

/// Which frames are key frames.
pub fn keys(probe: &Value) -> Vec<bool> {
    frames(probe)
        .iter()
        .map(|frame| frame["key_frame"] == 1)
        .collect()
}

/// Pictures are full-range BT.709, 4:2:0, of this size.
pub fn check_colours(probe: &Value, width: u32, height: u32) {
    let stream = &probe["streams"][0];
    for (key, expected) in [
        ("codec_name", "h264"),
        ("pix_fmt", "yuvj420p"),
        ("color_range", "pc"),
        ("color_space", "bt709"),
        ("color_transfer", "bt709"),
        ("color_primaries", "bt709"),
    ] {
        assert_eq!(stream[key], expected, "{key}");
    }
    assert_eq!(stream["width"], width);
    assert_eq!(stream["height"], height);
    assert_eq!(stream["time_base"], "1/1000000");
}
