//! How load is made, in the field's terms: closed models have a number of virtual users and slow down with the system under test,
//! open ones have a rate of arrivals that does not care.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::invalid::Invalid;
use super::{MAX_ITERATIONS, MAX_RATE, MAX_STAGES, MAX_TIME, MAX_VUS};

/// A straight line from where the one before ended (the first begins at 0).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// How long it takes. Zero jumps.
    pub duration: Duration,
    /// Virtual users, or iterations a second, at its end.
    pub target: f64,
}

/// The levels of a search: `first`, `first + step`, ... up to `last`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Steps {
    /// The first level.
    pub first: f64,
    /// By how much the next one is higher.
    pub step: f64,
    /// No level is higher.
    pub last: f64,
    /// How long each is held.
    pub hold: Duration,
}

impl Steps {
    /// How many levels there are.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast of a float saturates, and a plan has at most 1,000 steps"
    )]
    pub fn count(&self) -> usize {
        // A ten-thousandth of a step: 0.1 + 2 × 0.1 is not quite 0.3.
        let more = ((self.last - self.first) / self.step + 1e-4).floor();
        (more as usize).saturating_add(1)
    }

    /// The level of the step at `index`, which counts from 0.
    #[expect(clippy::cast_precision_loss, reason = "a plan has at most 1,000 steps")]
    pub fn level(&self, index: usize) -> f64 {
        (self.first + self.step * index as f64).min(self.last)
    }
}

/// How load is made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Executor {
    /// So many iterations, shared by the virtual users: who is free takes the next one.
    SharedIterations {
        /// How many virtual users.
        vus: u32,
        /// How many iterations, of all of them together.
        iterations: u64,
    },
    /// So many iterations for each virtual user.
    PerVuIterations {
        /// How many virtual users.
        vus: u32,
        /// How many iterations, of each of them.
        iterations: u64,
    },
    /// So many virtual users for a time.
    ConstantVus {
        /// How many virtual users.
        vus: u32,
        /// How long iterations are begun.
        duration: Duration,
    },
    /// Virtual users that become more and fewer.
    RampingVus(Vec<Stage>),
    /// So many starts each second.
    ConstantArrivalRate {
        /// Starts each second.
        per_second: f64,
        /// How long iterations are begun.
        duration: Duration,
    },
    /// Starts each second that become more and fewer.
    RampingArrivalRate(Vec<Stage>),
    /// Ever more virtual users, until a threshold is missed.
    SearchingVus(Steps),
    /// Ever more starts each second, until a threshold is missed.
    SearchingArrivalRate(Steps),
}

impl Executor {
    /// Whether iterations start by the clock, and not when an earlier one has ended.
    pub fn is_open(&self) -> bool {
        matches!(
            self,
            Self::ConstantArrivalRate { .. }
                | Self::RampingArrivalRate(_)
                | Self::SearchingArrivalRate(_)
        )
    }

    /// The steps, if a limit is searched.
    pub fn steps(&self) -> Option<&Steps> {
        match self {
            Self::SearchingVus(steps) | Self::SearchingArrivalRate(steps) => Some(steps),
            _ => None,
        }
    }

    /// The most starts each second that it asks for; none where the system under test sets the pace.
    pub fn peak_rate(&self) -> Option<f64> {
        match self {
            Self::ConstantArrivalRate { per_second, .. } => Some(*per_second),
            Self::RampingArrivalRate(stages) => {
                let targets = stages.iter().map(|stage| stage.target);
                Some(targets.fold(0.0, f64::max))
            }
            Self::SearchingArrivalRate(steps) => Some(steps.last),
            Self::SharedIterations { .. }
            | Self::PerVuIterations { .. }
            | Self::ConstantVus { .. }
            | Self::RampingVus(_)
            | Self::SearchingVus(_) => None,
        }
    }

    /// For how long iterations are begun at most; none where it ends with its last iteration.
    pub fn duration(&self) -> Option<Duration> {
        match self {
            Self::SharedIterations { .. } | Self::PerVuIterations { .. } => None,
            Self::ConstantVus { duration, .. } | Self::ConstantArrivalRate { duration, .. } => {
                Some(*duration)
            }
            Self::RampingVus(stages) | Self::RampingArrivalRate(stages) => {
                Some(stages.iter().map(|stage| stage.duration).sum())
            }
            Self::SearchingVus(steps) | Self::SearchingArrivalRate(steps) => {
                let count = u32::try_from(steps.count()).unwrap_or(u32::MAX);
                Some(steps.hold.saturating_mul(count))
            }
        }
    }

    /// Whether a limit is searched.
    pub fn is_search(&self) -> bool {
        self.steps().is_some()
    }

    /// Whether there is no load at the very beginning.
    pub(super) fn begins_at_nothing(&self) -> bool {
        match self {
            Self::RampingVus(stages) => first_level(stages) < 1.0,
            Self::RampingArrivalRate(stages) => first_level(stages) <= 0.0,
            _ => false,
        }
    }

