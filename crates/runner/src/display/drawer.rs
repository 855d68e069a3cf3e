//! The display stage: the only place where pixels are converted.

use std::sync::Arc;

use pixels::{Auto, Canvas, Estimate, Follow, Window};
use protocol::Frame;
use protocol::frame::Format;

use super::Control;
use super::settings::{Levels, Mode};
use crate::roi::{RoiName, Rois};

/// Draws the frames of one stream as its [`Control`] says at that moment.
pub struct Drawer {
    control: Arc<Control>,
    rois: Arc<Rois>,
    canvas: Canvas,
    learned: Option<Learned>,
}

/// What the frames so far have taught; of another format or producer it is learned anew.
struct Learned {
    session: u64,
    format: Format,
    estimate: Estimate,
    /// With what it goes by. Begins anew when that is changed, or when it was not asked for meanwhile.
    follow: Option<(Auto, Option<RoiName>, Follow)>,
}

impl Drawer {
    /// One that has seen nothing yet, of a stream with `rois`.
    pub fn new(control: Arc<Control>, rois: Arc<Rois>) -> Self {
        Self {
            control,
            rois,
            canvas: Canvas::new(media::MIN_SIDE as usize),
            learned: None,
        }
    }

    fn window(&mut self, frame: &Frame, levels: &Levels) -> Window {
        self.learned = self.learned.take().filter(|learned| learned.is_of(frame));
        match levels.of(&frame.format) {
            None => {
                let learned = self.learned.get_or_insert_with(|| Learned::of(frame));
                learned.window(frame, levels, &self.rois)
            }
            Some(window) => {
                if let Some(learned) = &mut self.learned {
                    learned.follow = None;
                }
                window
            }
        }
    }
}

impl Learned {
    fn of(frame: &Frame) -> Self {
        Self {
            session: frame.stamp.session,
            format: frame.format.clone(),
            estimate: Estimate::default(),
            follow: None,
        }
    }

    /// Whether the values mean the same. A rate that is measured, say, is another one in every frame.
    fn is_of(&self, frame: &Frame) -> bool {
        let Format {
            shape, dtype, unit, ..
        } = &frame.format;
        let known = &self.format;
        self.session == frame.stamp.session
            && (known.shape, known.dtype) == (*shape, *dtype)
            && known.unit == *unit
    }

    fn window(&mut self, frame: &Frame, levels: &Levels, rois: &Rois) -> Window {
        if levels.mode != Mode::Auto {
            self.follow = None;
            return self.estimate.window(frame);
        }
        let auto = levels.auto(&frame.format);
        let follow = self.follow.take();
        let follow = follow.filter(|(by, within, _)| *by == auto && *within == levels.roi);
        let (_, _, follow) = self
            .follow
            .insert(follow.unwrap_or_else(|| (auto, levels.roi.clone(), Follow::new(auto))));
        let roi = levels.roi.as_ref();
        let mask = roi.and_then(|name| rois.mask(name, frame.format.shape));
        follow.window(frame, mask.as_deref())
    }
}

impl media::Display for Drawer {
    fn picture<'a>(&'a mut self, frame: &'a Frame) -> media::Picture<'a> {
        let settings = self.control.settings();
        let window = self.window(frame, &settings.window);
        self.control.drawn(window);
        let view = settings.view(window, &frame.format);
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

#[cfg(test)]
#[path = "drawer_tests.rs"]
mod tests;
