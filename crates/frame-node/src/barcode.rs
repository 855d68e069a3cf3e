//! A code of black and white blocks that carries a frame's number and capture time in its pixels.
//!
//! `docs/barcode.md` describes the same layout for other readers. The grid is relative to the picture's size and its
//! blocks are large, so that it survives H.264 and scaling. Its border is fixed: it tells which way is up and what is
//! black and white; a checksum guards the rest.

use ndarray::{ArrayView2, s};

/// Blocks per row, border included.
pub const COLUMNS: usize = 18;
/// Rows of blocks, border included.
pub const ROWS: usize = 8;
/// The code covers the upper 1/2 of the picture: a block is `height / GRID_ROWS` high.
pub const GRID_ROWS: usize = 2 * ROWS;
/// Smallest picture that holds a code which video can carry: `[height, width]`, pixels.
pub const MIN_SHAPE: [usize; 2] = [96, 128];

/// Number of payload and checksum bits: 16 x 6 blocks within the border.
const BITS: usize = (COLUMNS - 2) * (ROWS - 2);
/// Least difference of white and black, grey levels of 255, below which a picture is taken to have no code.
const MIN_CONTRAST: f32 = 40.0;

/// What a picture carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// Low 32 bits of the frame's `seq`.
    pub seq: u32,
    /// Capture time, whole milliseconds since the Unix epoch, low 48 bits.
    pub t_ms: u64,
}

impl Code {
    /// All blocks, `true` is white, row by row from the top.
    pub fn blocks(self) -> [[bool; COLUMNS]; ROWS] {
        let bits = self.bits();
        std::array::from_fn(|row| {
            std::array::from_fn(|column| match border(row, column) {
                Some(white) => white,
                None => {
                    let index = (row - 1) * (COLUMNS - 2) + column - 1;
                    bits >> (BITS - 1 - index) & 1 == 1
                }
            })
        })
    }

    /// `seq` (32 bits), `t_ms` (48 bits), checksum (16 bits), the first one highest.
    fn bits(self) -> u128 {
        let data = u128::from(self.seq) << 48 | u128::from(self.t_ms & 0xffff_ffff_ffff);
        data << 16 | u128::from(crc16(&data.to_be_bytes()[6..]))
    }

    /// Reads the code of a grey picture `[height, width]`, 0 black to 255 white. `None`: there is none, or it is
    /// damaged.
    pub fn read(picture: ArrayView2<'_, u8>) -> Option<Self> {
        if picture.nrows() < GRID_ROWS || picture.ncols() < COLUMNS {
            return None;
        }
        let levels: [[f32; COLUMNS]; ROWS] =
            std::array::from_fn(|row| std::array::from_fn(|column| level(picture, row, column)));
        let mean_border = |white: bool| {
            let of_kind = (0..ROWS * COLUMNS)
                .map(|index| (index / COLUMNS, index % COLUMNS))
                .filter(|&(row, column)| border(row, column) == Some(white));
            let (sum, count) = of_kind.fold((0.0, 0.0), |(sum, count), (row, column)| {
                (sum + levels[row][column], count + 1.0)
            });
            sum / count
        };
        let (black, white) = (mean_border(false), mean_border(true));
        if white - black < MIN_CONTRAST {
            return None;
        }
        let threshold = f32::midpoint(black, white);
        let mut bits = 0u128;
        for (row, levels) in levels.iter().enumerate() {
            for (column, &level) in levels.iter().enumerate() {
                match border(row, column) {
                    Some(white) if (level > threshold) != white => return None,
                    Some(_) => (),
                    None => bits = bits << 1 | u128::from(level > threshold),
                }
            }
        }
        let code = Self {
            seq: (bits >> 64) as u32,
            t_ms: (bits >> 16) as u64 & 0xffff_ffff_ffff,
        };
        (code.bits() == bits).then_some(code)
    }
}

/// What a border block is; `None` inside. The left edge is white, the right edge black, the bottom edge white, and the
/// top edge alternates, so that no mirror image and no rotation of the border equals it.
fn border(row: usize, column: usize) -> Option<bool> {
    match (row, column) {
        (0, column) => Some(column % 2 == 0),
        (_, 0) => Some(true),
        (_, column) if column == COLUMNS - 1 => Some(false),
        (row, _) if row == ROWS - 1 => Some(true),
        _ => None,
    }
}

