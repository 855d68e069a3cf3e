//! One test's directory, and the programs it starts.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Process, Runner};

/// A directory of its own for the running test, with the log of every process; kept until the test runs again.
#[derive(Debug)]
pub struct Lab {
    dir: PathBuf,
    started: Cell<usize>,
}

impl Lab {
    /// Makes `target/tmp/<test file>/<test>` anew.
    ///
    /// # Panics
    /// When it cannot be made.
    #[expect(clippy::new_without_default, reason = "it belongs to the calling test")]
    pub fn new() -> Self {
        let test = std::thread::current();
        let test = test
            .name()
            .expect("a test's thread has its name")
            .replace("::", "-");
        let file = test_binary();
        let file = file.file_stem().and_then(|name| name.to_str()).expect("a name");
        // cargo appends a hash.
        let file = file.rsplit_once('-').map_or(file, |(name, _)| name);
        let dir = profile_dir().with_file_name("tmp").join(file).join(test);
        if dir.exists() {
            std::fs::remove_dir_all(&dir).expect("the last run's directory can be removed");
        }
        std::fs::create_dir_all(&dir).expect("test directory");
        let started = Cell::new(0);
        Self { dir, started }
    }

    /// Where it is.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Writes a file and returns its path.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.dir.join(name);
        std::fs::write(&path, content).expect("file");
        path
    }

    /// Starts a binary of this workspace. Variables that would configure it are taken from its environment.
    ///
    /// # Panics
    /// When the binary was not built.
    pub fn start<S: AsRef<str>>(&self, program: &str, arguments: &[S]) -> Process {
        let path = profile_dir().join(program);
        assert!(
            path.is_file(),
            "{} is missing: run `cargo build --workspace` (with the profile of the tests) first",
            path.display()
        );
        let mut command = Command::new(path);
        command
            .args(arguments.iter().map(AsRef::as_ref))
            .current_dir(&self.dir);
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("STREAMVIEW_")) {
                command.env_remove(name);
            }
        }
        let number = self.started.get() + 1;
        self.started.set(number);
        Process::start(command, self.dir.join(format!("{number}-{program}.log")))
    }

    /// Starts a node that publishes to `runner`. `arguments` is one line, split at spaces.
    pub fn node(&self, program: &str, runner: &Runner, arguments: &str) -> Process {
        let connect = format!("--connect tcp://{}", runner.addresses.ingest);
        let arguments: Vec<_> = arguments.split(' ').chain(connect.split(' ')).collect();
        self.start(program, &arguments)
    }

    /// A small, light camera: 96 x 128 pixels of 8 bits, 10 frames/s: slow enough to lose none on a busy machine.
    pub fn camera(&self, runner: &Runner, stream: &str) -> Process {
        let arguments = format!("synthetic --stream {stream} --shape 96x128 --dtype uint8 --fps 10");
        self.node("frame-node", runner, &arguments)
    }
}

fn test_binary() -> PathBuf {
    std::env::current_exe().expect("path of the test")
}

/// `target/debug`, above the `deps` where the test is.
fn profile_dir() -> PathBuf {
    let deps = test_binary();
    let profile = deps.parent().and_then(Path::parent);
    profile.expect("two directories above the test").to_path_buf()
}
