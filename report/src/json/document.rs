//! The shape of `report.json`. Within a version fields are only added; what is taken away or means something else makes a new one.

use std::collections::BTreeMap;

use assay_load::bins::Bin;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::course::CoursePoint;
pub use super::cut::{Cut, CutKind};
pub use super::environment::{DeadService, Environment, LostAgent, LostShard};
use super::loads::LoadReport;
pub use super::notable::NotableStream;
pub use super::refusals::RefusalReport;
use crate::{
    analysis::Analysis,
    event::{
        Agent, AttemptCounts, Baseline, Check, Exchange, Fault, FaultStage, Grade, HealedFault,
        Level, MergedShard, MetricSnapshot, Outcome, OutputStream, Phase, Proposal, Provenance,
        Reason, RegressionCheck, RunStats, ServiceState, ShardInfo, StreamSummary,
    },
    verdict::Verdict,
};

/// A run, whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Which shape this document has.
    pub schema: SchemaVersion,
    /// Whether the run told its last event. If not, the host was stopped in the middle, and what was not told is missing.
    pub complete: bool,
    /// The run; none if it ended before it began.
    pub run: Option<Run>,
    /// The system under test.
    pub environment: Environment,
    /// In the order of the command line.
    pub suites: Vec<Suite>,
    /// How many requests ended when, and how: at most 512 points over the time of the run.
    #[serde(default)]
    pub course: Vec<CoursePoint>,
    /// Why what is not good is so. Reports of older hosts do not have it.
    #[serde(default)]
    pub analysis: Analysis,
    /// How the run compares with former ones; none if `[history] fail-on-regression` does not ask for it.
    #[serde(default)]
    pub regressions: Option<RegressionCheck>,
    /// What limits left out of this document.
    pub cuts: Vec<Cut>,
}

/// The versions of the document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SchemaVersion {
    /// The first one.
    #[default]
    #[serde(rename = "assay/report/1")]
    V1,
}

/// The run as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// Unique: time and random letters.
    pub run_id: String,
    /// UTC, RFC 3339.
    pub started_at: String,
    /// From its start to its last event.
    pub duration_ns: u64,
    /// Version of the host.
    pub host_version: String,
    /// `assay:suite@0.1.0`.
    pub contract: String,
    /// The profile's name.
    pub profile: String,
    /// For random choices.
    pub seed: u64,
    /// How many cases ran at once.
    pub jobs: u32,
    /// What of the project was run. Reports of older hosts do not have it.
    #[serde(default)]
    pub provenance: Provenance,
    /// Which part of a plan it is; none if it is the whole of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<ShardInfo>,
    /// The shards that it was merged from; empty if nobody merged it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merged: Vec<MergedShard>,
    /// Those that are missing or were cut off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<LostShard>,
    /// The agents that took part; empty if it had none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agents: Vec<Agent>,
    /// Those that were lost while it went on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost_agents: Vec<LostAgent>,
    /// Who or what stopped it, the most urgent wish if there were several; none if nobody did.
    pub interrupted: Option<String>,
    /// The gravest of all cases, at least `errored` if the environment broke; none if the run told no end.
    pub verdict: Option<Verdict>,
    /// How many cases ended how.
    pub stats: RunStats,
    /// What the process ended with; none if the run told no end.
    pub exit_code: Option<u8>,
}

/// A suite.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Suite {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The suite in one line.
    pub summary: String,
    /// The file that holds it.
    pub plugin: Plugin,
    /// The gravest of its cases; none if the suite told no end.
    pub verdict: Option<Verdict>,
    /// From its first event to its end.
    pub duration_ns: Option<u64>,
    /// The setup, if one ran.
    pub setup: Option<Attempt>,
    /// In the order of the plan.
    pub cases: Vec<Case>,
    /// The teardown, if one ran.
    pub teardown: Option<Attempt>,
    /// Each baseline and how it was judged.
    pub baselines: Vec<JudgedBaseline>,
    /// All requests, by name.
    pub requests: Vec<RequestSummary>,
    /// All event streams, by name.
    pub streams: Vec<StreamGroup>,
    /// The event streams that are most worth a look, at most 40, in the order in which they were asked for: those that broke, then those
    /// that were opened again, then those that were silent for the longest time.
    #[serde(default)]
    pub notable_streams: Vec<NotableStream>,
    /// The suite's own figures at its end.
    pub metrics: Vec<MetricSnapshot>,
    /// What would grant all that it was refused; none if no grant would, or nothing was refused. Reports of older hosts do not have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<Proposal>,
}

