//! The ledger of a run's faults: it alone says in which phase something happens.
//!
//! Everything that changes the phase is a guard, so no path forgets to change it back: a fault is active while its [`ActiveFault`]
//! lives, an attempt runs while its [`OngoingAttempt`] does.

mod history;

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use assay_report::event::{EventKind, Phase};
use serde::{Deserialize, Serialize};
use tokio::{
    sync::{Notify, mpsc},
    time::{Duration, Instant},
};

use self::history::History;

/// Something that happened, and in which phase. What the dispatcher makes an event of.
#[derive(Clone, Debug, PartialEq)]
pub struct Happened {
    /// The phase when it happened, which can be before the dispatcher hears of it.
    pub phase: Phase,
    /// When it happened, which is earlier than the dispatcher hears of it.
    pub at: Instant,
    /// When what it tells of went on; none if that took no time.
    pub during: Option<Span>,
    /// What it was.
    pub kind: EventKind,
}

/// From one moment to another one, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first one.
    pub from: Instant,
    /// The last one.
    pub until: Instant,
}

impl Span {
    /// What takes no time.
    pub fn at(moment: Instant) -> Self {
        Self {
            from: moment,
            until: moment,
        }
    }
}

/// Where what happens is sent.
pub type Happenings = mpsc::UnboundedSender<Happened>;

/// The faults of a run. Cheap to clone: all clones are the same ledger.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// [`Counts`], as one number: whoever asks for the phase, which all that happens does, waits for nobody.
    counts: AtomicU64,
    ids: AtomicU64,
    changed: Notify,
    /// What they were before. Whoever changes them holds it.
    history: Mutex<History>,
}

/// How many faults are active now (16 bits), attempts are running and had a fault (16), and faults were ever begun (32).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts(u64);

/// One active fault.
const ACTIVE: u64 = 1;
/// One attempt that had a fault.
const DISTURBED: u64 = 1 << 16;
/// One fault that was begun.
const BEGUN: u64 = 1 << 32;

/// How the faults of a run are at a moment, for a ledger elsewhere that is to say the same ([`Ledger::follow`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Faults(u64);

/// A moment, to ask later what happened since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    at: Instant,
    begun: u64,
    in_fault: bool,
}

impl Mark {
    /// From then until now.
    pub fn span(self) -> Span {
        Span {
            from: self.at,
            until: Instant::now(),
        }
    }
}

impl Ledger {
    /// The phase now.
    pub fn phase(&self) -> Phase {
        self.counts().phase()
    }

    /// This moment.
    pub fn mark(&self) -> Mark {
        self.mark_at(Instant::now())
    }

    /// The same for who has just looked at the clock.
    pub fn mark_at(&self, now: Instant) -> Mark {
        let counts = self.counts();
        Mark {
            at: now,
            begun: counts.begun(),
            in_fault: counts.active() > 0,
        }
    }

    /// The phase of something that took from the mark until now: a fault if one was active at any moment of it, else what it is now.
    pub fn phase_since(&self, mark: Mark) -> Phase {
        let counts = self.counts();
        if mark.in_fault || counts.begun() > mark.begun {
            Phase::Fault
        } else {
            counts.phase()
        }
    }

    /// The phase of something that went on then, told only later, of which it is known only so exactly when that was: a fault if one may have been active at any
    /// moment of it, else what it was at its end.
    pub fn phase_about(&self, span: Span, uncertainty: Duration) -> Phase {
        self.history()
            .phase_about(span.from, span.until, uncertainty)
    }

    /// How the faults are now.
    pub fn faults(&self) -> Faults {
        Faults(self.counts().0)
    }

    /// Waits until they are otherwise than that, and answers how.
    pub async fn faults_after(&self, known: Faults) -> Faults {
        loop {
            let changed = self.inner.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let now = self.faults();
            if now != known {
                return now;
            }
            changed.await;
        }
    }

    /// Says from now on what another ledger says. For one of which no fault and no attempt is its own.
    pub fn follow(&self, faults: Faults) {
        self.change(|counts| counts.store(faults.0, Ordering::SeqCst));
    }

    /// An attempt begins, and runs until the guard is dropped.
    pub fn attempt(&self) -> OngoingAttempt {
        OngoingAttempt {
            attempt: Attempt {
                ledger: self.clone(),
                stage: Arc::new(Mutex::new(Stage::Undisturbed)),
            },
        }
    }

    fn counts(&self) -> Counts {
        Counts(self.inner.counts.load(Ordering::SeqCst))
    }

    fn add(&self, what: u64) {
        self.change(|counts| {
            counts.fetch_add(what, Ordering::SeqCst);
        });
    }

    fn subtract(&self, what: u64) {
        self.change(|counts| {
            counts.fetch_sub(what, Ordering::SeqCst);
        });
    }

    fn change(&self, change: impl FnOnce(&AtomicU64)) {
        {
            let mut history = self.history();
            change(&self.inner.counts);
            history.add(Instant::now(), self.counts());
        }
        self.inner.changed.notify_waiters();
    }

    /// Every change of it is one call: a panic of another holder leaves nothing half-written.
    fn history(&self) -> MutexGuard<'_, History> {
        let history = self.inner.history.lock();
        history.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    fn active(self) -> u64 {
        self.0 % DISTURBED
    }

    fn disturbed(self) -> u64 {
        self.0 % BEGUN / DISTURBED
    }

    fn begun(self) -> u64 {
        self.0 / BEGUN
    }

