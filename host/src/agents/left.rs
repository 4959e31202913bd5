//! Attempts that nobody waits for any more: they are stopped at their agents, and heard until they are over, for what was found by then counts. An agent that is
//! silent then holds up the end of a run once, however many attempts are left at it one after the other.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use assay_report::event::Source;

use super::attempt::Attempt;

/// How long the words of an attempt that was cut off are waited for after those of another one did not come.
const ONCE_MORE: Duration = Duration::from_secs(1);

/// All that were left. Cheap to clone: all clones are the same.
#[derive(Clone, Debug)]
pub(super) struct Left(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// How long agents may take to stop what nobody waits for, and say so.
    stopped_after: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    attempts: Vec<Attempt>,
    /// Whether the words of an attempt that was cut off were waited for, and did not come.
    in_vain: bool,
}

impl Left {
    /// None yet, at agents that take so long at most until something that was stopped has ended.
    pub(super) fn new(stopped_after: Duration) -> Self {
        Self(Arc::new(Shared {
            stopped_after,
            state: Mutex::default(),
        }))
    }

    /// An attempt was left before its end. Whoever goes on in its environment waits for it first ([`Left::settle`]).
    pub(super) fn add(&self, attempt: Attempt) {
        self.lock().attempts.push(attempt);
    }

    /// Waits until what was left of an attempt is over, but no longer than agents may take to stop something. What did not come by then, the attempt tells.
    pub(super) async fn settle(&self, source: &Source) {
        let left = {
            let left = &mut self.lock().attempts;
            let index = left.iter().position(|other| other.source() == source);
            index.map(|index| left.swap_remove(index))
        };
        let Some(mut attempt) = left else {
            return;
        };
        let is_heard = attempt.hear_out(self.patience(&attempt)).await;
        if !is_heard && !attempt.is_overdue() {
            self.lock().in_vain = true;
        }
    }

    /// Whether attempts that were cut off are held up by an agent that says nothing.
    pub(super) fn is_in_vain(&self) -> bool {
        self.lock().in_vain
    }

    /// Attempts that are cut off are so for the same reason, and whoever gave it waits for all of them together. One that is overdue is the first to find out that
    /// something is wrong with its agent.
    fn patience(&self, attempt: &Attempt) -> Duration {
        if self.is_in_vain() && !attempt.is_overdue() {
            ONCE_MORE.min(self.0.stopped_after)
        } else {
            self.0.stopped_after
        }
    }

    /// Every change is one call: a panic of another holder leaves nothing half-written.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use assay_agents::{
        shard::{Ending, Loss, ShardNumber},
        sink::{Sink as _, Told},
    };
    use assay_report::event::{Check, EventKind, Level};
    use futures::future::join_all;
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

    const STOPPED_AFTER: Duration = Duration::from_secs(12);

    /// How long what is left of an attempt is waited for.
    async fn waited(left: &Left, attempt: Attempt) -> Duration {
        let (before, source) = (Instant::now(), attempt.source().clone());
        left.add(attempt);
        left.settle(&source).await;
        before.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_left_of_an_attempt_is_waited_for_and_no_longer_than_it_may_take() {
        let (routes, left) = (routes(), Left::new(STOPPED_AFTER));
        left.add(Scripted::new(&routes, 1).attempt);
        left.settle(&source(2)).await;
        let before = Instant::now();
        let mut hearing = Hearing(Arc::clone(&routes));
        let first = source(1);
        tokio::join!(left.settle(&first), async {
            hearing.take(not_run(1)).await.unwrap();
        });
        assert!(before.elapsed() < STOPPED_AFTER);
        assert!(!left.is_in_vain());
        let silent = Scripted::new(&routes, 3).attempt;
        assert_eq!(waited(&left, silent).await, STOPPED_AFTER);
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_agent_holds_up_a_run_that_was_cut_off_once_and_not_with_each_attempt() {
        let (routes, left) = (routes(), Left::new(STOPPED_AFTER));
        let together = [1, 2].map(|number| waited(&left, Scripted::new(&routes, number).attempt));
        assert_eq!(join_all(together).await, [STOPPED_AFTER; 2]);
        let teardown = Scripted::new(&routes, 3).attempt;
        assert_eq!(waited(&left, teardown).await, ONCE_MORE);
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_that_is_overdue_takes_no_time_from_those_that_are_cut_off_later() {
        let (routes, left) = (routes(), Left::new(STOPPED_AFTER));
        for number in 1..=2 {
            let overdue = Scripted::new(&routes, number).overdue().await;
            assert_eq!(waited(&left, overdue.attempt).await, STOPPED_AFTER);
        }
        assert!(!left.is_in_vain());
        let silent = Scripted::new(&routes, 3).attempt;
        assert_eq!(waited(&left, silent).await, STOPPED_AFTER);
    }

    #[tokio::test(start_paused = true)]
    async fn words_that_do_not_come_are_told_to_be_missing_with_the_name_of_the_agent() {
        let shard = ShardNumber(1);
        let agent = || "a1".parse().unwrap();
        let word = |word| Told::Word {
            shard,
            agent: agent(),
            word: Box::new(word),
        };
        let ended = |ending| Told::Ended {
            shard,
            agent: agent(),
            ending,
        };
        let given = || Told::Given {
            shard,
            attempt: 1,
            agent: agent(),
        };
        let found = Ended {
            ending: None,
            evidence: Evidence::default(),
        };
        let loss = Loss::NotStopped { agent: agent() };
        let gone = Told::Lost { shard, loss };
        for (told, is_missing) in [
            (vec![], true),
            (vec![gone], true),
            (vec![ended(Ending::Stopped)], true),
            (vec![not_run(1)], false),
            (vec![ended(Ending::Failed("no".to_owned()))], false),
            (
                vec![word(Word::Ended(Box::new(found))), ended(Ending::Stopped)],
                false,
            ),
        ] {
            let routes = routes();
            let Scripted {
                attempt,
                mut events,
                ..
            } = Scripted::new(&routes, 1);
            let seen = format!("{told:?}");
            let mut hearing = Hearing(Arc::clone(&routes));
            hearing.take(given()).await.unwrap();
            for told in told {
                hearing.take(told).await.unwrap();
            }
            let left = Left::new(STOPPED_AFTER);
            waited(&left, attempt).await;
            let told = std::iter::from_fn(|| events.try_recv().ok());
            let warnings: Vec<_> = told
                .filter_map(|happened| match happened.kind {
                    EventKind::Log { level, message, .. } => Some((level, message)),
                    _ => None,
                })
                .collect();
            assert_eq!(left.is_in_vain(), is_missing, "{seen}");
            assert_eq!(
                warnings.len(),
                usize::from(is_missing),
                "{seen}: {warnings:?}"
            );
            for (level, message) in warnings {
                assert_eq!(level, Level::Warn);
                assert!(message.contains("the agent `one`"), "{message}");
                assert!(message.contains("may be missing"), "{message}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_stopped_attempt_had_found_counts() {
        let (routes, left) = (routes(), Left::new(STOPPED_AFTER));
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
