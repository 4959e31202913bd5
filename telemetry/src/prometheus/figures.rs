//! What is counted of a run: events go in, families of series come out. Nothing here waits, reads or writes.
//!
//! Memory has a limit: of the registry by its budgets, of what is remembered between two events by [`MAX_REMEMBERED`].

mod baselines;
mod cases;
mod environment;
mod faults;
mod loads;
mod own;
mod run;
mod traffic;

use assay_report::event::{Event, EventKind};

use self::{faults::Faults, loads::Loads, run::Run};
use super::{labels::Labels, registry::Registry};
use crate::time::seconds;

/// Faults that are active, and loads that run, of which more is known than their number.
const MAX_REMEMBERED: usize = 1_000;

/// The figures of one run.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    registry: Registry,
    run: Run,
    faults: Faults,
    loads: Loads,
}

impl Figures {
    /// Hears what happened.
    pub fn event(&mut self, event: &Event) {
        let registry = &mut self.registry;
        run::time_passed(registry, event.at_ns);
        match &event.kind {
            EventKind::RunStarted(info) => self.run.started(registry, info),
            EventKind::Interrupted { .. } => run::interrupted(registry),
            EventKind::Compared(check) => baselines::compared(registry, check),
            EventKind::RunFinished {
                verdict,
                duration_ns,
                exit_code,
                ..
            } => self
                .run
                .finished(registry, *verdict, *duration_ns, *exit_code),
            EventKind::EnvironmentReady {
                services,
                duration_ns,
            } => environment::ready(registry, services, *duration_ns),
            EventKind::EnvironmentFailed { .. } => environment::problem(registry, "failed"),
            EventKind::EnvironmentLeft { .. } => environment::problem(registry, "left"),
            EventKind::EnvironmentAbandoned { .. } => environment::problem(registry, "abandoned"),
            EventKind::AgentLost { .. } => environment::problem(registry, "agent-lost"),
            EventKind::ServiceDied { service, .. } => environment::died(registry, service),
            EventKind::ServicesProbed { services, .. } => environment::probed(registry, services),
            EventKind::FaultInjected { source, fault, .. } => {
                self.faults.injected(registry, source, fault);
            }
            EventKind::FaultHealed { healed, .. } => self.faults.healed(registry, healed),
            EventKind::FaultFailed {
                source,
                fault,
                stage,
                ..
            } => faults::failed(registry, source, fault, *stage),
            EventKind::LoadStarted { source, load } => self.loads.started(registry, source, load),
            EventKind::LoadWent {
                source,
                load,
                point,
            } => self.loads.went(registry, source, *load, point),
            EventKind::LoadEnded { source, end } => self.loads.ended(registry, source, end),
            EventKind::Measured {
                source,
                scenario,
                distributions,
                ..
            } => {
                // A suite's own figures come with its end, with their labels apart.
                if let (Some(source), Some(scenario)) = (source, scenario) {
                    loads::measured(registry, source, scenario, distributions);
                }
            }
            EventKind::CaseStarted { suite, .. } => cases::started(registry, suite),
            EventKind::AttemptStarted(source) => cases::attempt_started(registry, source),
            EventKind::Log { source, level, .. } => cases::logged(registry, source, *level),
            EventKind::Refused { source, refusal } => cases::refused(registry, source, refusal),
            EventKind::Judged { source, judgement } => {
                baselines::judged(registry, &source.suite, judgement);
            }
            EventKind::Exchanged { source, exchange } => {
                traffic::exchange(registry, source, exchange, event.phase);
            }
            EventKind::Streamed { source, stream } => traffic::stream(registry, source, stream),
            EventKind::AttemptFinished {
                source,
                outcome,
                counts,
                ..
            } => cases::attempt_finished(registry, source, outcome.verdict, counts),
            EventKind::CaseFinished {
                suite,
                case,
                outcome,
                attempts,
                duration_ns,
            } => {
                let took = (*attempts > 0).then_some(*duration_ns);
                cases::finished(registry, suite, case, outcome.verdict, took);
            }
            EventKind::SuiteFinished {
                suite,
                duration_ns,
                metrics,
                ..
            } => {
                cases::suite_finished(registry, suite, *duration_ns);
                own::figures(registry, suite, metrics);
            }
            // Checks are counted with their attempt, which also has those that no event tells. The others are evidence, of which
            // nothing is counted, or the same told again. A run that goes on has lost no shard.
            EventKind::Checked { .. }
            | EventKind::ShardLost { .. }
            | EventKind::AttemptPlaced { .. }
            | EventKind::CaseStillRunning { .. }
            | EventKind::Output { .. }
            | EventKind::ExchangeRecalled { .. }
            | EventKind::StreamRecalled { .. }
            | EventKind::ServiceWrote { .. }
            | EventKind::Attached { .. } => {}
        }
    }

    /// What is known so far.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The same, for what is no event.
    pub(crate) fn registry_mut(&mut self) -> &mut Registry {
        &mut self.registry
    }
}

/// For metrics that have one series.
fn none() -> Labels {
    Labels::default()
}

fn suite_alone(suite: &str) -> Labels {
    Labels::new([("suite", suite)])
}

fn truth(true_or_not: bool) -> f64 {
    f64::from(u8::from(true_or_not))
}
