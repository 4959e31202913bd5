//! From the contract's words to those of the engine, and back.

use std::time::Duration;

use assay_load::{
    outcome::{self, Outcome},
    plan::{Draft, Executor, Stage, Steps},
    threshold::{Figure, Measure, Threshold},
};
use assay_report::{event::Baseline, hint};

use super::{Refusal, order::Made};
use crate::plugin::bindings::assay::suite::load as contract;

/// What a suite asked for; its thresholds are held against the suite's baselines.
pub(super) fn draft(plan: contract::Plan, baselines: &[Baseline]) -> Result<Draft, Refusal> {
    let thresholds = plan.thresholds.into_iter();
    let thresholds = thresholds.map(|wanted| threshold(wanted, baselines));
    Ok(Draft {
        scenario: plan.scenario,
        executor: executor(plan.executor),
        max_vus: plan.max_vus,
        isolated: plan.isolated,
        warm_up: Duration::from_millis(plan.warm_up_ms),
        pace: Duration::from_millis(plan.pace_ms),
        grace: Duration::from_millis(plan.grace_ms),
        late: Duration::from_millis(plan.late_ms),
        stall: Duration::from_millis(plan.stall_ms),
        parameter: plan.parameter,
        thresholds: thresholds.collect::<Result<_, _>>()?,
        failures_are_judged: plan.failures_are_judged,
    })
}

fn threshold(wanted: contract::Threshold, baselines: &[Baseline]) -> Result<Threshold, Refusal> {
    let name = &wanted.baseline;
    let Some(baseline) = baselines.iter().find(|baseline| baseline.name == *name) else {
        let shown = name.escape_debug();
        let known = baselines.iter().map(|baseline| &*baseline.name);
        return Err(Refusal::Invalid(match hint::nearest(name, known) {
            Some(near) => {
                format!("the suite declares no baseline `{shown}`; did you mean `{near}`?")
            }
            None => format!("the suite declares no baseline `{shown}`; declare it in `suite!`"),
        }));
    };
    let measure = measure(wanted.measure);
    Ok(Threshold::new(
        &*baseline.name,
        &baseline.unit,
        measure,
        wanted.abort,
    )?)
}

fn executor(executor: contract::Executor) -> Executor {
    use contract::Executor as Contract;
    match executor {
        Contract::SharedIterations(contract::SharedIterations { vus, iterations }) => {
            Executor::SharedIterations { vus, iterations }
        }
        Contract::PerVuIterations(contract::PerVuIterations { vus, iterations }) => {
            Executor::PerVuIterations { vus, iterations }
        }
        Contract::ConstantVus(contract::ConstantVus { vus, duration_ms }) => {
            Executor::ConstantVus {
                vus,
                duration: Duration::from_millis(duration_ms),
            }
        }
        Contract::RampingVus(given) => Executor::RampingVus(stages(&given)),
        Contract::ConstantArrivalRate(contract::ConstantRate {
            per_second,
            duration_ms,
        }) => Executor::ConstantArrivalRate {
            per_second,
            duration: Duration::from_millis(duration_ms),
        },
        Contract::RampingArrivalRate(given) => Executor::RampingArrivalRate(stages(&given)),
        Contract::SearchingVus(search) => Executor::SearchingVus(steps(search)),
        Contract::SearchingArrivalRate(search) => Executor::SearchingArrivalRate(steps(search)),
    }
}

fn stages(given: &[contract::Stage]) -> Vec<Stage> {
    let stages = given.iter();
    stages
        .map(|stage| Stage {
            duration: Duration::from_millis(stage.duration_ms),
            target: stage.target,
        })
        .collect()
}

fn steps(search: contract::Search) -> Steps {
    Steps {
        first: search.first,
        step: search.step,
        last: search.last,
        hold: Duration::from_millis(search.hold_ms),
    }
}

fn measure(measure: contract::Measure) -> Measure {
    use contract::Measure as Contract;
    match measure {
        Contract::Iterations(figure) => Measure::Iterations(self::figure(figure)),
        Contract::Requests((name, figure)) => Measure::Requests(name, self::figure(figure)),
        Contract::StreamConnect(figure) => Measure::StreamConnect(self::figure(figure)),
        Contract::FirstEvent(figure) => Measure::FirstEvent(self::figure(figure)),
        Contract::EventGap(figure) => Measure::EventGap(self::figure(figure)),
        Contract::Stalls => Measure::Stalls,
        Contract::Reconnects => Measure::Reconnects,
        Contract::LostEvents => Measure::LostEvents,
        Contract::DuplicatedEvents => Measure::DuplicatedEvents,
        Contract::StreamsCutShort => Measure::StreamsCutShort,
    }
}

