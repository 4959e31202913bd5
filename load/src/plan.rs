//! A load before it is made: what was asked for ([`Draft`]), and what may be run ([`Plan`]).
//!
//! Whatever contradicts itself is refused here, with words of its own, so that nothing behind this has to look again.

mod executor;
mod invalid;
#[cfg(test)]
mod tests;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::threshold::{Figure, Measure, Threshold};

pub use executor::{Executor, Stage, Steps};
pub use invalid::Invalid;

/// The most virtual users of one load. Beyond the descriptors and maps of any machine; the host looks at those.
pub const MAX_VUS: u32 = 100_000;
/// The most iterations that can be asked for.
pub const MAX_ITERATIONS: u64 = 1_000_000_000_000;
/// The highest rate, in iterations a second.
pub const MAX_RATE: f64 = 1_000_000.0;
/// The longest load, and the longest of each time in a plan: a week.
pub const MAX_TIME: Duration = Duration::from_hours(7 * 24);
/// The most stages of a ramp, and the most steps of a search.
pub const MAX_STAGES: usize = 1_000;
/// The most thresholds.
pub const MAX_THRESHOLDS: usize = 100;
/// The longest parameter, in bytes.
pub const MAX_PARAMETER: usize = 64 << 10;

/// What a suite asked for: nothing of it is checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// The scenario's name. Whether there is one of that name is the host's to know.
    pub scenario: String,
    /// How load is made.
    pub executor: Executor,
    /// At most so many virtual users. Closed models may leave it at 0, for as many as the executor says.
    pub max_vus: u32,
    /// An instance for each virtual user, or one for many.
    pub isolated: bool,
    /// Runs before the executor's own time, at the level with which the executor begins, and is kept out of all statistics.
    pub warm_up: Duration,
    /// Closed models: the least time from start to start of a virtual user's iterations. Zero: the next one begins at once.
    pub pace: Duration,
    /// How long iterations under way may take after the end of the load.
    pub grace: Duration,
    /// Open models: an iteration that found no free virtual user for so long after its intended start is dropped.
    pub late: Duration,
    /// A longer gap between two events of a stream is a stall. Zero counts none.
    pub stall: Duration,
    /// For the scenario; at most [`MAX_PARAMETER`] bytes.
    pub parameter: String,
    /// What the load is judged by; at most [`MAX_THRESHOLDS`].
    pub thresholds: Vec<Threshold>,
    /// Whether whoever asks for the load judges its failures.
    pub failures_are_judged: bool,
}

impl Draft {
    /// Of a scenario and an executor alone: isolated, nothing else asked for, 30 s of grace, and 1 s of lateness where the model is open.
    pub fn new(scenario: impl Into<String>, executor: Executor) -> Self {
        let late = u64::from(executor.is_open());
        Self {
            scenario: scenario.into(),
            executor,
            max_vus: 0,
            isolated: true,
            warm_up: Duration::ZERO,
            pace: Duration::ZERO,
            grace: Duration::from_secs(30),
            late: Duration::from_secs(late),
            stall: Duration::ZERO,
            parameter: String::new(),
            thresholds: Vec::new(),
            failures_are_judged: false,
        }
    }
}

/// A load that can be made. Its levels and times are within the limits of this module, and fit each other.
///
/// As data it is its draft, and is checked when it is read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Draft", into = "Draft")]
pub struct Plan {
    draft: Draft,
    vus: u32,
}

impl Plan {
    /// Checks what was asked for. The error is the first contradiction, and says what to do about it.
    pub fn new(draft: Draft) -> Result<Self, Invalid> {
        if draft.scenario.is_empty() {
            return Err(Invalid::NoScenario);
        }
        if draft.parameter.len() > MAX_PARAMETER {
            return Err(Invalid::LongParameter(draft.parameter.len()));
        }
        let needed = draft.executor.check()?;
        let vus = check_vus(&draft, needed)?;
        check_times(&draft)?;
        check_model(&draft)?;
        check_warm_up(&draft)?;
        check_thresholds(&draft)?;
        Ok(Self { draft, vus })
    }

    /// How many virtual users the load has at most: 1 to [`MAX_VUS`].
    pub fn vus(&self) -> u32 {
        self.vus
    }

    /// The scenario's name.
    pub fn scenario(&self) -> &str {
        &self.draft.scenario
    }

