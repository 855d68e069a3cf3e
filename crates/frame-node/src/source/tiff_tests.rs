use std::io::{Cursor, Write};

use protocol::PixelSize;
use tempfile::NamedTempFile;
use tiff::encoder::colortype::{self, ColorType as Pixels};
use tiff::encoder::{Rational, TiffEncoder, TiffKindBig, TiffValue};
use tiff::tags::ResolutionUnit;

use super::*;

fn on_disk(bytes: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::with_suffix(".tif").unwrap();
    file.write_all(bytes).unwrap();
    file
}

/// A plain stack of 3 x 2 (w x h) pages.
fn stack<C: Pixels>(pages: &[Vec<C::Inner>]) -> Vec<u8>
where
    [C::Inner]: TiffValue,
{
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut bytes).unwrap();
    for page in pages {
        encoder.write_image::<C>(3, 2, page).unwrap();
    }
    bytes.into_inner()
}

/// A one-directory TIFF by hand: what encoders don't write.
struct ByHand {
    big_endian: bool,
    bits: u16,
    samples: u16,
    photometric: u16,
    planar: bool,
    description: &'static str,
    size: [u32; 2],
    data: Vec<u8>,
}

impl ByHand {
    fn grey16(description: &'static str, data: Vec<u8>) -> Self {
        Self {
            big_endian: false,
            bits: 16,
            samples: 1,
            photometric: 1,
            planar: false,
            description,
            size: [3, 2],
            data,
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let u16 = |value: u16| {
            if self.big_endian {
                value.to_be_bytes()
            } else {
                value.to_le_bytes()
            }
        };
        let u32 = |value: u32| {
            if self.big_endian {
                value.to_be_bytes()
            } else {
                value.to_le_bytes()
            }
        };
        const ENTRIES: u32 = 10;
        let strips = if self.planar { u32::from(self.samples) } else { 1 };
        let [width, height] = self.size;
        // Header, directory, bits per sample, strip offsets, strip lengths, description, data.
        let bits_at = 8 + 2 + ENTRIES * 12 + 4;
        let offsets_at = bits_at + 2 * u32::from(self.samples);
        let lengths_at = offsets_at + 4 * strips;
        let text_at = lengths_at + 4 * strips;
        let data_at = text_at + self.description.len() as u32 + 1;
        let page_len = width * height * u32::from(self.samples) * u32::from(self.bits) / 8;
        let strip_len = page_len / strips;

        let mut out = if self.big_endian {
            b"MM".to_vec()
        } else {
            b"II".to_vec()
        };
        out.extend(u16(42));
        out.extend(u32(8));
        out.extend(u16(ENTRIES as u16));
        let mut entry = |tag: u16, kind: u16, count: u32, value: u32| {
            out.extend(u16(tag));
            out.extend(u16(kind));
            out.extend(u32(count));
            // A short lies in the first half of the field.
            if kind == 3 && count == 1 {
                out.extend(u16(value as u16));
                out.extend(u16(0));
            } else {
                out.extend(u32(value));
            }
        };
        let one_or_at = |count: u32, value: u32, at: u32| if count == 1 { value } else { at };
        let samples = u32::from(self.samples);
        entry(256, 4, 1, width);
        entry(257, 4, 1, height);
        entry(258, 3, samples, one_or_at(samples, self.bits.into(), bits_at));
        entry(259, 3, 1, 1);
        entry(262, 3, 1, self.photometric.into());
        entry(270, 2, self.description.len() as u32 + 1, text_at);
        entry(273, 4, strips, one_or_at(strips, data_at, offsets_at));
        entry(277, 3, 1, samples);
        entry(279, 4, strips, one_or_at(strips, strip_len, lengths_at));
        entry(284, 3, 1, if self.planar { 2 } else { 1 });
        out.extend(u32(0));
        for _ in 0..samples {
            out.extend(u16(self.bits));
        }
        for strip in 0..strips {
            out.extend(u32(data_at + strip * strip_len));
        }
        for _ in 0..strips {
            out.extend(u32(strip_len));
        }
        out.extend(self.description.as_bytes());
        out.push(0);
        out.extend(&self.data);
        out
    }
}

fn all(stack: &mut Tiff) -> Result<Vec<Picture>, Error> {
    std::iter::from_fn(|| stack.read().transpose()).collect()
}

fn refused(bytes: &[u8]) -> String {
    let file = on_disk(bytes);
    let result = Tiff::open(file.path()).and_then(|mut stack| all(&mut stack));
    let error = result.expect_err("it must not be read").to_string();
    let name = file.path().display().to_string();
    assert!(error.starts_with(&name), "{error}");
    error[name.len()..].to_owned()
}

#[test]
fn pages_come_in_order_with_their_values_and_can_be_read_again() {
    let pages: Vec<Vec<u16>> = (0..5).map(|page| vec![page * 1000 + 7; 6]).collect();
    let file = on_disk(&stack::<colortype::Gray16>(&pages));
    let mut stack = Tiff::open(file.path()).unwrap();
    for _ in 0..2 {
        let read = all(&mut stack).unwrap();
        assert_eq!(read.len(), 5);
        for (picture, page) in read.iter().zip(&pages) {
            let bytes: Vec<u8> = page.iter().flat_map(|value| value.to_le_bytes()).collect();
            assert_eq!(picture.payload, bytes);
            assert_eq!(picture.format.shape.dims(), [2, 3]);
            assert_eq!(picture.format.dtype, Dtype::U16);
        }
        stack.rewind().unwrap();
    }
}

#[test]
fn integers_floats_and_rgb_keep_their_type() {
    let check = |bytes: Vec<u8>, dtype: Dtype, dims: &[u64]| {
        let file = on_disk(&bytes);
        let pictures = all(&mut Tiff::open(file.path()).unwrap()).unwrap();
        let format = &pictures[0].format;
        assert_eq!((format.dtype, &format.shape.dims()[..]), (dtype, dims));
        assert_eq!(pictures[0].payload.len(), format.byte_len());
    };
    check(stack::<colortype::Gray8>(&[vec![1; 6]]), Dtype::U8, &[2, 3]);
    check(stack::<colortype::GrayI8>(&[vec![-1; 6]]), Dtype::I8, &[2, 3]);
    check(stack::<colortype::GrayI16>(&[vec![-1; 6]]), Dtype::I16, &[2, 3]);
    check(stack::<colortype::Gray32>(&[vec![1; 6]]), Dtype::U32, &[2, 3]);
    check(stack::<colortype::GrayI32>(&[vec![-1; 6]]), Dtype::I32, &[2, 3]);
    check(
        stack::<colortype::Gray32Float>(&[vec![0.5; 6]]),
        Dtype::F32,
        &[2, 3],
    );
    check(
        stack::<colortype::Gray64Float>(&[vec![0.5; 6]]),
        Dtype::F64,
        &[2, 3],
    );
    check(stack::<colortype::RGB8>(&[vec![9; 18]]), Dtype::U8, &[2, 3, 3]);
    check(stack::<colortype::RGB16>(&[vec![9; 18]]), Dtype::U16, &[2, 3, 3]);
    check(stack::<colortype::RGBA8>(&[vec![9; 24]]), Dtype::U8, &[2, 3, 4]);
}

#[test]
fn bigtiff_is_read() {
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::<_, TiffKindBig>::new_big(&mut bytes).unwrap();
    for page in 0..3u8 {
        encoder.write_image::<colortype::Gray8>(2, 2, &[page; 4]).unwrap();
    }
    let file = on_disk(&bytes.into_inner());
    let read = all(&mut Tiff::open(file.path()).unwrap()).unwrap();
    let values: Vec<u8> = read.iter().map(|picture| picture.payload[3]).collect();
    assert_eq!(values, [0, 1, 2]);
}

/// ImageJ writes stacks over 4 GB, and hyperstacks, with one directory and all pages behind each other.
#[test]
fn an_imagej_stack_without_directories_is_read_to_its_last_page() {
    let description = "ImageJ=1.54f\nimages=4\nslices=4\nfinterval=0.05\ntunit=s\nmin=10.0\nmax=900.0\n";
    for big_endian in [false, true] {
        let pages: Vec<u16> = (0..24).map(|value| value * 300).collect();
        let data = pages.iter().flat_map(|value| {
            if big_endian {
                value.to_be_bytes()
            } else {
                value.to_le_bytes()
            }
        });
        let tiff = ByHand {
            big_endian,
            ..ByHand::grey16(description, data.collect())
        };
        let file = on_disk(&tiff.bytes());
        let mut stack = Tiff::open(file.path()).unwrap();
        assert_eq!(stack.fps(), Some(20.0));
        for _ in 0..2 {
            let read = all(&mut stack).unwrap();
            assert_eq!(read.len(), 4);
            assert_eq!(read[0].format.range, Some([10.0, 900.0]));
            let values: Vec<u8> = read.iter().flat_map(|picture| picture.payload.to_vec()).collect();
            let expected: Vec<u8> = pages.iter().flat_map(|value| value.to_le_bytes()).collect();
            assert_eq!(values, expected, "big-endian: {big_endian}");
            stack.rewind().unwrap();
        }
    }
}

#[test]
fn an_imagej_stack_that_breaks_off_names_the_page() {
    let tiff = ByHand::grey16("ImageJ=1.54f\nimages=1000000000\n", vec![0; 2 * 12 + 5]);
    assert_eq!(refused(&tiff.bytes()), ": page 3: the file is truncated");
}

#[test]
fn planes_of_colour_become_pixels() {
    let tiff = ByHand {
        bits: 8,
        samples: 3,
        photometric: 2,
        planar: true,
        ..ByHand::grey16("", b"rrrrrrggggggbbbbbb".to_vec())
    };
    let file = on_disk(&tiff.bytes());
    let read = all(&mut Tiff::open(file.path()).unwrap()).unwrap();
    assert_eq!(read[0].payload, "rgb".repeat(6));
}

#[test]
fn corrupt_and_truncated_files_are_refused_with_the_page() {
    assert!(refused(b"").contains("page 1"));
    assert!(refused(b"no tiff at all, but long enough").contains("page 1"));
    assert!(refused(b"II*\0\xff\xff\xff\x7f").contains("page 1: the file is truncated"));

    let whole = stack::<colortype::Gray16>(&[vec![1; 6], vec![2; 6], vec![3; 6]]);
    let pages_before_error = |len: usize| {
        let file = on_disk(&whole[..len]);
        let Ok(mut stack) = Tiff::open(file.path()) else {
            return (0, true);
        };
        let mut pages = 0;
        loop {
            match stack.read() {
                Ok(Some(_)) => pages += 1,
                Ok(None) => return (pages, false),
                Err(_) => return (pages, true),
            }
        }
    };
    // Wherever it is cut: whole pages or an error, and never fewer pages without an error.
    for len in 0..whole.len() {
        let (pages, failed) = pages_before_error(len);
        assert!(failed || pages == 3, "cut at {len}: {pages} pages");
    }
    assert_eq!(pages_before_error(whole.len()), (3, false));
}

#[test]
fn absurd_sizes_are_refused_before_memory_is_taken() {
    let huge = |size: [u32; 2]| ByHand {
        size,
        ..ByHand::grey16("", vec![0; 100])
    };
    assert!(refused(&huge([4_000_000, 4]).bytes()).contains("4000000x4 pixels"));
    assert!(refused(&huge([16_000, 16_000]).bytes()).contains("expected at most"));
    assert!(refused(&huge([0, 0]).bytes()).contains("page 1"));
}

#[test]
fn pixels_of_other_kinds_are_named() {
    let with = |bits: u16, photometric: u16| ByHand {
        bits,
        photometric,
        ..ByHand::grey16("", vec![0; 100])
    };
    assert!(refused(&with(1, 1).bytes()).contains("1-bit samples"));
    assert!(refused(&with(64, 1).bytes()).contains("64-bit samples"));
    assert!(refused(&with(8, 3).bytes()).contains("page 1"));
    let two_samples = ByHand {
        samples: 2,
        ..ByHand::grey16("", vec![0; 100])
    };
    assert!(refused(&two_samples.bytes()).contains("page 1"));
}

/// A grey page with resolution tags, in pixels per unit along x and y.
fn calibrated(unit: ResolutionUnit, x: Rational, y: Rational, description: &str) -> NamedTempFile {
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut bytes).unwrap();
    let mut page = encoder.new_image::<colortype::Gray8>(3, 2).unwrap();
    page.resolution_unit(unit);
    page.x_resolution(x);
    page.y_resolution(y);
    page.encoder()
        .write_tag(Tag::ImageDescription, description)
        .unwrap();
    page.write_data(&[0; 6]).unwrap();
    on_disk(&bytes.into_inner())
}

