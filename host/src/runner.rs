//! Runs a plan against the environment, and tells what happens as events in one order.
//!
//! The `dispatcher` owns the truth (order, counts, verdict of the run); the `executor` does the work (one task for each running
//! case); `judge` turns what an attempt left behind into a verdict. Everything outside is behind the trait [`world::World`].

use std::time::Duration;

use assay_report::{
    conclusion::Circumstances,
    event::{Event, EventKind, ReasonKind, RegressionCheck, RunInfo, RunStats},
    exit::Exit,
    verdict::Verdict,
};
use tokio::sync::mpsc;

use self::{
    dispatcher::Dispatcher,
    executor::{Executor, Rules},
    interrupt::{Force, Interrupt},
    judge::{Demand, plain},
    world::{Task, World},
};
use crate::{
    capability::recorder::Evidence, environment::Left, ledger::Ledger, plan::Plan,
    plugin::ending::Ending, redact::Redactor,
};

mod dead;
mod dispatcher;
mod executor;
pub mod identity;
pub mod interrupt;
mod judge;
pub mod live;
mod suite;
#[cfg(test)]
mod tests;
pub mod world;

/// What a run is told.
#[derive(Clone, Debug)]
pub struct Orders {
    /// The first event.
    pub info: RunInfo,
    /// Further attempts of a case that did not pass.
    pub retries: u32,
    /// Whether the first bad case ends the run.
    pub fail_fast: bool,
    /// Time of an attempt whose case does not say.
    pub timeout: Duration,
    /// Takes the secrets out of all that is told.
    pub redactor: Redactor,
}

/// Whether an attempt that ended so is a bad one, as far as the attempt itself says. One without an ending was stopped from outside.
pub(crate) fn is_bad(ending: Option<&Ending>, evidence: &Evidence, task: Task<'_>) -> bool {
    let demand = match task {
        Task::Case { .. } => Demand::Evidence,
        Task::Setup | Task::Teardown { .. } => Demand::Completion,
    };
    let outcome = match ending {
        Some(ending) => judge::judge(ending, evidence, demand),
        None => judge::judge_interrupted(evidence, "whoever conducts the run"),
    };
    outcome.verdict.is_bad()
}

/// How the run compares with former ones, unless somebody stops it meanwhile.
async fn compared(world: &mut dyn World, interrupt: &Interrupt) -> Option<RegressionCheck> {
    tokio::select! {
        biased;
        _ = interrupt.at_least(Force::Finish) => None,
        check = world.compare() => check,
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Over all cases and hooks; at least errored if the environment broke.
    pub verdict: Verdict,
    /// How many cases ended how.
    pub stats: RunStats,
    /// What the process is to end with.
    pub exit: Exit,
}

/// Runs a plan from the first to the last event. Whatever happens, the environment is taken down and the last event is told.
pub async fn run(
    plan: &Plan,
    orders: Orders,
    world: &mut dyn World,
    interrupt: &Interrupt,
    listen: impl FnMut(&Event),
) -> Ended {
    let jobs = orders.info.jobs.max(1);
    let slots = orders.info.agents.iter().map(|agent| agent.slots);
    let slots = slots.fold(0, u32::saturating_add);
    let ledger = Ledger::default();
    let mut dispatcher =
        Dispatcher::new(interrupt.clone(), ledger.clone(), orders.redactor, listen);
    dispatcher.tell(EventKind::RunStarted(orders.info));
    let ready = bring_up(plan, world, interrupt, &mut dispatcher).await;
    if ready {
        let rules = Rules {
            jobs,
            slots,
            retries: orders.retries,
            fail_fast: orders.fail_fast,
            timeout: orders.timeout,
        };
        let (sender, events) = mpsc::unbounded_channel();
        world.tell(&sender, &ledger);
        let executor = Executor::new(&*world, rules, sender, ledger, interrupt.clone());
        // The executor goes with the last sender at the end of its work, which ends the dispatcher's.
        let work = async move { executor.run(plan).await };
        tokio::join!(work, dispatcher.follow(events));
    }
    for left in world.down().await {
        dispatcher.tell(match left {
            Left::Standing(message) => EventKind::EnvironmentLeft { message },
            Left::Abandoned(message) => EventKind::EnvironmentAbandoned { message },
        });
    }
    // What was cut short was not measured as a whole.
    if ready
        && interrupt.stopped().is_none()
        && let Some(check) = compared(world, interrupt).await
    {
        dispatcher.tell(EventKind::Compared(check));
    }
    // A stop while the environment went down decides the exit code, so it is told too.
    dispatcher.announce();
    let stopped = interrupt.stopped();
    let conclusion = dispatcher.conclusion();
    let (verdict, exit) = conclusion.conclude(Circumstances {
        ready,
        cut_off: stopped.is_some_and(|stop| stop.force == Force::Cancel),
        planned: !plan.is_empty_shard(),
    });
    let stats = conclusion.stats();
    let duration_ns = dispatcher.elapsed_ns();
    dispatcher.tell(EventKind::RunFinished {
        verdict,
        stats,
        duration_ns,
        exit_code: exit.code(),
    });
    Ended {
        verdict,
        stats,
        exit,
    }
}

/// Whether the environment is ready. If not, every case has its verdict already. A shard without a case needs none.
async fn bring_up(
    plan: &Plan,
    world: &mut dyn World,
    interrupt: &Interrupt,
    dispatcher: &mut Dispatcher<impl FnMut(&Event)>,
) -> bool {
    if plan.is_empty_shard() {
        return true;
    }
    let before = dispatcher.elapsed_ns();
    let up = tokio::select! {
        // A stop that came before starts no service.
        biased;
        _ = interrupt.at_least(Force::Finish) => None,
        up = world.up() => Some(up),
    };
    let outcome = match up {
        Some(Ok(services)) => {
            let duration_ns = dispatcher.elapsed_ns() - before;
            dispatcher.tell(EventKind::EnvironmentReady {
                services,
                duration_ns,
            });
            return true;
        }
        Some(Err(message)) => {
            let headline = message.lines().next().unwrap_or_default().to_owned();
            dispatcher.tell(EventKind::EnvironmentFailed { message });
            plain(
                Verdict::Errored,
                ReasonKind::Environment,
                format!("the environment is not there: {headline}"),
            )
        }
        None => {
            dispatcher.announce();
            plain(
                Verdict::Skipped,
                ReasonKind::Interrupted,
                "not begun: the run was stopped before the environment was ready".into(),
            )
        }
    };
    for suite in &plan.suites {
        for case in &suite.cases {
            dispatcher.tell(EventKind::CaseFinished {
                suite: suite.name.clone(),
                case: case.name.clone(),
                outcome: outcome.clone(),
                attempts: 0,
                duration_ns: 0,
            });
        }
        dispatcher.tell(EventKind::SuiteFinished {
            suite: suite.name.clone(),
            verdict: outcome.verdict,
            duration_ns: 0,
            metrics: Vec::new(),
            proposal: None,
        });
    }
    false
}
