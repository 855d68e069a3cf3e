//! Known colours in files of every kind come back as these colours.

#![allow(clippy::unwrap_used)]

mod common;

use std::process::Command;

use common::{open, read_all};

/// A clip of one colour, encoded with `matrix`, said or not, comes back as that colour.
fn check(size: &str, matrix: &str, tagged: bool, pix_fmt: &str, rgb: [u8; 3]) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clip.mp4");
    let [r, g, b] = rgb;
    let mut command = Command::new("ffmpeg");
    command
        .args(["-nostdin", "-loglevel", "error", "-f", "lavfi"])
        .args([
            "-i",
            &format!("color=0x{r:02x}{g:02x}{b:02x}:s={size}:r=10:d=0.3,format=rgb24"),
        ])
        .args([
            "-vf",
            &format!("scale=out_color_matrix={matrix}:out_range=tv"),
            "-pix_fmt",
            pix_fmt,
        ])
        .args(["-c:v", "libx264", "-qp", "4", "-preset", "ultrafast"]);
    if tagged {
        let name = if matrix == "bt601" { "smpte170m" } else { matrix };
        command.args(["-colorspace", name]);
    } else {
        command.args(["-bsf:v", "h264_metadata=matrix_coefficients=2"]);
    }
    assert!(command.arg(&file).status().unwrap().success());

    let pictures = read_all(open(&[file.to_str().unwrap()]).unwrap()).unwrap();
    assert_eq!(pictures.len(), 3);
    let payload = &pictures[1].payload;
    let middle = payload.len() / 6 * 3;
    let got = &payload[middle..middle + 3];
    let near = got
        .iter()
        .zip(&rgb)
        .all(|(got, expected)| got.abs_diff(*expected) <= 6);
    assert!(
        near,
        "{size} {matrix} tagged {tagged} {pix_fmt}: {got:?} for {rgb:?}"
    );
}

#[test]
fn colours_are_those_of_the_clip_whatever_its_matrix() {
    for rgb in [[230, 20, 30], [20, 220, 40], [30, 40, 210], [128, 128, 128]] {
        check("320x240", "bt601", true, "yuv420p", rgb);
        check("320x240", "bt709", true, "yuv420p", rgb);
        check("320x240", "bt601", false, "yuv420p", rgb);
        check("1280x720", "bt709", false, "yuv420p", rgb);
        check("1280x720", "bt601", true, "yuv444p", rgb);
    }
}

#[test]
fn a_grey_clip_stays_grey_with_one_channel() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("grey.mkv");
    let status = Command::new("ffmpeg")
        .args(["-nostdin", "-loglevel", "error", "-f", "lavfi"])
        .args([
            "-i",
            "color=gray:s=33x17:r=10:d=0.5,format=gray16le",
            "-c:v",
            "ffv1",
        ])
        .arg(&file)
        .status();
    assert!(status.unwrap().success());
    let pictures = read_all(open(&[file.to_str().unwrap()]).unwrap()).unwrap();
    assert_eq!(pictures.len(), 5);
    assert_eq!(pictures[0].format.shape.dims(), [17, 33]);
    assert_eq!(pictures[0].format.dtype, protocol::Dtype::U16);
}
