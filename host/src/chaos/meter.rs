//! What the requests of an attempt have to do with one of its faults: how many met it, and when the first one succeeded after it.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use reqwest::Url;
use tokio::time::Instant;

use super::addresses::Addresses;
use crate::capability::requests::Watcher;

/// Measures one fault.
#[derive(Debug)]
pub(super) struct Meter {
    addresses: Arc<Addresses>,
    /// The service whose requests are counted; none for a fault of a link, which counts its connections itself.
    service: Option<String>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    requests: u64,
    healed: Option<Instant>,
    first_success: Option<Duration>,
}

impl Meter {
    pub(super) fn new(addresses: Arc<Addresses>, service: Option<String>) -> Self {
        Self {
            addresses,
            service,
            state: Mutex::default(),
        }
    }

    /// The heal begins: nothing meets the fault from now on, and the time to the first success begins.
    pub(super) fn heal(&self, at: Instant) {
        self.lock().healed = Some(at);
    }

    /// Requests for the service while the fault was active.
    pub(super) fn requests(&self) -> u64 {
        self.lock().requests
    }

    /// From the heal to the end of the first successful request that began after it.
    pub(super) fn first_success(&self) -> Option<Duration> {
        self.lock().first_success
    }

    /// Numbers only: nothing can be half-written.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watcher for Meter {
    fn began(&self, url: &Url) {
        let counts = self.service.as_ref();
        if counts.is_some_and(|service| self.addresses.is_for(url, service)) {
            let mut state = self.lock();
            state.requests += u64::from(state.healed.is_none());
        }
    }

    fn answered(&self, url: &Url, status: u16, began: Instant, ended: Instant) {
        let mut state = self.lock();
        let Some(healed) = state.healed.filter(|healed| began >= *healed) else {
            return;
        };
        if (200..300).contains(&status)
            && state.first_success.is_none()
            && self.addresses.is_business(url)
        {
            state.first_success = Some(ended - healed);
        }
    }
}
