//! TIFF stacks, one page at a time.

mod calibration;
mod imagej;

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use protocol::Dtype;
use protocol::frame::{Format, Shape};
use tiff::decoder::{BufferLayoutPreference, Decoder, DecodingSampleType, Limits};
use tiff::tags::{ByteOrder, Tag};
use tiff::{ColorType, TiffError};

use super::{Error, MAX_FRAME_BYTES, Picture, Reader, check_size};
use crate::buffer::{Buffer, Pool};
use imagej::ImageJ;

/// A stack of grey or RGB pages.
pub struct Tiff {
    name: String,
    decoder: Decoder<BufReader<File>>,
    imagej: ImageJ,
    /// Pages without directories of their own, behind the first one.
    run: Option<Run>,
    /// Pages read or skipped since the beginning.
    pages: u64,
    pool: Pool,
}

/// Pages of an ImageJ stack that was too big for a directory per page: raw, one behind the other.
struct Run {
    format: Format,
    /// Where page 1 begins, bytes.
    offset: u64,
    pages: u64,
    swap: bool,
}

impl Tiff {
    /// Opens the stack at its first page.
    ///
    /// # Errors
    /// When the file is no TIFF, or its first page is of a kind that cannot be published.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let name = path.display().to_string();
        let file = File::open(path).map_err(|error| Error::io(path, error))?;
        let mut limits = Limits::default();
        limits.decoding_buffer_size = MAX_FRAME_BYTES;
        let decoder = Decoder::new(BufReader::new(file)).map_err(|error| page_error(&name, 1, error))?;
        let mut stack = Self {
            decoder: decoder.with_limits(limits),
            name,
            imagej: ImageJ::default(),
            run: None,
            pages: 0,
            pool: Pool::default(),
        };
        // Every TIFF without a description, or with one of another program, is a plain stack.
        if let Ok(text) = stack.decoder.get_tag_ascii_string(Tag::ImageDescription) {
            stack.imagej = ImageJ::parse(&text);
        }
        let (format, layout) = stack.format()?;
        stack.run = stack.find_run(format, &layout);
        Ok(stack)
    }

    /// Frames per second, if ImageJ wrote them down.
    pub fn fps(&self) -> Option<f64> {
        self.imagej.fps
    }

    fn error(&self, error: TiffError) -> Error {
        page_error(&self.name, self.pages + 1, error)
    }

    fn unfit(&self, reason: String) -> Error {
        Error::Page {
            name: self.name.clone(),
            page: self.pages + 1,
            reason,
        }
    }

    /// What the current page is, checked before memory is taken for it.
    fn format(&mut self) -> Result<(Format, BufferLayoutPreference), Error> {
        let color = self.decoder.colortype().map_err(|error| self.error(error))?;
        let (channels, bits) = match color {
            ColorType::Gray(bits) => (1, bits),
            ColorType::RGB(bits) => (3, bits),
            ColorType::RGBA(bits) => (4, bits),
            other => {
                return Err(self.unfit(format!("{other:?} pixels: expected grey, RGB or RGBA")));
            }
        };
        let layout = self
            .decoder
            .image_buffer_layout()
            .map_err(|error| self.error(error))?;
        let dtype = match (layout.sample_type, bits) {
            (Some(DecodingSampleType::U8), 8) => Dtype::U8,
            (Some(DecodingSampleType::I8), 8) => Dtype::I8,
            (Some(DecodingSampleType::U16), 16) => Dtype::U16,
            (Some(DecodingSampleType::I16), 16) => Dtype::I16,
            (Some(DecodingSampleType::U32), 32) => Dtype::U32,
            (Some(DecodingSampleType::I32), 32) => Dtype::I32,
            (Some(DecodingSampleType::F32), 32) => Dtype::F32,
            (Some(DecodingSampleType::F64), 64) => Dtype::F64,
            (kind, bits) => {
                let kind = kind.map_or("unknown".to_owned(), |kind| format!("{kind:?}"));
                return Err(self.unfit(format!(
                    "{bits}-bit samples ({kind}): expected 8, 16 or 32-bit integers, or 32 or 64-bit floats"
                )));
            }
        };
        let (width, height) = self.decoder.dimensions().map_err(|error| self.error(error))?;
        let shape = Shape::new(height.into(), width.into(), channels).map_err(|_| {
            self.unfit(format!(
                "{width}x{height} pixels: expected sides of 1 to {}",
                Shape::MAX_SIDE
            ))
        })?;
        let format = Format {
            fps: self.imagej.fps,
            range: self.imagej.range.filter(|_| channels == 1),
            pixel_size: calibration::pixel_size(&mut self.decoder, &self.imagej),
            ..Format::new(shape, dtype)
        };
        check_size(&format, &self.name)?;
        if layout.complete_len != format.byte_len() {
            return Err(self.unfit(format!(
                "decodes to {} bytes: expected {} for {shape} {dtype}",
                layout.complete_len,
                format.byte_len()
            )));
        }
        Ok((format, layout))
    }

    /// The pages that ImageJ announces but gives no directories.
    fn find_run(&mut self, format: Format, layout: &BufferLayoutPreference) -> Option<Run> {
        const UNCOMPRESSED: u16 = 1;
        let pages = self.imagej.images?;
        let compression = self.decoder.find_tag_unsigned::<u16>(Tag::Compression).ok()?;
        let plain = compression.is_none_or(|method| method == UNCOMPRESSED) && layout.planes == 1;
        if pages < 2 || self.decoder.more_images() || !plain {
            return None;
        }
        let strips = self.decoder.get_tag_u64_vec(Tag::StripOffsets).ok()?;
        Some(Run {
            format,
            offset: *strips.first()?,
            pages,
            swap: self.decoder.byte_order() == ByteOrder::BigEndian,
        })
    }

    fn read_run(&mut self, run: &Run) -> Result<Option<Picture>, Error> {
        if self.pages == run.pages {
            return Ok(None);
        }
        let len = run.format.byte_len();
        let mut buffer = self.pool.take(len);
        // A corrupt offset saturates to where nothing can be read.
        let start = run.offset.saturating_add(self.pages.saturating_mul(len as u64));
        let input = self.decoder.inner();
        let read = input
            .seek(SeekFrom::Start(start))
            .and_then(|_| input.read_exact(&mut buffer));
        read.map_err(|error| self.error(error.into()))?;
        let size = run.format.dtype.size();
        if run.swap && size > 1 {
            buffer.chunks_exact_mut(size).for_each(<[u8]>::reverse);
        }
        self.pages += 1;
        Ok(Some(Picture {
            format: run.format.clone(),
            payload: buffer.freeze(),
            captured: None,
        }))
    }

    /// Moves to the next page that is a picture of its own. `false`: there is none.
    fn advance(&mut self) -> Result<bool, Error> {
        const REDUCED: u32 = 1;
        loop {
            if self.pages > 0 {
                if !self.decoder.more_images() {
                    return Ok(false);
                }
                self.decoder.next_image().map_err(|error| self.error(error))?;
            }
            let kind = self.decoder.find_tag_unsigned::<u32>(Tag::NewSubfileType);
            if kind.map_err(|error| self.error(error))?.unwrap_or(0) & REDUCED == 0 {
                return Ok(true);
            }
            // A thumbnail of another page.
            self.pages += 1;
        }
    }

    fn decode(&mut self, format: &Format, layout: &BufferLayoutPreference) -> Result<Buffer, Error> {
        let mut buffer = self.pool.take(format.byte_len());
        self.decoder
            .read_image_bytes(&mut buffer)
            .map_err(|error| self.error(error))?;
        if layout.planes < 2 {
            return Ok(buffer);
        }
        // All red, then all green, then all blue: the wire has them pixel by pixel.
        let (channels, size) = (format.shape.channels(), format.dtype.size());
        let plane_len = format.byte_len() / channels;
        let mut pixels = self.pool.take(format.byte_len());
        for (channel, plane) in buffer.chunks_exact(plane_len).enumerate() {
            let elements = pixels.chunks_exact_mut(size).skip(channel).step_by(channels);
            for (out, element) in elements.zip(plane.chunks_exact(size)) {
                out.copy_from_slice(element);
            }
        }
        Ok(pixels)
    }
}

impl Reader for Tiff {
    fn read(&mut self) -> Result<Option<Picture>, Error> {
        if let Some(run) = self.run.take() {
            let picture = self.read_run(&run);
            self.run = Some(run);
            return picture;
        }
        if !self.advance()? {
            return Ok(None);
        }
        let (format, layout) = self.format()?;
        let payload = self.decode(&format, &layout)?.freeze();
        self.pages += 1;
        Ok(Some(Picture {
            format,
            payload,
            captured: None,
        }))
    }

    fn rewind(&mut self) -> Result<(), Error> {
        self.pages = 0;
        self.decoder.seek_to_image(0).map_err(|error| self.error(error))
    }
}

fn page_error(name: &str, page: u64, error: TiffError) -> Error {
    let reason = match error {
        TiffError::IoError(error) if error.kind() == ErrorKind::UnexpectedEof => {
            "the file is truncated".to_owned()
        }
        other => other.to_string(),
    };
    Error::Page {
        name: name.to_owned(),
        page,
        reason,
    }
}

#[cfg(test)]
#[path = "tiff_tests.rs"]
mod tests;
