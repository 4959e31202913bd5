//! What came of a load: plain data, for events and reports.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bins::Bin;
use crate::phase::Phase;

/// A distribution in nanoseconds. All of it is 0 if `count` is.
///
/// `count`, `min`, `mean` and `max` are exact; a quantile is the value at its rank, or up to a thousandth (at least 64 ns) above it. What
/// took longer than an hour counts as an hour among the quantiles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the names are the statistics' own")]
pub struct Distribution {
    pub count: u64,
    pub min: u64,
    pub mean: f64,
    pub p50: u64,
    pub p90: u64,
    pub p95: u64,
    pub p99: u64,
    pub p999: u64,
    pub max: u64,
}

/// How often something happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counted {
    /// What happened.
    pub name: String,
    /// How often.
    pub count: u64,
}

/// A check, over all virtual users.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckCount {
    /// The check's name.
    pub name: String,
    /// How often it was as it must be.
    pub passed: u64,
    /// How often it was not.
    pub failed: u64,
}

/// How long things took, successes and failures apart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Split {
    /// Of what succeeded.
    pub succeeded: Distribution,
    /// Of what failed.
    pub failed: Distribution,
    /// Why, the most frequent first. Beyond 64 kinds all further ones are `…other`.
    pub failures: Vec<Counted>,
}

/// The requests of one name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Requests {
    /// The name. Beyond 1,000 names all further ones are `…other`.
    pub name: String,
    /// How long they took.
    pub latency: Split,
    /// Bytes of bodies received.
    pub received: u64,
    /// The same by phase; left out if all of it belongs to the baseline.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub by_phase: BTreeMap<Phase, Split>,
}

/// The event streams.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Streams {
    /// How many were open at the same time at most.
    pub most_open: u32,
    /// What came of all of them.
    #[serde(flatten)]
    pub all: StreamFigures,
    /// The same by phase; left out if all of it belongs to the baseline. A gap belongs to a fault that was active at any moment of it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub by_phase: BTreeMap<Phase, StreamFigures>,
}

/// What came of event streams.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StreamFigures {
    /// How many were opened; opening one again after a break is not counted here.
    pub opened: u64,
    /// From the request to the head of the answer.
    pub connect: Distribution,
    /// From the request to the first event.
    pub first_event: Distribution,
    /// From event to event of a stream.
    pub gap: Distribution,
    /// Events received.
    pub events: u64,
    /// Gaps that were longer than the plan allows.
    pub stalls: u64,
    /// Streams that were opened again after a break.
    pub reconnects: u64,
    /// Events that are missing in the numbers of their streams.
    pub lost: u64,
    /// Events that came again, by the numbers of their streams.
    pub duplicated: u64,
    /// Streams that ended before they were done.
    pub cut_short: u64,
    /// Why streams were not opened or broke, the most frequent first.
    pub failures: Vec<Counted>,
}

/// What is known of the machine that made the load.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Generator {
    /// True when the generator itself was the limit: the figures then tell more of it than of the system under test.
    pub saturated: bool,
    /// The share of a core that the busiest worker used, from 0 to 1.
    pub busiest: f64,
    /// Open models: how far starts were behind the intended ones although a virtual user was free.
    pub late: Distribution,
}

/// What came of a load. What belongs to the warm-up is in `warm_up` alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Outcome {
    /// From the end of the warm-up to the end of the last iteration, in nanoseconds.
    pub elapsed_ns: u64,
    /// Iterations that ended, well or not.
    pub iterations: u64,
    /// Those of them that failed.
    pub failed: u64,
    /// Iterations that had not ended after the grace.
    pub interrupted: u64,
    /// Open models: iterations that were to start and found no free virtual user in time, or nobody at all for their machine was lost.
    pub dropped: u64,
    /// Iterations that began in the warm-up. They are counted nowhere else.
    pub warm_up: u64,
    /// Open models: the mean of the intended rate.
    pub intended_per_second: Option<f64>,
    /// Iterations that ended, a second: of the time in which they were to start in open models, of `elapsed_ns` in closed ones.
    pub per_second: f64,
    /// How many virtual users were in the load at the same time at most: in open models, how many were busy.
    pub most_vus: u32,
    /// How long iterations took: in open models from their intended start.
    pub latency: Split,
    /// How long the successful ones took, to draw it. Outcomes of older hosts do not have it.
    #[serde(default)]
    pub histogram: Vec<Bin>,
    /// `latency` by phase; left out if all of it belongs to the baseline.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub by_phase: BTreeMap<Phase, Split>,
    /// Checks by name, in the order in which they were first made. Beyond 1,000 names all further ones are `…other`.
    pub checks: Vec<CheckCount>,
    /// Requests by name, in the order of their first use.
    pub requests: Vec<Requests>,
    /// None if no stream was tried.
    pub streams: Option<Streams>,
    /// What is known of the machine that made the load.
    pub generator: Generator,
    /// Why the load ended early, if it did.
    pub aborted: Option<String>,
    /// A search: the last level that was held. None if the first one was not, or if nothing was searched.
    pub limit: Option<f64>,
}
