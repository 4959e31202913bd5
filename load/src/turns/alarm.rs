//! Who waits on a worker, and until when: one queue for the starts of open models, for pacing, for ramps, and for the beginning.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::timer::Timer;

/// The least time between two wakings by the timer of the kernel: at most so late is who is due within it.
const REST: Duration = Duration::from_micros(100);

/// The sleepers of one worker.
#[derive(Debug, Default)]
pub(super) struct Alarm {
    queue: Mutex<Queue>,
    /// How often all were woken. Changes only under the lock of the queue.
    rings: AtomicU64,
    driven: AtomicBool,
}

#[derive(Debug, Default)]
struct Queue {
    /// By when they are to be woken, and the number of the virtual user.
    sleepers: BTreeMap<(Instant, u32), Waker>,
    /// If the kernel's timer wakes them.
    timer: Option<Setting>,
}

#[derive(Debug)]
struct Setting {
    timer: Arc<Timer>,
    /// For when it is set.
    set: Option<Instant>,
    /// Not before that moment does it wake again.
    rests: Instant,
}

impl Queue {
    /// Has the timer wake for the first sleeper, if it is not set for that or an earlier time.
    fn set_timer(&mut self) -> io::Result<()> {
        let first = self
            .sleepers
            .first_key_value()
            .map(|((deadline, _), _)| *deadline);
        let (Some(first), Some(Setting { timer, set, rests })) = (first, &mut self.timer) else {
            return Ok(());
        };
        let moment = first.max(*rests);
        if set.is_none_or(|set| moment < set) {
            timer.set(moment.saturating_duration_since(Instant::now()))?;
            *set = Some(moment);
        }
        Ok(())
    }
}

impl Alarm {
    /// How often all were woken until now, for [`Alarm::wait`].
    pub(super) fn rings(&self) -> u64 {
        self.rings.load(Ordering::Acquire)
    }

    /// Waits until a moment, or until all are woken since there were so many `rings`: what is looked at between the two is not missed.
    /// A virtual user waits once at a time.
    pub(super) async fn wait(&self, vu: u32, deadline: Instant, rings: u64) {
        let _entry = Entry {
            alarm: self,
            key: (deadline, vu),
        };
        let mut entered = false;
        let rung = poll_fn(|context| {
            let mut queue = self.queue();
            if let Some(waker) = queue.sleepers.get_mut(&(deadline, vu)) {
                waker.clone_from(context.waker());
                return Poll::Pending;
            }
            if entered || self.rings() != rings {
                return Poll::Ready(());
            }
            queue
                .sleepers
                .insert((deadline, vu), context.waker().clone());
            entered = true;
            let set = queue.set_timer();
            drop(queue);
            if set.is_err() {
                // From now on all wait by the runtime's own timer; this one is among those who look again.
                self.drive_by(None);
            }
            Poll::Pending
        });
        if self.driven.load(Ordering::Relaxed) {
            rung.await;
        } else {
            tokio::select! {
                () = rung => {}
                () = sleep_until(deadline) => {}
            }
        }
    }

    /// Wakes all, whatever they wait for.
    pub(super) fn ring(&self) {
        let mut queue = self.queue();
        self.rings.fetch_add(1, Ordering::Release);
        let sleepers = std::mem::take(&mut queue.sleepers);
        drop(queue);
        for waker in sleepers.into_values() {
            waker.wake();
        }
    }

    /// Wakes who is due, into a list that is used again, and sets the timer for the next one.
    pub(super) fn ring_due(&self, woken: &mut Vec<Waker>) -> io::Result<()> {
        let mut queue = self.queue();
        let now = Instant::now();
        if let Some(Setting { set, rests, .. }) = &mut queue.timer {
            (*set, *rests) = (None, now + REST);
        }
        while let Some(first) = queue.sleepers.first_entry() {
            if first.key().0 > now {
                break;
            }
            woken.push(first.remove());
        }
        let set = queue.set_timer();
        drop(queue);
        woken.drain(..).for_each(Waker::wake);
        set
    }

    /// Those who begin to wait from now on rely on the timer of the kernel.
    pub(super) fn drive_by(&self, timer: Option<Arc<Timer>>) {
        let driven = timer.is_some();
        self.queue().timer = timer.map(|timer| Setting {
            timer,
            set: None,
            rests: Instant::now(),
        });
        self.driven.store(driven, Ordering::Relaxed);
        // Whoever waits already looks again.
        self.ring();
    }

    /// Every change of the queue is one insertion or one removal.
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a sleeper out when it does not wait any more.
struct Entry<'a> {
    alarm: &'a Alarm,
    key: (Instant, u32),
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        self.alarm.queue().sleepers.remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    const SHORT: Duration = Duration::from_millis(1);
    const LONG: Duration = Duration::from_hours(1);

    #[tokio::test(start_paused = true)]
    async fn a_ring_between_the_look_and_the_wait_is_not_missed() {
        let alarm = Alarm::default();
        let rings = alarm.rings();
        alarm.ring();
        let waited = timeout(SHORT, alarm.wait(1, Instant::now() + LONG, rings)).await;
        assert!(waited.is_ok());
        // One that was looked at is over.
        let waited = timeout(SHORT, alarm.wait(1, Instant::now() + LONG, alarm.rings())).await;
        assert!(waited.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn who_gives_up_waiting_leaves_nothing_behind() {
        let alarm = Alarm::default();
        let wait = alarm.wait(1, Instant::now() + LONG, alarm.rings());
        assert!(timeout(SHORT, wait).await.is_err());
        assert!(alarm.queue().sleepers.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn only_who_is_due_is_woken() {
        let alarm = Alarm::default();
        let (soon, later) = (Instant::now() + SHORT, Instant::now() + LONG);
        alarm.drive_by(None);
        alarm.driven.store(true, Ordering::Relaxed);
        let waits = async {
            tokio::join!(alarm.wait(1, soon, alarm.rings()), async {
                let waited = timeout(SHORT * 5, alarm.wait(2, later, alarm.rings())).await;
                assert!(waited.is_err());
            });
        };
        let ringing = async {
            tokio::time::sleep(SHORT).await;
            alarm.ring_due(&mut Vec::new()).unwrap();
        };
        tokio::join!(waits, ringing);
        assert_eq!(Instant::now(), soon + SHORT * 4);
    }
}
