//! The host's own functions.

use std::time::{Duration, Instant};

use super::{Check, Identity, Level};
use crate::bindings::context;

pub(crate) fn report(check: &Check) {
    context::report(check);
}

pub(crate) fn log(level: Level, message: &str) {
    context::log(level, message);
}

pub(crate) fn attach(name: &str, media_type: &str, body: &[u8]) {
    context::attach(name, media_type, body);
}

pub(crate) fn panicked(message: &str, location: Option<&str>) {
    context::panicked(message, location);
}

pub(crate) fn identity() -> Identity {
    context::identify()
}

pub(crate) fn setting(name: &str) -> Option<String> {
    context::setting(name)
}

pub(crate) fn service_url(service: &str) -> Option<String> {
    context::service_url(service)
}

pub(crate) fn now() -> Instant {
    Instant::now()
}

pub(crate) async fn sleep(duration: Duration) {
    let nanoseconds = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    context::sleep(nanoseconds).await;
}
