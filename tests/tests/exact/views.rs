//! What of a frame a viewer sees.

use protocol::{Dtype, Frame};
use tests::{Lab, Peer, Runner};

use crate::viewer::{Picture, Viewer};
use crate::{EXACT, MEANS, NO_ENCODER, frame, is_whole, noisy, publish};

/// The value at `(row, column)` of a frame of one channel.
fn value(frame: &Frame, row: usize, column: usize) -> f64 {
    let index = row * frame.format.shape.width() + column;
    match frame.format.dtype {
        Dtype::U16 => {
            u16::from_le_bytes(frame.payload[2 * index..][..2].try_into().expect("two bytes")).into()
        }
        Dtype::F32 => {
            f32::from_le_bytes(frame.payload[4 * index..][..4].try_into().expect("four bytes")).into()
        }
        _ => frame.payload[index].into(),
    }
}

/// What one pixel of a reduction is, calculated another way: from the values of its block, in double precision.
fn reduced(frame: &Frame, [x, y, width, height]: [u32; 4], factor: u32, row: u32, column: u32) -> Vec<u8> {
    let rows = (y + row * factor..(y + row * factor + factor).min(y + height)).collect::<Vec<_>>();
    let columns = (x + column * factor..(x + column * factor + factor).min(x + width)).collect::<Vec<_>>();
    let at = |row: u32, column: u32| value(frame, row as usize, column as usize);
    let block = rows
        .iter()
        .flat_map(|row| columns.iter().map(|column| at(*row, *column)));
    let numbers: Vec<f64> = block.filter(|value| !value.is_nan()).collect();
    let mean = match numbers.len() {
        0 => f64::NAN,
        count => numbers.iter().sum::<f64>() / count as f64,
    };
    match frame.format.dtype {
        Dtype::U16 => ((mean + 0.5).floor() as u16).to_le_bytes().to_vec(),
        Dtype::F32 => (mean as f32).to_le_bytes().to_vec(),
        _ => vec![at(rows[rows.len() / 2], columns[columns.len() / 2]) as u8],
    }
}

#[track_caller]
fn is_reduced(picture: &Picture, frame: &Frame, region: [u32; 4], factor: u32) {
    let dtype = frame.format.dtype;
    assert_eq!((picture.region, picture.factor), (region, factor), "{dtype}");
    let size = [region[3].div_ceil(factor), region[2].div_ceil(factor)];
    assert_eq!(picture.size, size, "{dtype}");
    let flags = match (factor, dtype) {
        (1, _) => EXACT,
        (_, Dtype::Bool) => 0,
        _ => MEANS,
    };
    assert_eq!(picture.flags, flags, "{dtype} / {factor}");
    let places = (0..size[0]).flat_map(|row| (0..size[1]).map(move |column| (row, column)));
    let expected: Vec<u8> = places
        .flat_map(|(row, column)| reduced(frame, region, factor, row, column))
        .collect();
    assert!(picture.pixels == expected, "{dtype} {region:?} / {factor}");
}

