use protocol::Dtype;
use protocol::frame::Shape;

use super::*;
use crate::Window;

fn format(height: u64, width: u64, channels: u64, dtype: Dtype) -> Format {
    Format::new(Shape::new(height, width, channels).unwrap(), dtype)
}

#[test]
fn full_range_8_bit_grey_is_not_copied() {
    let payload: Vec<u8> = (0..16).collect();
    let mut canvas = Canvas::new(2);
    let picture = canvas.draw(
        &format(4, 4, 1, Dtype::U8),
        &payload,
        &View::from(Window::full_range(Dtype::U8).unwrap()),
    );
    assert_eq!(picture.y.as_ptr(), payload.as_ptr());
    assert_eq!(picture.u, [128; 4]);
    assert_eq!(picture.v, [128; 4]);
}

#[test]
fn odd_sizes_repeat_their_last_row_and_column() {
    let mut canvas = Canvas::new(2);
    let window = View::from(Window::full_range(Dtype::U8).unwrap());
    let picture = canvas.draw(&format(3, 3, 1, Dtype::U8), &[1, 2, 3, 4, 5, 6, 7, 8, 9], &window);
    assert_eq!((picture.width, picture.height), (4, 4));
    assert_eq!(picture.y, [1, 2, 3, 3, 4, 5, 6, 6, 7, 8, 9, 9, 7, 8, 9, 9]);
}

#[test]
fn a_single_pixel_fills_the_smallest_picture() {
    for channels in [1, 3, 4] {
        let mut canvas = Canvas::new(16);
        let window = View::from(Window::full_range(Dtype::U8).unwrap());
        let payload = vec![200; channels as usize];
        let picture = canvas.draw(&format(1, 1, channels, Dtype::U8), &payload, &window);
        assert_eq!(picture.y, vec![200; 256], "{channels} channels");
        assert_eq!(
            (picture.u, picture.v),
            (&[128; 64][..], &[128; 64][..]),
            "{channels} channels"
        );
    }
}

#[test]
fn colour_after_grey_and_grey_after_colour_are_both_right() {
    let mut canvas = Canvas::new(2);
    let window = View::from(Window::full_range(Dtype::U8).unwrap());
    let red = [255, 0, 0].repeat(4);
    let picture = canvas.draw(&format(2, 2, 3, Dtype::U8), &red, &window);
    assert_eq!(
        (picture.y, picture.u, picture.v),
        (&[54; 4][..], &[99][..], &[255][..])
    );
    let picture = canvas.draw(&format(2, 2, 1, Dtype::U8), &[9; 4], &window);
    assert_eq!(
        (picture.y, picture.u, picture.v),
        (&[9; 4][..], &[128][..], &[128][..])
    );
}

#[test]
fn sixteen_bit_colour_is_seen_through_its_window() {
    let mut canvas = Canvas::new(2);
    let red: Vec<u8> = [4095_u16, 0, 0]
        .repeat(3)
        .iter()
        .flat_map(|v| v.to_le_bytes())
        .collect();
    let window = View::from(Window::new(0.0, 4095.0).unwrap());
    let picture = canvas.draw(&format(3, 1, 3, Dtype::U16), &red, &window);
    assert_eq!((picture.width, picture.height), (2, 4));
    assert_eq!(
        (picture.y, picture.u, picture.v),
        (&[54; 8][..], &[99; 2][..], &[255; 2][..])
    );
}