#[test]
fn the_size_of_pixels_is_that_of_a_calibrated_picture() {
    use ResolutionUnit as Unit;
    let check = |unit, [x, y]: [[u32; 2]; 2], description: &str, expected: Option<([f64; 2], &str)>| {
        let [x, y] = [x, y].map(|[n, d]| Rational { n, d });
        let file = calibrated(unit, x, y, description);
        let picture = Tiff::open(file.path()).unwrap().read().unwrap().unwrap();
        let expected = expected.map(|([height, width], unit)| PixelSize::new(height, width, unit).unwrap());
        assert_eq!(picture.format.pixel_size, expected, "{description:?}");
    };
    let two_and_four = [[2_000_000, 1_000_000], [4, 1]];
    check(
        Unit::None,
        two_and_four,
        "ImageJ=1.54f\nunit=micron\n",
        Some(([0.25, 0.5], "µm")),
    );
    check(
        Unit::Centimeter,
        two_and_four,
        "ImageJ=1.54f\nunit=cm\n",
        Some(([0.25, 0.5], "cm")),
    );
    check(Unit::None, two_and_four, "ImageJ=1.54f\n", None);
    check(
        Unit::None,
        two_and_four,
        "ImageJ=1.54f\nunit=a length of no name\n",
        None,
    );
    check(
        Unit::Centimeter,
        [[20_000, 1], [40_000, 1]],
        "",
        Some(([0.25, 0.5], "µm")),
    );
    check(Unit::Centimeter, [[1, 1], [1, 1]], "", None);
    check(Unit::Inch, [[72, 1], [72, 1]], "", None);
    check(
        Unit::Centimeter,
        [[0, 1], [1, 0]],
        "ImageJ=1.54f\nunit=um\n",
        None,
    );
    check(Unit::Centimeter, [[0, 0], [0, 0]], "", None);
}
