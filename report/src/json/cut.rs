//! What limits leave out of `report.json`, which it names and counts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something that a limit left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cut {
    /// The suite.
    pub suite: String,
    /// The case; `setup` or `teardown` for those; none for the whole suite.
    pub entry: Option<String>,
    /// The attempt; none for the whole suite.
    pub attempt: Option<u32>,
    /// What is missing.
    pub what: CutKind,
    /// How many.
    pub count: u64,
}

/// What can be left out. Whatever the host told is in the event log, except where it says otherwise.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CutKind {
    /// Failed checks, beyond what an attempt or the document may hold.
    FailedChecks,
    /// Names of passed checks.
    PassedChecks,
    /// Log lines of a bad attempt.
    Logs,
    /// Log lines that the recorder left out: they are not in the event log either.
    UnrecordedLogs,
    /// Requests of a bad attempt, one by one.
    Exchanges,
    /// Requests that the recorder only counted: they are in no summary and not in the event log either.
    UnrecordedExchanges,
    /// Event streams of a bad attempt, one by one.
    Streams,
    /// Services whose lines would have been told of a bad attempt.
    ServiceLines,
    /// Services of which it would have been told how they were after a bad attempt.
    ServiceStates,
    /// Texts on standard output or standard error.
    Output,
    /// Refusals of an attempt, beyond what an attempt or the document may hold; each time that something was refused is one.
    Refusals,
    /// Faults of an attempt, beyond what an attempt or the document may hold.
    Faults,
    /// Loads of an attempt, beyond what an attempt may hold.
    Loads,
    /// Attachments.
    Attachments,
    /// Attachments that the recorder left out: they are not in the event log either.
    UnrecordedAttachments,
    /// Judgements of a baseline.
    Judgements,
    /// Requests whose name came after the most names that a suite's summary may hold.
    RequestNames,
    /// Event streams whose name came after the most names that a suite's summary may hold.
    StreamNames,
}