    /// Whether it can be; and how many virtual users it needs, if it is the one that says so.
    pub(super) fn check(&self) -> Result<Option<u32>, Invalid> {
        match self {
            Self::SharedIterations { vus, iterations } => {
                check_count(*vus, *iterations)?;
                if u64::from(*vus) > *iterations {
                    return Err(Invalid::IdleVus {
                        vus: *vus,
                        iterations: *iterations,
                    });
                }
                Ok(Some(*vus))
            }
            Self::PerVuIterations { vus, iterations } => {
                check_count(*vus, *iterations)?;
                if iterations.saturating_mul(u64::from(*vus)) > MAX_ITERATIONS {
                    return Err(Invalid::ManyIterations);
                }
                Ok(Some(*vus))
            }
            Self::ConstantVus { vus, duration } => {
                check_count(*vus, 1)?;
                check_duration(*duration)?;
                Ok(Some(*vus))
            }
            Self::RampingVus(stages) => {
                check_stages(stages, check_vus)?;
                Ok(Some(whole(highest(stages))))
            }
            Self::ConstantArrivalRate {
                per_second,
                duration,
            } => {
                check_rate(*per_second)?;
                if *per_second == 0.0 {
                    return Err(Invalid::NoLoad);
                }
                check_duration(*duration)?;
                Ok(None)
            }
            Self::RampingArrivalRate(stages) => {
                check_stages(stages, check_rate)?;
                Ok(None)
            }
            Self::SearchingVus(steps) => {
                check_steps(steps, check_vus)?;
                Ok(Some(whole(steps.level(steps.count() - 1))))
            }
            Self::SearchingArrivalRate(steps) => {
                check_steps(steps, check_rate)?;
                Ok(None)
            }
        }
    }
}

/// Of the beginning: the first stages may jump.
fn first_level(stages: &[Stage]) -> f64 {
    let jumps = stages.iter().take_while(|stage| stage.duration.is_zero());
    jumps.last().map_or(0.0, |stage| stage.target)
}

fn highest(stages: &[Stage]) -> f64 {
    stages.iter().map(|stage| stage.target).fold(0.0, f64::max)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "was checked to be a whole number of virtual users"
)]
fn whole(level: f64) -> u32 {
    level as u32
}

fn check_count(vus: u32, iterations: u64) -> Result<(), Invalid> {
    if vus == 0 {
        return Err(Invalid::NoVus);
    }
    if iterations == 0 {
        return Err(Invalid::NoIterations);
    }
    if iterations > MAX_ITERATIONS {
        return Err(Invalid::ManyIterations);
    }
    Ok(())
}

fn check_duration(duration: Duration) -> Result<(), Invalid> {
    if duration.is_zero() {
        return Err(Invalid::NoDuration);
    }
    if duration > MAX_TIME {
        return Err(Invalid::LongTime {
            name: "duration",
            time: duration,
        });
    }
    Ok(())
}

/// A level of virtual users.
fn check_vus(level: f64) -> Result<(), Invalid> {
    if !level.is_finite() || level < 0.0 || level.fract() != 0.0 {
        return Err(Invalid::PartOfAVu(level));
    }
    if level > f64::from(MAX_VUS) {
        // Saturates: what is shown is at least the limit.
        return Err(Invalid::TooManyVus(whole(level)));
    }
    Ok(())
}

/// A level of arrivals.
fn check_rate(level: f64) -> Result<(), Invalid> {
    if !level.is_finite() || !(0.0..=MAX_RATE).contains(&level) {
        return Err(Invalid::Rate(level));
    }
    Ok(())
}

fn check_stages(stages: &[Stage], level: fn(f64) -> Result<(), Invalid>) -> Result<(), Invalid> {
    if stages.is_empty() {
        return Err(Invalid::NoStages);
    }
    if stages.len() > MAX_STAGES {
        return Err(Invalid::ManyStages(stages.len()));
    }
    let mut total = Duration::ZERO;
    for stage in stages {
        level(stage.target)?;
        total = total.saturating_add(stage.duration);
    }
    check_duration(total)?;
    if highest(stages) <= 0.0 {
        return Err(Invalid::NoLoad);
    }
    Ok(())
}

fn check_steps(steps: &Steps, level: fn(f64) -> Result<(), Invalid>) -> Result<(), Invalid> {
    for value in [steps.first, steps.step, steps.last] {
        level(value)?;
        if value == 0.0 {
            return Err(Invalid::StepOfNothing);
        }
    }
    if steps.last < steps.first {
        return Err(Invalid::LastBelowFirst {
            first: steps.first,
            last: steps.last,
        });
    }
    if steps.count() > MAX_STAGES {
        return Err(Invalid::ManyStages(steps.count()));
    }
    check_duration(steps.hold)?;
    let steps_in_all = u32::try_from(steps.count()).unwrap_or(u32::MAX);
    check_duration(steps.hold.saturating_mul(steps_in_all))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(first: f64, step: f64, last: f64) -> Steps {
        Steps {
            first,
            step,
            last,
            hold: Duration::from_secs(1),
        }
    }

    #[test]
    fn the_levels_of_a_search_end_with_the_last_that_is_not_beyond() {
        let levels = |steps: Steps| -> Vec<f64> {
            (0..steps.count()).map(|step| steps.level(step)).collect()
        };
        assert_eq!(levels(steps(2.0, 3.0, 10.0)), [2.0, 5.0, 8.0]);
        assert_eq!(levels(steps(2.0, 3.0, 8.0)), [2.0, 5.0, 8.0]);
        assert_eq!(levels(steps(2.0, 3.0, 2.0)), [2.0]);
        assert_eq!(levels(steps(0.1, 0.1, 0.3)).len(), 3);
    }
}
