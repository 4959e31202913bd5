//! What happens in a run, as owned values in one order. Reporters know nothing else, so a recorded log replays into any of them.
//!
//! The dispatcher is the only one that makes an [`Event`] out of an [`EventKind`]: it numbers and times it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::verdict::Verdict;

/// Something that happened. The text form is one line of JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// From 0, without gaps: the order is the truth.
    pub sequence: u64,
    /// Nanoseconds since the start of the run.
    pub at_ns: u64,
    /// What it was.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// Which attempt of which entry an event belongs to.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct Source {
    /// The suite's name.
    pub suite: String,
    /// The case; `setup` or `teardown` for those (no case can have these names).
    pub entry: String,
    /// From 1.
    pub attempt: u32,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventKind {
    /// The first event of each run.
    RunStarted(RunInfo),
    /// Every service of the environment answered.
    EnvironmentReady {
        /// In the order of their start.
        services: Vec<ServiceInfo>,
        /// From the start of the first to the readiness of the last.
        duration_ns: u64,
    },
    /// The environment could not be brought up; no case runs.
    EnvironmentFailed {
        /// Why, and what to do.
        message: String,
    },
    /// The first attempt of a case begins.
    CaseStarted {
        /// The suite.
        suite: String,
        /// The case.
        case: String,
        /// How many attempts it may have.
        attempts: u32,
    },
    /// An attempt, a setup or a teardown begins.
    AttemptStarted(Source),
    /// A line of the log of an attempt.
    Log {
        /// Of which attempt.
        source: Source,
        /// How much it matters.
        level: Level,
        /// The line.
        message: String,
    },
    /// What the plugin wrote to standard output or standard error.
    Output {
        /// Of which attempt.
        source: Source,
        /// Which of the two.
        stream: OutputStream,
        /// All of it, at most the limit.
        text: String,
        /// Whether the limit cut it.
        truncated: bool,
    },
    /// A check, passed or failed.
    Checked {
        /// Of which attempt.
        source: Source,
        /// The check.
        check: Check,
    },
    /// A baseline, judged.
    Judged {
        /// Of which attempt.
        source: Source,
        /// The figure, the levels and the grade.
        judgement: Judgement,
    },
    /// A request and how it ended.
    Exchanged {
        /// Of which attempt.
        source: Source,
        /// The request, in short.
        exchange: Exchange,
    },
    /// An event stream, when it is over.
    Streamed {
        /// Of which attempt.
        source: Source,
        /// The stream, in short.
        stream: StreamSummary,
    },
    /// Evidence that the case attached.
    Attached {
        /// Of which attempt.
        source: Source,
        /// The evidence.
        attachment: Attachment,
    },
    /// An attempt, a setup or a teardown ended.
    AttemptFinished {
        /// Which.
        source: Source,
        /// How.
        outcome: Outcome,
        /// Wall-clock time, instance included.
        duration_ns: u64,
        /// What was counted on the way.
        counts: AttemptCounts,
    },
    /// A case has its verdict. Comes for every planned case, also for those that never started.
    CaseFinished {
        /// The suite.
        suite: String,
        /// The case.
        case: String,
        /// The verdict over all attempts, with the reason of the last attempt that was not good.
        outcome: Outcome,
        /// How many attempts were made; 0 if none.
        attempts: u32,
        /// All attempts together.
        duration_ns: u64,
    },
    /// All cases of a suite have their verdicts, and the teardown is done.
    SuiteFinished {
        /// The suite.
        suite: String,
        /// The gravest of its cases.
        verdict: Verdict,
        /// From its first event to this one.
        duration_ns: u64,
        /// The suite's own figures.
        metrics: Vec<MetricSnapshot>,
    },
    /// Somebody asked the run to stop.
    Interrupted {
        /// `Ctrl-C`, `SIGTERM`, `--fail-fast`.
        reason: String,
    },
    /// The last event of each run.
    RunFinished {
        /// The gravest of all cases.
        verdict: Verdict,
        /// How many of each.
        stats: RunStats,
        /// From the start of the run.
        duration_ns: u64,
        /// What the process ends with.
        exit_code: u8,
    },
}

/// What is known when a run starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunInfo {
    /// Unique: time and random letters.
    pub run_id: String,
    /// UTC, RFC 3339.
    pub started_at: String,
    /// Version of the host.
    pub host_version: String,
    /// `assay:suite@0.1.0`.
    pub contract: String,
    /// The environment's name.
    pub environment: String,
    /// The profile's name.
    pub profile: String,
    /// For random choices.
    pub seed: u64,
    /// How many cases run at once.
    pub jobs: u32,
    /// In the order of the command line.
    pub plugins: Vec<PluginInfo>,
}

