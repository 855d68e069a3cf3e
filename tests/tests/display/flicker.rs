//! An automatic window on a movie that does not hold still.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use protocol::Frame;
use serde_json::json;
use tests::{Lab, PATIENCE, Playlist, Runner, decoded, wait_for};

use super::camera::Camera;
use super::{DISPLAY, SHAPE, frame, ok};

/// Value of the upper half, which never changes.
const CONSTANT: u16 = 300;

/// A picture with a constant upper half, and noise below that is as strong as `light` has it.
fn scene(seq: u64, t_ns: i64, light: u16) -> Frame {
    let (height, width) = SHAPE;
    let mut state = seq.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut uniform = || {
        // xorshift64, Marsaglia 2003.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let pixels = (0..height * width).map(|index| match index < height * width / 2 {
        true => CONSTANT,
        false => {
            let mean = f64::from(light) * (0.1 + 0.9 * (index % width) as f64 / width as f64);
            // As counted photons are, near enough: normally distributed about their mean, by the sum of twelve.
            let normal = (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
            (mean + mean.sqrt() * normal).max(0.0) as u16
        }
    });
    Frame {
        payload: pixels.flat_map(u16::to_le_bytes).collect::<Vec<u8>>().into(),
        ..frame(seq, t_ns)
    }
}

#[test]
fn what_is_constant_does_not_flicker_when_the_light_jumps_and_shot_noise_is_no_light() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, "--crf 6 --segment 500ms");
    let light = Arc::new(AtomicU16::new(1_000));
    let shining = light.clone();
    let camera = Camera::start(&runner, Duration::from_millis(20), move |seq, t_ns| {
        scene(seq, t_ns, shining.load(Ordering::Relaxed))
    });
    runner.wait_live("camera", PATIENCE);
    ok(&runner.send("PATCH", DISPLAY, &json!({"window": {"mode": "auto"}})));
    let white = || ok(&runner.get(DISPLAY))["shown"][1].as_f64().expect("a value");
    let settles = |from: f64, to: f64| {
        wait_for(&format!("white from {from} to {to}"), PATIENCE, || {
            match white() {
                white if (from..to).contains(&white) => Ok(()),
                white => Err(white.to_string()),
            }
        });
    };
    settles(950.0, 1_250.0);
    let begun = Playlist::of(&runner, "camera", 1).media.segments.len();
    // The ones that are under way, and a few with nothing but noise.
    Playlist::of(&runner, "camera", begun + 3);
    light.store(3_000, Ordering::Relaxed);
    settles(2_850.0, 3_300.0);
    let followed = Playlist::of(&runner, "camera", 1).media.segments.len();
    let playlist = Playlist::of(&runner, "camera", followed + 2);
    drop(camera);

    let mut levels = Vec::new();
    for segment in begun + 1..playlist.media.segments.len() {
        let (name, bytes) = playlist.fetch(&runner, segment);
        let file = lab.write(name, bytes);
        let (height, width) = SHAPE;
        // Away from the noise.
        let rows = width * (height / 2 - 16);
        for picture in decoded::luma(file.to_str().expect("a path of UTF-8"), SHAPE) {
            let sum: f64 = picture[..rows].iter().copied().map(f64::from).sum();
            levels.push(sum / rows as f64);
        }
    }
    let (first, last) = (levels[0], levels[levels.len() - 1]);
    assert!(first - last > 35.0, "{first}, {last}: it has not followed");
    // 1 % of 255, and a level that the encoder may lose.
    let steps = levels.windows(2).map(|pair| (pair[1] - pair[0]).abs());
    let most = steps.fold(0.0, f64::max);
    assert!(
        most < 3.55,
        "a step of {most} levels of {}: {levels:?}",
        levels.len()
    );
}
