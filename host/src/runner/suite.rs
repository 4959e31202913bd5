//! One suite on its way: its setup first, its cases side by side, its teardown last, and what came of each attempt.

mod outcomes;

use std::{ops::ControlFlow, pin::pin, time::Duration};

use assay_report::{
    event::{EventKind, Outcome, ReasonKind, Source},
    verdict::Verdict,
};
use futures::future::join_all;
use tokio::time::{Instant, sleep_until};

use self::outcomes::{because_of_setup, not_begun, over_attempts};
use super::{
    dead::Losses,
    dispatcher::nanoseconds,
    executor::{Executor, Needed},
    interrupt::Force,
    judge::{Demand, judge, judge_interrupted, judge_losses, judge_unhealed, plain},
    world::Task,
};
use crate::{
    capability::recorder::Recorder,
    plan::PlannedSuite,
    plugin::{description::Case, ending::Ending},
};

/// After how long a case is told to run still; then again whenever that time has doubled.
const STILL_RUNNING: Duration = Duration::from_secs(30);
/// The longest time that a teardown gets after the run was cut off.
const LAST_TEARDOWN: Duration = Duration::from_secs(10);

/// One suite on its way.
pub(super) struct SuiteRun<'a> {
    pub(super) executor: &'a Executor<'a>,
    pub(super) index: usize,
    pub(super) suite: &'a PlannedSuite,
}

/// What came of an entry.
struct Finished {
    outcome: Outcome,
    /// What it returned.
    text: String,
    /// What of its environment was dead.
    loss: Loss,
}

/// What of its environment was dead at the end of a bad attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loss {
    /// Nothing.
    None,
    /// A service that was not known to be dead before.
    Met,
    /// A service that was known to be dead when it began: it tests nothing.
    Before,
}

impl Loss {
    fn of(losses: &Losses) -> Self {
        if !losses.before.is_empty() {
            Self::Before
        } else if !losses.met.is_empty() {
            Self::Met
        } else {
            Self::None
        }
    }
}

