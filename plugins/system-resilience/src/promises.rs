//! What the system promises in numbers, as its settings and its documentation have them.

use std::time::Duration;

use assay_sdk::Result;
use assay_sdk::context::optional_setting;

use crate::backoff::Backoff;

/// How long something may take that is only a matter of a busy machine. No promise of the system is as long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);
/// How much later than promised something may be seen on a busy machine.
pub(crate) const SLACK: Duration = Duration::from_secs(2);
/// The steps of a generation.
const STEPS: u32 = 7;

/// How long a generation takes until its text is made.
pub(crate) fn generation_time() -> Result<Duration> {
    Ok(milliseconds("reference.step-ms", 40)? * STEPS)
}

/// How often a stream shows that it lives.
pub(crate) fn heartbeat() -> Result<Duration> {
    milliseconds("reference.heartbeat-ms", 15_000)
}

/// After what time a service gives up waiting for another one.
pub(crate) fn dependency_timeout() -> Result<Duration> {
    milliseconds("reference.dependency-timeout-ms", 2_000)
}

/// How a save that failed is tried again.
pub(crate) fn backoff() -> Result<Backoff> {
    Ok(Backoff {
        base: milliseconds("reference.retry-base-ms", 1_000)?,
        attempts: optional_setting("reference.retry-attempts")?.unwrap_or(5),
    })
}

/// The wait for a save to be stored once it can be: the longest wait for the next attempt, and one that was begun too early.
pub(crate) fn until_saved() -> Result<Duration> {
    Ok(backoff()?.longest() + dependency_timeout()? + PATIENCE)
}

/// The wait for the end of a generation that can be stored: its making, and the wait for its save.
pub(crate) fn until_completed() -> Result<Duration> {
    Ok(generation_time()? + until_saved()?)
}

/// The time in which so many attempts to save have failed: the waits between them, and one that is given up for want of an answer.
pub(crate) fn attempts_time(attempts: u32) -> Result<Duration> {
    let waits = backoff()?.longest_up_to(attempts);
    Ok(generation_time()? + waits + dependency_timeout()? + PATIENCE)
}

fn milliseconds(setting: &str, default: u64) -> Result<Duration> {
    Ok(Duration::from_millis(
        optional_setting(setting)?.unwrap_or(default),
    ))
}
