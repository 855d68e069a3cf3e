use protocol::Dtype;
use protocol::frame::Format;

use super::*;

fn shape(height: u64, width: u64) -> Shape {
    Shape::new(height, width, 1).unwrap()
}

const fn bounds(x: f64, y: f64, width: f64, height: f64) -> Bounds {
    Bounds { x, y, width, height }
}

/// `#` for pixels in the mask.
fn drawn(mask: &Mask, shape: Shape) -> Vec<String> {
    let mut rows = vec![vec!['.'; shape.width()]; shape.height()];
    for span in mask.spans() {
        for column in span.start..span.end {
            let pixel = &mut rows[span.row as usize][column as usize];
            assert_eq!(*pixel, '.', "twice");
            *pixel = '#';
        }
    }
    rows.into_iter().map(String::from_iter).collect()
}

#[track_caller]
fn draws(roi: &Roi, shape: Shape, expected: &[&str]) {
    let mask = roi.mask(shape).unwrap();
    assert_eq!(drawn(&mask, shape), expected);
    let pixels = expected.concat().matches('#').count();
    assert_eq!(mask.pixels(), pixels);
}

#[test]
fn a_pixel_is_in_where_its_centre_is() {
    draws(
        &Roi::Rectangle(bounds(1.0, 0.0, 2.0, 2.0)),
        shape(3, 4),
        &[".##.", ".##.", "...."],
    );
    draws(
        &Roi::Rectangle(bounds(0.6, 0.4, 1.8, 1.2)),
        shape(3, 4),
        &[".#..", ".#..", "...."],
    );
    draws(
        &Roi::Ellipse(bounds(0.0, 0.0, 7.0, 5.0)),
        shape(5, 7),
        &[".#####.", "#######", "#######", "#######", ".#####."],
    );
    draws(
        &Roi::Polygon(vec![[0.0, 0.0], [5.0, 0.0], [0.0, 5.0]]),
        shape(5, 5),
        &["####.", "###..", "##...", "#....", "....."],
    );
    // Open to the right: two runs in a row.
    let letter_c = [
        [0.0, 0.0],
        [4.0, 0.0],
        [4.0, 1.0],
        [1.0, 1.0],
        [1.0, 2.0],
        [4.0, 2.0],
        [4.0, 3.0],
        [0.0, 3.0],
    ];
    draws(
        &Roi::Polygon(letter_c.to_vec()),
        shape(3, 4),
        &["####", "#...", "####"],
    );
    let letter_u = letter_c.map(|[x, y]| [y, x]);
    draws(
        &Roi::Polygon(letter_u.to_vec()),
        shape(4, 3),
        &["###", "#.#", "#.#", "#.#"],
    );
}

#[test]
fn neighbours_share_no_pixel_and_leave_none_out() {
    let shape = shape(10, 10);
    let cut = [[3.3, 0.0], [7.5, 10.0]];
    let left = Roi::Polygon(vec![[0.0, 0.0], cut[0], cut[1], [0.0, 10.0]]);
    let right = Roi::Polygon(vec![cut[0], [10.0, 0.0], [10.0, 10.0], cut[1]]);
    let [left, right] = [left, right].map(|roi| drawn(&roi.mask(shape).unwrap(), shape).concat());
    for (a, b) in left.chars().zip(right.chars()) {
        assert_ne!(a, b);
    }
}

#[track_caller]
fn refused(roi: &Roi) -> String {
    roi.mask(shape(100, 200)).unwrap_err().to_string()
}

#[test]
fn what_is_not_in_the_frame_is_refused() {
    for (bounds, at) in [
        (bounds(-1.0, 0.0, 5.0, 5.0), "(-1, 0)"),
        (bounds(190.0, 0.0, 11.0, 5.0), "(201, 5)"),
        (bounds(0.0, 90.0, 5.0, 10.5), "(5, 100.5)"),
    ] {
        for roi in [Roi::Rectangle(bounds), Roi::Ellipse(bounds)] {
            let error = refused(&roi);
            assert!(
                error.contains(&format!(
                    "reaches {at}: expected it within the frame, 0 to 200 and 0 to 100"
                )),
                "{error}"
            );
        }
    }
    let error = refused(&Roi::Polygon(vec![[0.0, 0.0], [50.0, 101.0], [0.0, 50.0]]));
    assert!(error.starts_with("polygon reaches (50, 101)"), "{error}");
    let error = refused(&Roi::Rectangle(bounds(0.0, f64::NAN, 1.0, 1.0)));
    assert_eq!(error, "y is NaN: expected a finite number");
    assert!(refused(&Roi::Polygon(vec![[f64::INFINITY, 0.0]; 3])).contains("x is inf"));
    Roi::Rectangle(bounds(0.0, 0.0, 200.0, 100.0))
        .mask(shape(100, 200))
        .unwrap();
}

