//! What x264 makes of a moving test picture.

use std::process::{Command, Stdio};

use bytes::Bytes;

/// A decoder configuration and its access units.
pub struct Film {
    pub width: u32,
    pub height: u32,
    pub avcc: Bytes,
    /// Key frame or not, and length-prefixed NAL units.
    pub units: Vec<(bool, Bytes)>,
}

/// `frames` frames with a key frame every `gop`, or `None` (and a message) where there is no ffmpeg.
pub fn film(width: u32, height: u32, frames: usize, gop: usize) -> Option<Film> {
    if Command::new("ffmpeg").arg("-version").output().is_err() {
        #[allow(clippy::print_stderr, reason = "a test that tests nothing must say so")]
        let () = eprintln!("skipped: ffmpeg is not there");
        return None;
    }
    let source = format!("testsrc2=size={width}x{height}:rate=30,scale=out_range=full,format=yuv420p");
    let output = Command::new("ffmpeg")
        .args(["-v", "warning", "-nostdin", "-f", "lavfi", "-i", &source])
        .args(["-frames:v", &frames.to_string(), "-g", &gop.to_string()])
        .args(
            "-c:v libx264 -preset ultrafast -tune zerolatency -profile:v baseline -sc_threshold 0".split(' '),
        )
        .args(
            "-pix_fmt yuv420p -color_range pc -colorspace bt709 -color_primaries bt709 -color_trc bt709"
                .split(' '),
        )
        .args("-flags:v +global_header -f flv pipe:1".split(' '))
        .stdin(Stdio::null())
        .output()
        .expect("ffmpeg runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let film = parse(&Bytes::from(output.stdout), width, height);
    assert_eq!(film.units.len(), frames);
    Some(film)
}

/// Adobe's Video File Format Specification, annex E.
fn parse(file: &Bytes, width: u32, height: u32) -> Film {
    const AVC: u8 = 7;
    let mut avcc = Bytes::new();
    let mut units = Vec::new();
    let mut at = 13;
    while at < file.len() {
        let size =
            usize::from(file[at + 1]) << 16 | usize::from(file[at + 2]) << 8 | usize::from(file[at + 3]);
        let (kind, body) = (file[at], file.slice(at + 11..at + 11 + size));
        at += 11 + size + 4;
        if kind != 9 || body[0] & 0x0F != AVC {
            continue;
        }
        match body[1] {
            0 => avcc = body.slice(5..),
            1 => units.push((body[0] >> 4 == 1, body.slice(5..))),
            _ => {}
        }
    }
    Film {
        width,
        height,
        avcc,
        units,
    }
}
