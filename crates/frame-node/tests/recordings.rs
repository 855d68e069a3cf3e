//! Real recordings through the sources that read them.

#![allow(clippy::unwrap_used)]

mod common;

use std::process::Command;

use common::{open, read_all, recording};
use frame_node::pacer::Rate;
use protocol::Dtype;

#[test]
fn the_two_photon_stack_has_its_20_pages_of_12_bits() {
    let Some(path) = recording("two_photon_20x128x256_uint16.tif") else {
        return;
    };
    let pictures = read_all(open(&[path.to_str().unwrap()]).unwrap()).unwrap();
    assert_eq!(pictures.len(), 20);
    let mut highest = 0;
    for picture in &pictures {
        assert_eq!(picture.format.shape.dims(), [128, 256]);
        assert_eq!(picture.format.dtype, Dtype::U16);
        assert_eq!(picture.format.range, Some([0.0, 4094.0]), "as ImageJ shows it");
        assert_eq!(picture.format.pixel_size, None, "72 dpi are for printers");
        let values = picture
            .payload
            .as_chunks()
            .0
            .iter()
            .map(|word| u16::from_le_bytes(*word));
        highest = highest.max(values.max().unwrap());
    }
    assert_eq!(highest, 4094);
}

/// Every frame once, at the file's rate, in about the colours of ffmpeg's quick conversion, which rounds down.
fn check_clip(name: &str, frames: usize, dims: [u64; 3], fps: f64, matrix: &str) {
    let Some(path) = recording(name) else {
        return;
    };
    let opened = open(&[path.to_str().unwrap()]).unwrap();
    let Rate::Fps(rate) = opened.rate else {
        panic!("a file is paced");
    };
    assert!((rate - fps).abs() < 1e-9, "{rate} fps");
    let pictures = read_all(opened).unwrap();
    assert_eq!(pictures.len(), frames);
    assert_eq!(pictures[0].format.shape.dims(), dims);

    // The frame in the middle, decoded the plain way.
    let middle = frames / 2;
    let reference = Command::new("ffmpeg")
        .args(["-nostdin", "-loglevel", "error", "-i", path.to_str().unwrap()])
        .args([
            "-vf",
            &format!("select=eq(n\\,{middle}),scale=in_color_matrix={matrix}"),
        ])
        .args(["-frames:v", "1", "-pix_fmt", "rgb24", "-f", "rawvideo", "pipe:1"])
        .output()
        .unwrap()
        .stdout;
    let ours = &pictures[middle].payload;
    assert_eq!(ours.len(), reference.len());
    let differences = ours
        .iter()
        .zip(&reference)
        .map(|(a, b)| u64::from(a.abs_diff(*b)));
    let mean = differences.sum::<u64>() as f64 / reference.len() as f64;
    assert!(mean < 2.5, "{name}: colours differ by {mean} of 255 on average");
}

#[test]
fn the_bunny_has_its_frames_rate_and_colours() {
    check_clip("bunny_1280x720_132f.mp4", 132, [720, 1280, 3], 25.0, "bt709");
}

#[test]
fn the_carphone_has_its_frames_rate_and_colours() {
    check_clip(
        "carphone_176x144_120f.mp4",
        120,
        [144, 176, 3],
        30_000.0 / 1001.0,
        "auto",
    );
}

#[test]
fn a_clip_that_is_cut_off_is_an_error_in_ffmpegs_words() {
    let Some(path) = recording("carphone_176x144_120f.mp4") else {
        return;
    };
    let bytes = std::fs::read(path).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let cut = folder.path().join("cut.mp4");
    std::fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    let error = open(&[cut.to_str().unwrap()])
        .err()
        .map(|error| error.to_string());
    // Where the index is at the front, the clip plays to where it is cut.
    match error {
        Some(error) => assert!(error.starts_with(cut.to_str().unwrap()), "{error}"),
        None => assert!(read_all(open(&[cut.to_str().unwrap()]).unwrap()).unwrap().len() < 120),
    }

    let damaged = folder.path().join("damaged.mp4");
    std::fs::write(&damaged, vec![0x5a; 20_000]).unwrap();
    let error = open(&[damaged.to_str().unwrap()]).err().unwrap().to_string();
    assert!(error.contains("Invalid data"), "{error}");
    assert!(!error.contains('\n'), "{error}");
}
