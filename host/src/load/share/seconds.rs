//! When a share tells what it measured: each second, and whenever a step of a search ends, so that no delta is of two steps.

use std::time::Duration;

use assay_load::plan::Plan;

const SECOND: Duration = Duration::from_secs(1);

/// When the next delta is due.
#[derive(Debug)]
pub(super) struct Seconds {
    second: Duration,
    step: Option<Steps>,
}

/// The end of the step under way, and how many come after it.
#[derive(Debug)]
struct Steps {
    end: Duration,
    hold: Duration,
    further: usize,
}

impl Seconds {
    /// Of a load that begins.
    pub(super) fn new(plan: &Plan) -> Self {
        let step = plan.executor().steps().map(|steps| Steps {
            end: plan.warm_up() + steps.hold,
            hold: steps.hold,
            further: steps.count().saturating_sub(1),
        });
        Self {
            second: SECOND,
            step,
        }
    }

    /// Since the start of the load.
    pub(super) fn due(&self) -> Duration {
        let step = self.step.as_ref().map(|step| step.end);
        step.map_or(self.second, |end| end.min(self.second))
    }

    /// So much time has passed: what was due until now is not any more.
    pub(super) fn passed(&mut self, elapsed: Duration) {
        while self.second <= elapsed {
            self.second += SECOND;
        }
        while let Some(step) = self.step.as_mut().filter(|step| step.end <= elapsed) {
            if step.further == 0 {
                self.step = None;
            } else {
                step.end += step.hold;
                step.further -= 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use assay_load::{
        plan::{Draft, Executor, Steps as Search},
        threshold::{Figure, Measure, Threshold},
    };

    use super::*;

    fn constant() -> Plan {
        let duration = Duration::from_secs(9);
        let constant = Executor::ConstantVus { vus: 1, duration };
        Plan::new(Draft::new("browse", constant)).unwrap()
    }

    fn dues(plan: &Plan, count: usize) -> Vec<u128> {
        let mut seconds = Seconds::new(plan);
        let dues = (0..count).map(|_| {
            let due = seconds.due();
            seconds.passed(due);
            due.as_millis()
        });
        dues.collect()
    }

    #[test]
    fn deltas_are_due_each_second_and_at_the_end_of_each_step_of_a_search() {
        assert_eq!(dues(&constant(), 3), [1_000, 2_000, 3_000]);
        let search = Executor::SearchingVus(Search {
            first: 1.0,
            step: 1.0,
            last: 3.0,
            hold: Duration::from_millis(700),
        });
        let threshold = Threshold::new("time", "ms", Measure::Iterations(Figure::P95), false);
        let search = Plan::new(Draft {
            thresholds: vec![threshold.unwrap()],
            warm_up: Duration::from_millis(600),
            ..Draft::new("browse", search)
        });
        let expected = [1_000, 1_300, 2_000, 2_700, 3_000];
        assert_eq!(dues(&search.unwrap(), 5), expected);
    }

    #[test]
    fn what_was_late_is_due_once() {
        let mut seconds = Seconds::new(&constant());
        seconds.passed(Duration::from_millis(3_400));
        assert_eq!(seconds.due(), Duration::from_secs(4));
    }
}
