//! A timer of the kernel that is read like a file.
//!
//! The runtime's own timer counts in milliseconds and rounds up. Half a millisecond of that would be in every latency that counts from an
//! intended start; a start that is some tens of microseconds late is not seen among them. Each waking has its price, so whoever is due within a
//! tenth of a millisecond of the one before is woken together.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::sync::Arc;
use std::time::Duration;

use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};
use tokio::io::unix::AsyncFd;

use super::alarm::Alarm;

/// A timer. It expires once for each time that it is set.
#[derive(Debug)]
pub(super) struct Timer(OwnedFd);

impl AsRawFd for Timer {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

impl Timer {
    fn new() -> io::Result<Self> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        Ok(Self(timerfd_create(TimerfdClockId::Monotonic, flags)?))
    }

    /// Sets it for that far ahead of now, instead of the time before. A system call of a quarter of a microsecond.
    pub(super) fn set(&self, ahead: Duration) -> io::Result<()> {
        // A timer that is set to zero is not set at all.
        let ahead = ahead.max(Duration::from_nanos(1));
        let it_value = Timespec::try_from(ahead).map_err(|_| io::ErrorKind::InvalidInput)?;
        let it_interval = Timespec::default();
        timerfd_settime(
            &self.0,
            TimerfdTimerFlags::empty(),
            &Itimerspec {
                it_interval,
                it_value,
            },
        )?;
        Ok(())
    }
}

/// Wakes the sleepers of an alarm by a timer of its own.
pub(super) async fn drive(alarm: &Alarm) -> io::Result<()> {
    let timer = Arc::new(Timer::new()?);
    let readable = watched(Arc::clone(&timer))?;
    let _driven = Driven::new(alarm, timer);
    let mut woken = Vec::new();
    loop {
        // It is not read: setting it again is all that it needs, and each expiration wakes.
        readable.readable().await?.clear_ready();
        alarm.ring_due(&mut woken)?;
    }
}

#[expect(
    unsafe_code,
    reason = "the runtime asks for a promise about the descriptor"
)]
fn watched(timer: Arc<Timer>) -> io::Result<AsyncFd<Arc<Timer>>> {
    // SAFETY: the descriptor is that of an `OwnedFd` which nobody can take out or replace, and the `Arc` in the `AsyncFd` keeps it open: it is
    // the same open one until the `AsyncFd` is dropped, which takes it out of the runtime first.
    Ok(unsafe { AsyncFd::register(timer) }?)
}

/// Gives the sleepers back to the runtime's timer when nobody drives them any more.
struct Driven<'a>(&'a Alarm);

impl<'a> Driven<'a> {
    fn new(alarm: &'a Alarm, timer: Arc<Timer>) -> Self {
        alarm.drive_by(Some(timer));
        Self(alarm)
    }
}

impl Drop for Driven<'_> {
    fn drop(&mut self) {
        self.0.drive_by(None);
    }
}
