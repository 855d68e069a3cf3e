//! A frame as a file whose values are those that the producer sent, bit for bit.

use std::io::Cursor;
use std::str::FromStr;

use bytes::Bytes;
use protocol::frame::Format;
use protocol::{Dtype, PixelSize, StreamName};
use serde_json::json;
use tiff::TiffResult;
use tiff::encoder::TiffEncoder;
use tiff::tags::{
    CompressionMethod, ExtraSamples, PhotometricInterpretation, PlanarConfiguration, ResolutionUnit,
    SampleFormat, Tag,
};

use super::{Raw, density};

/// Kinds of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// NumPy: every dtype.
    Npy,
    /// Every dtype; truth values as bytes.
    Tiff,
    /// Unsigned values of 8 and 16 bits; truth values as bytes.
    Png,
}

impl FromStr for Kind {
    type Err = String;

    /// Takes a file name's extension.
    fn from_str(extension: &str) -> Result<Self, String> {
        match extension {
            "npy" => Ok(Self::Npy),
            "tiff" => Ok(Self::Tiff),
            "png" => Ok(Self::Png),
            other => Err(format!("format is {other:?}: expected npy, tiff or png")),
        }
    }
}

impl Kind {
    /// The file name's extension.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Npy => "npy",
            Self::Tiff => "tiff",
            Self::Png => "png",
        }
    }

    /// Media type. NumPy has registered none.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Npy => "application/octet-stream",
            Self::Tiff => "image/tiff",
            Self::Png => "image/png",
        }
    }

    /// Whether such a file can hold values of `dtype` as they are.
    ///
    /// # Errors
    /// A sentence that names both, and what can.
    pub fn can_hold(self, dtype: Dtype) -> Result<(), String> {
        match (self, dtype) {
            (Self::Npy | Self::Tiff, _) | (Self::Png, Dtype::Bool | Dtype::U8 | Dtype::U16) => Ok(()),
            (Self::Png, _) => Err(format!(
                "png cannot hold {dtype} exactly: it has unsigned values of 8 and 16 bits; npy and tiff can"
            )),
        }
    }
}

/// A file in two pieces, so that the pixels need not be copied where a format takes them as they are.
#[derive(Clone, Debug)]
pub struct File {
    /// What comes first.
    pub head: Bytes,
    /// What follows it; may be empty.
    pub rest: Bytes,
}

/// The file of one frame. Takes long for PNG only, which is compressed.
///
/// # Errors
/// When `kind` cannot hold the frame's dtype, with a sentence.
pub fn encode(kind: Kind, stream: &StreamName, raw: &Raw) -> Result<File, String> {
    kind.can_hold(raw.format.dtype)?;
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", kind.extension());
    match kind {
        Kind::Npy => Ok(File {
            head: npy::header(raw.format.dtype, &raw.format.shape.dims()).into(),
            rest: raw.payload.clone(),
        }),
        Kind::Tiff => Ok(File {
            head: tiff_head(&raw.format, &description(stream, raw))
                .map_err(|error| failed(&error))?
                .into(),
            rest: raw.payload.clone(),
        }),
        Kind::Png => Ok(File {
            head: png(raw, description(stream, raw))
                .map_err(|error| failed(&error))?
                .into(),
            rest: Bytes::new(),
        }),
    }
}

/// Which frame it is, for the comment that TIFF and PNG have room for: JSON in ASCII, the only text both take.
fn description(stream: &StreamName, raw: &Raw) -> String {
    let pixel_size = raw.format.pixel_size.as_ref();
    let text = json!({
        "stream": stream.as_str(),
        "session": format!("{:016x}", raw.stamp.session),
        "seq": raw.stamp.seq,
        "t_ns": raw.stamp.t.as_ns(),
        "unit": raw.format.unit,
        "pixel_size": pixel_size.map(PixelSize::sides),
        "pixel_unit": pixel_size.map(PixelSize::unit),
    })
    .to_string();
    let mut ascii = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            // Not escaped by JSON, and a control character all the same.
            ' '..='~' => ascii.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    ascii.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    ascii
}

