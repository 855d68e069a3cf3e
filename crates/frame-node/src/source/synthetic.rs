//! The source `synthetic`.

use protocol::Stamp;
use protocol::frame::Format;

use super::movie::Movie;
use super::tone::{GREEN, Tone};
use super::{Error, Painter, Picture, check_size};
use crate::buffer::Pool;
use crate::config::Config;
use crate::pacer::Rate;

/// Frame rate that the movie is computed for when nothing paces it.
pub(super) const UNPACED_FPS: f64 = 30.0;

/// Publishes a [`Movie`].
pub struct Synthetic {
    movie: Movie,
    tone: Tone,
    format: Format,
    pool: Pool,
}

impl Synthetic {
    /// As `--shape`, `--dtype`, `--seed` and `rate` say.
    ///
    /// # Errors
    /// When shape or dtype cannot be painted.
    pub fn open(config: &Config, rate: Rate) -> Result<Self, Error> {
        let shape = config.painted_shape();
        let tone = Tone::new(shape, config.painted_dtype())?;
        let format = tone.format(rate.fps());
        check_size(&format, "--shape")?;
        let fps = rate.fps().unwrap_or(UNPACED_FPS);
        Ok(Self {
            movie: Movie::new(shape.height(), shape.width(), fps, config.seed()),
            tone,
            format,
            pool: Pool::default(),
        })
    }
}

impl Painter for Synthetic {
    fn paint(&mut self, _: &Stamp) -> Picture {
        let mut buffer = self.pool.take(self.format.byte_len());
        let row_bytes = self.tone.row_bytes();
        self.movie.next_frame(|y, counts| {
            let row = &mut buffer[y * row_bytes..(y + 1) * row_bytes];
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
    use protocol::WallTime;

    use super::*;
    use crate::config::tests::config;

    fn paint(arguments: &[&str]) -> Picture {
        let config = config(arguments);
        let mut source = Synthetic::open(&config, Rate::Fps(30.0)).unwrap();
        source.paint(&Stamp {
            session: 1,
            seq: 0,
            t: WallTime::from_ns(0),
        })
    }

    #[test]
    fn payloads_have_the_bytes_that_shape_and_dtype_ask_for() {
        for (shape, dtype, bytes) in [
            ("3x5", "uint8", 15),
            ("127x255", "uint16", 127 * 255 * 2),
            ("33x1", "float32", 33 * 4),
            ("31x17x3", "uint8", 31 * 17 * 3),
        ] {
            let picture = paint(&["synthetic", "--shape", shape, "--dtype", dtype]);
            assert_eq!(picture.payload.len(), bytes, "{shape} {dtype}");
            assert_eq!(picture.format.byte_len(), bytes);
        }
    }

    #[test]
    fn counts_lie_within_a_12_bit_camera_and_mostly_within_the_range_sent() {
        let picture = paint(&["synthetic", "--shape", "256x256", "--dtype", "uint16"]);
        let [black, white] = picture.format.range.unwrap();
        let counts: Vec<f64> = picture
            .payload
            .as_chunks()
            .0
            .iter()
            .map(|word| f64::from(u16::from_le_bytes(*word)))
            .collect();
        assert!(counts.iter().all(|&count| count <= 4095.0));
        let inside = counts
            .iter()
            .filter(|count| (black..=white).contains(count))
            .count();
        assert!(inside * 100 > counts.len() * 98, "{inside} of {}", counts.len());
    }

    #[test]
    fn an_absurd_shape_is_refused_before_memory_is_taken() {
        let config = config(&["synthetic", "--shape", "16384x16384", "--dtype", "float32"]);
        let error = Synthetic::open(&config, Rate::Max).err().unwrap().to_string();
        assert!(
            error.starts_with("--shape: a frame of 16384x16384 float32"),
            "{error}"
        );
    }
}