/// A plugin as it takes part in a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PluginInfo {
    /// The file as it was named.
    pub file: String,
    /// SHA-256 of the file, hexadecimal.
    pub digest: String,
    /// Bytes of the file.
    pub size: u64,
    /// The suite's name.
    pub suite: String,
    /// The suite's version.
    pub version: String,
    /// The suite in one line.
    pub summary: String,
    /// The planned cases, in order.
    pub cases: Vec<CaseInfo>,
    /// The baselines with the levels that hold in this run.
    pub baselines: Vec<Baseline>,
}

/// A planned case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CaseInfo {
    /// Kebab-case.
    pub name: String,
    /// What it proves.
    pub summary: String,
    /// Words to filter by.
    pub tags: Vec<String>,
    /// `file:line` in the suite.
    pub location: Option<String>,
}

/// A level of quality.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Baseline {
    /// Kebab-case.
    pub name: String,
    /// What it measures.
    pub summary: String,
    /// For people.
    pub unit: String,
    /// Which way is good.
    pub direction: Direction,
    /// Reached: good.
    #[serde(deserialize_with = "figure")]
    #[schemars(with = "Option<f64>")]
    pub target: f64,
    /// Not reached: failed.
    #[serde(deserialize_with = "figure")]
    #[schemars(with = "Option<f64>")]
    pub critical: f64,
}

/// Which way a metric is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The lower the better.
    AtMost,
    /// The higher the better.
    AtLeast,
}

/// A service of the environment, ready.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceInfo {
    /// Its name in the environment.
    pub name: String,
    /// Its base URL.
    pub url: String,
    /// Whether this run started it.
    pub managed: bool,
    /// From its start to its first good answer.
    pub ready_after_ns: u64,
}

/// How much a log line matters.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// For the author of the suite.
    Debug,
    /// For the reader of a report.
    Info,
    /// Worth a look.
    Warn,
    /// Wrong.
    Error,
}

/// Standard output or standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutputStream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// A sentence.
    pub name: String,
    /// Whether it was as it must be.
    pub passed: bool,
    /// What was expected.
    pub expected: Option<String>,
    /// What was there.
    pub actual: Option<String>,
    /// `file:line` in the suite.
    pub location: Option<String>,
}

/// A figure against its baseline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Judgement {
    /// The baseline with the levels that held.
    pub baseline: Baseline,
    /// What was measured, in the baseline's unit.
    #[serde(deserialize_with = "figure")]
    #[schemars(with = "Option<f64>")]
    pub value: f64,
    /// How many samples it rests on.
    pub samples: u64,
    /// How it stands.
    pub grade: Grade,
}

/// How a figure stands to its baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// At the target or better.
    Target,
    /// Between target and critical.
    Critical,
    /// Worse than critical, or nothing was measured.
    Missed,
}

/// A request in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Exchange {
    /// Under which it is gathered.
    pub name: String,
    /// The method.
    pub method: String,
    /// The URL asked for, at most 2 KiB.
    pub url: String,
    /// The status; none if there was no answer.
    pub status: Option<u16>,
    /// Why there was no answer: the case of the contract's `http.error` and its text.
    pub error: Option<ExchangeError>,
    /// Bytes of the request's body.
    pub sent_bytes: u64,
    /// Bytes of the answer's body.
    pub received_bytes: u64,
    /// To the first byte of the answer; none without one.
    pub first_byte_ns: Option<u64>,
    /// In all.
    pub duration_ns: u64,
}

/// Why a request has no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExchangeError {
    /// The case in the contract: `connect`, `timeout`, ...
    pub kind: String,
    /// The text.
    pub message: String,
}

/// An event stream in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StreamSummary {
    /// Under which it is gathered.
    pub name: String,
    /// The URL, at most 2 KiB.
    pub url: String,
    /// The status of the answer that opened it.
    pub status: u16,
    /// Events that were dispatched.
    pub events: u64,
    /// Comments that were seen.
    pub comments: u64,
    /// How often it was opened again.
    pub reconnects: u32,
    /// To the head of the answer.
    pub opened_after_ns: u64,
    /// To the first event; none without one.
    pub first_event_ns: Option<u64>,
    /// The longest time between two events; none with fewer than two.
    pub longest_gap_ns: Option<u64>,
    /// From asking to the end.
    pub duration_ns: u64,
    /// `ended` by the server, `dropped` by the suite, or why it broke.
    pub end: String,
}

/// Evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Attachment {
    /// As the case named it.
    pub name: String,
    /// `application/json`, ...
    pub media_type: String,
    /// The content: text as it is, anything else as base64.
    pub content: String,
    /// Whether `content` is base64.
    pub base64: bool,
    /// Bytes before the limit cut it.
    pub size: u64,
    /// Whether the limit cut it.
    pub truncated: bool,
}

