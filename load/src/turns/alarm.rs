//! Who waits on a worker, and until when: one queue for the starts of open models, for pacing, for ramps, and for the beginning.

use std::collections::BTreeMap;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

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
    /// By when they are to be woken, and the how many-th of all who wait they are.
    sleepers: BTreeMap<(Instant, u64), Waker>,
    /// How many have waited until now.
    waits: u64,
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
    pub(super) fn wait(self: &Arc<Self>, deadline: Instant, rings: u64) -> Wait {
        Wait {
            alarm: Arc::clone(self),
            deadline,
            rings,
            place: None,
            sleep: None,
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

/// One who waits. Written by hand: thousands have one each, and what `async` makes of the same is three times as large.
#[derive(Debug)]
pub(super) struct Wait {
    alarm: Arc<Alarm>,
    deadline: Instant,
    rings: u64,
    /// The how many-th in the queue; none before it is there.
    place: Option<u64>,
    /// By which it waits where the kernel's timer does not wake it.
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Wait {
    /// Whether it was woken. It is in the queue otherwise.
    fn poll_rung(&mut self, context: &Context<'_>) -> Poll<()> {
        let mut queue = self.alarm.queue();
        if let Some(place) = self.place {
            let Some(waker) = queue.sleepers.get_mut(&(self.deadline, place)) else {
                return Poll::Ready(());
            };
            waker.clone_from(context.waker());
            return Poll::Pending;
        }
        if self.alarm.rings() != self.rings {
            return Poll::Ready(());
        }
        let place = queue.waits;
        queue.waits += 1;
        let key = (self.deadline, place);
        queue.sleepers.insert(key, context.waker().clone());
        self.place = Some(place);
        let set = queue.set_timer();
        drop(queue);
        if set.is_err() {
            // From now on all wait by the runtime's own timer; this one is among those who look again.
            self.alarm.drive_by(None);
        }
        Poll::Pending
    }
}

impl Future for Wait {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let rung = self.poll_rung(context);
        if rung.is_ready() || self.alarm.driven.load(Ordering::Relaxed) {
            return rung;
        }
        let deadline = self.deadline;
        let sleep = self
            .sleep
            .get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        sleep.as_mut().poll(context)
    }
}

/// Takes a sleeper out when it does not wait any more.
impl Drop for Wait {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            let key = (self.deadline, place);
            self.alarm.queue().sleepers.remove(&key);
        }
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
        let alarm = Arc::new(Alarm::default());
        let rings = alarm.rings();
        alarm.ring();
        let waited = timeout(SHORT, alarm.wait(Instant::now() + LONG, rings)).await;
        assert!(waited.is_ok());
        // One that was looked at is over.
        let waited = timeout(SHORT, alarm.wait(Instant::now() + LONG, alarm.rings())).await;
        assert!(waited.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn who_gives_up_waiting_leaves_nothing_behind() {
        let alarm = Arc::new(Alarm::default());
        let wait = alarm.wait(Instant::now() + LONG, alarm.rings());
        assert!(timeout(SHORT, wait).await.is_err());
        assert!(alarm.queue().sleepers.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn two_who_wait_for_the_same_moment_are_both_woken() {
        let alarm = Arc::new(Alarm::default());
        alarm.driven.store(true, Ordering::Relaxed);
        let (moment, rings) = (Instant::now() + LONG, alarm.rings());
        let both = async { tokio::join!(alarm.wait(moment, rings), alarm.wait(moment, rings)) };
        let ringing = async {
            tokio::task::yield_now().await;
            alarm.ring();
        };
        let waited = timeout(SHORT, async { tokio::join!(both, ringing) }).await;
        assert!(waited.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn only_who_is_due_is_woken() {
        let alarm = Arc::new(Alarm::default());
        let (soon, later) = (Instant::now() + SHORT, Instant::now() + LONG);
        alarm.drive_by(None);
        alarm.driven.store(true, Ordering::Relaxed);
        let waits = async {
            tokio::join!(alarm.wait(soon, alarm.rings()), async {
                let waited = timeout(SHORT * 5, alarm.wait(later, alarm.rings())).await;
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
