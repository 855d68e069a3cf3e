//! How the values of each stream are shown: what was asked for, remembered over restarts, and what draws it.

mod control;
mod drawer;
mod fields;
mod settings;

pub use control::{Control, Shown};
pub use drawer::Drawer;
pub use settings::Settings;
