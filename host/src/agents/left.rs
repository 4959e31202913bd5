//! Attempts that nobody waits for any more: they are stopped at their agents, and heard until they are over, for what was found by then counts.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use assay_report::event::Source;
use tokio::time::timeout;

use super::attempt::Attempt;

/// How long agents may take to stop what nobody waits for, and say so: their grace, and the way.
const STOPPING: Duration = Duration::from_secs(12);

/// All that were left. Cheap to clone: all clones are the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Left(Arc<Mutex<Vec<Attempt>>>);

impl Left {
    /// An attempt was left before its end. Whoever goes on in its environment waits for it first ([`Left::settle`]).
    pub(super) fn add(&self, attempt: Attempt) {
        self.lock().push(attempt);
    }

    /// Waits until what was left of an attempt is over, but no longer than agents may take to stop something.
    pub(super) async fn settle(&self, source: &Source) {
        let left = {
            let left = &mut self.lock();
            let index = left.iter().position(|other| other.source() == source);
            index.map(|index| left.swap_remove(index))
        };
        if let Some(mut attempt) = left {
            // How it ended is known to whoever left it.
            let _ = timeout(STOPPING, attempt.follow()).await;
        }
    }

    /// Every change is one call: a panic of another holder leaves nothing half-written.
    fn lock(&self) -> MutexGuard<'_, Vec<Attempt>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use assay_agents::{
        shard::{Ending, ShardNumber},
        sink::{Sink as _, Told},
    };
    use assay_report::event::Check;
    use tokio::time::Instant;

    use super::*;
    use crate::{
        agents::{
            attempt::tests::{Scripted, source},
            routes::{
                Hearing,
                tests::{not_run, routes},
            },
            work::{Ended, Word},
        },
        capability::recorder::Evidence,
    };

    #[tokio::test(start_paused = true)]
    async fn what_is_left_of_an_attempt_is_waited_for_and_no_longer_than_it_may_take() {
        let (routes, left) = (routes(), Left::default());
        left.add(Scripted::new(&routes, 1).attempt);
        left.settle(&source(2)).await;
        let before = Instant::now();
        let mut hearing = Hearing(Arc::clone(&routes));
        let first = source(1);
        tokio::join!(left.settle(&first), async {
            hearing.take(not_run(1)).await.unwrap();
        });
        assert!(before.elapsed() < STOPPING);
        left.add(Scripted::new(&routes, 3).attempt);
        left.settle(&source(3)).await;
        assert_eq!(before.elapsed(), STOPPING);
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_stopped_attempt_had_found_counts() {
        let (routes, left) = (routes(), Left::default());
        let scripted = Scripted::new(&routes, 1);
        left.add(scripted.attempt);
        let mut evidence = Evidence::default();
        evidence.counts.checks_failed = 1;
        evidence.first_failed_check = Some(Check {
            name: "the total is right".to_owned(),
            passed: false,
            expected: None,
            actual: None,
            location: None,
        });
        let agent = || "a1".parse().unwrap();
        let (shard, ending) = (ShardNumber(1), None);
        let found = Ended {
            ending,
            evidence: evidence.clone(),
        };
        let told = [
            Told::Word {
                shard,
                agent: agent(),
                word: Box::new(Word::Ended(Box::new(found))),
            },
            Told::Ended {
                shard,
                agent: agent(),
                ending: Ending::Stopped,
            },
        ];
        let mut hearing = Hearing(Arc::clone(&routes));
        for told in told {
            hearing.take(told).await.unwrap();
        }
        left.settle(&source(1)).await;
        assert_eq!(scripted.recorder.evidence(), evidence);
    }
}