/// Mean of the middle of a block, where neither scaling nor the codec mixes in its neighbours.
fn level(picture: ArrayView2<'_, u8>, row: usize, column: usize) -> f32 {
    let middle = |index: usize, count: usize, size: usize| {
        let at = |part: f32| ((index as f32 + part) * size as f32 / count as f32) as usize;
        let first = at(0.3).min(size - 1);
        first..at(0.7).clamp(first + 1, size)
    };
    let (height, width) = picture.dim();
    let block = picture.slice(s![middle(row, GRID_ROWS, height), middle(column, COLUMNS, width)]);
    block.iter().map(|&value| f32::from(value)).sum::<f32>() / block.len() as f32
}

/// CRC-16/IBM-3740 (also called CCITT-FALSE): polynomial 0x1021, start 0xffff, not reflected.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xffff, |crc, &byte| {
        (0..8).fold(crc ^ u16::from(byte) << 8, |crc: u16, _| {
            crc << 1 ^ if crc & 0x8000 == 0 { 0 } else { 0x1021 }
        })
    })
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    const EXAMPLE: Code = Code {
        seq: 123_456_789,
        t_ms: 1_760_000_000_123,
    };

    fn draw(code: Code, height: usize, width: usize) -> Array2<u8> {
        let blocks = code.blocks();
        Array2::from_shape_fn((height, width), |(y, x)| {
            match blocks.get(y * GRID_ROWS / height) {
                Some(row) if row[x * COLUMNS / width] => 255,
                Some(_) => 0,
                None => 128,
            }
        })
    }

    #[test]
    fn the_checksum_is_the_catalogued_one() {
        assert_eq!(crc16(b"123456789"), 0x29b1);
    }

    /// The picture in `docs/barcode.md`.
    #[test]
    fn the_documented_example_has_these_blocks() {
        let text: Vec<String> = EXAMPLE
            .blocks()
            .iter()
            .map(|row| row.iter().map(|&white| if white { '#' } else { '.' }).collect())
            .collect();
        let documented = include_str!("../../../docs/barcode.md");
        assert!(documented.contains(&text.join("\n")), "{}", text.join("\n"));
    }

    #[test]
    fn what_is_drawn_is_read_at_any_size() {
        let codes = [
            EXAMPLE,
            Code { seq: 0, t_ms: 0 },
            Code {
                seq: u32::MAX,
                t_ms: 0xffff_ffff_ffff,
            },
        ];
        for code in codes {
            for (height, width) in [
                (96, 128),
                (97, 131),
                (512, 512),
                (1080, 1920),
                (480, 640),
                (48, 64),
            ] {
                let picture = draw(code, height, width);
                assert_eq!(Code::read(picture.view()), Some(code), "{height}x{width}");
            }
        }
    }

    #[test]
    fn turned_mirrored_and_inverted_pictures_carry_nothing() {
        let picture = draw(EXAMPLE, 288, 360);
        let mut views = vec![picture.view(), picture.view(), picture.view()];
        views[0].invert_axis(ndarray::Axis(0));
        views[1].invert_axis(ndarray::Axis(1));
        views[2].invert_axis(ndarray::Axis(0));
        views[2].invert_axis(ndarray::Axis(1));
        for view in views {
            assert_eq!(Code::read(view), None);
        }
        assert_eq!(Code::read(picture.mapv(|value| 255 - value).view()), None);
        assert_eq!(Code::read(Array2::from_elem((200, 200), 255).view()), None);
        assert_eq!(Code::read(Array2::zeros((1, 1)).view()), None);
        assert_eq!(Code::read(Array2::zeros((0, 0)).view()), None);
    }

    #[test]
    fn one_flipped_block_is_noticed() {
        for (row, column) in [(0, 3), (1, 1), (3, 9), (6, 16), (7, 4)] {
            let mut picture = draw(EXAMPLE, 160, 180);
            picture
                .slice_mut(s![row * 10..row * 10 + 10, column * 10..column * 10 + 10])
                .mapv_inplace(|value| 255 - value);
            assert_eq!(Code::read(picture.view()), None, "block {row}, {column}");
        }
    }

    #[test]
    fn low_contrast_and_noise_are_survived() {
        let mut picture = draw(EXAMPLE, 200, 200).mapv(|value| 60 + value / 3);
        for (index, value) in picture.iter_mut().enumerate() {
            *value = value.wrapping_add(((index * 2_654_435_761) >> 7) as u8 % 40);
        }
        assert_eq!(Code::read(picture.view()), Some(EXAMPLE));
    }
}
