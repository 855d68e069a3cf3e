//! Waiting for things to come true.

use std::time::{Duration, Instant, SystemTime};

/// How long anything may take that has no deadline of its own. Long, for machines are busy; nothing waits so long
/// when all is well.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// Pause between two looks.
const POLL: Duration = Duration::from_millis(10);

/// Looks until `ready` gives something, and returns that.
///
/// # Panics
/// When nothing came within `patience`, with what `ready` last said instead.
#[track_caller]
pub fn wait_for<T>(what: &str, patience: Duration, mut ready: impl FnMut() -> Result<T, String>) -> T {
    let deadline = Instant::now() + patience;
    loop {
        match ready() {
            Ok(value) => return value,
            Err(state) if Instant::now() >= deadline => {
                panic!("{what}: not within {patience:?}; last seen: {state}")
            }
            Err(_) => std::thread::sleep(POLL),
        }
    }
}

/// Nanoseconds since the Unix epoch.
pub fn now_ns() -> i64 {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .expect("a clock after 1970");
    i64::try_from(since.as_nanos()).expect("a clock before 2262")
}
