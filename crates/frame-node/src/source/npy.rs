//! NumPy arrays, frame by frame out of the mapped file: nothing is copied.

use std::path::Path;

use npy::Array;
use protocol::frame::{Format, Shape};

use super::{Error, Picture, Reader, check_size};

/// A movie `[t, h, w]` or `[t, h, w, c]`, or a single picture.
pub struct Npy {
    array: Array,
    format: Format,
    /// Number of frames; a single picture has no time axis.
    frames: usize,
    next: usize,
}

impl Npy {
    /// Opens the file; `shape` is what one frame is, where the array's axes leave a doubt.
    ///
    /// # Errors
    /// When it is no such file, or its axes are no frames.
    pub fn open(path: &Path, shape: Option<Shape>) -> Result<Self, Error> {
        let array = Array::open(path)?;
        let name = path.display().to_string();
        let axes: Vec<u64> = array.shape().iter().map(|&side| side as u64).collect();
        let (frames, shape) = split(&axes, shape).map_err(|reason| Error::format(&name, reason))?;
        let format = Format::new(shape, array.dtype());
        check_size(&format, &name)?;
        Ok(Self {
            array,
            format,
            frames,
            next: 0,
        })
    }
}

impl Reader for Npy {
    fn read(&mut self) -> Result<Option<Picture>, Error> {
        if self.next == self.frames {
            return Ok(None);
        }
        let rows = self.array.rows() / self.frames;
        let payload = self.array.slice(self.next * rows..(self.next + 1) * rows);
        self.next += 1;
        Ok(Some(Picture {
            format: self.format.clone(),
            payload,
            captured: None,
        }))
    }

    fn rewind(&mut self) -> Result<(), Error> {
        self.next = 0;
        Ok(())
    }
}

/// How many frames `axes` hold, and of which shape.
fn split(axes: &[u64], asked: Option<Shape>) -> Result<(usize, Shape), String> {
    if let Some(shape) = asked {
        // A grey frame may be written with or without its single channel.
        let mut frame = vec![
            shape.height() as u64,
            shape.width() as u64,
            shape.channels() as u64,
        ];
        loop {
            if axes == frame {
                return Ok((1, shape));
            }
            if let [frames, rest @ ..] = axes
                && rest == frame
            {
                return Ok((*frames as usize, shape));
            }
            if shape.channels() > 1 || frame.len() == 2 {
                return Err(format!(
                    "array of shape {axes:?} has no frames of --shape {:?}",
                    shape.dims()
                ));
            }
            frame.pop();
        }
    }
    let (frames, dims) = match *axes {
        [_, _] | [_, _, 3 | 4] => (1, axes),
        [frames, _, _] | [frames, _, _, _] => (frames as usize, &axes[1..]),
        _ => {
            return Err(format!(
                "array of shape {axes:?}: expected [t, h, w], [t, h, w, c] or a single [h, w]"
            ));
        }
    };
    let shape = Shape::from_dims(dims).map_err(|_| {
        format!(
            "array of shape {axes:?}: expected frames with sides of 1 to {} and 1, 3 or 4 channels",
            Shape::MAX_SIDE
        )
    })?;
    Ok((frames, shape))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use tempfile::NamedTempFile;

    use super::*;

    fn file(descr: &str, shape: &str, data: &[u8]) -> NamedTempFile {
        let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(b"\x93NUMPY\x01\x00").unwrap();
        file.write_all(&(header.len() as u16).to_le_bytes()).unwrap();
        file.write_all(header.as_bytes()).unwrap();
        file.write_all(data).unwrap();
        file
    }

    #[test]
    fn axes_are_time_height_width_and_channels() {
        let check = |axes: &[u64], asked: Option<&[u64]>, expected: Option<(usize, &[u64])>| {
            let asked = asked.map(|dims| Shape::from_dims(dims).unwrap());
            let expected = expected.map(|(frames, dims)| (frames, dims.to_vec()));
            let got = split(axes, asked)
                .ok()
                .map(|(frames, shape)| (frames, shape.dims()));
            assert_eq!(got, expected, "{axes:?} {asked:?}");
        };
        check(&[7, 5, 6], None, Some((7, &[5, 6])));
        check(&[7, 5, 6, 3], None, Some((7, &[5, 6, 3])));
        check(&[7, 5, 6, 1], None, Some((7, &[5, 6])));
        check(&[5, 6], None, Some((1, &[5, 6])));
        check(&[5, 6, 3], None, Some((1, &[5, 6, 3])));
        check(&[5, 6, 3], Some(&[6, 3]), Some((5, &[6, 3])));
        check(&[5, 6, 3], Some(&[5, 6, 3]), Some((1, &[5, 6, 3])));
        check(&[7, 5, 6, 1], Some(&[5, 6]), Some((7, &[5, 6])));
        check(&[7, 5, 6], Some(&[6, 5]), None);
        check(&[7, 5, 6, 2], None, None);
        check(&[7], None, None);
        check(&[2, 2, 2, 2, 3], None, None);
        check(&[2, 20_000, 5], None, None);
    }

    #[test]
    fn frames_are_the_rows_of_the_array_and_can_be_read_again() {
        let data: Vec<u8> = (0..24).collect();
        let file = file("<u2", "(3, 2, 2)", &data);
        let mut npy = Npy::open(file.path(), None).unwrap();
        for _ in 0..2 {
            for part in data.chunks(8) {
                assert_eq!(npy.read().unwrap().unwrap().payload, part);
            }
            assert!(npy.read().unwrap().is_none());
            npy.rewind().unwrap();
        }
    }

    #[test]
    fn broken_files_and_unfit_arrays_are_named() {
        for (file, part) in [
            (file("<u2", "(3, 2, 2)", &[0; 23]), "truncated"),
            (file(">u2", "(1, 2, 2)", &[0; 8]), "big-endian"),
            (file("|u1", "(5,)", &[0; 5]), "array of shape [5]"),
            (file("<f8", "(16384, 4096)", &[]), "truncated"),
        ] {
            let error = Npy::open(file.path(), None).err().unwrap().to_string();
            assert!(error.starts_with(&file.path().display().to_string()), "{error}");
            assert!(error.contains(part), "{error}");
        }
    }
}
