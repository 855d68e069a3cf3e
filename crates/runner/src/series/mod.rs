//! Series: their samples in bounded memory, and what of them is drawn.

mod history;
mod pack;
mod store;
mod thin;

pub use history::{History, Sample};
pub use pack::{Columns, Number};
pub use store::{Measured, MetricStream, Query, Store};
pub use thin::thin;
