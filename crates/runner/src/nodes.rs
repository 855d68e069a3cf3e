//! Nodes that the configuration lists: started, logged, started again with a pause, and stopped with the runner.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use service::Backoff;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::config::{Node, Restart};

/// How long a node may take to end after SIGTERM.
const GRACE: Duration = Duration::from_millis(1_500);
/// A node that lived so long is not failing over and over.
const HEALTHY: Duration = Duration::from_secs(10);
/// Longest line of a node's output that is logged whole.
const MAX_LINE: usize = 4_096;

/// Looks after every node until `stop`, and ends them.
pub async fn run(nodes: Vec<Node>, ingest: SocketAddr, stop: CancellationToken) {
    let mut tasks = JoinSet::new();
    for node in nodes {
        tasks.spawn(look_after(node, ingest, stop.clone()));
    }
    while tasks.join_next().await.is_some() {}
}

async fn look_after(node: Node, ingest: SocketAddr, stop: CancellationToken) {
    let mut backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(5));
    let name = node.name.as_str();
    loop {
        let started = Instant::now();
        match start(&node, ingest) {
            Ok(mut child) => {
                tracing::info!(node = name, pid = child.id(), "node started");
                let lines = (child.stdout.take(), child.stderr.take());
                let logged = async { tokio::join!(log_lines(name, lines.0), log_lines(name, lines.1)) };
                let status = tokio::select! {
                    (status, _) = async { tokio::join!(child.wait(), logged) } => status,
                    () = stop.cancelled() => {
                        end(name, &mut child).await;
                        return;
                    }
                };
                if !goes_on(&node, status) {
                    return;
                }
            }
            Err(error) => {
                tracing::error!(node = name, program = node.command[0], %error, "node cannot be started")
            }
        }
        if started.elapsed() >= HEALTHY {
            backoff.reset();
        }
        tokio::select! {
            () = tokio::time::sleep(backoff.pause()) => {}
            () = stop.cancelled() => return,
        }
    }
}

fn goes_on(node: &Node, status: std::io::Result<ExitStatus>) -> bool {
    let name = node.name.as_str();
    match status {
        Ok(status) if status.success() => tracing::info!(node = name, "node has ended"),
        Ok(status) => tracing::warn!(node = name, %status, "node failed"),
        Err(ref error) => tracing::warn!(node = name, %error, "node cannot be waited for"),
    }
    match node.restart {
        Restart::Always => true,
        Restart::OnFailure => !status.is_ok_and(|status| status.success()),
        Restart::Never => false,
    }
}

fn start(node: &Node, ingest: SocketAddr) -> std::io::Result<Child> {
    let mut command = Command::new(program(&node.command[0]));
    command
        .args(&node.command[1..])
        .env("STREAMVIEW_INGEST", format!("tcp://{ingest}"))
        .envs(&node.env)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    end_with_parent(&mut command);
    command.spawn()
}

/// A bare name that stands beside the runner's own binary is that one: an installation need not be in `PATH`.
fn program(name: &str) -> PathBuf {
    let beside = std::env::current_exe()
        .ok()
        .and_then(|runner| Some(runner.parent()?.join(name)));
    match beside {
        Some(path) if !name.contains('/') && path.is_file() => path,
        _ => name.into(),
    }
}

/// A runner that is killed leaves no nodes behind: its successor starts its own.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
fn end_with_parent(command: &mut Command) {
    use rustix::process::{Signal, set_parent_process_death_signal};
    // SAFETY: between fork and exec only one system call is made, which is async-signal-safe and allocates nothing.
    unsafe {
        command.pre_exec(|| set_parent_process_death_signal(Some(Signal::TERM)).map_err(Into::into));
    }
}

#[cfg(not(target_os = "linux"))]
fn end_with_parent(_: &mut Command) {}

async fn end(name: &str, child: &mut Child) {
    use rustix::process::{Pid, Signal, kill_process};
    let pid = child.id().and_then(|id| Pid::from_raw(id as i32));
    if let Some(Err(error)) = pid.map(|pid| kill_process(pid, Signal::TERM)) {
        tracing::debug!(node = name, %error, "SIGTERM");
    }
    if tokio::time::timeout(GRACE, child.wait()).await.is_err() {
        tracing::warn!(node = name, "node did not end, killing it");
        if let Err(error) = child.kill().await {
            tracing::warn!(node = name, %error, "node cannot be killed");
        }
    }
}

/// A node's output becomes the runner's log, line by line; a line without end is cut.
async fn log_lines(node: &str, output: Option<impl AsyncRead + Unpin>) {
    let Some(output) = output else { return };
    let mut output = BufReader::with_capacity(MAX_LINE, output);
    let mut line = Vec::new();
    while let Ok(available) = output.fill_buf().await
        && !available.is_empty()
    {
        let end = available.iter().position(|&byte| byte == b'\n');
        let take = end.map_or(available.len(), |end| end + 1);
        line.extend_from_slice(&available[..take]);
        output.consume(take);
        if end.is_some() || line.len() >= MAX_LINE {
            tracing::info!(node, "{}", String::from_utf8_lossy(&line).trim_end());
            line.clear();
        }
    }
    if !line.is_empty() {
        tracing::info!(node, "{}", String::from_utf8_lossy(&line).trim_end());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_names_are_looked_up_in_path_unless_they_stand_beside_the_runner() {
        assert_eq!(program("sh"), PathBuf::from("sh"));
        assert_eq!(program("/bin/sh"), PathBuf::from("/bin/sh"));
    }
}
