//! What goes into an encoder.

use protocol::Frame;

/// Shortest side of a [`Picture`], in pixels: libx264 codes 4:2:0 pictures from 2x2 on.
pub const MIN_SIDE: u32 = 2;

/// How a frame becomes a picture. The implementation owns whatever buffers it fills.
pub trait Display: Send {
    /// The picture to show for `frame`, valid until the next call.
    fn picture<'a>(&'a mut self, frame: &'a Frame) -> Picture<'a>;
}

/// Full-range BT.709 I420: three planes, row after row, without padding between rows.
///
/// `u` and `v` of a grey picture may be the same constant-128 slice. Planes are written as they are, never
/// concatenated.
#[derive(Clone, Copy)]
pub struct Picture<'a> {
    /// Columns: even, at least [`MIN_SIDE`].
    pub width: u32,
    /// Rows: even, at least [`MIN_SIDE`].
    pub height: u32,
    /// Luma, `width * height` bytes, 0 (black) to 255 (white).
    pub y: &'a [u8],
    /// Blue difference, `width/2 * height/2` bytes around 128.
    pub u: &'a [u8],
    /// Red difference, as `u`.
    pub v: &'a [u8],
}

impl Picture<'_> {
    /// What is wrong with the picture, if anything: a wrong length would shift every later byte in the pipe.
    pub(crate) fn fault(&self) -> Option<String> {
        let Self {
            width,
            height,
            y,
            u,
            v,
        } = *self;
        let sides_ok = |side: u32| side >= MIN_SIDE && side.is_multiple_of(2);
        let luma = width as usize * height as usize;
        let ok = sides_ok(width)
            && sides_ok(height)
            && y.len() == luma
            && u.len() == luma / 4
            && v.len() == luma / 4;
        (!ok).then(|| {
            format!(
                "a picture of {width}x{height} with planes of {}, {} and {} bytes is not I420 of even sides",
                y.len(),
                u.len(),
                v.len()
            )
        })
    }
}
