//! Series: their samples in bounded memory, and what of them is drawn.

mod history;
mod metric_stream;
mod pack;
mod store;
mod thin;

pub use history::{History, Sample};
pub use metric_stream::MetricStream;
pub use pack::{Columns, Number};
pub use store::{Measured, Query, Store};
pub use thin::thin;
