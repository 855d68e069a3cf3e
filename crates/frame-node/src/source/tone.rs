//! From camera counts to the elements of a frame.

use protocol::Dtype;
use protocol::frame::{Format, Shape};

use crate::source::Error;

/// Counts shown as black: a camera's dark level.
pub const BLACK: f32 = 100.0;
/// Counts shown as white: a bright cell.
pub const WHITE: f32 = 2_000.0;
/// A 12-bit camera saturates here.
const SATURATION: f32 = 4_095.0;

/// A green fluorophore, as colour cameras see it.
pub const GREEN: [f32; 3] = [0.22, 1.0, 0.30];
/// No colour at all.
pub const GREY: [f32; 3] = [1.0; 3];

/// Writes rows of counts as one dtype. `uint16` and `float32` keep the counts and announce [`BLACK`] and [`WHITE`] as
/// their range; `uint8` has them as 0 and 255.
#[derive(Clone, Copy, Debug)]
pub struct Tone {
    dtype: Dtype,
    shape: Shape,
}

impl Tone {
    /// For frames of `shape` and `dtype`.
    ///
    /// # Errors
    /// When a painted frame cannot have that dtype or number of channels.
    pub fn new(shape: Shape, dtype: Dtype) -> Result<Self, Error> {
        match (dtype, shape.channels()) {
            (Dtype::U8, 1 | 3) | (Dtype::U16 | Dtype::F32, 1) => Ok(Self { dtype, shape }),
            (Dtype::U8 | Dtype::U16 | Dtype::F32, channels) => Err(Error::flag(
                "--shape",
                format!("{channels} channels of {dtype}: expected HxW, or HxWx3 with --dtype uint8"),
            )),
            _ => Err(Error::flag(
                "--dtype",
                format!("{dtype}: expected uint8, uint16 or float32"),
            )),
        }
    }

    /// The format of the frames, at `fps`.
    pub fn format(&self, fps: Option<f64>) -> Format {
        let counts = self.dtype != Dtype::U8;
        Format {
            fps,
            unit: counts.then(|| "counts".to_owned()),
            range: counts.then_some([f64::from(BLACK), f64::from(WHITE)]),
            ..Format::new(self.shape, self.dtype)
        }
    }

    /// Bytes of one row.
    pub const fn row_bytes(&self) -> usize {
        self.shape.width() * self.shape.channels() * self.dtype.size()
    }

    /// Writes `counts`, one per pixel, to `row`; colour frames get them in `tint`.
    pub fn write(&self, counts: &[f32], tint: [f32; 3], row: &mut [u8]) {
        match self.dtype {
            Dtype::U16 => {
                for (out, &count) in row.as_chunks_mut::<2>().0.iter_mut().zip(counts) {
                    *out = (round(count.clamp(0.0, SATURATION)) as u16).to_le_bytes();
                }
            }
            Dtype::F32 => {
                for (out, &count) in row.as_chunks_mut::<4>().0.iter_mut().zip(counts) {
                    *out = count.to_le_bytes();
                }
            }
            _ if self.shape.channels() == 3 => {
                for (out, &count) in row.as_chunks_mut::<3>().0.iter_mut().zip(counts) {
                    *out = tint.map(|part| round(grey(count) * part) as u8);
                }
            }
            _ => {
                for (out, &count) in row.iter_mut().zip(counts) {
                    *out = round(grey(count)) as u8;
                }
            }
        }
    }
}

/// 0 to 255.
fn grey(count: f32) -> f32 {
    ((count - BLACK) * (255.0 / (WHITE - BLACK))).clamp(0.0, 255.0)
}

/// Nearest integer of a number in [0, 2^22), in the low bits of a float's mantissa: unlike `as`, the compiler turns
/// this into vector instructions.
fn round(value: f32) -> u32 {
    (value + 8_388_608.0).to_bits()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(dtype: Dtype, channels: u64, counts: &[f32]) -> Vec<u8> {
        let tone = Tone::new(Shape::new(1, counts.len() as u64, channels).unwrap(), dtype).unwrap();
        let mut row = vec![0; tone.row_bytes()];
        tone.write(counts, GREY, &mut row);
        row
    }

    #[test]
    fn black_and_white_are_the_ends_of_uint8_and_counts_elsewhere() {
        let counts = [-50.0, BLACK, WHITE, 9_999.0];
        assert_eq!(written(Dtype::U8, 1, &counts), [0, 0, 255, 255]);
        assert_eq!(written(Dtype::U8, 3, &counts[1..3]), [0, 0, 0, 255, 255, 255]);
        let words: Vec<u16> = written(Dtype::U16, 1, &counts)
            .as_chunks()
            .0
            .iter()
            .map(|word| u16::from_le_bytes(*word))
            .collect();
        assert_eq!(words, [0, 100, 2000, 4095]);
        let floats = written(Dtype::F32, 1, &counts);
        assert_eq!(floats[12..], 9_999f32.to_le_bytes());
    }

    #[test]
    fn numbers_round_to_the_nearest() {
        assert_eq!(
            [0.0, 0.4, 0.6, 254.7, 4095.0].map(|v| round(v) as u16),
            [0, 0, 1, 255, 4095]
        );
    }

    #[test]
    fn other_dtypes_and_channels_are_refused_by_flag() {
        let shape = |channels| Shape::new(8, 8, channels).unwrap();
        let message = |shape, dtype| Tone::new(shape, dtype).unwrap_err().to_string();
        assert!(message(shape(1), Dtype::I32).starts_with("--dtype: int32"));
        assert!(message(shape(3), Dtype::U16).starts_with("--shape: 3 channels"));
        assert!(message(shape(4), Dtype::U8).starts_with("--shape: 4 channels"));
    }
}
