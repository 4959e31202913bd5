//! What a plan must not be, each with what to do about it.

use std::time::Duration;

use super::{MAX_ITERATIONS, MAX_PARAMETER, MAX_RATE, MAX_STAGES, MAX_THRESHOLDS, MAX_VUS};

/// Why there can be no such load. The text is for the author of the suite.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "each says it in its text")]
pub enum Invalid {
    #[error("the plan names no scenario; name one that the suite declares")]
    NoScenario,
    #[error(
        "the parameter has {0} bytes and may have {MAX_PARAMETER}; pass the scenario less, or let it fetch the rest"
    )]
    LongParameter(usize),
    #[error("no virtual users make no load; ask for at least 1")]
    NoVus,
    #[error(
        "{0} virtual users are more than the {MAX_VUS} that one load may have; ask for fewer, or run hosts side by side"
    )]
    TooManyVus(u32),
    #[error("{0} is no number of virtual users; give a whole one that is not negative")]
    PartOfAVu(f64),
    #[error(
        "an open model takes as many virtual users as it needs, up to `max-vus`, which is 0; set it"
    )]
    NoMaxVus,
    #[error(
        "the executor needs {needed} virtual users and `max-vus` is {most}; raise `max-vus`, or ask for fewer"
    )]
    BeyondMaxVus { needed: u32, most: u32 },
    #[error(
        "{vus} virtual users share {iterations} iterations, so some would have none; ask for fewer virtual users"
    )]
    IdleVus { vus: u32, iterations: u64 },
    #[error("no iterations make no load; ask for at least 1")]
    NoIterations,
    #[error(
        "more than {MAX_ITERATIONS} iterations are beyond what is counted; ask for fewer, or for a duration"
    )]
    ManyIterations,
    #[error("a load of no duration makes no load; say how long it is to run")]
    NoDuration,
    #[error("`{name}` is {time:?}, and no time of a load may be longer than 7 days; shorten it")]
    LongTime { name: &'static str, time: Duration },
    #[error("a rate of {0} a second cannot be made; give one from 0 to {MAX_RATE}")]
    Rate(f64),
    #[error("every level is 0, which makes no load; raise one")]
    NoLoad,
    #[error("a ramp without stages makes no load; give it at least one")]
    NoStages,
    #[error(
        "{0} stages or steps are more than the {MAX_STAGES} that are possible; make them longer and fewer"
    )]
    ManyStages(usize),
    #[error(
        "the first level, the step and the last level of a search must each be more than 0; raise the one that is not"
    )]
    StepOfNothing,
    #[error("the search ends at {last}, which is below its first level {first}; swap them")]
    LastBelowFirst { first: f64, last: f64 },
    #[error("a search ends at the first missed threshold and the plan has none; give it one")]
    EndlessSearch,
    #[error(
        "`pace` is for closed models: in an open one the rate says when iterations start; remove one of the two"
    )]
    PaceOfOpen,
    #[error(
        "`late` is for open models: in a closed one an iteration has no intended start that it could miss; remove it"
    )]
    LateOfClosed,
    #[error(
        "a warm-up runs at the level with which the load begins, which is 0; begin with a stage of 0 ms that jumps to a level, or leave the warm-up out"
    )]
    WarmUpOfNothing,
    #[error(
        "{0} thresholds are more than the {MAX_THRESHOLDS} that are possible; keep those that matter"
    )]
    ManyThresholds(usize),
    #[error(
        "baseline `{0}` is judged twice in one plan; give each threshold a baseline of its own"
    )]
    TwiceJudged(String),
    #[error(
        "baseline `{0}` is to judge a share of failures of what cannot fail; judge the failures of `stream-connect`"
    )]
    NeverFails(String),
    #[error(
        "baseline `{baseline}` is in `{unit}`, and what it is to judge is {measured}; declare it in {fitting}"
    )]
    Unit {
        baseline: String,
        unit: String,
        measured: &'static str,
        fitting: &'static str,
    },
}
