//! The services that died by themselves: one question after them at a time, whose answer is that of all who asked before it began.
//!
//! Cases that run side by side meet the same death in the same moment. If each of them asked for itself, they would be in each other's way.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{sync, time::timeout};

use super::{
    interrupt::{Force, Interrupt},
    world::{Fallen, World},
};

/// How long an attempt waits at most for what is known of its services.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is known of the dead of a run.
#[derive(Debug, Default)]
pub(super) struct Dead {
    /// Those that were seen, and as which one of them.
    seen: Mutex<BTreeMap<String, usize>>,
    /// How many questions have begun.
    begun: AtomicU64,
    /// The last one that was answered. Held while one is asked.
    last: sync::Mutex<Answer>,
}

/// What a question was answered.
#[derive(Debug, Default)]
struct Answer {
    /// Which question; from 1.
    number: u64,
    fallen: Vec<Fallen>,
}

/// The dead of an environment, as an attempt sees them at its end.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Losses {
    /// Those that were known to be dead when it began.
    pub(super) before: Vec<Fallen>,
    /// Those that it met: they were not known then.
    pub(super) met: Vec<Fallen>,
}

impl Dead {
    /// How many were seen so far: to be asked when an attempt begins.
    pub(super) fn count(&self) -> usize {
        self.seen().len()
    }

    /// Asks after them, and hands on each that is seen for the first time. `before` is their count when the attempt began. Nothing is known
    /// when it takes too long, or when the run is cut off.
    pub(super) async fn ask(
        &self,
        world: &dyn World,
        interrupt: &Interrupt,
        before: usize,
        tell: impl Fn(&Fallen),
    ) -> Losses {
        let fallen = tokio::select! {
            biased;
            _ = interrupt.at_least(Force::Cancel) => return Losses::default(),
            fallen = timeout(PATIENCE, self.fallen(world)) => fallen.unwrap_or_default(),
        };
        let mut losses = Losses::default();
        for one in fallen {
            let mut seen = self.seen();
            let next = seen.len();
            let number = *seen.entry(one.service.clone()).or_insert(next);
            if number == next {
                tell(&one);
            }
            drop(seen);
            let of = if number < before {
                &mut losses.before
            } else {
                &mut losses.met
            };
            of.push(one);
        }
        losses
    }

    /// The answer to a question that begins from now on.
    async fn fallen(&self, world: &dyn World) -> Vec<Fallen> {
        let begun = self.begun.load(Ordering::Relaxed);
        let mut last = self.last.lock().await;
        if last.number <= begun {
            let number = self.begun.fetch_add(1, Ordering::Relaxed) + 1;
            let fallen = world.fallen().await;
            *last = Answer { number, fallen };
        }
        last.fallen.clone()
    }

    fn seen(&self) -> MutexGuard<'_, BTreeMap<String, usize>> {
        // Each change is whole.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
