//! The directory that a run writes to, and what dead runs left behind.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::config::{ID_EXPECTED, is_id};

/// Held by a live run. Its presence is also what tells a run's directory from somebody's data.
const LOCK: &str = ".streamview.lock";
const PREFIX: &str = "run-";

/// `<base>/run-<id>`, mode 0700, locked while it lives and removed with everything in it on drop.
#[derive(Debug)]
pub struct RunDir {
    path: PathBuf,
    _lock: File,
    reclaimed: usize,
}

impl RunDir {
    /// Makes the directory, and `base` if need be; first removes directories of runs that died.
    ///
    /// `id` is 1 to 32 of `A-Z a-z 0-9 -`, and new.
    ///
    /// # Errors
    /// [`Error::Config`] for another id, [`Error::Directory`] if the file system refuses.
    pub fn create(base: &Path, id: &str) -> Result<Self, Error> {
        if !is_id(id) {
            return Err(Error::Config {
                key: "id",
                expected: ID_EXPECTED.into(),
                got: id.into(),
            });
        }
        let path = base.join(format!("{PREFIX}{id}"));
        let make = || {
            DirBuilder::new().recursive(true).mode(0o700).create(base)?;
            // One at a time: between making a directory and locking it, it looks dead.
            let turn = File::open(base)?;
            turn.lock()?;
            let reclaimed = reclaim(base)?;
            DirBuilder::new().mode(0o700).create(&path)?;
            let lock = File::create_new(path.join(LOCK))?;
            lock.lock()?;
            Ok((lock, reclaimed))
        };
        let (lock, reclaimed) = make().map_err(|source| Error::Directory {
            path: path.clone(),
            source,
        })?;
        Ok(Self {
            path,
            _lock: lock,
            reclaimed,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many directories of dead runs were removed to begin with.
    pub fn reclaimed(&self) -> usize {
        self.reclaimed
    }
}

impl Drop for RunDir {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path) {
            tracing::warn!(dir = %self.path.display(), %error, "the run directory could not be removed");
        }
    }
}

/// Removes the directories of runs that no longer hold their lock.
fn reclaim(base: &Path) -> io::Result<usize> {
    let mut reclaimed = 0;
    for entry in fs::read_dir(base)? {
        let entry = entry?;
        let is_run = entry
            .file_name()
            .to_str()
            .is_some_and(|name| name.starts_with(PREFIX));
        if !is_run || !entry.file_type()?.is_dir() {
            continue;
        }
        let dir = entry.path();
        // Somebody else's, or not a run at all: leave it.
        let Ok(lock) = File::open(dir.join(LOCK)) else {
            continue;
        };
        match lock.try_lock() {
            Ok(()) => match fs::remove_dir_all(&dir) {
                Ok(()) => reclaimed += 1,
                Err(error) => tracing::warn!(dir = %dir.display(), %error, "a dead run's directory stays"),
            },
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => {
                tracing::warn!(dir = %dir.display(), %error, "cannot tell whether a run is alive");
            }
        }
    }
    Ok(reclaimed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_run_directory_is_private_and_goes_with_its_owner() {
        let base = tempfile::tempdir().expect("temp dir");
        let run = RunDir::create(&base.path().join("new"), "a1").expect("run dir");
        let path = run.path().to_path_buf();
        let mode = fs::metadata(&path).expect("metadata").permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        fs::write(path.join("segment.ts"), b"x").expect("write");
        drop(run);
        assert!(!path.exists());
    }

    #[test]
    fn dead_runs_are_reclaimed_and_everything_else_is_left_alone() {
        let base = tempfile::tempdir().expect("temp dir");
        let live = RunDir::create(base.path(), "live").expect("run dir");
        // As a killed run leaves it: the lock file is there, nobody holds it.
        let dead = base.path().join("run-dead");
        fs::create_dir_all(dead.join("0")).expect("dir");
        fs::write(dead.join(LOCK), b"").expect("lock");
        fs::write(dead.join("0/x.ts"), b"x").expect("segment");
        let data = base.path().join("run-my-data");
        fs::create_dir(&data).expect("dir");

        let next = RunDir::create(base.path(), "next").expect("run dir");
        assert_eq!(next.reclaimed(), 1);
        assert!(!dead.exists() && data.exists() && live.path().exists());
    }

    #[test]
    fn an_id_cannot_leave_the_base() {
        let error = RunDir::create(Path::new("/tmp"), "../x").unwrap_err().to_string();
        assert_eq!(
            error,
            "id is refused: expected 1 to 32 of A-Z a-z 0-9 -, got ../x"
        );
    }
}
