//! Where whoever sets how a stream is shown meets who draws it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use pixels::Window;
use protocol::frame::Format;
use serde::Serialize;

use super::Settings;

/// The settings of one stream, read at every frame and changed at any time.
#[derive(Debug)]
pub struct Control {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    settings: Settings,
    drawn: Option<Window>,
}

/// How a stream is shown at a moment, as JSON.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shown {
    /// What was asked for.
    #[serde(flatten)]
    pub settings: Settings,
    /// The values that are black and white; `null` until a frame has told.
    pub shown: Option<[f64; 2]>,
}

impl Control {
    /// A stream of which no frame has been drawn.
    pub fn new(settings: Settings) -> Self {
        let state = State {
            settings,
            drawn: None,
        };
        Self {
            state: Mutex::new(state),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is asked for.
    pub fn settings(&self) -> Settings {
        self.lock().settings.clone()
    }

    /// Asks for something else, in view of what was asked for; nobody else changes it meanwhile.
    ///
    /// # Errors
    /// Those of `change`; then all is as it was.
    pub fn change<E>(&self, change: impl FnOnce(Settings) -> Result<Settings, E>) -> Result<Settings, E> {
        let mut state = self.lock();
        state.settings = change(state.settings.clone())?;
        Ok(state.settings.clone())
    }

    /// A frame has been drawn through `window`.
    pub fn drawn(&self, window: Window) {
        self.lock().drawn = Some(window);
    }

    /// How frames of `format` are shown from now on.
    pub fn shown(&self, format: &Format) -> Shown {
        let state = self.lock();
        let settings = state.settings.clone();
        let window = settings.window.of(format).or(state.drawn);
        Shown {
            settings,
            shown: window.map(|window| [window.black(), window.white()]),
        }
    }
}