#[test]
fn what_holds_no_pixel_is_refused() {
    for roi in [
        Roi::Rectangle(bounds(5.0, 5.0, 0.0, 3.0)),
        Roi::Rectangle(bounds(5.0, 5.0, -3.0, 3.0)),
        Roi::Rectangle(bounds(5.6, 5.6, 0.8, 0.8)),
        Roi::Ellipse(bounds(5.0, 5.0, 10.0, 0.0)),
        Roi::Polygon(vec![[5.6, 5.6], [6.4, 5.6], [6.0, 6.4]]),
    ] {
        let error = refused(&roi);
        assert!(error.contains("holds no pixel"), "{roi:?}: {error}");
    }
}

#[test]
fn a_polygon_that_meets_itself_is_refused() {
    let crossing = |vertices: &[[f64; 2]]| refused(&Roi::Polygon(vertices.to_vec()));
    let bow_tie = [[0.0, 0.0], [10.0, 10.0], [10.0, 0.0], [0.0, 10.0]];
    assert_eq!(
        crossing(&bow_tie),
        "polygon crosses itself: its edges 0 and 2 meet"
    );
    for (what, vertices) in [
        (
            "corner on an edge",
            vec![[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [5.0, 0.0], [0.0, 10.0]],
        ),
        (
            "corner on a corner",
            vec![
                [5.0, 5.0],
                [0.0, 0.0],
                [10.0, 0.0],
                [5.0, 5.0],
                [10.0, 10.0],
                [0.0, 10.0],
            ],
        ),
        (
            "spike",
            vec![[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [10.0, 2.0], [0.0, 10.0]],
        ),
        ("line", vec![[0.0, 0.0], [10.0, 10.0], [5.0, 5.0]]),
        (
            "twice round",
            vec![
                [0.0, 0.0],
                [9.0, 0.0],
                [9.0, 9.0],
                [0.0, 0.0],
                [9.0, 0.0],
                [9.0, 9.0],
            ],
        ),
    ] {
        let error = crossing(&vertices);
        assert!(error.contains("crosses itself"), "{what}: {error}");
    }
    // A corner that is said twice, the first one again at the end, and straight angles are nothing wrong.
    let square = [
        [0.0, 0.0],
        [5.0, 0.0],
        [10.0, 0.0],
        [10.0, 0.0],
        [10.0, 10.0],
        [0.0, 10.0],
        [0.0, 0.0],
    ];
    let mask = Roi::Polygon(square.to_vec()).mask(shape(100, 200)).unwrap();
    assert_eq!(mask.pixels(), 100);
}

#[test]
fn polygons_have_three_to_a_thousand_corners() {
    assert!(refused(&Roi::Polygon(vec![])).contains("polygon has 0 vertices: expected 3 to 1000"));
    assert!(refused(&Roi::Polygon(vec![[1.0, 1.0], [2.0, 2.0], [1.0, 1.0]])).contains("2 vertices"));
    let round = |corners: usize| {
        let angle = |corner: usize| corner as f64 / corners as f64 * std::f64::consts::TAU;
        let corner = |index| [50.0 + 50.0 * angle(index).cos(), 50.0 + 50.0 * angle(index).sin()];
        Roi::Polygon((0..corners).map(corner).collect())
    };
    let disc = round(MAX_VERTICES).mask(shape(100, 200)).unwrap();
    let area = std::f64::consts::PI * 2_500.0;
    assert!(
        (disc.pixels() as f64 / area - 1.0).abs() < 0.01,
        "{}",
        disc.pixels()
    );
    assert!(refused(&round(MAX_VERTICES + 1)).contains("1001 vertices"));
}

#[test]
fn what_needs_more_runs_than_there_is_room_for_is_refused() {
    let tall = Roi::Rectangle(bounds(0.0, 0.0, 10.0, 100.0));
    tall.mask_within(shape(100, 10), 100).unwrap();
    let error = tall.mask_within(shape(100, 10), 99).unwrap_err();
    assert_eq!(error, Error::Intricate);
}

#[test]
fn a_zigzag_is_measured_before_memory_is_taken() {
    // A thousand corners up and down the whole of a tall frame: some eight million runs.
    let teeth = (0..998).map(|tooth| [2.0 + tooth as f64, if tooth % 2 == 0 { 16_384.0 } else { 1.0 }]);
    let comb: Vec<_> = [[1.0, 0.0]]
        .into_iter()
        .chain(teeth)
        .chain([[1_500.0, 0.0]])
        .collect();
    let error = Roi::Polygon(comb).mask(shape(16_384, 2_000)).unwrap_err();
    assert_eq!(error, Error::Intricate);
}

#[test]
fn statistics_are_those_of_the_pixels_in_the_region() {
    let shape = shape(4, 4);
    let format = Format::new(shape, Dtype::U16);
    let payload: Vec<u8> = (0..16_u16)
        .flat_map(|value| (value * 100).to_le_bytes())
        .collect();
    let mask = Roi::Rectangle(bounds(1.0, 1.0, 2.0, 2.0)).mask(shape).unwrap();
    let got = mask.statistics(&format, &payload);
    // np.array([500, 600, 900, 1000]): mean 750, std 206.15528128088303
    assert_eq!((got.count, got.mean, got.sum), (4, 750.0, 3000.0));
    assert_eq!((got.min, got.max), (500.0, 1000.0));
    assert!((got.std - 206.155_281_280_883_03).abs() < 1e-9);
}
