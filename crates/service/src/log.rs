//! One line per event on standard error, filtered by `STREAMVIEW_LOG`.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Environment variable that holds the filter, such as `debug` or `info,transport=trace`.
pub const FILTER_ENV: &str = "STREAMVIEW_LOG";

/// What is logged unless asked otherwise. The libraries beneath report sockets that come and go; so do we, once.
const DEFAULT_FILTER: &str = "info,actix_server=warn,zeromq=off";

/// Starts logging to standard error at `info` and above, or as `STREAMVIEW_LOG` says.
///
/// A filter that does not parse is reported and replaced by `info`: a typo must not silence a lab's log.
pub fn init() {
    let (filter, error) = match std::env::var(FILTER_ENV) {
        Ok(text) => match EnvFilter::try_new(&text) {
            Ok(filter) => (filter, None),
            Err(error) => (EnvFilter::new(DEFAULT_FILTER), Some((text, error))),
        },
        Err(_) => (EnvFilter::new(DEFAULT_FILTER), None),
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    if let Some((text, error)) = error {
        tracing::warn!(filter = text, %error, "{FILTER_ENV} is no filter, logging at info");
    }
}
