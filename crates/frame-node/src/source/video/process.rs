//! One life of an ffmpeg that decodes: raw frames from its standard output, its last words from standard error.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader};
use std::process::ChildStdout;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use ffmpeg_sidecar::child::FfmpegChild;
use ffmpeg_sidecar::command::FfmpegCommand;

use super::probe::Probe;
use super::{Config, Error};
use crate::source::raw::fill;

/// Lines of standard error that are kept.
const LAST_LINES: usize = 3;
/// Bytes a pipe holds: fewer switches between ffmpeg and us.
const PIPE_BYTES: usize = 1 << 20;

/// The child, where another thread can kill it.
#[derive(Clone, Default)]
pub(super) struct Slot(Arc<Mutex<Child>>);

#[derive(Default)]
struct Child {
    running: Option<FfmpegChild>,
    stopped: bool,
}

impl Slot {
    /// Kills the child; the next one is killed at birth.
    pub(super) fn stop(&self) {
        let mut child = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        child.stopped = true;
        kill(child.running.as_mut());
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).stopped
    }

    fn put(&self, mut running: FfmpegChild) {
        let mut child = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if child.stopped {
            kill(Some(&mut running));
        }
        child.running = Some(running);
    }

    fn take(&self) -> Option<FfmpegChild> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .running
            .take()
    }
}

fn kill(child: Option<&mut FfmpegChild>) {
    if let Some(child) = child {
        // It may have ended by itself a moment ago; then there is nothing to kill.
        let _ = child.kill();
    }
}

/// A running ffmpeg. Dropping it kills and reaps it.
pub(super) struct Process {
    slot: Slot,
    stdout: ChildStdout,
    stderr: Option<JoinHandle<VecDeque<String>>>,
}

/// How an ffmpeg ended.
pub(super) struct End {
    /// Whether it said that all went well.
    pub(super) success: bool,
    /// Its last words, or its exit status, in one line.
    pub(super) words: String,
}

impl Process {
    /// Starts ffmpeg on the input of `config`.
    pub(super) fn start(config: &Config, probe: &Probe, slot: &Slot) -> Result<Self, Error> {
        let failed = |error| Error::Start {
            program: config.ffmpeg.display().to_string(),
            error,
        };
        let mut child = FfmpegCommand::new_with_path(&config.ffmpeg)
            .args(["-hide_banner", "-nostdin", "-loglevel", "error"])
            .args(config.input_args())
            .args(output_args(config, probe))
            .spawn()
            .map_err(failed)?;
        drop(child.take_stdin());
        let (stdout, stderr) = (child.take_stdout(), child.take_stderr());
        slot.put(child);
        let (Some(stdout), Some(stderr)) = (stdout, stderr) else {
            return Err(failed(std::io::Error::other("it has no output")));
        };
        // Refused where pipes are limited; then it just switches more often.
        let _ = rustix::pipe::fcntl_setpipe_size(&stdout, PIPE_BYTES);
        let stderr = std::thread::Builder::new()
            .name("ffmpeg-log".into())
            .spawn(move || {
                let mut last = VecDeque::new();
                for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
                    let line = String::from_utf8_lossy(&line)
                        .trim()
                        .chars()
                        .take(200)
                        .collect::<String>();
                    tracing::debug!(line, "ffmpeg");
                    if !line.is_empty() {
                        last.push_back(line);
                    }
                    if last.len() > LAST_LINES {
                        last.pop_front();
                    }
                }
                last
            });
        Ok(Self {
            slot: slot.clone(),
            stdout,
            stderr: Some(stderr.map_err(failed)?),
        })
    }

    /// Fills `frame`; fewer bytes only at the end.
    pub(super) fn read(&mut self, frame: &mut [u8]) -> std::io::Result<usize> {
        fill(&mut self.stdout, frame)
    }

    /// After the last frame: how it ended.
    pub(super) fn end(mut self) -> End {
        let status = self.slot.take().map(|mut child| child.wait());
        let lines = self.stderr.take().and_then(|thread| thread.join().ok());
        let words = Vec::from(lines.unwrap_or_default()).join("; ");
        let (success, status) = match status {
            Some(Ok(status)) => (status.success(), status.to_string()),
            Some(Err(error)) => (false, error.to_string()),
            None => (false, "gone".to_owned()),
        };
        End {
            success,
            words: if words.is_empty() && !success {
                status
            } else {
                words
            },
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(mut child) = self.slot.take() {
            kill(Some(&mut child));
            // Killed: it is there at once.
            let _ = child.wait();
        }
    }
}

/// One raw frame after the other, each frame of the input exactly once, whatever its time stamps.
fn output_args(config: &Config, probe: &Probe) -> Vec<String> {
    let shape = probe.format.shape;
    // The size is said again: should it change within the input, the frames keep theirs.
    let mut filter = format!(
        "scale={}:{}:in_color_matrix={}:flags=bicubic+accurate_rnd+full_chroma_int",
        shape.width(),
        shape.height(),
        probe.matrix
    );
    if config.live
        && !config.asks_the_device()
        && let Some(fps) = config.fps
    {
        filter = format!("fps={fps},{filter}");
    }
    ["-map", "0:v:0", "-an", "-sn", "-dn", "-vf", &filter]
        .into_iter()
        .chain(["-pix_fmt", probe.pix_fmt, "-fps_mode", "passthrough"])
        .chain(["-f", "rawvideo", "pipe:1"])
        .map(str::to_owned)
        .collect()
}