    fn phase(self) -> Phase {
        if self.active() > 0 {
            Phase::Fault
        } else if self.disturbed() > 0 {
            Phase::Recovery
        } else {
            Phase::Baseline
        }
    }
}

/// One attempt of a run. Cheap to clone, and a clone that outlives the attempt does not make it longer.
#[derive(Clone, Debug)]
pub struct Attempt {
    ledger: Ledger,
    stage: Arc<Mutex<Stage>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Undisturbed,
    Disturbed,
    Ended,
}

impl Attempt {
    /// The ledger of the run.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// A fault of this attempt is about to be made. It counts as active until the guard is dropped: when its heal begins, or when it
    /// could not be made.
    pub fn fault(&self) -> ActiveFault {
        let mut stage = self.stage();
        let is_first = *stage == Stage::Undisturbed;
        if is_first {
            *stage = Stage::Disturbed;
        }
        // At once: nobody sees a part of it.
        let disturbed = if is_first { DISTURBED } else { 0 };
        self.ledger.add(disturbed + ACTIVE + BEGUN);
        drop(stage);
        ActiveFault {
            id: self.ledger.inner.ids.fetch_add(1, Ordering::Relaxed) + 1,
            ledger: self.ledger.clone(),
        }
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An attempt that runs. Dropping it ends the attempt.
#[derive(Debug)]
pub struct OngoingAttempt {
    attempt: Attempt,
}

impl OngoingAttempt {
    /// To be handed to all that happens in it.
    pub fn attempt(&self) -> &Attempt {
        &self.attempt
    }
}

impl Drop for OngoingAttempt {
    fn drop(&mut self) {
        let stage = std::mem::replace(&mut *self.attempt.stage(), Stage::Ended);
        if stage == Stage::Disturbed {
            self.attempt.ledger.subtract(DISTURBED);
        }
    }
}

/// A fault from before it is made until its heal begins, which is when this is dropped.
#[derive(Debug)]
pub struct ActiveFault {
    id: u64,
    ledger: Ledger,
}

impl ActiveFault {
    /// From 1 in each run.
    pub fn id(&self) -> u64 {
        self.id
    }
}

impl Drop for ActiveFault {
    fn drop(&mut self) {
        self.ledger.subtract(ACTIVE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_lasts_until_its_heal_begins_and_recovery_until_the_attempt_ends() {
        let ledger = Ledger::default();
        let attempt = ledger.attempt();
        assert_eq!(ledger.phase(), Phase::Baseline);
        let fault = attempt.attempt().fault();
        assert_eq!(ledger.phase(), Phase::Fault);
        drop(fault);
        assert_eq!(ledger.phase(), Phase::Recovery);
        drop(attempt);
        assert_eq!(ledger.phase(), Phase::Baseline);
    }

    #[test]
    fn the_phase_is_that_of_the_run_and_the_last_of_several_decides() {
        let ledger = Ledger::default();
        let (first, second, calm) = (ledger.attempt(), ledger.attempt(), ledger.attempt());
        let one = first.attempt().fault();
        let two = second.attempt().fault();
        let again = first.attempt().fault();
        assert_eq!((one.id(), two.id(), again.id()), (1, 2, 3));
        drop(one);
        drop(again);
        assert_eq!(ledger.phase(), Phase::Fault);
        drop(first);
        drop(two);
        drop(calm);
        assert_eq!(ledger.phase(), Phase::Recovery);
        drop(second);
        assert_eq!(ledger.phase(), Phase::Baseline);
    }

    #[test]
    fn a_fault_that_outlives_its_attempt_is_a_fault_still_and_leaves_nothing_behind() {
        let ledger = Ledger::default();
        let ongoing = ledger.attempt();
        let attempt = ongoing.attempt().clone();
        let early = attempt.fault();
        drop(ongoing);
        assert_eq!(ledger.phase(), Phase::Fault);
        let late = attempt.fault();
        drop(early);
        drop(late);
        assert_eq!(ledger.phase(), Phase::Baseline);
    }

    #[test]
    fn what_overlaps_a_fault_belongs_to_it_however_short_it_was() {
        let ledger = Ledger::default();
        let ongoing = ledger.attempt();
        let before = ledger.mark();
        assert_eq!(ledger.phase_since(before), Phase::Baseline);
        let fault = ongoing.attempt().fault();
        let during = ledger.mark();
        drop(fault);
        let after = ledger.mark();
        assert_eq!(ledger.phase_since(before), Phase::Fault);
        assert_eq!(ledger.phase_since(during), Phase::Fault);
        assert_eq!(ledger.phase_since(after), Phase::Recovery);
        drop(ongoing);
        assert_eq!(ledger.phase_since(after), Phase::Baseline);
    }

    #[tokio::test]
    async fn a_ledger_that_follows_another_says_the_same_even_of_a_fault_between_two_looks() {
        let (ledger, follower) = (Ledger::default(), Ledger::default());
        let ongoing = ledger.attempt();
        let (known, before) = (ledger.faults(), follower.mark());
        let waiting = tokio::spawn({
            let ledger = ledger.clone();
            async move { ledger.faults_after(known).await }
        });
        tokio::task::yield_now().await;
        drop(ongoing.attempt().fault());
        follower.follow(waiting.await.unwrap());
        assert_eq!(follower.phase(), Phase::Recovery);
        assert_eq!(follower.phase_since(before), Phase::Fault);
        drop(ongoing);
        follower.follow(ledger.faults_after(known).await);
        assert_eq!(follower.phase(), Phase::Baseline);
    }
}
