//! The samples of a delta. All of it can be added to others: nothing is a figure.

use serde::{Deserialize, Serialize};

use super::times::Times;
use crate::outcome::{CheckCount, Counted};
use crate::phase::Phase;

/// Lists without anything are left out: most deltas are of few names and one phase.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Contents {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) iterations: Vec<PhaseTimes>,
    #[serde(skip_serializing_if = "Times::is_empty")]
    pub(crate) late: Times,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) requests: Vec<RequestTimes>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) checks: Vec<CheckCount>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) streams: Vec<PhaseStreams>,
}

/// Successes and failures apart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Apart {
    #[serde(skip_serializing_if = "Times::is_empty")]
    pub(crate) succeeded: Times,
    #[serde(skip_serializing_if = "Times::is_empty")]
    pub(crate) failed: Times,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) failures: Vec<Counted>,
}

/// Iterations of a phase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PhaseTimes {
    pub(crate) phase: Phase,
    #[serde(flatten)]
    pub(crate) times: Apart,
}

/// Requests of a name in a phase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RequestTimes {
    pub(crate) name: String,
    pub(crate) phase: Phase,
    /// Bytes of bodies. Those of all phases are told with the first one.
    pub(crate) received: u64,
    #[serde(flatten)]
    pub(crate) times: Apart,
}

/// Streams of a phase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PhaseStreams {
    pub(crate) phase: Phase,
    pub(crate) connect: Times,
    pub(crate) first_event: Times,
    pub(crate) gap: Times,
    pub(crate) not_opened: u64,
    pub(crate) stalls: u64,
    pub(crate) reconnects: u64,
    pub(crate) lost: u64,
    pub(crate) duplicated: u64,
    pub(crate) cut_short: u64,
    pub(crate) failures: Vec<Counted>,
}

/// About how many bytes something is as JSON, or more: a character may become six.
pub(super) trait Size {
    fn size(&self) -> usize;
}

/// Of the names of fields, and of numbers.
const FIELDS: usize = 320;

impl Size for [Counted] {
    fn size(&self) -> usize {
        self.iter().map(|counted| 6 * counted.name.len() + 50).sum()
    }
}

impl Size for Apart {
    fn size(&self) -> usize {
        self.succeeded.size() + self.failed.size() + self.failures.size()
    }
}

impl Size for PhaseTimes {
    fn size(&self) -> usize {
        FIELDS + self.times.size()
    }
}

impl Size for RequestTimes {
    fn size(&self) -> usize {
        FIELDS + 6 * self.name.len() + self.times.size()
    }
}

impl Size for CheckCount {
    fn size(&self) -> usize {
        90 + 6 * self.name.len()
    }
}

impl Size for PhaseStreams {
    fn size(&self) -> usize {
        FIELDS
            + self.connect.size()
            + self.first_event.size()
            + self.gap.size()
            + self.failures.size()
    }
}

impl Size for Times {
    fn size(&self) -> usize {
        self.bytes().len().div_ceil(3) * 4
    }
}