    /// How load is made.
    pub fn executor(&self) -> &Executor {
        &self.draft.executor
    }

    /// Whether each virtual user has an instance of its own.
    pub fn isolated(&self) -> bool {
        self.draft.isolated
    }

    /// What comes before the executor's own time.
    pub fn warm_up(&self) -> Duration {
        self.draft.warm_up
    }

    /// The least time from start to start of a virtual user's iterations.
    pub fn pace(&self) -> Duration {
        self.draft.pace
    }

    /// How long iterations under way may take after the end.
    pub fn grace(&self) -> Duration {
        self.draft.grace
    }

    /// How long an iteration waits for a free virtual user before it is dropped.
    pub fn late(&self) -> Duration {
        self.draft.late
    }

    /// From which gap on a stream stalls; none if stalls are not counted.
    pub fn stall(&self) -> Option<Duration> {
        Some(self.draft.stall).filter(|stall| !stall.is_zero())
    }

    /// For the scenario.
    pub fn parameter(&self) -> &str {
        &self.draft.parameter
    }

    /// What the load is judged by.
    pub fn thresholds(&self) -> &[Threshold] {
        &self.draft.thresholds
    }

    /// Whether somebody judges what fails: whoever asks for the load, a threshold on a share of failures, or a search, which goes on until
    /// something fails.
    pub fn failures_are_judged(&self) -> bool {
        let measures = self.draft.thresholds.iter().map(Threshold::measure);
        let mut figures = measures.filter_map(Measure::figure);
        self.draft.failures_are_judged
            || self.draft.executor.is_search()
            || figures.any(|figure| figure == Figure::FailedPercent)
    }
}

impl TryFrom<Draft> for Plan {
    type Error = Invalid;

    fn try_from(draft: Draft) -> Result<Self, Invalid> {
        Self::new(draft)
    }
}

impl From<Plan> for Draft {
    fn from(plan: Plan) -> Self {
        plan.draft
    }
}

/// How many there will be at most, of those that the executor needs (none: it takes whatever it is given).
fn check_vus(draft: &Draft, needed: Option<u32>) -> Result<u32, Invalid> {
    let vus = match (needed, draft.max_vus) {
        (Some(needed), 0) => needed,
        (Some(needed), most) if needed > most => {
            return Err(Invalid::BeyondMaxVus { needed, most });
        }
        (Some(needed), _) => needed,
        (None, 0) => return Err(Invalid::NoMaxVus),
        (None, most) => most,
    };
    if vus > MAX_VUS {
        return Err(Invalid::TooManyVus(vus));
    }
    Ok(vus)
}

fn check_times(draft: &Draft) -> Result<(), Invalid> {
    for (name, time) in [
        ("warm-up", draft.warm_up),
        ("pace", draft.pace),
        ("grace", draft.grace),
        ("late", draft.late),
        ("stall", draft.stall),
    ] {
        if time > MAX_TIME {
            return Err(Invalid::LongTime { name, time });
        }
    }
    Ok(())
}

/// What only one of the two models has.
fn check_model(draft: &Draft) -> Result<(), Invalid> {
    match draft.executor.is_open() {
        true if !draft.pace.is_zero() => Err(Invalid::PaceOfOpen),
        false if !draft.late.is_zero() => Err(Invalid::LateOfClosed),
        _ => Ok(()),
    }
}

fn check_warm_up(draft: &Draft) -> Result<(), Invalid> {
    if !draft.warm_up.is_zero() && draft.executor.begins_at_nothing() {
        return Err(Invalid::WarmUpOfNothing);
    }
    Ok(())
}

fn check_thresholds(draft: &Draft) -> Result<(), Invalid> {
    if draft.thresholds.len() > MAX_THRESHOLDS {
        return Err(Invalid::ManyThresholds(draft.thresholds.len()));
    }
    if draft.executor.is_search() && draft.thresholds.is_empty() {
        return Err(Invalid::EndlessSearch);
    }
    for (place, threshold) in draft.thresholds.iter().enumerate() {
        if draft.thresholds[..place]
            .iter()
            .any(|other| other.baseline() == threshold.baseline())
        {
            return Err(Invalid::TwiceJudged(threshold.baseline().to_owned()));
        }
    }
    Ok(())
}
