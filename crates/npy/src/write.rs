//! The other way: what makes an array in memory a file.

use protocol::Dtype;

/// NumPy aligns the elements to this, so that a mapped file can be read by vector instructions.
const ALIGNMENT: usize = 64;
/// Magic, version 1.0 and the length of the dict.
const PREFIX_BYTES: usize = 10;

/// What stands before the elements of an array in C order, little-endian, in a `.npy` file of version 1.0: followed
/// by exactly `shape`'s product times `dtype.size()` bytes it is a whole file. A multiple of 64 bytes long.
///
/// Format: <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>
///
/// # Panics
/// If `shape` has so many axes (thousands) that the header needs a later version.
pub fn header(dtype: Dtype, shape: &[u64]) -> Vec<u8> {
    use std::fmt::Write;
    let mut sides = String::new();
    for side in shape {
        // Writing to a string does not fail. The comma after the last one makes one number a tuple, too.
        let _ = write!(sides, "{side}, ");
    }
    let mut dict = format!(
        "{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}",
        dtype.typestr(),
        if shape.len() == 1 {
            sides.trim_end()
        } else {
            sides.trim_end_matches(", ")
        },
    );
    // With the newline that ends it.
    let whole = (PREFIX_BYTES + dict.len() + 1).next_multiple_of(ALIGNMENT);
    dict.extend(std::iter::repeat_n(' ', whole - PREFIX_BYTES - dict.len() - 1));
    dict.push('\n');
    let dict_len = u16::try_from(dict.len()).expect("a shape of a few axes");
    let mut bytes = Vec::with_capacity(whole);
    bytes.extend(b"\x93NUMPY\x01\x00");
    bytes.extend(dict_len.to_le_bytes());
    bytes.extend(dict.as_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header::parse;

    #[test]
    fn it_is_what_numpy_writes() {
        // numpy.lib.format.write_array_header_1_0 of zeros((480, 640), uint16).
        let expected = format!(
            "\u{1}\0v\0{:<117}\n",
            "{'descr': '<u2', 'fortran_order': False, 'shape': (480, 640), }"
        );
        let bytes = header(Dtype::U16, &[480, 640]);
        assert_eq!(&bytes[..6], b"\x93NUMPY");
        assert_eq!(std::str::from_utf8(&bytes[6..]).unwrap(), expected);
    }

    #[test]
    fn what_is_written_can_be_read() {
        for dtype in Dtype::ALL {
            for shape in [&[7][..], &[1, 1], &[16_384, 16_384, 4], &[1; 30]] {
                let bytes = header(dtype, shape);
                assert_eq!(bytes.len() % ALIGNMENT, 0, "{shape:?}");
                let read = parse(&bytes).unwrap();
                let read_shape: Vec<u64> = read.shape.iter().map(|&side| side as u64).collect();
                assert_eq!((read.dtype, read.data_offset), (dtype, bytes.len()));
                assert_eq!(read_shape, shape);
            }
        }
    }
}
