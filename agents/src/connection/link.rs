//! Whether the server is in reach, and what it said without being asked.

use std::sync::{Arc, Mutex, PoisonError};

use async_nats::{ConnectOptions, Event};
use tokio::{sync::watch, time::Instant};

/// What is known of the way to the server.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    state: watch::Receiver<State>,
    complaint: Arc<Mutex<Option<String>>>,
}

/// Since when the way is as it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct State {
    pub(crate) up: bool,
    pub(crate) since: Instant,
}

impl Link {
    /// A link, and options with which it is told what happens.
    pub(super) fn watch(options: ConnectOptions) -> (Self, ConnectOptions) {
        let (sender, state) = watch::channel(State::now(true));
        let complaint = Arc::new(Mutex::new(None));
        let link = Self {
            state,
            complaint: Arc::clone(&complaint),
        };
        let options = options.event_callback(move |event| {
            match event {
                Event::Connected => {
                    sender.send_replace(State::now(true));
                }
                Event::Disconnected | Event::Closed => {
                    sender.send_replace(State::now(false));
                }
                Event::ServerError(error) => {
                    *complaint.lock().unwrap_or_else(PoisonError::into_inner) =
                        Some(error.to_string());
                }
                _ => {}
            }
            std::future::ready(())
        });
        (link, options)
    }

    /// How it is now.
    pub(crate) fn state(&self) -> State {
        *self.state.borrow()
    }

    /// Waits until the server is in reach; since when it is.
    pub(crate) async fn up(&self) -> Instant {
        let mut state = self.state.clone();
        if let Ok(state) = state.wait_for(|state| state.up).await {
            return state.since;
        }
        // The client is gone, and never comes back.
        std::future::pending().await
    }

    /// Waits until the way is there again after it was lost: what was under way is lost with it.
    pub(crate) async fn returned(&self) {
        let mut state = self.state.clone();
        state.mark_unchanged();
        while state.changed().await.is_ok() {
            if state.borrow_and_update().up {
                return;
            }
        }
        // The client is gone, and never comes back.
        std::future::pending::<()>().await;
    }

    /// The last thing that the server complained of.
    pub(crate) fn complaint(&self) -> Option<String> {
        self.complaint
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl State {
    fn now(up: bool) -> Self {
        let since = Instant::now();
        Self { up, since }
    }
}
