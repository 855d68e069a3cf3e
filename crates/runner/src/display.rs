//! The display stage: the only place where pixels are converted.
//!
//! Today's window is the header's `range`, else the dtype's full range, else an estimate; view controls belong here.

use pixels::{Canvas, Estimate, View, Window};
use protocol::Frame;
use protocol::frame::Format;

/// How one stream is looked at.
pub struct Display {
    canvas: Canvas,
    estimate: Estimate,
    /// What the estimate was made for: another format or producer is estimated anew.
    estimated_for: Option<(u64, Format)>,
}

impl Display {
    /// A display that has seen nothing yet.
    pub fn new() -> Self {
        Self {
            canvas: Canvas::new(media::MIN_SIDE as usize),
            estimate: Estimate::default(),
            estimated_for: None,
        }
    }

    fn window(&mut self, frame: &Frame) -> Window {
        let from_header = frame
            .format
            .range
            .and_then(|[black, white]| Window::new(black, white));
        if let Some(window) = from_header.or_else(|| Window::full_range(frame.format.dtype)) {
            return window;
        }
        let current = self.estimated_for.as_ref();
        if current.is_none_or(|(session, format)| *session != frame.stamp.session || *format != frame.format)
        {
            self.estimated_for = Some((frame.stamp.session, frame.format.clone()));
            self.estimate = Estimate::default();
        }
        self.estimate.window(frame)
    }
}

impl media::Display for Display {
    fn picture<'a>(&'a mut self, frame: &'a Frame) -> media::Picture<'a> {
        let view = View::from(self.window(frame));
        let picture = self.canvas.draw(&frame.format, &frame.payload, &view);
        media::Picture {
            width: picture.width as u32,
            height: picture.height as u32,
            y: picture.y,
            u: picture.u,
            v: picture.v,
        }
    }
}
