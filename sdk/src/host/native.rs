//! A recorder in place of the host: what is reported is kept, and time passes only by sleeping.

use std::cell::RefCell;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use super::{Check, Identity, Level};

/// More checks than this are not kept.
const MOST_CHECKS: usize = 1_000;

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

thread_local! {
    static CHECKS: RefCell<Vec<Check>> = const { RefCell::new(Vec::new()) };
    static SLEPT: RefCell<Duration> = const { RefCell::new(Duration::ZERO) };
}

pub(crate) fn report(check: &Check) {
    CHECKS.with_borrow_mut(|checks| {
        if checks.len() < MOST_CHECKS {
            checks.push(check.clone());
        }
    });
}

/// The checks of this thread so far.
#[cfg(test)]
pub(crate) fn reported() -> Vec<Check> {
    CHECKS.take()
}

pub(crate) fn log(_level: Level, _message: &str) {}

pub(crate) fn attach(_name: &str, _media_type: &str, _body: &[u8]) {}

pub(crate) fn panicked(_message: &str, _location: Option<&str>) {}

pub(crate) fn identity() -> Identity {
    Identity {
        run_id: "native".to_owned(),
        suite: "native".to_owned(),
        entry: "native".to_owned(),
        attempt: 1,
        profile: "native".to_owned(),
        environment: "native".to_owned(),
        seed: 1,
    }
}

pub(crate) fn setting(_name: &str) -> Option<String> {
    None
}

pub(crate) fn service_url(_service: &str) -> Option<String> {
    None
}

pub(crate) fn now() -> Instant {
    *START + SLEPT.with_borrow(|slept| *slept)
}

pub(crate) async fn sleep(duration: Duration) {
    SLEPT.with_borrow_mut(|slept| *slept += duration);
    std::future::ready(()).await;
}
