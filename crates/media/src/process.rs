//! An ffmpeg process, and how to end it.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{ChildStderr, ChildStdin, ChildStdout, ExitStatus};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ffmpeg_sidecar::child::FfmpegChild;
use ffmpeg_sidecar::command::FfmpegCommand;
use rustix::process::{Pid, Signal, kill_process_group};

use crate::Error;
use crate::probe::run_error;
use crate::shared::lock;

/// Bytes that fit into the pipe to ffmpeg: a quarter to a third more pictures per second than with the usual 64 KiB.
const PIPE_BYTES: usize = 1 << 20;
/// Bytes that fit into the pipe from ffmpeg, so that it need not wait for the reader of a life whose turn is to come.
const OUTPUT_BYTES: usize = 256 << 10;
/// How long a process may take to end after it closed its standard output.
const EXIT_TIME: Duration = Duration::from_secs(1);
/// How often an ending process is looked at.
const EXIT_POLL: Duration = Duration::from_millis(2);
/// Last words that are kept, in lines and in bytes per line.
const TAIL_LINES: usize = 6;
const TAIL_LINE_BYTES: usize = 300;

/// A running ffmpeg. May be killed from any thread.
pub(crate) struct Process {
    child: Mutex<FfmpegChild>,
    finished: AtomicBool,
}

/// The three pipes of a process.
pub(crate) struct Pipes {
    /// Does not block.
    pub(crate) stdin: ChildStdin,
    pub(crate) stdout: ChildStdout,
    pub(crate) stderr: ChildStderr,
}

impl Process {
    /// Starts `ffmpeg` in `dir`, in a process group of its own: a Ctrl-C at the terminal is for us to handle.
    pub(crate) fn spawn(ffmpeg: &Path, dir: &Path, arguments: &[String]) -> Result<(Self, Pipes), Error> {
        let fail = |source| run_error(ffmpeg, source);
        // The path must not be read from the new working directory; a bare name is looked up in PATH.
        let program = match ffmpeg.components().count() {
            0 | 1 => ffmpeg.to_path_buf(),
            _ => std::path::absolute(ffmpeg).map_err(fail)?,
        };
        let mut command = FfmpegCommand::new_with_path(program);
        command.args(arguments);
        command.as_inner_mut().current_dir(dir).process_group(0);
        let mut child = command.spawn().map_err(fail)?;
        let pipes = (child.take_stdin(), child.take_stdout(), child.take_stderr());
        let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
            unreachable!("all three pipes were asked for");
        };
        let sizes = [
            rustix::pipe::fcntl_setpipe_size(&stdin, PIPE_BYTES),
            rustix::pipe::fcntl_setpipe_size(&stdout, OUTPUT_BYTES),
        ];
        for error in sizes.into_iter().filter_map(Result::err) {
            tracing::debug!(%error, "a pipe of ffmpeg stays small");
        }
        let process = Self {
            child: Mutex::new(child),
            finished: AtomicBool::new(false),
        };
        if let Err(error) = set_nonblocking(&stdin) {
            process.kill();
            return Err(fail(error.into()));
        }
        Ok((
            process,
            Pipes {
                stdin,
                stdout,
                stderr,
            },
        ))
    }

    /// Ends it and whatever it started, now.
    pub(crate) fn kill(&self) {
        let mut child = lock(&self.child);
        let child = child.as_inner_mut();
        // While we have not waited for it the id is its own.
        if let Ok(None) = child.try_wait()
            && let Some(group) = Pid::from_raw(child.id().cast_signed())
            && let Err(error) = kill_process_group(group, Signal::KILL)
        {
            tracing::debug!(%error, "ffmpeg could not be killed");
        }
    }

    /// Waits for the end of a process that closed its standard output; kills it if that takes long.
    pub(crate) fn wait(&self) -> Option<ExitStatus> {
        let deadline = Instant::now() + EXIT_TIME;
        loop {
            match lock(&self.child).as_inner_mut().try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if Instant::now() < deadline => {}
                Ok(None) => break,
                Err(_) => return None,
            }
            std::thread::sleep(EXIT_POLL);
        }
        self.kill();
        lock(&self.child).as_inner_mut().wait().ok()
    }

    /// Told by whoever waited for it and has seen to what it left.
    pub(crate) fn set_finished(&self) {
        self.finished.store(true, Ordering::Release);
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.finished.load(Ordering::Acquire)
    }
}

fn set_nonblocking(stdin: &ChildStdin) -> rustix::io::Result<()> {
    let flags = rustix::fs::fcntl_getfl(stdin)?;
    rustix::fs::fcntl_setfl(stdin, flags | rustix::fs::OFlags::NONBLOCK)
}

/// Reads standard error to its end, so that ffmpeg never waits for it; the last lines.
pub(crate) fn last_words(mut stderr: impl Read, mut each: impl FnMut(&str)) -> Vec<String> {
    let mut tail = std::collections::VecDeque::new();
    let mut line = Vec::new();
    let mut buffer = [0; 4_096];
    let mut end_line = |line: &mut Vec<u8>| {
        let text = String::from_utf8_lossy(line).trim().to_owned();
        line.clear();
        if text.is_empty() || tail.back() == Some(&text) {
            return;
        }
        each(&text);
        tail.push_back(text);
        if tail.len() > TAIL_LINES {
            tail.pop_front();
        }
    };
    loop {
        match stderr.read(&mut buffer) {
            Ok(0) => break,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => break,
            Ok(length) => {
                for byte in &buffer[..length] {
                    match byte {
                        b'\n' | b'\r' => end_line(&mut line),
                        _ if line.len() < TAIL_LINE_BYTES => line.push(*byte),
                        _ => {}
                    }
                }
            }
        }
    }
    end_line(&mut line);
    tail.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_kept_and_no_line_grows() {
        let text = format!("{}\n\nsame\nsame\nlast", "x".repeat(1_000_000));
        let mut seen = 0;
        let tail = last_words(text.as_bytes(), |_| seen += 1);
        assert_eq!(tail, [&"x".repeat(TAIL_LINE_BYTES), "same", "last"]);
        assert_eq!(seen, 3);
        let many: String = (0..100).map(|n| format!("{n}\n")).collect();
        assert_eq!(
            last_words(many.as_bytes(), |_| ()),
            ["94", "95", "96", "97", "98", "99"]
        );
    }
}