#[test]
fn a_region_comes_whole_and_what_is_too_large_comes_smaller_and_says_so() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, NO_ENCODER);
    let mut peer = Peer::join(runner.addresses.ingest);
    let [height, width] = [197, 303];
    // Sums of these are exact, in whatever order; one block of NaNs alone, others with some.
    let floats = (0..height * width).flat_map(|index| {
        let value = match (index % width, index / width) {
            (0..14, 0..14) => f32::NAN,
            (column, row) if column * row % 11 == 3 => f32::NAN,
            (column, row) => column as f32 * 0.25 - row as f32,
        };
        value.to_le_bytes()
    });
    let frames = [
        noisy(0, [height, width, 1], Dtype::U16),
        frame(1, [height, width, 1], Dtype::F32, floats.collect()),
        noisy(2, [height, width, 1], Dtype::Bool),
    ];
    let whole = [0, 0, 303, 197];
    publish(&runner, &mut peer, &frames[0]);
    let mut viewer = Viewer::open(runner.addresses.http, "camera");
    for (index, frame) in frames.iter().enumerate() {
        if index > 0 {
            publish(&runner, &mut peer, frame);
        }
        // In the view of before.
        assert_eq!(viewer.take().seq, frame.stamp.seq);
        for (region, max_pixels, factor) in [
            (None, 303 * 197, 1),
            (None, 303 * 197 - 1, 2),
            (None, 1000, 8),
            (None, 1, 303),
            (Some([13, 57, 100, 80]), 8000, 1),
            (Some([13, 57, 101, 79]), 1000, 3),
            (Some([302, 196, 1, 1]), 1 << 60, 1),
            (Some([0, 0, 14, 14]), 1, 14),
        ] {
            viewer.view(region, max_pixels, false);
            // The same frame, seen otherwise.
            let picture = viewer.take();
            assert_eq!((picture.seq, picture.skipped), (frame.stamp.seq, 0));
            assert_eq!(picture.frame, [197, 303]);
            is_reduced(&picture, frame, region.unwrap_or(whole), factor);
        }
    }
    // Smaller frames: what is left of the region, then all of them.
    viewer.view(Some([13, 57, 100, 80]), 1 << 20, false);
    viewer.take();
    for (seq, shape, region) in [
        (3, [100, 50, 1], [13, 57, 37, 43]),
        (4, [40, 50, 1], [0, 0, 50, 40]),
    ] {
        let frame = noisy(seq, shape, Dtype::U16);
        publish(&runner, &mut peer, &frame);
        is_reduced(&viewer.take(), &frame, region, 1);
    }
}

#[test]
fn pixels_are_packed_where_that_was_asked_for_and_makes_them_fewer() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, NO_ENCODER);
    let mut peer = Peer::join(runner.addresses.ingest);
    let shape = [400, 300, 1];
    let smooth: Vec<u8> = (0..400 * 300)
        .flat_map(|index: u32| ((index / 300) as u16 / 4).to_le_bytes())
        .collect();
    let smooth = frame(0, shape, Dtype::U16, smooth);
    publish(&runner, &mut peer, &smooth);
    let mut viewer = Viewer::open(runner.addresses.http, "camera");
    let plain = viewer.take();
    is_whole(&plain, &smooth);
    assert_eq!((plain.encoding, plain.sent_bytes), (0, smooth.payload.len()));
    viewer.view(None, 1 << 20, true);
    let packed = viewer.take();
    is_whole(&packed, &smooth);
    assert_eq!(packed.encoding, 1);
    assert!(packed.sent_bytes < plain.sent_bytes / 10, "{}", packed.sent_bytes);
    // A reduction as well.
    viewer.view(Some([10, 20, 250, 300]), 250 * 300 / 4, true);
    let packed = viewer.take();
    is_reduced(&packed, &smooth, [10, 20, 250, 300], 2);
    // Noise does not get smaller.
    let noise = noisy(1, shape, Dtype::U16);
    publish(&runner, &mut peer, &noise);
    viewer.take();
    viewer.view(None, 1 << 20, true);
    let plain = viewer.take();
    is_whole(&plain, &noise);
    assert_eq!(plain.encoding, 0);
}

#[test]
fn a_link_slower_than_packing_keeps_its_pixels_packed() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, NO_ENCODER);
    let line = "synthetic --stream camera --shape 256x256 --dtype uint16 --fps 10";
    let _camera = lab.node("frame-node", &runner, line);
    runner.frame_stream("camera");
    let mut viewer = Viewer::over_slow_link(runner.addresses.http, "camera", 250e3);
    viewer.view(None, 1 << 20, true);
    // The first may have left before the view came.
    viewer.take();
    for _ in 0..6 {
        let picture = viewer.take();
        assert_eq!((picture.encoding, picture.flags), (1, EXACT));
        assert_eq!(picture.pixels.len(), 256 * 256 * 2);
        assert!(
            picture.sent_bytes < picture.pixels.len(),
            "{}",
            picture.sent_bytes
        );
    }
}
