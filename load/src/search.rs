//! The search for the limit: step by step up, until a threshold is missed.
//!
//! Pure: whoever has the levels of the baselines judges each step, and tells the grades.

use std::time::Duration;

use crate::plan::{Plan, Steps};

/// How a threshold stands in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// At the target or better.
    Target,
    /// Between target and critical: noted, and no reason to stop.
    Critical,
    /// Worse than critical, or nothing was measured.
    Missed,
}

/// A step that was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Virtual users, or starts a second.
    pub level: f64,
    /// The worst of its thresholds.
    pub grade: Grade,
    /// Whether the load itself was made: in open models, of the iterations that were to start at most a hundredth found no virtual user.
    pub made: bool,
}

impl Step {
    /// Whether this level is not beyond the limit.
    pub fn is_held(&self) -> bool {
        self.made && self.grade != Grade::Missed
    }
}

/// What is next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Further {
    /// The next step is to be held until that time since the start of the load.
    Until(Duration),
    /// The limit was found, or the last step was held: the load is to end.
    Done,
}

/// A search under way.
#[derive(Clone, Debug)]
pub struct Search {
    steps: Steps,
    warm_up: Duration,
    made: Vec<Step>,
}

impl Search {
    /// Of a plan that searches a limit; none of any other.
    pub fn of(plan: &Plan) -> Option<Self> {
        let steps = *plan.executor().steps()?;
        Some(Self {
            steps,
            warm_up: plan.warm_up(),
            made: Vec::new(),
        })
    }

    /// The level of the step under way; none when all have been made.
    pub fn level(&self) -> Option<f64> {
        (self.made.len() < self.steps.count()).then(|| self.steps.level(self.made.len()))
    }

    /// Until when the step under way is held, since the start of the load.
    pub fn until(&self) -> Duration {
        let steps = u32::try_from(self.made.len() + 1).unwrap_or(u32::MAX);
        self.warm_up + self.steps.hold.saturating_mul(steps)
    }

    /// Judges the step under way by its thresholds. `intended` iterations were to start in it, and `dropped` found no virtual user.
    /// Without a grade nothing was measured, which is missed.
    pub fn judge(
        &mut self,
        grades: impl IntoIterator<Item = Grade>,
        intended: u64,
        dropped: u64,
    ) -> Further {
        let Some(level) = self.level() else {
            return Further::Done;
        };
        let grade = grades.into_iter().max().unwrap_or(Grade::Missed);
        let made = dropped <= intended / 100;
        let step = Step { level, grade, made };
        let held = step.is_held();
        self.made.push(step);
        if held && self.level().is_some() {
            Further::Until(self.until())
        } else {
            Further::Done
        }
    }

    /// The steps that were made, with the one that ended the search.
    pub fn made(&self) -> &[Step] {
        &self.made
    }

    /// The last level that was held. None if the first one was not.
    ///
    /// If the last step of all was held, the limit is beyond it; [`Search::is_bounded`] tells.
    pub fn limit(&self) -> Option<f64> {
        self.made
            .iter()
            .rev()
            .find(|step| step.is_held())
            .map(|step| step.level)
    }

    /// The last level at which every threshold reached its target. None if there was none.
    pub fn target_limit(&self) -> Option<f64> {
        let good = self
            .made
            .iter()
            .take_while(|step| step.is_held() && step.grade == Grade::Target);
        good.last().map(|step| step.level)
    }

    /// Whether a step was missed, so that the limit is known and not only that it is higher.
    pub fn is_bounded(&self) -> bool {
        self.made.last().is_some_and(|step| !step.is_held())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Draft, Executor};
    use crate::threshold::{Figure, Measure, Threshold};

    const SECOND: Duration = Duration::from_secs(1);

    fn search() -> Search {
        let steps = Steps {
            first: 10.0,
            step: 10.0,
            last: 30.0,
            hold: SECOND,
        };
        let threshold = Threshold::new("latency", "ms", Measure::Iterations(Figure::P95), false);
        let draft = Draft {
            max_vus: 100,
            warm_up: SECOND / 2,
            thresholds: vec![threshold.unwrap()],
            ..Draft::new("browse", Executor::SearchingArrivalRate(steps))
        };
        Search::of(&Plan::new(draft).unwrap()).unwrap()
    }

    #[test]
    fn it_climbs_until_a_threshold_is_missed_and_the_limit_is_the_level_before() {
        let mut search = search();
        assert_eq!(
            (search.level(), search.until()),
            (Some(10.0), SECOND * 3 / 2)
        );
        assert_eq!(
            search.judge([Grade::Target, Grade::Target], 10, 0),
            Further::Until(SECOND * 5 / 2)
        );
        assert_eq!(
            search.judge([Grade::Critical, Grade::Target], 20, 0),
            Further::Until(SECOND * 7 / 2)
        );
        assert_eq!(search.level(), Some(30.0));
        assert_eq!(
            search.judge([Grade::Target, Grade::Missed], 30, 0),
            Further::Done
        );
        assert_eq!(
            (search.limit(), search.target_limit()),
            (Some(20.0), Some(10.0))
        );
        assert!(search.is_bounded());
        let grades: Vec<_> = search.made().iter().map(|step| step.grade).collect();
        assert_eq!(grades, [Grade::Target, Grade::Critical, Grade::Missed]);
    }

    #[test]
    fn if_the_first_step_is_missed_there_is_no_limit() {
        for grades in [vec![Grade::Missed], Vec::new()] {
            let mut search = search();
            assert_eq!(search.judge(grades, 10, 0), Further::Done);
            assert_eq!(
                (search.limit(), search.target_limit(), search.is_bounded()),
                (None, None, true)
            );
        }
    }

    #[test]
    fn if_all_steps_are_held_the_limit_is_beyond_them() {
        let mut search = search();
        for _ in 0..2 {
            assert!(matches!(
                search.judge([Grade::Target], 10, 0),
                Further::Until(_)
            ));
        }
        assert_eq!(search.judge([Grade::Target], 10, 0), Further::Done);
        assert_eq!(
            (search.limit(), search.is_bounded(), search.level()),
            (Some(30.0), false, None)
        );
        assert_eq!(search.judge([Grade::Missed], 10, 0), Further::Done);
        assert_eq!(search.made().len(), 3);
    }

    #[test]
    fn a_rate_that_was_not_made_is_not_held() {
        let mut search = search();
        assert!(matches!(
            search.judge([Grade::Target], 1_000, 10),
            Further::Until(_)
        ));
        assert_eq!(search.judge([Grade::Target], 1_000, 11), Further::Done);
        assert_eq!(search.limit(), Some(10.0));
    }

    #[test]
    fn only_a_plan_that_searches_has_a_search() {
        let executor = Executor::ConstantVus {
            vus: 1,
            duration: SECOND,
        };
        let plan = Plan::new(Draft::new("browse", executor)).unwrap();
        assert!(Search::of(&plan).is_none());
    }
}
