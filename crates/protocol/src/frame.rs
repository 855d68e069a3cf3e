//! A picture as it was captured.

use std::fmt;

use bytes::Bytes;

use crate::{DecodeError, Dtype, PixelSize, Stamp, StreamName};

/// Rows, columns and channels of a picture, each checked against its limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shape {
    height: u32,
    width: u32,
    channels: u32,
}

impl Shape {
    /// Longest side, in pixels.
    pub const MAX_SIDE: u64 = 16_384;

    /// Height and width in pixels, 1 to [`Self::MAX_SIDE`]; 1 channel (grey), 3 (RGB) or 4 (RGBA).
    ///
    /// # Errors
    /// [`DecodeError::Shape`] outside those limits.
    pub fn new(height: u64, width: u64, channels: u64) -> Result<Self, DecodeError> {
        let side = 1..=Self::MAX_SIDE;
        if side.contains(&height) && side.contains(&width) && matches!(channels, 1 | 3 | 4) {
            Ok(Self {
                height: height as u32,
                width: width as u32,
                channels: channels as u32,
            })
        } else {
            Err(DecodeError::Shape(format!("[{height}, {width}, {channels}]")))
        }
    }

    /// From `[h, w]` or `[h, w, c]`, as in NumPy.
    ///
    /// # Errors
    /// [`DecodeError::Shape`] for any other length, or sizes outside the limits.
    pub fn from_dims(dims: &[u64]) -> Result<Self, DecodeError> {
        // As it came: a channel that nobody sent would confuse who reads it.
        let refused = || match dims.len() {
            0..=8 => DecodeError::Shape(format!("{dims:?}")),
            count => DecodeError::Shape(format!("of {count} dimensions")),
        };
        match *dims {
            [height, width] => Self::new(height, width, 1).map_err(|_| refused()),
            [height, width, channels] => Self::new(height, width, channels),
            _ => Err(refused()),
        }
    }

    /// `[h, w]` for grey, else `[h, w, c]`.
    pub fn dims(self) -> Vec<u64> {
        let mut dims = vec![u64::from(self.height), u64::from(self.width)];
        if self.channels > 1 {
            dims.push(u64::from(self.channels));
        }
        dims
    }

    /// Rows, in pixels.
    pub const fn height(self) -> usize {
        self.height as usize
    }

    /// Columns, in pixels.
    pub const fn width(self) -> usize {
        self.width as usize
    }

    /// Elements per pixel: 1, 3 or 4.
    pub const fn channels(self) -> usize {
        self.channels as usize
    }

    /// Bytes of a picture of this shape.
    pub const fn byte_len(self, dtype: Dtype) -> usize {
        self.height() * self.width() * self.channels() * dtype.size()
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)?;
        match self.channels {
            3 => f.write_str(" RGB"),
            4 => f.write_str(" RGBA"),
            _ => Ok(()),
        }
    }
}

/// How the bytes of a frame are to be read: what stays the same from frame to frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Format {
    /// Rows, columns, channels.
    pub shape: Shape,
    /// Element type.
    pub dtype: Dtype,
    /// Nominal rate, frames/s; capture times are what counts.
    pub fps: Option<f64>,
    /// Unit of the values, such as `photons`.
    pub unit: Option<String>,
    /// Values shown as black and white, `min < max`, both finite.
    pub range: Option<[f64; 2]>,
    /// How large what one pixel shows is.
    pub pixel_size: Option<PixelSize>,
}

impl Format {
    /// A format with nothing optional.
    pub const fn new(shape: Shape, dtype: Dtype) -> Self {
        Self {
            shape,
            dtype,
            fps: None,
            unit: None,
            range: None,
            pixel_size: None,
        }
    }

    /// Bytes of one frame.
    pub const fn byte_len(&self) -> usize {
        self.shape.byte_len(self.dtype)
    }
}

/// One picture: C-contiguous, little-endian `payload` of exactly `format.byte_len()` bytes.
#[derive(Clone, PartialEq)]
pub struct Frame {
    /// Which stream.
    pub stream: StreamName,
    /// Which frame of it, captured when.
    pub stamp: Stamp,
    /// How to read `payload`.
    pub format: Format,
    /// The pixels; cloning shares them.
    pub payload: Bytes,
}

impl fmt::Debug for Frame {
    /// Without the pixels: a log line must never hold megabytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame")
            .field("stream", &self.stream)
            .field("stamp", &self.stamp)
            .field("format", &self.format)
            .field("payload_bytes", &self.payload.len())
            .finish()
    }
}
