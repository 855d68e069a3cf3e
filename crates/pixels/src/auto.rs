//! A window that follows the scene without flickering.

use std::time::Duration;

use protocol::{Frame, WallTime};

use crate::sample::{Ignore, Percentiles, Sample};
use crate::{Mask, Window};

/// What an automatic window goes by.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Auto {
    /// Where it begins and ends.
    pub percentiles: Percentiles,
    /// What it does not look at.
    pub ignore: Ignore,
}

impl Auto {
    /// The window of one frame, or of its pixels in `within`. `None` if it has no value that counts.
    ///
    /// # Panics
    /// If `within` is for frames of another size.
    pub fn once(&self, frame: &Frame, within: Option<&Mask>) -> Option<Window> {
        const PIXELS: usize = 1 << 17;
        Sample::of(frame, within, PIXELS, self.ignore).window(self.percentiles)
    }
}

/// A window that follows a stream, so slowly that no picture differs visibly from the one before: what has one value
/// changes its grey level by less than 1 % of all levels (with a gamma of 1), however the scene around it changes.
/// While the scene stays what it is, noise included, the window does not move at all.
#[derive(Debug)]
pub struct Follow {
    auto: Auto,
    sample: Sample,
    /// When the scene was last looked at.
    looked: Option<WallTime>,
    /// Frames since then.
    unseen: u32,
    /// Where the window goes: percentiles, averaged over some time.
    target: Option<Window>,
    shown: Option<Window>,
    is_moving: bool,
}

impl Follow {
    /// Largest step of either limit from frame to frame, in widths of the window: less than two of 255 levels, also
    /// when both limits step and the window shrinks.
    const MAX_STEP: f64 = 0.0075;
    /// The scene is looked at so often.
    const LOOK_EVERY: Duration = Duration::from_millis(100);
    /// Or after so many frames, for a clock that stands or goes back.
    const LOOK_AFTER: u32 = 30;
    /// Time over which percentiles are averaged: they are noisy, and lamps flicker.
    const AVERAGE_OVER: Duration = Duration::from_millis(500);
    /// A limit that is so far off, in widths of the window, makes it move, until both are as near as the latter.
    const OFF: f64 = 0.03;
    const NEAR: f64 = 0.003;

    /// Begins with the first frame's window.
    pub fn new(auto: Auto) -> Self {
        Self {
            auto,
            sample: Sample::default(),
            looked: None,
            unseen: 0,
            target: None,
            shown: None,
            is_moving: false,
        }
    }

    /// The window for the next frame. Until a value has come that counts it is 0 to 1.
    ///
    /// # Panics
    /// If `within` is for frames of another size.
    pub fn window(&mut self, frame: &Frame, within: Option<&Mask>) -> Window {
        let t = frame.stamp.t;
        let since = self.looked.and_then(|looked| t.since(looked)).unwrap_or_default();
        self.unseen += 1;
        if self.looked.is_none() || since >= Self::LOOK_EVERY || self.unseen >= Self::LOOK_AFTER {
            (self.looked, self.unseen) = (Some(t), 0);
            self.look(frame, within, since.max(Self::LOOK_EVERY));
        }
        let (Some(target), Some(shown)) = (self.target, self.shown) else {
            return Window::new(0.0, 1.0).expect("0 to 1 is a window");
        };
        let width = shown.white() - shown.black();
        let ways = [target.black() - shown.black(), target.white() - shown.white()];
        let is_within = |share: f64| ways.iter().all(|way| way.abs() <= share * width);
        self.is_moving = !is_within(if self.is_moving { Self::NEAR } else { Self::OFF });
        if self.is_moving {
            let most = Self::MAX_STEP * width;
            // First wider, then narrower: steps go with the width, and what is clipped comes into view soonest.
            let widens = ways[0] < -Self::NEAR * width || ways[1] > Self::NEAR * width;
            let most_inwards = if widens { 0.0 } else { most };
            let black = ways[0].clamp(-most, most_inwards);
            let white = ways[1].clamp(-most_inwards, most);
            self.shown = Window::new(shown.black() + black, shown.white() + white).or(self.shown);
        }
        self.shown.unwrap_or(shown)
    }

    fn look(&mut self, frame: &Frame, within: Option<&Mask>, since: Duration) {
        let shape = frame.format.shape;
        let all = within.map_or(shape.width() * shape.height(), Mask::pixels);
        // A fixed share, so that looking costs a fixed share of drawing, but enough for percentiles.
        let pixels = (all / 256).clamp(2_048, 16_384);
        self.sample.take(frame, within, pixels, self.auto.ignore);
        let Some(seen) = self.sample.window(self.auto.percentiles) else {
            return;
        };
        let weight = 1.0 - (-since.as_secs_f64() / Self::AVERAGE_OVER.as_secs_f64()).exp();
        self.target = match self.target {
            None => Some(seen),
            Some(target) => {
                let mean = |old: f64, new: f64| old + weight * (new - old);
                let [black, white] = [
                    mean(target.black(), seen.black()),
                    mean(target.white(), seen.white()),
                ];
                Window::new(black, white).or(Some(target))
            }
        };
        self.shown = self.shown.or(self.target);
    }
}

#[cfg(test)]
#[path = "auto_tests.rs"]
mod tests;
