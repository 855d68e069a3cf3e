//! Real recordings, where there are any.

use std::path::{Path, PathBuf};

/// The folder's environment variable.
const FOLDER_ENV: &str = "STREAMVIEW_TEST_DATA";

/// A recording by its file name, in `STREAMVIEW_TEST_DATA` or `../shared/data` beside the checkout; says that the
/// test is skipped where neither has it.
#[allow(clippy::print_stderr, reason = "a test that is skipped says so")]
pub fn recording(name: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let folder = std::env::var_os(FOLDER_ENV).map_or_else(beside, PathBuf::from);
    let path = folder.join(name);
    if !path.is_file() {
        eprintln!("skipped: there is no {} (see {FOLDER_ENV})", path.display());
        return None;
    }
    Some(path)
}