/// The file of a suite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Plugin {
    /// As it was named.
    pub file: String,
    /// SHA-256, hexadecimal.
    pub digest: String,
    /// Bytes.
    pub size: u64,
}

/// A case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Case {
    /// Kebab-case.
    pub name: String,
    /// What it proves.
    pub summary: String,
    /// Words to filter by.
    pub tags: Vec<String>,
    /// `file:line` in the suite.
    pub location: Option<String>,
    /// The verdict over all attempts; none if the case told no end.
    pub verdict: Option<Verdict>,
    /// Why, unless it passed.
    pub reason: Option<Reason>,
    /// All attempts together.
    pub duration_ns: u64,
    /// In order; empty if it never started.
    pub attempts: Vec<Attempt>,
}

/// An attempt, a setup or a teardown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Attempt {
    /// From 1.
    pub attempt: u32,
    /// Since the start of the run.
    pub started_at_ns: u64,
    /// The agents that had it, one after the other, the last 10 of them: more than one if some were lost; empty if the conducting host ran it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agents: Vec<String>,
    /// How it ended; none if it told no end.
    pub outcome: Option<Outcome>,
    /// Wall-clock time, instance included.
    pub duration_ns: u64,
    /// Complete, also where evidence was cut.
    pub counts: AttemptCounts,
    /// What it asked for and had no grant for, however it ended: at most 100 different things, each with how often. Reports of older hosts
    /// do not have it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<RefusalReport>,
    /// The checks that failed.
    pub failed_checks: Vec<Check>,
    /// The names of the first checks that passed.
    pub passed_checks: Vec<String>,
    /// The last log lines, unless it was good.
    pub logs: Vec<LogLine>,
    /// The last requests, unless it was good; those that were told again have their detail.
    pub exchanges: Vec<Exchange>,
    /// The last event streams, unless it was good; those that were told again have their last events.
    pub streams: Vec<StreamSummary>,
    /// What the services wrote while it ran, if it went bad.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<ServiceLines>,
    /// How the services were after it, once its faults were healed, if it went bad.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services_after: Vec<ServiceState>,
    /// What the plugin wrote.
    pub output: Vec<Output>,
    /// The faults it made, in order, also those that it could not make.
    pub faults: Vec<FaultReport>,
    /// The loads it made, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub loads: Vec<LoadReport>,
    /// Which evidence the case attached. The content is in the event log.
    pub attachments: Vec<AttachmentInfo>,
}

/// A fault from its making to its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FaultReport {
    /// What was done to what.
    pub fault: Fault,
    /// When it was confirmed from outside, since the start of the run; none if it never was active. Reports of older hosts do not have it.
    #[serde(default)]
    pub confirmed_at_ns: Option<u64>,
    /// From the beginning of its making to its confirmation from outside; none if it never was active.
    pub confirmed_after_ns: Option<u64>,
    /// How it ended; none if it did not.
    pub healed: Option<HealedFault>,
    /// What did not work.
    pub failure: Option<FaultFailure>,
}

/// What did not work with a fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FaultFailure {
    /// Its making or its heal.
    pub stage: FaultStage,
    /// Why, and what to do.
    pub message: String,
}

/// A log line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogLine {
    /// Since the start of the run.
    pub at_ns: u64,
    /// How much it matters.
    pub level: Level,
    /// The line.
    pub message: String,
}

