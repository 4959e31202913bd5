//! What to run, built step by step.

use std::time::Duration;

use serde::Serialize;

use super::{Error, Measure, Outcome};
use crate::bindings::load as contract;
use crate::registry;

/// How long iterations that are under way may take when the load ends, unless the plan says otherwise.
const GRACE: Duration = Duration::from_secs(5);
/// How long an iteration of an open model waits for a free virtual user, unless the plan says otherwise.
const LATE: Duration = Duration::from_secs(1);
/// The most virtual users that an open model gets for its rate, unless the plan says otherwise.
const MOST_FOR_A_RATE: u32 = 1_000;

/// A plan without its executor: how the load is made comes next.
#[derive(Clone, Debug)]
#[must_use = "a plan does nothing until it is run"]
pub struct Scenario(String);

/// A plan for a scenario of this suite.
pub fn plan(scenario: impl Into<String>) -> Scenario {
    Scenario(scenario.into())
}

impl Scenario {
    /// So many iterations, shared by all virtual users.
    pub fn shared_iterations(self, vus: u32, iterations: u64) -> Plan {
        let shared = contract::SharedIterations { vus, iterations };
        self.with(contract::Executor::SharedIterations(shared), vus)
    }

    /// So many iterations for each virtual user.
    pub fn iterations_each(self, vus: u32, iterations: u64) -> Plan {
        let each = contract::PerVuIterations { vus, iterations };
        self.with(contract::Executor::PerVuIterations(each), vus)
    }

    /// So many virtual users for so long.
    pub fn constant_vus(self, vus: u32, duration: Duration) -> Plan {
        let constant = contract::ConstantVus {
            vus,
            duration_ms: milliseconds(duration),
        };
        self.with(contract::Executor::ConstantVus(constant), vus)
    }

    /// Virtual users that reach each target in a straight line over its duration, from 0 on.
    pub fn ramping_vus(self, stages: &[(Duration, f64)]) -> Plan {
        let most = users(highest(stages));
        self.with(contract::Executor::RampingVus(stages_of(stages)), most)
    }

    /// So many new iterations a second, whether or not earlier ones are done. [`Plan::max_vus`] says how many may be under way.
    pub fn constant_rate(self, per_second: f64, duration: Duration) -> Plan {
        let constant = contract::ConstantRate {
            per_second,
            duration_ms: milliseconds(duration),
        };
        let executor = contract::Executor::ConstantArrivalRate(constant);
        self.with(executor, users(per_second).min(MOST_FOR_A_RATE))
    }

    /// New iterations a second that reach each target in a straight line over its duration, from 0 on.
    pub fn ramping_rate(self, stages: &[(Duration, f64)]) -> Plan {
        let most = users(highest(stages)).min(MOST_FOR_A_RATE);
        self.with(
            contract::Executor::RampingArrivalRate(stages_of(stages)),
            most,
        )
    }

    /// Finds how many virtual users the system holds: `first`, then `step` more after each `hold`, until a [threshold](Plan::threshold) is
    /// missed or `last` is held. [`Outcome::limit`] has the answer.
    pub fn searching_vus(self, first: f64, step: f64, last: f64, hold: Duration) -> Plan {
        let search = search(first, step, last, hold);
        self.with(contract::Executor::SearchingVus(search), users(last))
    }

    /// The same with new iterations a second.
    pub fn searching_rate(self, first: f64, step: f64, last: f64, hold: Duration) -> Plan {
        let search = search(first, step, last, hold);
        self.with(
            contract::Executor::SearchingArrivalRate(search),
            users(last).min(MOST_FOR_A_RATE),
        )
    }

    fn with(self, executor: contract::Executor, max_vus: u32) -> Plan {
        let is_open = matches!(
            executor,
            contract::Executor::ConstantArrivalRate(_)
                | contract::Executor::RampingArrivalRate(_)
                | contract::Executor::SearchingArrivalRate(_)
        );
        let late = if is_open { LATE } else { Duration::ZERO };
        // A scenario that is a plain function waits with its whole instance.
        let isolated = registry::scenario(&self.0).is_some_and(|scenario| scenario.is_sync);
        Plan {
            inner: contract::Plan {
                scenario: self.0,
                executor,
                max_vus,
                isolated,
                warm_up_ms: 0,
                pace_ms: 0,
                grace_ms: milliseconds(GRACE),
                late_ms: milliseconds(late),
                stall_ms: 0,
                parameter: String::new(),
                thresholds: Vec::new(),
                failures_are_judged: false,
            },
            mistake: None,
        }
    }
}

/// A plan that can be run.
#[derive(Clone, Debug)]
#[must_use = "a plan does nothing until it is run"]
pub struct Plan {
    inner: contract::Plan,
    mistake: Option<String>,
}

impl Plan {
    /// At most so many virtual users. Without it as many as the executor names; for rates as many as start in a second, at most 1,000.
    pub fn max_vus(mut self, most: u32) -> Self {
        self.inner.max_vus = most;
        self
    }

