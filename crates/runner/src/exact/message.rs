//! What is said before the pixels of a frame.

use bytes::{BufMut, Bytes, BytesMut};
use pixels::{Method, Reduction};
use protocol::frame::Shape;
use protocol::{Dtype, Stamp};

/// Of the header.
const VERSION: u8 = 1;
/// Length of the header, a multiple of the largest element: the pixels behind it are aligned in a browser's buffer.
const BYTES: usize = 72;
/// Flag: every pixel of the region is as captured.
const EXACT: u8 = 1;
/// Flag: the values are means of blocks, of which none need have been captured.
const MEANS: u8 = 1 << 1;

/// How the pixels are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// As they are.
    Raw,
    /// DEFLATE (RFC 1951), without the wrapping of zlib or gzip.
    Deflate,
}

/// Which frame, and what of it.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    /// Session, number and capture time.
    pub stamp: Stamp,
    /// As captured.
    pub shape: Shape,
    /// Of the captured and of the sent values.
    pub dtype: Dtype,
    /// From the captured to the sent pixels.
    pub reduction: Reduction,
    /// Of the sent pixels.
    pub encoding: Encoding,
    /// Frames that came to the runner between the last one that this viewer was sent and this one.
    pub skipped: u64,
}

impl Header {
    /// As sent.
    pub fn pack(&self) -> Bytes {
        let Self {
            stamp,
            shape,
            reduction,
            ..
        } = self;
        let region = reduction.region();
        let mut header = BytesMut::with_capacity(BYTES);
        header.put_u8(VERSION);
        header.put_u8(self.flags());
        header.put_u16_le(BYTES as u16);
        header.put_u8(code(self.dtype));
        header.put_u8(shape.channels() as u8);
        header.put_u8(match self.encoding {
            Encoding::Raw => 0,
            Encoding::Deflate => 1,
        });
        header.put_u8(0);
        header.put_u32_le(shape.height() as u32);
        header.put_u32_le(shape.width() as u32);
        header.put_u64_le(stamp.session);
        header.put_u64_le(stamp.seq);
        header.put_i64_le(stamp.t.as_ns());
        header.put_u32_le(u32::try_from(self.skipped).unwrap_or(u32::MAX));
        for side in [region.x, region.y, region.width, region.height] {
            header.put_u32_le(side);
        }
        header.put_u32_le(reduction.factor());
        header.put_u32_le(reduction.height() as u32);
        header.put_u32_le(reduction.width() as u32);
        header.freeze()
    }

    fn flags(&self) -> u8 {
        match (self.reduction.factor(), Method::of(self.dtype)) {
            (1, _) => EXACT,
            (_, Method::Mean) => MEANS,
            (_, Method::Nearest) => 0,
        }
    }
}

/// A dtype's number on this wire.
const fn code(dtype: Dtype) -> u8 {
    match dtype {
        Dtype::Bool => 0,
        Dtype::U8 => 1,
        Dtype::I8 => 2,
        Dtype::U16 => 3,
        Dtype::I16 => 4,
        Dtype::U32 => 5,
        Dtype::I32 => 6,
        Dtype::F32 => 7,
        Dtype::F64 => 8,
    }
}

#[cfg(test)]
mod tests {
    use pixels::Region;
    use protocol::WallTime;

    use super::*;

    fn header(dtype: Dtype, max_pixels: u64) -> Header {
        let region = Region {
            x: 0x0102,
            y: 0x0304,
            width: 5,
            height: 3,
        };
        Header {
            stamp: Stamp {
                session: 0x1122_3344_5566_7788,
                seq: 0x99,
                t: WallTime::from_ns(-2),
            },
            shape: Shape::new(0x2000, 0x1000, 3).unwrap(),
            dtype,
            reduction: Reduction::to_fit(region, max_pixels),
            encoding: Encoding::Deflate,
            skipped: 7,
        }
    }

    #[test]
    fn every_number_has_its_place() {
        #[rustfmt::skip]
        let expected = [
            &[1, 0b10, 72, 0, 4, 3, 1, 0][..],
            &[0, 0x20, 0, 0], &[0, 0x10, 0, 0],
            &[0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11],
            &[0x99, 0, 0, 0, 0, 0, 0, 0],
            &[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[7, 0, 0, 0],
            &[2, 1, 0, 0], &[4, 3, 0, 0], &[5, 0, 0, 0], &[3, 0, 0, 0],
            &[2, 0, 0, 0],
            &[2, 0, 0, 0], &[3, 0, 0, 0],
        ]
        .concat();
        assert_eq!(header(Dtype::I16, 6).pack()[..], expected);
        assert_eq!(expected.len() % 8, 0);
    }

    #[test]
    fn only_what_is_whole_is_called_exact() {
        assert_eq!(header(Dtype::I16, 15).pack()[1], EXACT);
        assert_eq!(header(Dtype::Bool, 15).pack()[1], EXACT);
        assert_eq!(header(Dtype::F32, 14).pack()[1], MEANS);
        assert_eq!(header(Dtype::Bool, 14).pack()[1], 0);
    }

    #[test]
    fn dtypes_are_numbered_apart() {
        let codes = Dtype::ALL.map(code);
        assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    }

    #[test]
    fn more_skipped_frames_than_fit_are_as_many_as_fit() {
        let many = Header {
            skipped: 1 << 40,
            ..header(Dtype::U8, 15)
        };
        assert_eq!(many.pack()[40..44], [0xff; 4]);
    }
}
