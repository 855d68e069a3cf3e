//! NumPy `.npy` files as the nodes replay them: memory-mapped, checked once, rows handed out as shared bytes; and the
//! header that makes a file of the elements of an array.
//!
//! Format: <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>, versions 1.0 to 3.0.

mod error;
mod header;
mod write;

use std::fs::File;
use std::ops::Range;
use std::path::Path;

use bytes::Bytes;
use memmap2::Mmap;
use protocol::Dtype;

pub use error::{Error, Reason};
use header::Header;
pub use write::header;

/// An array in C order whose elements are of a [`Dtype`] of the wire, little-endian.
///
/// Rows are slices of the mapped file: handing them out copies nothing, and memory holds only what was just read.
/// The file must not be shortened while it is open: reading a page that is gone ends the process (SIGBUS).
#[derive(Clone, Debug)]
pub struct Array {
    shape: Vec<usize>,
    dtype: Dtype,
    data: Bytes,
}

impl Array {
    /// Maps the file at `path`.
    ///
    /// # Errors
    /// [`Error`] names the file and says what it lacks: not a `.npy`, truncated, a shape without elements,
    /// Fortran order, or a dtype that the wire does not have.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Self::map(path).map_err(|reason| Error {
            path: path.to_owned(),
            reason,
        })
    }

    fn map(path: &Path) -> Result<Self, Reason> {
        // Before it is opened: opening a named pipe would wait for a writer.
        if !std::fs::metadata(path)?.is_file() {
            return Err(Reason::NoFile);
        }
        let file = File::open(path)?;
        // SAFETY: the mapping is read-only and private to this process; that others may write to the file, and so
        // change the bytes, is what the type's documentation warns of, and every bit pattern is a valid `u8`.
        #[allow(unsafe_code)]
        let map = unsafe { Mmap::map(&file)? };
        Self::parse(Bytes::from_owner(map))
    }

    /// The array that the bytes of a whole `.npy` file hold.
    fn parse(file: Bytes) -> Result<Self, Reason> {
        let Header {
            shape,
            dtype,
            data_offset,
        } = header::parse(&file)?;
        let expected = shape
            .iter()
            .try_fold(dtype.size(), |bytes, &side| bytes.checked_mul(side))
            .ok_or_else(|| Reason::Shape(shape.clone()))?;
        if shape.is_empty() || expected == 0 {
            return Err(Reason::Shape(shape));
        }
        let data = file.slice(data_offset..);
        if data.len() < expected {
            return Err(Reason::Truncated {
                expected,
                got: data.len(),
                shape,
                dtype,
            });
        }
        Ok(Self {
            shape,
            dtype,
            // Whatever follows the array is not part of it: NumPy lets files hold several.
            data: data.slice(..expected),
        })
    }

    /// Lengths of the axes: at least one, none of them 0.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Element type.
    pub fn dtype(&self) -> Dtype {
        self.dtype
    }

    /// Length of the first axis: frames of a movie, samples of a trace.
    pub fn rows(&self) -> usize {
        self.shape[0]
    }

    /// Bytes of one entry of the first axis.
    pub fn row_bytes(&self) -> usize {
        self.data.len() / self.rows()
    }

    /// Entries `rows` of the first axis, C-contiguous and little-endian, shared with the mapped file.
    ///
    /// # Panics
    /// If `rows` is not within `0..self.rows()`.
    pub fn slice(&self, rows: Range<usize>) -> Bytes {
        self.data
            .slice(rows.start * self.row_bytes()..rows.end * self.row_bytes())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn file(version: u8, header: &str, data: &[u8]) -> Bytes {
        let mut bytes = b"\x93NUMPY".to_vec();
        bytes.extend([version, 0]);
        match version {
            1 => bytes.extend((header.len() as u16).to_le_bytes()),
            _ => bytes.extend((header.len() as u32).to_le_bytes()),
        }
        bytes.extend(header.as_bytes());
        bytes.extend(data);
        bytes.into()
    }

    fn array(descr: &str, shape: &str, data: &[u8]) -> Result<Array, Reason> {
        let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}  \n");
        Array::parse(file(1, &header, data))
    }

    fn refused(result: Result<Array, Reason>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn rows_are_slices_of_the_file() {
        let array = array("<i2", "(3, 2)", &[1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0]).unwrap();
        assert_eq!(array.shape(), [3, 2]);
        assert_eq!(
            (array.dtype(), array.rows(), array.row_bytes()),
            (Dtype::I16, 3, 4)
        );
        assert_eq!(array.slice(1..3), &[3, 0, 4, 0, 5, 0, 6, 0][..]);
    }

    #[test]
    fn every_dtype_of_the_wire_and_every_version_is_read() {
        for dtype in Dtype::ALL {
            assert_eq!(array(dtype.typestr(), "(2,)", &[0; 16]).unwrap().dtype(), dtype);
        }
        let header = "{'shape': (2,), 'fortran_order': False, 'descr': '|u1'}";
        for version in [1, 2, 3] {
            assert_eq!(
                Array::parse(file(version, header, b"ab")).unwrap().slice(1..2),
                &b"b"[..]
            );
        }
    }

    #[test]
    fn a_file_on_disk_is_mapped_and_an_error_names_it() {
        let mut temp = tempfile::NamedTempFile::new().unwrap();
        temp.write_all(&file(
            1,
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}",
            &1.5f32.to_le_bytes(),
        ))
        .unwrap();
        let array = Array::open(temp.path()).unwrap();
        assert_eq!(array.slice(0..1), &1.5f32.to_le_bytes()[..]);

        temp.as_file().set_len(40).unwrap();
        let error = Array::open(temp.path()).unwrap_err().to_string();
        assert!(error.starts_with(&temp.path().display().to_string()), "{error}");
        temp.as_file().set_len(0).unwrap();
        assert!(
            Array::open(temp.path())
                .unwrap_err()
                .to_string()
                .contains("no .npy file")
        );
        assert!(
            Array::open(Path::new("/nowhere/x.npy"))
                .unwrap_err()
                .to_string()
                .starts_with("/nowhere/x.npy: ")
        );
        assert!(
            Array::open(Path::new("/"))
                .unwrap_err()
                .to_string()
                .contains("not a regular file")
        );
    }

    #[test]
    fn truncated_files_say_how_much_is_missing() {
        let error = refused(array("<u2", "(10, 4)", &[0; 79]));
        assert_eq!(
            error,
            "data has 79 bytes: expected 80 for shape [10, 4] of uint16; the file is truncated"
        );
        let whole = file(1, "{'descr': '|u1', 'fortran_order': False, 'shape': (1,)}", b"x");
        for len in 0..whole.len() {
            assert!(Array::parse(whole.slice(..len)).is_err(), "{len} bytes");
        }
    }

    #[test]
    fn arrays_that_cannot_be_streamed_are_refused_with_the_reason() {
        let header = "{'descr': '<u2', 'fortran_order': True, 'shape': (2, 2)}";
        assert!(refused(Array::parse(file(1, header, &[0; 8]))).contains("np.ascontiguousarray"));
        for (descr, part) in [
            (">u2", "big-endian"),
            ("|O", "Python objects"),
            ("<i8", "<i8"),
            ("<c8", "<c8"),
            ("<U3", "<U3"),
            ("", "\"\""),
        ] {
            let error = refused(array(descr, "(1,)", &[0; 16]));
            assert!(error.contains(part) && error.contains("uint16"), "{error}");
        }
        for shape in [
            "()",
            "(0,)",
            "(4, 0)",
            "(4611686018427387904, 4611686018427387904)",
            "(99999999999999999999999999,)",
            "(-1,)",
        ] {
            assert!(
                refused(array("<u2", shape, &[0; 16])).contains("shape"),
                "{shape}"
            );
        }
    }

    #[test]
    fn malformed_headers_are_errors() {
        let nested = "(".repeat(5_000);
        for header in [
            "",
            "{}",
            "{'descr': '<u2'}",
            "[1, 2]",
            "{'descr': '<u2', 'fortran_order': 0, 'shape': (1,)}",
            "{'descr': [('a', '<u2')], 'fortran_order': False, 'shape': (1,)}",
            "\u{0}",
            &nested,
        ] {
            assert!(Array::parse(file(1, header, &[0; 16])).is_err(), "{header:.60}");
        }
        assert!(
            Array::parse(file(9, "{}", &[]))
                .unwrap_err()
                .to_string()
                .contains("version 9.0")
        );
        let mut huge = b"\x93NUMPY\x02\x00\xff\xff\xff\xff".to_vec();
        huge.extend([b' '; 64]);
        assert!(Array::parse(huge.into()).is_err());
    }
}
