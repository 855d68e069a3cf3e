//! Processes that never outlive their test.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::wait_for;

/// Lines of a log that a failed test prints.
const TAIL_LINES: usize = 25;

/// A running program: its output goes to a file, and it is killed when this is dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    name: String,
    log: PathBuf,
}

impl Process {
    /// Starts `command` with its output in the file `log`.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start(mut command: Command, log: PathBuf) -> Self {
        let name = command.get_program().to_string_lossy().into_owned();
        let output = File::create(&log).expect("log file");
        let errors = output.try_clone().expect("log file");
        let child = command
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .spawn()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        Self { child, name, log }
    }

    /// Process id.
    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// What it has said so far.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits until its log has a line with `text`, and returns what follows `text` in that line.
    pub fn wait_for_log(&mut self, text: &str, patience: Duration) -> String {
        wait_for(&format!("{text:?} in {}", self.log.display()), patience, || {
            let log = self.log();
            let line = log
                .lines()
                .find_map(|line| line.split_once(text))
                .map(|(_, rest)| rest.to_owned());
            match (line, self.try_wait()) {
                (Some(rest), _) => Ok(rest),
                (None, Some(status)) => panic!("{} ended with {status}", self.name),
                (None, None) => Err(log.lines().last().unwrap_or_default().to_owned()),
            }
        })
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("signal");
    }

    /// `kill -9`, and waits until it is gone.
    pub fn kill(&mut self) {
        self.child.kill().expect("kill");
        self.child.wait().expect("wait");
    }

    /// Its exit status, if it has ended.
    pub fn try_wait(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("wait")
    }

    /// Waits for its end.
    pub fn wait(&mut self, patience: Duration) -> ExitStatus {
        let name = self.name.clone();
        wait_for(&format!("the end of {name}"), patience, || {
            self.try_wait().ok_or_else(|| "it still runs".to_owned())
        })
    }

    /// Resident memory, in bytes.
    pub fn resident_bytes(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
        kib.and_then(|kib| kib.trim().parse::<u64>().ok()).expect("VmRSS") * 1024
    }

    /// Running children that are called `name`.
    pub fn children(&self, name: &str) -> Vec<Pid> {
        let processes = fs::read_dir("/proc").expect("proc").flatten();
        let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        pids.filter_map(Pid::from_raw)
            .filter(|&pid| {
                Stat::of(pid).is_some_and(|stat| {
                    stat.name == name && stat.parent == self.pid().as_raw_pid() && stat.state != 'Z'
                })
            })
            .collect()
    }
}

impl Drop for Process {
    #[allow(
        clippy::print_stderr,
        reason = "a failed test shows the logs of its processes"
    )]
    fn drop(&mut self) {
        // An error means that it is gone.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<_> = log.lines().collect();
            let tail = &lines[lines.len().saturating_sub(TAIL_LINES)..];
            eprintln!("--- end of {}\n{}", self.log.display(), tail.join("\n"));
        }
    }
}

/// What `/proc/<pid>/stat` begins with.
struct Stat {
    name: String,
    state: char,
    parent: i32,
}

impl Stat {
    fn of(pid: Pid) -> Option<Self> {
        let path = Path::new("/proc").join(pid.to_string()).join("stat");
        let text = fs::read_to_string(path).ok()?;
        let (name, rest) = text.split_once('(')?.1.rsplit_once(") ")?;
        let mut fields = rest.split(' ');
        Some(Self {
            name: name.to_owned(),
            state: fields.next()?.chars().next()?,
            parent: fields.next()?.parse().ok()?,
        })
    }
}

/// Whether a process, of whomever, runs.
pub fn is_alive(pid: Pid) -> bool {
    Stat::of(pid).is_some_and(|stat| stat.state != 'Z')
}

/// A process that stands still until this is dropped.
#[derive(Debug)]
pub struct Stopped(Pid);

impl Stopped {
    /// Sends SIGSTOP; `None` if the process is gone.
    pub fn new(pid: Pid) -> Option<Self> {
        kill_process(pid, Signal::STOP).is_ok().then_some(Self(pid))
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        // An error means that it was killed meanwhile.
        let _ = kill_process(self.0, Signal::CONT);
    }
}
