//! A camera that goes on by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use protocol::Frame;
use tests::{Peer, Runner, now_ns};

/// Publishes pictures until it is dropped.
pub struct Camera {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Camera {
    /// One picture every `period`: `picture` of its number and its capture time, ns since the Unix epoch.
    pub fn start(
        runner: &Runner,
        period: Duration,
        mut picture: impl FnMut(u64, i64) -> Frame + Send + 'static,
    ) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, mut peer) = (stop.clone(), Peer::join(runner.addresses.ingest));
        let thread = std::thread::spawn(move || {
            for seq in 0.. {
                let due = Instant::now() + period;
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                peer.publish(protocol::Message::Frame(picture(seq, now_ns())));
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
            }
        });
        Self {
            stop,
            thread: Some(thread),
        }
    }
}

impl Drop for Camera {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A panic of its own is reported by itself.
            let _ = thread.join();
        }
    }
}
