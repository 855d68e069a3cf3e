//! What converting a frame costs, beside a copy of the same bytes.
//!
//! `cargo run --release -p pixels --example convert [ROUNDS]`. Every line is measured in turns with the copy, and the
//! medians of processor time are compared: the machine may be as busy as it likes.

use std::hint::black_box;

use pixels::roi::Bounds;
use pixels::{
    Auto, Brightness, Canvas, Colormap, Follow, Histogram, Ignore, Mask, Roi, Sample, View, Window,
};
use protocol::frame::{Format, Shape};
use protocol::{Dtype, Frame, Stamp, WallTime};
use rustix::time::{ClockId, clock_gettime};

fn main() {
    let rounds = std::env::args()
        .nth(1)
        .map_or(200, |text| text.parse().expect("a number of rounds"));
    println!("{:<44} {:>9} {:>9} {:>7}", "1920x1080", "ms", "copy ms", "ratio");
    for (dtype, channels, bits) in [
        (Dtype::U8, 1, 8),
        (Dtype::U16, 1, 12),
        (Dtype::U16, 1, 16),
        (Dtype::I16, 1, 12),
        (Dtype::U32, 1, 24),
        (Dtype::F32, 1, 24),
        (Dtype::F64, 1, 24),
        (Dtype::U8, 3, 8),
        (Dtype::U16, 3, 12),
    ] {
        for colormap in [Colormap::Gray, Colormap::Viridis] {
            if channels > 1 && colormap != Colormap::Gray {
                continue;
            }
            let format = Format::new(Shape::new(1080, 1920, channels).expect("a shape"), dtype);
            let payload = noise(&format, bits);
            let window = Window::new(10.0, f64::from((1_u32 << bits) - 11)).expect("a window");
            let view = View {
                colormap,
                ..window.into()
            };
            let mut canvas = Canvas::new(2);
            let what = format!("{dtype} of {bits} bits, {channels} channels, {colormap}");
            compare(&what, rounds, &payload, || {
                black_box(canvas.draw(&format, &payload, &view));
            });
        }
    }
    moving_window(rounds);
    for (height, width) in [(1080, 1920), (512, 512)] {
        following(rounds, height, width);
    }
    regions(rounds);
}

/// An automatic window moves from frame to frame: with it the tables are made anew.
fn moving_window(rounds: usize) {
    let format = Format::new(Shape::new(1080, 1920, 1).expect("a shape"), Dtype::U16);
    let payload = noise(&format, 12);
    let mut canvas = Canvas::new(2);
    let mut white = 4000.0;
    compare(
        "uint16 of 12 bits, viridis, window moves",
        rounds,
        &payload,
        || {
            white += 0.5;
            let view = View {
                colormap: Colormap::Viridis,
                ..Window::new(10.0, white).expect("a window").into()
            };
            black_box(canvas.draw(&format, &payload, &view));
        },
    );
}

/// What an automatic window costs beside the drawing, a frame of 30 a second.
fn following(rounds: usize, height: u64, width: u64) {
    let format = Format::new(Shape::new(height, width, 1).expect("a shape"), Dtype::U16);
    let mut frame = Frame {
        stream: "bench".parse().expect("a name"),
        stamp: Stamp {
            session: 1,
            seq: 0,
            t: WallTime::default(),
        },
        payload: noise(&format, 12).into(),
        format,
    };
    let payload = frame.payload.clone();
    println!("\n{width}x{height}, 30 frames/s");
    let (mut follow, mut canvas) = (Follow::new(Auto::default()), Canvas::new(2));
    let mut follows = Vec::new();
    for _ in 0..rounds {
        frame.stamp.seq += 1;
        frame.stamp.t = frame.stamp.t.offset_ns(33_333_333);
        follows.push(timed(&mut || {
            black_box(follow.window(&frame, None));
        }));
        let view = View {
            colormap: Colormap::Viridis,
            ..Window::new(10.0, 4000.0).expect("a window").into()
        };
        black_box(canvas.draw(&frame.format, &frame.payload, &view));
    }
    let view = View {
        colormap: Colormap::Viridis,
        ..Window::new(10.0, 4000.0).expect("a window").into()
    };
    compare("uint16 of 12 bits, viridis", rounds, &payload, || {
        black_box(canvas.draw(&frame.format, &frame.payload, &view));
    });
    // Most frames are not looked at: the mean is what it costs.
    let mean = follows.iter().sum::<f64>() / follows.len() as f64;
    let most = follows.iter().copied().fold(0.0, f64::max);
    println!("{:<44} {mean:>9.3} (mean; {most:.3} at most)", "automatic window");
    // As for a page that looks at it.
    let range = Window::new(0.0, 4095.0).expect("a window");
    compare("histogram of 65,536 pixels", rounds, &payload, || {
        let sample = Sample::of(&frame, None, 1 << 16, Ignore::default());
        black_box(Histogram::new(&sample, range, 256));
    });
}