impl SuiteRun<'_> {
    pub(super) async fn run(&self) {
        let started = Instant::now();
        let verdicts = match self.set_up().await {
            Ok(setup) => {
                let data = &setup.text;
                let cases = self.suite.cases.iter().map(|case| self.case(case, data));
                let mut verdicts = join_all(cases).await;
                let hooks = [setup.outcome.verdict, self.tear_down(data).await];
                // A hook that passed tests nothing: it must not make a suite of skipped cases look tested.
                verdicts.extend(
                    hooks
                        .into_iter()
                        .filter(|verdict| *verdict != Verdict::Passed),
                );
                verdicts
            }
            Err(outcome) => self.without_setup(&outcome),
        };
        let distributions = self.executor.world.distributions(self.index);
        if !distributions.is_empty() {
            self.executor.tell(EventKind::Measured {
                suite: self.suite.name.clone(),
                source: None,
                scenario: None,
                distributions,
            });
        }
        self.executor.tell(EventKind::SuiteFinished {
            suite: self.suite.name.clone(),
            verdict: Verdict::of_all(verdicts),
            duration_ns: nanoseconds(started),
            metrics: self.executor.world.metrics(self.index),
            proposal: self.executor.world.proposal(self.index),
        });
    }

    /// What the setup hands on, or why there is nothing to run.
    async fn set_up(&self) -> Result<Finished, Outcome> {
        if !self.suite.has_setup || self.nothing_can_run() {
            // Skipped weighs nothing in the verdict of the suite: only a setup that ran has a say.
            return Ok(Finished {
                outcome: Outcome {
                    verdict: Verdict::Skipped,
                    reason: None,
                },
                text: String::new(),
                loss: Loss::None,
            });
        }
        let _place = match self.executor.place(self.needed("")).await {
            ControlFlow::Continue(place) => place,
            ControlFlow::Break(reason) => return Err(not_begun(&reason)),
        };
        let source = self.source("setup", 1);
        let setup = self
            .attempt(
                source,
                Task::Setup,
                self.executor.rules.timeout,
                Demand::Completion,
            )
            .await;
        match setup.outcome.verdict {
            Verdict::Passed | Verdict::Flaky | Verdict::Degraded => Ok(setup),
            Verdict::Skipped | Verdict::Failed | Verdict::Errored => {
                self.executor.heed_fail_fast(setup.outcome.verdict);
                Err(because_of_setup(setup.outcome))
            }
        }
    }

    /// Every case gets the verdict of the setup: whoever is to blame for it is to blame for them.
    fn without_setup(&self, outcome: &Outcome) -> Vec<Verdict> {
        for case in &self.suite.cases {
            self.case_finished(case, outcome.clone(), 0, Duration::ZERO);
        }
        vec![outcome.verdict]
    }

    /// The first service without which the case makes no sense and which the environment does not have.
    fn missing_service<'c>(&self, case: &'c Case) -> Option<&'c str> {
        let mut needs = case.needs.iter().map(String::as_str);
        needs.find(|name| !self.executor.world.has_service(name))
    }

    /// Whether every case will be skipped for what it needs: then there is nothing to prepare and nothing to tidy up.
    fn nothing_can_run(&self) -> bool {
        let mut cases = self.suite.cases.iter();
        cases.all(|case| self.missing_service(case).is_some())
    }

    async fn case(&self, case: &Case, data: &str) -> Verdict {
        if let Some(service) = self.missing_service(case) {
            let near = self.executor.world.near_service(service);
            let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            let why = format!(
                "it needs the service `{service}`, which the environment does not have{near}"
            );
            return self.never_run(case, plain(Verdict::Skipped, ReasonKind::Skipped, why));
        }
        let needed = if case.exclusive {
            Needed::All
        } else {
            self.needed(data)
        };
        let _place = match self.executor.place(needed).await {
            ControlFlow::Continue(place) => place,
            ControlFlow::Break(reason) => return self.never_run(case, not_begun(&reason)),
        };
        let most = self.executor.rules.retries.saturating_add(1);
        self.executor.tell(EventKind::CaseStarted {
            suite: self.suite.name.clone(),
            case: case.name.clone(),
            attempts: most,
        });
        let started = Instant::now();
        let attempts = self.attempts(case, data, most);
        let (outcome, attempts) = self.told_while_running(case, started, attempts).await;
        let verdict = outcome.verdict;
        self.case_finished(case, outcome, attempts, started.elapsed());
        self.executor.heed_fail_fast(verdict);
        verdict
    }

    /// Tells now and then that the case runs still.
    async fn told_while_running<T>(
        &self,
        case: &Case,
        started: Instant,
        work: impl Future<Output = T>,
    ) -> T {
        let mut work = pin!(work);
        let mut after = STILL_RUNNING;
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done,
                () = sleep_until(started + after) => {}
            }
            self.executor.tell(EventKind::CaseStillRunning {
                suite: self.suite.name.clone(),
                case: case.name.clone(),
                for_ns: nanoseconds(started),
            });
            after *= 2;
        }
    }

    /// Tries until it does not fail, at most so often. The verdict over all attempts, and how many there were.
    async fn attempts(&self, case: &Case, data: &str, most: u32) -> (Outcome, u32) {
        let timeout = case.timeout.unwrap_or(self.executor.rules.timeout);
        let mut last_bad: Option<Outcome> = None;
        let mut attempt = 1;
        loop {
            let task = Task::Case {
                name: &case.name,
                data,
            };
            let source = self.source(&case.name, attempt);
            let Finished { outcome, loss, .. } =
                self.attempt(source, task, timeout, Demand::Evidence).await;
            if !outcome.verdict.may_retry() {
                return (over_attempts(outcome, last_bad), attempt);
            }
            // Nobody starts again what died by itself: another attempt would only say so. What one found before stands.
            match loss {
                Loss::None => {}
                Loss::Met => return (outcome, attempt),
                Loss::Before => return (last_bad.unwrap_or(outcome), attempt),
            }
            if attempt == most || self.executor.interrupt.stopped().is_some() {
                return (outcome, attempt);
            }
            last_bad = Some(outcome);
            attempt += 1;
        }
    }

    /// Runs also when the run was cut off, for a short time then.
    async fn tear_down(&self, data: &str) -> Verdict {
        if !self.suite.has_teardown || self.nothing_can_run() {
            return Verdict::Skipped;
        }
        let cut_off = self.executor.interrupt.at_least(Force::Cancel);
        let timeout = self.executor.rules.timeout;
        let cut_off = async {
            cut_off.await;
            tokio::time::sleep(LAST_TEARDOWN.min(timeout)).await;
            format!(
                "the end of the {} s that a teardown gets after a stop",
                LAST_TEARDOWN.as_secs()
            )
        };
        let source = self.source("teardown", 1);
        let task = Task::Teardown { data };
        let teardown = self
            .until(source, task, timeout, Demand::Completion, cut_off)
            .await;
        teardown.outcome.verdict
    }

    /// An attempt that is cut off when the run is.
    async fn attempt(
        &self,
        source: Source,
        task: Task<'_>,
        timeout: Duration,
        demand: Demand,
    ) -> Finished {
        let cut_off = self.executor.interrupt.at_least(Force::Cancel);
        self.until(source, task, timeout, demand, cut_off).await
    }

    /// Runs one entry from its first to its last event. `cut_off` ends it early and says by what.
    async fn until(
        &self,
        source: Source,
        task: Task<'_>,
        timeout: Duration,
        demand: Demand,
        cut_off: impl Future<Output = String>,
    ) -> Finished {
        let executor = self.executor;
        let ongoing = executor.ledger.attempt();
        let recorder = Recorder::new(source.clone(), executor.events.clone(), ongoing.attempt());
        executor.tell(EventKind::AttemptStarted(source.clone()));
        let dead = executor.dead.count();
        let started = Instant::now();
        let ended = tokio::select! {
            biased;
            ending = executor.world.run(self.index, task, recorder.clone(), timeout) => Ok(ending),
            reason = cut_off => Err(reason),
        };
        // Before anything else begins, and before the verdict: the heal of a fault may find something, too.
        let unhealed = executor.world.settle(&source).await;
        let duration_ns = nanoseconds(started);
        let evidence = recorder.evidence();
        let outcome = match &ended {
            Ok(ending) => judge(ending, &evidence, demand),
            Err(reason) => judge_interrupted(&evidence, reason),
        };
        let mut outcome = judge_unhealed(outcome, &unhealed);
        let mut loss = Loss::None;
        if outcome.verdict.is_bad() {
            let losses = executor.losses(dead).await;
            loss = Loss::of(&losses);
            outcome = judge_losses(outcome, &losses);
            executor.look_at_services(&source).await;
            recorder.recall();
            executor.services_wrote(&source, started).await;
        }
        let finished = Finished {
            outcome,
            text: match ended {
                Ok(Ending::Returned(text)) => text,
                _ => String::new(),
            },
            loss,
        };
        executor.tell(EventKind::AttemptFinished {
            source,
            outcome: finished.outcome.clone(),
            duration_ns,
            counts: recorder.evidence().counts,
        });
        finished
    }

    /// What an entry needs that is given this by the setup.
    fn needed(&self, data: &str) -> Needed {
        if self.executor.world.runs_elsewhere(self.index, data) {
            Needed::Slot
        } else {
            Needed::Here
        }
    }

    fn never_run(&self, case: &Case, outcome: Outcome) -> Verdict {
        let verdict = outcome.verdict;
        self.case_finished(case, outcome, 0, Duration::ZERO);
        verdict
    }

    fn case_finished(&self, case: &Case, outcome: Outcome, attempts: u32, duration: Duration) {
        self.executor.tell(EventKind::CaseFinished {
            suite: self.suite.name.clone(),
            case: case.name.clone(),
            outcome,
            attempts,
            duration_ns: u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX),
        });
    }

    fn source(&self, entry: &str, attempt: u32) -> Source {
        Source {
            suite: self.suite.name.clone(),
            entry: entry.to_owned(),
            attempt,
        }
    }
}
