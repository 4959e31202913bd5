//! The published shape of the analysis: a block of `report.json`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::verdict::Verdict;

/// Why what is not good is so.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Analysis {
    /// In the order in which they first showed: the first one is the first cause of the run. Empty if all is good.
    pub causes: Vec<CauseGroup>,
    /// Failures that a limit left out; each is counted at its cause, unless the limit on causes left that out, too.
    pub unlisted: u64,
}

/// Failures of one cause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CauseGroup {
    /// The cause.
    #[serde(flatten)]
    pub cause: Cause,
    /// When it first showed, since the start of the run.
    pub first_at_ns: u64,
    /// How many failures it has.
    pub count: u64,
    /// In the order in which they showed.
    pub failures: Vec<Failure>,
}

/// Why something is not good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cause {
    /// What sort of cause.
    pub kind: CauseKind,
    /// What it is about: a service, a fault, a suite, a baseline as `suite/name`; none if it is about nothing that has a name.
    pub subject: Option<String>,
    /// For people, in one line.
    pub summary: String,
    /// What to look at or to do, as a sentence without a full stop.
    pub advice: String,
}

/// What sort of cause.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CauseKind {
    /// The environment is missing, did not come up, or is not left as it was found. The subject is its name.
    Environment,
    /// A service died by itself. The subject is the service.
    Died,
    /// A service was down or not healthy when it was looked at, and no fault was on it. The subject is the service.
    Unhealthy,
    /// A fault could not be made or healed. The subject is the fault.
    FaultFailed,
    /// A request broke off while a declared fault was on what it asked, or on the link that it went over, and nobody expected that. The
    /// subject is what the fault was on.
    Fault,
    /// A request or a stream broke off: refused, reset, closed, over its time. The subject is the service, or the address if it is none.
    Connection,
    /// An answer breaks what is documented or agreed of its shape. The subject is the service.
    Contract,
    /// An answer has another status than it must. The subject is the service.
    Status,
    /// An answer is well-formed, and what it shows is not as it must be. The subject is the service at which that was found: the one that
    /// the message names, or that was asked last.
    Answer,
    /// Something did not come about in the time that it may take. The subject is the service that was asked, or waited for, last.
    Late,
    /// Virtual users failed, or a load broke. The subject is the scenario.
    Load,
    /// A baseline was missed, or its target was. The subject is the baseline.
    Baseline,
    /// The plugin panicked. The subject is the suite.
    Panic,
    /// The plugin trapped. The subject is the suite.
    Trap,
    /// The plugin reached a limit on memory, tables or instances. The subject is the suite.
    Limit,
    /// The plugin was over its time while it computed. The subject is the suite.
    Spinning,
    /// The plugin used the host wrongly. The subject is the suite.
    Plugin,
    /// A case proved nothing. The subject is the suite.
    NoEvidence,
    /// The attempt was refused something that the suite has no grant for. The subject is the suite.
    Grant,
    /// Somebody stopped the run. The subject is who.
    Interrupted,
    /// The events end before this did: the host was stopped.
    NoEnd,
    /// A shard of a merged run is missing, or its log was cut off. The subject is the shard.
    Lost,
    /// The events do not show why.
    Unknown,
}

impl CauseKind {
    /// The word for it, the same as in `report.json`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::Died => "died",
            Self::Unhealthy => "unhealthy",
            Self::FaultFailed => "fault_failed",
            Self::Fault => "fault",
            Self::Connection => "connection",
            Self::Contract => "contract",
            Self::Status => "status",
            Self::Answer => "answer",
            Self::Late => "late",
            Self::Load => "load",
            Self::Baseline => "baseline",
            Self::Panic => "panic",
            Self::Trap => "trap",
            Self::Limit => "limit",
            Self::Spinning => "spinning",
            Self::Plugin => "plugin",
            Self::NoEvidence => "no_evidence",
            Self::Grant => "grant",
            Self::Interrupted => "interrupted",
            Self::NoEnd => "no_end",
            Self::Lost => "lost",
            Self::Unknown => "unknown",
        }
    }

    /// For people, before what it is about.
    pub fn words(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::Died => "died by itself",
            Self::Unhealthy => "unhealthy",
            Self::FaultFailed => "fault not as ordered",
            Self::Fault => "declared fault",
            Self::Connection => "connection",
            Self::Contract => "contract",
            Self::Status => "status",
            Self::Answer => "answer",
            Self::Late => "too late",
            Self::Load => "load",
            Self::Baseline => "baseline",
            Self::Panic => "panic",
            Self::Trap => "trap",
            Self::Limit => "limit",
            Self::Spinning => "never done computing",
            Self::Plugin => "plugin",
            Self::NoEvidence => "no evidence",
            Self::Grant => "no grant",
            Self::Interrupted => "interrupted",
            Self::NoEnd => "no end",
            Self::Lost => "lost",
            Self::Unknown => "unknown",
        }
    }
}

/// Something that is not good: a case, a setup, a teardown, or the environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// The suite; none for the environment.
    pub suite: Option<String>,
    /// The case; `setup` or `teardown` for those; none for the environment.
    pub entry: Option<String>,
    /// Which attempt shows it; none if none began.
    pub attempt: Option<u32>,
    /// How it ended.
    pub verdict: Verdict,
    /// When it showed, since the start of the run.
    pub at_ns: u64,
    /// What is wrong here, in one line.
    pub summary: String,
    /// The declared faults in whose time it falls, and that of its own attempt that was healed before; in words.
    pub during: Vec<String>,
    /// What the cause rests on, or what was looked at if it is unknown. The most telling first.
    pub evidence: Vec<Evidence>,
    /// Where the time of the attempt's requests went, for a baseline that was missed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<TimeShares>,
}

impl Failure {
    /// `suite/case`, or `the environment`.
    pub fn name(&self) -> String {
        match (&self.suite, &self.entry) {
            (Some(suite), Some(entry)) => format!("{suite}/{entry}"),
            (Some(suite), None) => suite.clone(),
            (None, _) => "the environment".to_owned(),
        }
    }
}

/// Something that the events show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// What sort of event it is of.
    pub kind: EvidenceKind,
    /// Since the start of the run; none if it is no single moment.
    pub at_ns: Option<u64>,
    /// `sequence` of the event in `events.jsonl`; none if it is more than one.
    pub sequence: Option<u64>,
    /// For people, in one line.
    pub text: String,
}

/// What sort of event shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// How the attempt ended.
    Outcome,
    /// A check.
    Check,
    /// A request.
    Request,
    /// An event stream.
    Stream,
    /// A fault.
    Fault,
    /// How a service was found.
    Service,
    /// A judgement of a baseline.
    Baseline,
    /// A load.
    Load,
    /// A refusal.
    Refusal,
    /// Where time went.
    Time,
    /// What was looked at in vain.
    Looked,
}

/// Where the time of requests went, as shares of all of it, each from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TimeShares {
    /// How many requests; those of virtual users among them.
    pub requests: u64,
    /// The time of all of them together.
    pub total_ns: u64,
    /// While no fault was active.
    pub baseline: f64,
    /// While a fault was active.
    pub fault: f64,
    /// After one, before its attempt ended.
    pub recovery: f64,
    /// Making connections; none where it is not known, as of virtual users.
    pub connect: Option<f64>,
    /// From the connection to the first byte of the answer.
    pub first_byte: Option<f64>,
    /// From there to the end of the answer.
    pub receive: Option<f64>,
}
