//! The source `barcode`.

use protocol::Stamp;
use protocol::frame::Format;

use super::movie::Movie;
use super::synthetic::UNPACED_FPS;
use super::tone::{BLACK, GREEN, GREY, Tone, WHITE};
use super::{Error, Painter, Picture, check_size};
use crate::barcode::{COLUMNS, Code, GRID_ROWS, MIN_SHAPE, ROWS};
use crate::buffer::Pool;
use crate::config::Config;
use crate::pacer::Rate;

/// The upper half of every picture is a [`Code`], the lower half a [`Movie`], so that it encodes like a recording.
pub struct Barcode {
    movie: Movie,
    tone: Tone,
    format: Format,
    pool: Pool,
    line: Vec<f32>,
}

impl Barcode {
    /// As `--shape`, `--dtype`, `--seed` and `rate` say.
    ///
    /// # Errors
    /// When shape or dtype cannot be painted, or the shape is too small for blocks that video keeps.
    pub fn open(config: &Config, rate: Rate) -> Result<Self, Error> {
        let shape = config.painted_shape();
        let [min_height, min_width] = MIN_SHAPE;
        if shape.height() < min_height || shape.width() < min_width {
            return Err(Error::flag(
                "--shape",
                format!(
                    "{}x{}: a barcode needs at least {min_height}x{min_width}",
                    shape.height(),
                    shape.width()
                ),
            ));
        }
        let tone = Tone::new(shape, config.painted_dtype())?;
        let format = tone.format(rate.fps());
        check_size(&format, "--shape")?;
        let fps = rate.fps().unwrap_or(UNPACED_FPS);
        let movie_height = shape.height() - top_of_row(ROWS, shape.height());
        Ok(Self {
            movie: Movie::new(movie_height, shape.width(), fps, config.seed()),
            tone,
            format,
            pool: Pool::default(),
            line: vec![0.0; shape.width()],
        })
    }

    fn draw(&mut self, code: Code, picture: &mut [u8]) {
        let (height, width) = (self.format.shape.height(), self.format.shape.width());
        let row_bytes = self.tone.row_bytes();
        for (row, blocks) in code.blocks().iter().enumerate() {
            for (x, count) in self.line.iter_mut().enumerate() {
                *count = if blocks[x * COLUMNS / width] { WHITE } else { BLACK };
            }
            let lines =
                &mut picture[top_of_row(row, height) * row_bytes..top_of_row(row + 1, height) * row_bytes];
            let (first, rest) = lines.split_at_mut(row_bytes);
            self.tone.write(&self.line, GREY, first);
            for line in rest.chunks_exact_mut(row_bytes) {
                line.copy_from_slice(first);
            }
        }
    }
}

/// First line of a row of blocks.
fn top_of_row(row: usize, height: usize) -> usize {
    (row * height).div_ceil(GRID_ROWS)
}

impl Painter for Barcode {
    fn paint(&mut self, stamp: &Stamp) -> Picture {
        let mut buffer = self.pool.take(self.format.byte_len());
        let code = Code {
            seq: stamp.seq as u32,
            t_ms: stamp.t.as_ns().div_euclid(1_000_000) as u64,
        };
        let row_bytes = self.tone.row_bytes();
        let (upper, lower) = buffer.split_at_mut(top_of_row(ROWS, self.format.shape.height()) * row_bytes);
        self.draw(code, upper);
        self.movie.next_frame(|y, counts| {
            let row = &mut lower[y * row_bytes..(y + 1) * row_bytes];
            self.tone.write(counts, GREEN, row);
        });
        Picture {
            format: self.format.clone(),
            payload: buffer.freeze(),
            captured: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use protocol::{Dtype, WallTime};

    use super::*;
    use crate::config::tests::config;

    /// The picture as a viewer shows it: `range` to black and white, green for luma.
    fn shown(picture: &Picture) -> Array2<u8> {
        let (shape, payload) = (picture.format.shape, &picture.payload);
        let window = |value: f32| {
            let [min, max] = picture.format.range.unwrap();
            ((f64::from(value) - min) / (max - min) * 255.0) as u8
        };
        Array2::from_shape_fn((shape.height(), shape.width()), |(y, x)| {
            let index = (y * shape.width() + x) * shape.channels();
            match picture.format.dtype {
                Dtype::U8 => payload[index..][..shape.channels()][shape.channels() / 2],
                Dtype::U16 => window(f32::from(u16::from_le_bytes(
                    payload[index * 2..][..2].try_into().unwrap(),
                ))),
                _ => window(f32::from_le_bytes(payload[index * 4..][..4].try_into().unwrap())),
            }
        })
    }

    #[test]
    fn every_dtype_and_size_carries_seq_and_capture_time() {
        let stamp = Stamp {
            session: 1,
            seq: (7 << 32) + 4_000_000_001,
            t: WallTime::from_ns(1_760_000_000_123_999_999),
        };
        for (shape, dtype) in [
            ("96x128", "uint8"),
            ("97x131", "uint16"),
            ("512x512", "float32"),
            ("480x640x3", "uint8"),
            ("1080x1920", "uint16"),
        ] {
            let config = config(&["barcode", "--shape", shape, "--dtype", dtype]);
            let mut source = Barcode::open(&config, Rate::Max).unwrap();
            let code = Code::read(shown(&source.paint(&stamp)).view());
            let expected = Code {
                seq: 4_000_000_001,
                t_ms: 1_760_000_000_123,
            };
            assert_eq!(code, Some(expected), "{shape} {dtype}");
        }
    }

    #[test]
    fn a_picture_too_small_for_the_blocks_is_refused() {
        let config = config(&["barcode", "--shape", "95x640"]);
        let error = Barcode::open(&config, Rate::Max).err().unwrap().to_string();
        assert_eq!(error, "--shape: 95x640: a barcode needs at least 96x128");
    }
}