/// What every frame costs that is measured: statistics of many regions, and the whole of it.
fn regions(rounds: usize) {
    println!("\n512x512");
    for dtype in [Dtype::U8, Dtype::U16, Dtype::F32] {
        let format = Format::new(Shape::new(512, 512, 1).expect("a shape"), dtype);
        let payload = noise(&format, 8);
        let disc = |index: u32| {
            let bounds = Bounds {
                x: f64::from(index % 10) * 50.0,
                y: f64::from(index / 10) * 100.0,
                width: 48.0,
                height: 96.0,
            };
            Roi::Ellipse(bounds).mask(format.shape).expect("a region")
        };
        let discs: Vec<Mask> = (0..50).map(disc).collect();
        let whole = Mask::whole(format.shape);
        let what = format!("{dtype}, 50 regions of 3,600 pixels");
        compare(&what, rounds, &payload, || {
            for mask in &discs {
                black_box(mask.statistics(&format, &payload));
            }
        });
        let what = format!("{dtype}, one region of the whole frame");
        compare(&what, rounds, &payload, || {
            black_box(whole.statistics(&format, &payload));
        });
    }
    println!("\n1920x1080");
    for (dtype, channels) in [
        (Dtype::U8, 1),
        (Dtype::U16, 1),
        (Dtype::I16, 1),
        (Dtype::F32, 1),
        (Dtype::U8, 3),
        (Dtype::U8, 4),
    ] {
        let format = Format::new(Shape::new(1080, 1920, channels).expect("a shape"), dtype);
        let payload = noise(&format, 8);
        let what = format!("{dtype}, {channels} channels, mean and max of the frame");
        compare(&what, rounds, &payload, || {
            black_box(Brightness::of(&format, &payload));
        });
    }
}

/// A scene of smooth blobs and shot noise, of `bits` bits.
fn noise(format: &Format, bits: u32) -> Vec<u8> {
    let (shape, mut state) = (format.shape, 1_u32);
    let mut bytes = Vec::with_capacity(format.byte_len());
    for row in 0..shape.height() {
        for column in 0..shape.width() * shape.channels() {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let wave = (row as f64 / 60.0).sin() * (column as f64 / 90.0).cos() * 0.4 + 0.5;
            let value =
                (wave + f64::from(state >> 24) / 4096.0) * f64::from((1_u64 << bits) as u32 - 1) * 0.9;
            match format.dtype {
                Dtype::U8 => bytes.push(value as u8),
                Dtype::U16 => bytes.extend((value as u16).to_le_bytes()),
                Dtype::I16 => bytes.extend((value as i16).to_le_bytes()),
                Dtype::U32 => bytes.extend((value as u32).to_le_bytes()),
                Dtype::F32 => bytes.extend((value as f32).to_le_bytes()),
                _ => bytes.extend(value.to_le_bytes()),
            }
        }
    }
    bytes
}

/// Prints medians in ms of `work` and of a copy of `payload`, and how many copies the work takes.
fn compare(what: &str, rounds: usize, payload: &[u8], mut work: impl FnMut()) {
    let mut copy = vec![0; payload.len()];
    let (mut works, mut copies) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        works.push(timed(&mut work));
        copies.push(timed(&mut || {
            black_box(&mut copy).copy_from_slice(black_box(payload))
        }));
    }
    let (work_ms, copy_ms) = (median(works), median(copies));
    println!(
        "{what:<44} {work_ms:>9.3} {copy_ms:>9.3} {:>7.2}",
        work_ms / copy_ms
    );
}

fn timed(work: &mut impl FnMut()) -> f64 {
    let start = thread_ms();
    work();
    thread_ms() - start
}

/// Time that this thread has had a processor.
fn thread_ms() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
