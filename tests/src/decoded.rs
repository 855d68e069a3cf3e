//! Video as ffmpeg reads it.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use frame_node::barcode::Code;
use ndarray::ArrayView2;

fn output(program: &str, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(program)
        .args(["-v", "repeat+warning"])
        .args(arguments)
        .output()
        .expect(program);
    let errors = String::from_utf8_lossy(&output.stderr);
    // Of every live playlist with an initialization section: ffmpeg reads that again after each reload.
    let errors: Vec<_> = errors
        .lines()
        .filter(|line| !line.contains("Found duplicated MOOV Atom"))
        .collect();
    assert!(
        output.status.success() && errors.is_empty(),
        "{program} {arguments:?}: {errors:#?}"
    );
    output.stdout
}

/// Presentation times of the packets of a file, us.
///
/// # Panics
/// When ffprobe has anything to complain about.
pub fn times_us(file: &Path) -> Vec<u64> {
    let file = file.to_str().expect("a path of UTF-8");
    let arguments = ["-show_entries", "packet=pts_time", "-of", "csv=p=0", file];
    let text = String::from_utf8(output("ffprobe", &arguments)).expect("text");
    let times = text.lines().map(|line| {
        let seconds: f64 = line.trim_end_matches(',').parse().expect("a time");
        (seconds * 1e6).round() as u64
    });
    times.collect()
}

/// The codes in the pictures of a file, in order; `None` where one cannot be read.
///
/// # Panics
/// When ffmpeg has anything to complain about.
pub fn codes(file: &str, shape: (usize, usize)) -> Vec<Option<Code>> {
    read(&output("ffmpeg", &[&["-i", file], &PICTURES[..]].concat()), shape)
}

/// The luma of every picture of a file, in order, row after row.
///
/// # Panics
/// When ffmpeg has anything to complain about.
pub fn luma(file: &str, (height, width): (usize, usize)) -> Vec<Vec<u8>> {
    let pictures = output("ffmpeg", &[&["-i", file], &PICTURES[..]].concat());
    pictures.chunks(height * width).map(<[u8]>::to_vec).collect()
}

/// The codes in the pictures of a live playlist, from three segments before its end, for `duration`.
///
/// # Panics
/// When ffmpeg has anything to complain about.
pub fn live_codes(url: &str, shape: (usize, usize), duration: Duration) -> Vec<Option<Code>> {
    let seconds = duration.as_secs_f64().to_string();
    let input = ["-t", &seconds, "-i", url];
    read(&output("ffmpeg", &[&input, &PICTURES[..]].concat()), shape)
}

/// What ffmpeg is to write: the luma of every picture, one after the other, as many and as late as they are.
const PICTURES: [&str; 9] = [
    "-vf",
    "extractplanes=y",
    "-fps_mode",
    "passthrough",
    "-enc_time_base",
    "1:90000",
    "-f",
    "rawvideo",
    "pipe:1",
];

fn read(pictures: &[u8], (height, width): (usize, usize)) -> Vec<Option<Code>> {
    let pictures = pictures.chunks(height * width).map(|picture| {
        let picture = ArrayView2::from_shape((height, width), picture).expect("whole pictures");
        Code::read(picture)
    });
    pictures.collect()
}
