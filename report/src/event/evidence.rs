//! What an attempt leaves behind: lines, outputs, checks, requests, streams, attachments, and their counts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