/// All of a TIFF file (TIFF 6.0, one strip, not compressed) that precedes the pixels.
///
/// Baseline readers find a strip wherever its offset says. With the pixels last the file needs no copy of them, but
/// their offset is the length of what is being written: it is written twice.
fn tiff_head(format: &Format, description: &str) -> TiffResult<Vec<u8>> {
    /// Elements begin where vector instructions like to read.
    const ALIGNMENT: usize = 16;
    let head_len = tiff_directory(format, description, 0)?
        .len()
        .next_multiple_of(ALIGNMENT);
    // A payload is at most 64 MiB.
    let mut head = tiff_directory(format, description, u32::try_from(head_len)?)?;
    head.resize(head_len, 0);
    Ok(head)
}

fn tiff_directory(format: &Format, description: &str, pixels_offset: u32) -> TiffResult<Vec<u8>> {
    // The encoder writes the byte order of the machine into the file; the pixels are little-endian.
    const { assert!(cfg!(target_endian = "little")) };
    let Format { shape, dtype, .. } = format;
    let channels = shape.channels();
    let sample = match dtype {
        Dtype::Bool | Dtype::U8 | Dtype::U16 | Dtype::U32 => SampleFormat::Uint,
        Dtype::I8 | Dtype::I16 | Dtype::I32 => SampleFormat::Int,
        Dtype::F32 | Dtype::F64 => SampleFormat::IEEEFP,
    };
    let photometric = match channels {
        1 => PhotometricInterpretation::BlackIsZero,
        _ => PhotometricInterpretation::RGB,
    };
    let mut file = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut file)?;
    let mut directory = encoder.image_directory()?;
    directory.write_tag(Tag::ImageWidth, shape.width() as u32)?;
    directory.write_tag(Tag::ImageLength, shape.height() as u32)?;
    directory.write_tag(Tag::BitsPerSample, &vec![8 * dtype.size() as u16; channels][..])?;
    directory.write_tag(Tag::SampleFormat, &vec![sample.to_u16(); channels][..])?;
    directory.write_tag(Tag::SamplesPerPixel, channels as u16)?;
    directory.write_tag(Tag::PlanarConfiguration, PlanarConfiguration::Chunky.to_u16())?;
    directory.write_tag(Tag::PhotometricInterpretation, photometric.to_u16())?;
    if channels == 4 {
        directory.write_tag(Tag::ExtraSamples, ExtraSamples::UnassociatedAlpha.to_u16())?;
    }
    directory.write_tag(Tag::Compression, CompressionMethod::None.to_u16())?;
    directory.write_tag(Tag::RowsPerStrip, shape.height() as u32)?;
    directory.write_tag(Tag::StripOffsets, pixels_offset)?;
    directory.write_tag(Tag::StripByteCounts, u32::try_from(format.byte_len())?)?;
    if let Some([x, y]) = format.pixel_size.as_ref().and_then(density::per_centimetre) {
        directory.write_tag(Tag::XResolution, x)?;
        directory.write_tag(Tag::YResolution, y)?;
        directory.write_tag(Tag::ResolutionUnit, ResolutionUnit::Centimeter)?;
    }
    directory.write_tag(Tag::Software, "streamview")?;
    directory.write_tag(Tag::ImageDescription, description)?;
    directory.finish()?;
    Ok(file.into_inner())
}

fn png(raw: &Raw, description: String) -> Result<Vec<u8>, png::EncodingError> {
    let Format { shape, dtype, .. } = &*raw.format;
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, shape.width() as u32, shape.height() as u32);
    encoder.set_color(match shape.channels() {
        1 => png::ColorType::Grayscale,
        3 => png::ColorType::Rgb,
        _ => png::ColorType::Rgba,
    });
    encoder.set_compression(png::Compression::Fast);
    encoder.set_pixel_dims(raw.format.pixel_size.as_ref().and_then(density::per_metre));
    encoder.add_text_chunk("Description".into(), description)?;
    encoder.add_text_chunk("Software".into(), "streamview".into())?;
    if dtype.size() == 2 {
        encoder.set_depth(png::BitDepth::Sixteen);
        // PNG is big-endian.
        let swapped: Vec<u8> = raw
            .payload
            .as_chunks()
            .0
            .iter()
            .flat_map(|&[low, high]| [high, low])
            .collect();
        encoder.write_header()?.write_image_data(&swapped)?;
    } else {
        encoder.set_depth(png::BitDepth::Eight);
        encoder.write_header()?.write_image_data(&raw.payload)?;
    }
    Ok(file)
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
