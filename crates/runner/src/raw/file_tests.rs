use protocol::frame::Shape;
use protocol::{Stamp, WallTime};
use tiff::decoder::ifd::Value;
use tiff::decoder::{Decoder, DecodingResult, Limits};

use super::*;

/// A frame of 5 x 7 pixels in which every bit pattern of a byte occurs somewhere, NaNs included.
fn raw(dtype: Dtype, channels: u64) -> Raw {
    let format = Format {
        unit: Some("µV \u{7f}\"/\n\u{1f52c}".into()),
        pixel_size: Some(PixelSize::new(0.25, 0.5, "µm").unwrap()),
        ..Format::new(Shape::new(5, 7, channels).unwrap(), dtype)
    };
    let payload: Vec<u8> = (0..format.byte_len())
        .map(|index| (index as u8).wrapping_mul(37))
        .collect();
    Raw {
        stamp: Stamp {
            session: 0xabc,
            seq: 42,
            t: WallTime::from_ns(1_760_000_000_123_456_789),
        },
        format: format.into(),
        payload: payload.into(),
    }
}

fn file(kind: Kind, raw: &Raw) -> Vec<u8> {
    let file = encode(kind, &"camera".parse().unwrap(), raw).unwrap();
    [file.head, file.rest].concat()
}

/// Little-endian bytes of whatever a decoder made of a picture.
fn bytes_of(picture: DecodingResult) -> (Dtype, Vec<u8>) {
    macro_rules! bytes {
        ($values:expr) => {
            $values
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect()
        };
    }
    match picture {
        DecodingResult::U8(values) => (Dtype::U8, values),
        DecodingResult::I8(values) => (Dtype::I8, bytes!(values)),
        DecodingResult::U16(values) => (Dtype::U16, bytes!(values)),
        DecodingResult::I16(values) => (Dtype::I16, bytes!(values)),
        DecodingResult::U32(values) => (Dtype::U32, bytes!(values)),
        DecodingResult::I32(values) => (Dtype::I32, bytes!(values)),
        DecodingResult::F32(values) => (Dtype::F32, bytes!(values)),
        DecodingResult::F64(values) => (Dtype::F64, bytes!(values)),
        _ => panic!("a dtype that was not written"),
    }
}

#[test]
fn a_tiff_holds_every_dtype_bit_for_bit() {
    for dtype in Dtype::ALL {
        for channels in [1, 3, 4] {
            let raw = raw(dtype, channels);
            let file = file(Kind::Tiff, &raw);
            let mut decoder = Decoder::new(Cursor::new(file))
                .unwrap()
                .with_limits(Limits::default());
            assert_eq!(decoder.dimensions().unwrap(), (7, 5));
            let (read, bytes) = bytes_of(decoder.read_image().unwrap());
            let expected = if dtype == Dtype::Bool { Dtype::U8 } else { dtype };
            assert_eq!(read, expected, "{dtype}, {channels} channels");
            assert_eq!(bytes, raw.payload, "{dtype}, {channels} channels");
            let per_cm =
                [Tag::XResolution, Tag::YResolution].map(|tag| match decoder.get_tag(tag).unwrap() {
                    Value::Rational(n, d) => f64::from(n) / f64::from(d),
                    other => panic!("{other:?}"),
                });
            assert_eq!(per_cm, [20_000.0, 40_000.0]);
            assert_eq!(decoder.get_tag_u32(Tag::ResolutionUnit).unwrap(), 3);
            let comment = decoder.get_tag_ascii_string(Tag::ImageDescription).unwrap();
            is_described(&comment, &raw);
        }
    }
}

#[test]
fn the_pixels_of_npy_and_tiff_are_not_copied() {
    for kind in [Kind::Npy, Kind::Tiff] {
        let raw = raw(Dtype::F64, 3);
        let file = encode(kind, &"camera".parse().unwrap(), &raw).unwrap();
        assert_eq!(file.rest.as_ptr(), raw.payload.as_ptr());
        assert_eq!(file.head.len() % 16, 0);
    }
}

#[test]
fn an_npy_is_the_payload_after_a_header() {
    for dtype in Dtype::ALL {
        let raw = raw(dtype, 3);
        let file = file(Kind::Npy, &raw);
        let header = format!(
            "{{'descr': '{}', 'fortran_order': False, 'shape': (5, 7, 3), }}",
            dtype.typestr()
        );
        assert_eq!(&file[10..10 + header.len()], header.as_bytes());
        assert_eq!(file[file.len() - raw.payload.len()..], raw.payload);
    }
}

#[test]
fn a_png_holds_unsigned_values_bit_for_bit() {
    for dtype in [Dtype::Bool, Dtype::U8, Dtype::U16] {
        for channels in [1, 3, 4] {
            let raw = raw(dtype, channels);
            let decoder = png::Decoder::new(Cursor::new(file(Kind::Png, &raw)));
            let mut reader = decoder.read_info().unwrap();
            assert_eq!((reader.info().width, reader.info().height), (7, 5));
            assert_eq!(reader.info().color_type.samples(), channels as usize);
            assert_eq!(reader.info().bit_depth as usize, 8 * dtype.size());
            let pixels = reader.info().pixel_dims.unwrap();
            assert_eq!((pixels.xppu, pixels.yppu), (2_000_000, 4_000_000));
            assert_eq!(pixels.unit, png::Unit::Meter);
            let comment = &reader.info().uncompressed_latin1_text[0];
            assert_eq!(comment.keyword, "Description");
            is_described(&comment.text.clone(), &raw);
            let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
            reader.next_frame(&mut pixels).unwrap();
            if dtype == Dtype::U16 {
                pixels
                    .as_chunks_mut::<2>()
                    .0
                    .iter_mut()
                    .for_each(|value| value.reverse());
            }
            assert_eq!(pixels, raw.payload, "{dtype}, {channels} channels");
        }
    }
}

#[track_caller]
fn is_described(comment: &str, raw: &Raw) {
    assert!(
        comment.bytes().all(|byte| (b' '..=b'~').contains(&byte)),
        "{comment}"
    );
    let comment: serde_json::Value = serde_json::from_str(comment).unwrap();
    let expected = json!({
        "stream": "camera", "session": "0000000000000abc", "seq": 42,
        "t_ns": 1_760_000_000_123_456_789_i64, "unit": raw.format.unit,
        "pixel_size": [0.25, 0.5], "pixel_unit": "µm",
    });
    assert_eq!(comment, expected);
}

#[test]
fn a_png_of_what_it_cannot_hold_is_refused() {
    for dtype in [
        Dtype::I8,
        Dtype::I16,
        Dtype::U32,
        Dtype::I32,
        Dtype::F32,
        Dtype::F64,
    ] {
        let error = encode(Kind::Png, &"camera".parse().unwrap(), &raw(dtype, 1)).unwrap_err();
        assert_eq!(
            error,
            format!(
                "png cannot hold {dtype} exactly: it has unsigned values of 8 and 16 bits; npy and tiff can"
            )
        );
    }
}

#[test]
fn an_extension_is_taken_as_it_is_written_here() {
    for kind in [Kind::Npy, Kind::Tiff, Kind::Png] {
        assert_eq!(kind.extension().parse(), Ok(kind));
    }
    assert_eq!(
        "jpg".parse::<Kind>(),
        Err("format is \"jpg\": expected npy, tiff or png".into())
    );
}