fn figure(figure: contract::Figure) -> Figure {
    match figure {
        contract::Figure::Mean => Figure::Mean,
        contract::Figure::P50 => Figure::P50,
        contract::Figure::P90 => Figure::P90,
        contract::Figure::P95 => Figure::P95,
        contract::Figure::P99 => Figure::P99,
        contract::Figure::P999 => Figure::P999,
        contract::Figure::Max => Figure::Max,
        contract::Figure::FailedPercent => Figure::FailedPercent,
        contract::Figure::PerSecond => Figure::PerSecond,
    }
}

/// How load is made, for people.
pub(super) fn words(executor: &Executor) -> String {
    let time = |time: &Duration| humantime::format_duration(*time).to_string();
    let ramp = |stages: &[Stage], what: &str| {
        let levels: Vec<String> = stages
            .iter()
            .map(|stage| format!("{} in {}", stage.target, time(&stage.duration)))
            .collect();
        format!("{what} to {}", levels.join(", to "))
    };
    let search = |steps: &Steps, what: &str| {
        format!(
            "search from {} to {} {what}, each {} for {}",
            steps.first,
            steps.last,
            steps.step,
            time(&steps.hold)
        )
    };
    match executor {
        Executor::SharedIterations { vus, iterations } => {
            format!("{iterations} iterations of {vus} virtual users")
        }
        Executor::PerVuIterations { vus, iterations } => {
            format!("{iterations} iterations of each of {vus} virtual users")
        }
        Executor::ConstantVus { vus, duration } => {
            format!("{vus} virtual users for {}", time(duration))
        }
        Executor::RampingVus(stages) => ramp(stages, "virtual users"),
        Executor::ConstantArrivalRate {
            per_second,
            duration,
        } => format!("{per_second} starts a second for {}", time(duration)),
        Executor::RampingArrivalRate(stages) => ramp(stages, "starts a second"),
        Executor::SearchingVus(steps) => search(steps, "virtual users"),
        Executor::SearchingArrivalRate(steps) => search(steps, "starts a second"),
    }
}

impl From<Made> for contract::Outcome {
    fn from(made: Made) -> Self {
        told(made.outcome, made.replaced)
    }
}

fn told(outcome: Outcome, replaced: u64) -> contract::Outcome {
    contract::Outcome {
        elapsed_ns: outcome.elapsed_ns,
        iterations: outcome.iterations,
        failed: outcome.failed,
        interrupted: outcome.interrupted,
        dropped: outcome.dropped,
        warm_up: outcome.warm_up,
        intended_per_second: outcome.intended_per_second,
        per_second: outcome.per_second,
        most_vus: outcome.most_vus,
        replaced,
        succeeded: distribution(outcome.latency.succeeded),
        failed_after: distribution(outcome.latency.failed),
        failures: counted(outcome.latency.failures),
        checks: outcome.checks.into_iter().map(check).collect(),
        requests: outcome.requests.into_iter().map(requests).collect(),
        streams: outcome.streams.map(streams),
        generator: contract::Generator {
            saturated: outcome.generator.saturated,
            busiest: outcome.generator.busiest,
            late: distribution(outcome.generator.late),
        },
        aborted: outcome.aborted,
        limit: outcome.limit,
    }
}

fn check(check: outcome::CheckCount) -> contract::CheckCount {
    contract::CheckCount {
        name: check.name,
        passed: check.passed,
        failed: check.failed,
    }
}

fn requests(requests: outcome::Requests) -> contract::Requests {
    contract::Requests {
        name: requests.name,
        succeeded: distribution(requests.latency.succeeded),
        failed: distribution(requests.latency.failed),
        failures: counted(requests.latency.failures),
        received: requests.received,
    }
}

fn streams(streams: outcome::Streams) -> contract::Streams {
    let outcome::Streams { most_open, all, .. } = streams;
    contract::Streams {
        opened: all.opened,
        most_open,
        connect: distribution(all.connect),
        first_event: distribution(all.first_event),
        gap: distribution(all.gap),
        events: all.events,
        stalls: all.stalls,
        reconnects: all.reconnects,
        lost: all.lost,
        duplicated: all.duplicated,
        cut_short: all.cut_short,
        failures: counted(all.failures),
    }
}

fn counted(counted: Vec<outcome::Counted>) -> Vec<contract::Counted> {
    let counted = counted.into_iter();
    counted
        .map(|counted| contract::Counted {
            name: counted.name,
            count: counted.count,
        })
        .collect()
}

fn distribution(distribution: outcome::Distribution) -> contract::Distribution {
    contract::Distribution {
        count: distribution.count,
        min: distribution.min,
        mean: distribution.mean,
        p50: distribution.p50,
        p90: distribution.p90,
        p95: distribution.p95,
        p99: distribution.p99,
        p999: distribution.p999,
        max: distribution.max,
    }
}