/// A verdict and its reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Outcome {
    /// The verdict.
    pub verdict: Verdict,
    /// Why, unless it passed.
    pub reason: Option<Reason>,
}

/// Why something did not pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// What sort of reason.
    pub kind: ReasonKind,
    /// For people: the first line is the headline.
    pub message: String,
    /// What was expected, if it is one value.
    pub expected: Option<String>,
    /// What was there instead.
    pub actual: Option<String>,
    /// `file:line` in the suite.
    pub location: Option<String>,
    /// The plugin's frames, innermost first, for a trap.
    pub backtrace: Vec<String>,
}

/// What sort of reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReasonKind {
    /// One check or more failed.
    Check,
    /// The case itself said that it failed.
    Failed,
    /// A baseline was missed, or lies between target and critical.
    Baseline,
    /// The case made no check and judged no baseline.
    NoEvidence,
    /// The case said that nothing was tested, or what it needs is missing.
    Skipped,
    /// The wall-clock or the processor time of the attempt was over.
    Timeout,
    /// The plugin panicked.
    Panic,
    /// The plugin trapped.
    Trap,
    /// A limit on memory, tables or instances was reached.
    Limit,
    /// The plugin used the host wrongly.
    Plugin,
    /// The setup of the suite did not succeed, so its cases did not run.
    Setup,
    /// The environment is missing or broke.
    Environment,
    /// The run was stopped before or while it ran.
    Interrupted,
}

/// What was counted in an attempt, complete even where the events themselves were cut by a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AttemptCounts {
    /// Checks that passed.
    pub checks_passed: u64,
    /// Checks that failed.
    pub checks_failed: u64,
    /// Baselines that were judged.
    pub baselines: u64,
    /// Requests that were sent.
    pub requests: u64,
    /// Streams that were opened.
    pub streams: u64,
    /// Log lines that a limit left out.
    pub dropped_logs: u64,
    /// Attachments that a limit left out.
    pub dropped_attachments: u64,
}

/// A figure of a suite at its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MetricSnapshot {
    /// As the suite named it.
    pub name: String,
    /// Sorted.
    pub labels: BTreeMap<String, String>,
    /// `seconds`, `bytes`, ...; empty for none.
    pub unit: String,
    /// What it is and holds.
    pub value: MetricValue,
}

/// What a figure holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MetricValue {
    /// A sum that only grows.
    Counter {
        /// The sum.
        #[serde(deserialize_with = "figure")]
        #[schemars(with = "Option<f64>")]
        value: f64,
    },
    /// The value that was set last.
    Gauge {
        /// The value.
        #[serde(deserialize_with = "figure")]
        #[schemars(with = "Option<f64>")]
        value: f64,
    },
    /// A distribution.
    Histogram(Distribution),
}

/// A distribution in the unit of its metric.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the names are the statistics' own")]
pub struct Distribution {
    pub count: u64,
    #[serde(deserialize_with = "figure")]
    #[schemars(with = "Option<f64>")]
    pub mean: f64,
    #[serde(deserialize_with = "figure")]
    #[schemars(with = "Option<f64>")]
    pub min: f64,
    #[serde(deserialize_with = "figure")]
    #[schemars(with = "Option<f64>")]
    pub p50: f64,
    #[serde(deserialize_with = "figure")]
    #[schemars(with = "Option<f64>")]
    pub p90: f64,
    #[serde(deserialize_with = "figure")]
    #[schemars(with = "Option<f64>")]
    pub p95: f64,
    #[serde(deserialize_with = "figure")]
    #[schemars(with = "Option<f64>")]
    pub p99: f64,
    #[serde(deserialize_with = "figure")]
    #[schemars(with = "Option<f64>")]
    pub p999: f64,
    #[serde(deserialize_with = "figure")]
    #[schemars(with = "Option<f64>")]
    pub max: f64,
}

/// Reads a figure. One that is no number (nothing was measured, a division by zero) is written as `null`, for JSON has no other
/// word for it.
pub(crate) fn figure<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Option::deserialize(deserializer).map(|value| value.unwrap_or(f64::NAN))
}

/// How many cases ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the names are the verdicts' own")]
pub struct RunStats {
    pub passed: u32,
    pub degraded: u32,
    pub failed: u32,
    pub flaky: u32,
    pub skipped: u32,
    pub errored: u32,
}

impl RunStats {
    /// Counts one more case.
    pub fn count(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Passed => self.passed += 1,
            Verdict::Degraded => self.degraded += 1,
            Verdict::Failed => self.failed += 1,
            Verdict::Flaky => self.flaky += 1,
            Verdict::Skipped => self.skipped += 1,
            Verdict::Errored => self.errored += 1,
        }
    }

    /// All of them.
    pub fn total(&self) -> u32 {
        self.passed + self.degraded + self.failed + self.flaky + self.skipped + self.errored
    }
}