    /// Gives each virtual user an instance of its own.
    pub fn isolated(mut self) -> Self {
        self.inner.isolated = true;
        self
    }

    /// Comes before the executor's own time, at the level with which it begins, and is kept out of all statistics.
    pub fn warm_up(mut self, duration: Duration) -> Self {
        self.inner.warm_up_ms = milliseconds(duration);
        self
    }

    /// The least time from the start of a virtual user's iteration to the start of its next one. Closed models only.
    pub fn pace(mut self, duration: Duration) -> Self {
        self.inner.pace_ms = milliseconds(duration);
        self
    }

    /// How long iterations that are under way may take when the load ends; without it 5 s.
    pub fn grace(mut self, duration: Duration) -> Self {
        self.inner.grace_ms = milliseconds(duration);
        self
    }

    /// Open models: an iteration that found no free virtual user for so long is dropped; without it 1 s.
    pub fn late(mut self, duration: Duration) -> Self {
        self.inner.late_ms = milliseconds(duration);
        self
    }

    /// A longer gap between two events of a stream is a stall; without it none is.
    pub fn stall(mut self, duration: Duration) -> Self {
        self.inner.stall_ms = milliseconds(duration);
        self
    }

    /// A value for the scenario, which takes it with [`Vu::parameter`](super::Vu::parameter). At most 64 KiB as JSON.
    pub fn parameter<T: Serialize + ?Sized>(mut self, value: &T) -> Self {
        match serde_json::to_string(value) {
            Ok(text) => self.inner.parameter = text,
            Err(error) => {
                self.mistake = Some(format!("the parameter does not become JSON: {error}"));
            }
        }
        self
    }

    /// Judges a baseline of the suite at the end by what was measured. A search ends with the first step that misses one.
    pub fn threshold(self, baseline: impl Into<String>, measure: Measure) -> Self {
        self.with_threshold(baseline.into(), measure, false)
    }

    /// The same, and looks each second: when the critical level is missed, the load ends at once.
    pub fn abort_on(self, baseline: impl Into<String>, measure: Measure) -> Self {
        self.with_threshold(baseline.into(), measure, true)
    }

    /// The case judges failures itself, by the [`Outcome`]. Otherwise the host checks that nothing failed, was cut off or was dropped, unless
    /// a threshold judges failures ([`Figure::FailedPercent`](super::Figure::FailedPercent)) or a limit is searched.
    pub fn failures_judged_by_case(mut self) -> Self {
        self.inner.failures_are_judged = true;
        self
    }

    fn with_threshold(mut self, baseline: String, measure: Measure, abort: bool) -> Self {
        self.inner.thresholds.push(contract::Threshold {
            baseline,
            measure: measure.into(),
            abort,
        });
        self
    }

    /// Runs it to its end. Dropping the future stops the load.
    pub async fn run(self) -> Result<Outcome, Error> {
        if let Some(mistake) = self.mistake {
            return Err(Error::Invalid(mistake));
        }
        Ok(contract::run(self.inner).await?.into())
    }
}

fn search(first: f64, step: f64, last: f64, hold: Duration) -> contract::Search {
    contract::Search {
        first,
        step,
        last,
        hold_ms: milliseconds(hold),
    }
}

fn stages_of(stages: &[(Duration, f64)]) -> Vec<contract::Stage> {
    stages
        .iter()
        .map(|&(duration, target)| contract::Stage {
            duration_ms: milliseconds(duration),
            target,
        })
        .collect()
}

fn highest(stages: &[(Duration, f64)]) -> f64 {
    stages.iter().map(|stage| stage.1).fold(0.0, f64::max)
}

/// As many virtual users as that, at least one. What is no sensible number is for the host to refuse.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is positive, and a cast ends at the largest"
)]
fn users(number: f64) -> u32 {
    number.max(1.0).ceil() as u32
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_has_as_many_users_as_its_executor_needs() {
        let second = Duration::from_secs(1);
        let stages = [(second, 3.0), (second, 7.2), (second, 0.0)];
        let table = [
            (plan("a").shared_iterations(4, 10), 4),
            (plan("a").ramping_vus(&stages), 8),
            (plan("a").ramping_vus(&[]), 1),
            (plan("a").constant_rate(0.5, second), 1),
            (plan("a").constant_rate(20_000.0, second), 1_000),
            (plan("a").constant_rate(f64::NAN, second), 1),
            (plan("a").searching_vus(10.0, 10.0, 200.0, second), 200),
            (plan("a").constant_vus(2, second).max_vus(9), 9),
        ];
        for (plan, most) in table {
            assert_eq!(plan.inner.max_vus, most, "{plan:?}");
        }
    }

    #[test]
    fn a_parameter_that_does_not_become_json_is_told_when_the_plan_is_run() {
        let unfit = std::collections::HashMap::from([(vec![1], 1)]);
        let plan = plan("a").shared_iterations(1, 1).parameter(&unfit);
        let error = futures::executor::block_on(plan.run()).unwrap_err();
        assert!(matches!(error, Error::Invalid(text) if text.contains("JSON")));
    }
}
