//! The one place that knows signals: the first asks everyone to finish, the second leaves at once.

use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

/// Exit code after a second signal, as shells report SIGINT (128 + 2).
const FORCED_EXIT_CODE: i32 = 130;

/// A terminal signals the whole process group, and a wrapper such as `timeout` or `npm` passes its signal on: what
/// comes twice within so short a time was asked for once.
const SAME_REQUEST: Duration = Duration::from_millis(100);

/// Turns signals into a [`CancellationToken`] that everybody else holds.
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    token: CancellationToken,
}

impl Shutdown {
    /// Starts listening for SIGINT and SIGTERM. Call within a tokio runtime.
    ///
    /// # Errors
    /// When the handlers cannot be installed.
    pub fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let shutdown = Self::default();
        let token = shutdown.token.clone();
        tokio::spawn(async move {
            let mut first = None;
            loop {
                let name = tokio::select! {
                    _ = interrupt.recv() => "SIGINT",
                    _ = terminate.recv() => "SIGTERM",
                };
                let requested = first.get_or_insert_with(Instant::now).elapsed();
                if token.is_cancelled() && requested < SAME_REQUEST {
                    continue;
                }
                if token.is_cancelled() {
                    tracing::warn!(signal = name, "second signal: leaving at once");
                    std::process::exit(FORCED_EXIT_CODE);
                }
                tracing::info!(signal = name, "stopping; a second signal leaves at once");
                token.cancel();
            }
        });
        Ok(shutdown)
    }

    /// [`Shutdown::listen`] for a process without a runtime: on a thread of its own, which lives as long as the process.
    ///
    /// # Errors
    /// When the handlers cannot be installed, or there is no thread.
    pub fn listen_aside() -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let shutdown = {
            let _inside = runtime.enter();
            Self::listen()?
        };
        std::thread::Builder::new()
            .name("signals".into())
            .spawn(move || runtime.block_on(std::future::pending::<()>()))?;
        Ok(shutdown)
    }

    /// Cancelled by the first signal.
    pub fn token(&self) -> CancellationToken {
        self.token.clone()
    }
}
