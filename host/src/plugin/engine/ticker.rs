//! The clock of an engine: a thread that moves its epoch on, so that a plugin that only computes is interrupted.

use std::{sync::mpsc, thread, time::Duration};

/// How often a computing plugin is interrupted to look at its deadline and to let others run.
pub(in crate::plugin) const TICK: Duration = Duration::from_millis(10);

/// The thread. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Ticker {
    /// Nothing is ever sent: the thread waits on the other end, which tells it when this one is gone.
    _alive: mpsc::Sender<()>,
}

impl Ticker {
    /// Starts ticking.
    pub(super) fn start(engine: &wasmtime::Engine) -> std::io::Result<Self> {
        let engine = engine.weak();
        let (alive, gone) = mpsc::channel();
        thread::Builder::new()
            .name("epochs".to_owned())
            .spawn(move || {
                while gone.recv_timeout(TICK) == Err(mpsc::RecvTimeoutError::Timeout) {
                    let Some(engine) = engine.upgrade() else {
                        break;
                    };
                    engine.increment_epoch();
                }
            })?;
        Ok(Self { _alive: alive })
    }
}