/// What a service wrote while an attempt ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceLines {
    /// Its name.
    pub service: String,
    /// The last lines, the oldest first.
    pub lines: Vec<String>,
    /// How many earlier lines of that time were left out, as far as it is known.
    pub dropped_lines: u64,
}

/// What a plugin wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// To where.
    pub stream: OutputStream,
    /// The end of it.
    pub text: String,
    /// Whether something is missing.
    pub truncated: bool,
}

/// Evidence, without its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AttachmentInfo {
    /// As the case named it.
    pub name: String,
    /// `application/json`, ...
    pub media_type: String,
    /// Bytes before a limit cut it.
    pub size: u64,
    /// Whether a limit cut it.
    pub truncated: bool,
    /// `sequence` of the event that holds the content, in `events.jsonl`.
    pub sequence: u64,
}

/// A baseline and its judgements.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JudgedBaseline {
    /// The levels that held.
    #[serde(flatten)]
    pub baseline: Baseline,
    /// In order; empty if no case that ran judged it.
    pub judgements: Vec<Judged>,
}

/// One judgement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Judged {
    /// The case; `setup` or `teardown` for those.
    pub entry: String,
    /// From 1.
    pub attempt: u32,
    /// What was measured, in the baseline's unit; null if nothing was.
    #[serde(deserialize_with = "crate::event::figure")]
    #[schemars(with = "Option<f64>")]
    pub value: f64,
    /// How many samples it rests on.
    pub samples: u64,
    /// How it stands.
    pub grade: Grade,
}

/// Requests of one name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RequestSummary {
    /// Under which they were gathered.
    pub name: String,
    /// How many.
    pub count: u64,
    /// How many had no answer.
    pub errors: u64,
    /// How many answers had which status.
    pub statuses: BTreeMap<u16, u64>,
    /// How many had no answer for which reason: the cases of the contract's `http.error`.
    pub error_kinds: BTreeMap<String, u64>,
    /// Bytes of all requests' bodies.
    pub sent_bytes: u64,
    /// Bytes of all answers' bodies.
    pub received_bytes: u64,
    /// Times of the requests that had an answer, in all; none if no request had one.
    pub duration: Option<Times>,
    /// Times to the first byte of the answer; none if no request had one.
    pub first_byte: Option<Times>,
    /// Times of the requests that had an answer, in all, to draw them: each doubling has eight bins, and empty ones are left out.
    #[serde(default)]
    pub histogram: Vec<Bin>,
    /// The same by phase; empty if all of them belong to the baseline. A request belongs to `fault` if a fault of the run was active at
    /// any moment of it.
    pub by_phase: BTreeMap<Phase, PhaseRequests>,
}

/// Requests of one name and one phase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PhaseRequests {
    /// How many.
    pub count: u64,
    /// How many had no answer.
    pub errors: u64,
    /// How many answers had which status.
    pub statuses: BTreeMap<u16, u64>,
    /// Times of the requests that had an answer, in all; none if no request had one.
    pub duration: Option<Times>,
}

/// Event streams of one name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StreamGroup {
    /// Under which they were gathered.
    pub name: String,
    /// How many.
    pub count: u64,
    /// Events of all of them.
    pub events: u64,
    /// How often they were opened again.
    pub reconnects: u64,
    /// How many ended how: `ended`, `dropped`, or why they broke.
    pub ends: BTreeMap<String, u64>,
    /// Times to the first event; none if there was no event.
    pub first_event: Option<Times>,
    /// The longest time between two events of a stream; none if no stream had two.
    pub longest_gap_ns: Option<u64>,
}

/// Times in nanoseconds, the percentiles to three significant digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Times {
    /// The shortest, exact.
    pub min_ns: u64,
    /// The median.
    pub p50_ns: u64,
    /// 95 of 100 took at most this.
    pub p95_ns: u64,
    /// 99 of 100 took at most this.
    pub p99_ns: u64,
    /// The longest, exact.
    pub max_ns: u64,
}
