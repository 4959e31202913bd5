//! What an attempt leaves behind: lines, outputs, checks, requests, streams, attachments, and their counts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ExchangeDetail, StreamedEvent};

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
    /// Of that to the first byte, what new connections took; none if a kept one was used, and in logs of older hosts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect_ns: Option<u64>,
    /// To the first byte of the answer; none without one.
    pub first_byte_ns: Option<u64>,
    /// In all.
    pub duration_ns: u64,
    /// From 1 in each attempt, in the order in which they ended. Logs of older hosts do not have it: 0.
    #[serde(default)]
    pub number: u64,
    /// The `traceparent` that it was sent with, as W3C Trace Context has it: with it, the system's own traces tell of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// What was sent and what came: only where the request is told again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Box<ExchangeDetail>>,
}

impl Exchange {
    /// Whether it went wrong: there was no answer, or one that says so. That may well be what a case is after.
    pub fn went_wrong(&self) -> bool {
        self.error.is_some() || self.status.is_none_or(|status| status >= 400)
    }
}

/// Why a request has no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExchangeError {
    /// The case in the contract: `connect`, `timeout`, ...
    pub kind: String,
    /// The text.
    pub message: String,
    /// How far the request had come; none in logs of older hosts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Stage>,
}

/// How far a request had come when it broke off.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// A connection was being made, or the name of its host looked up.
    Connect,
    /// It was sent, or being sent, and there was no head of an answer.
    Head,
    /// The head of the answer was there, and not all of its body.
    Body,
}

impl Stage {
    /// For people: what was going on.
    pub fn words(self) -> &'static str {
        match self {
            Self::Connect => "while a connection was being made",
            Self::Head => "while the head of the answer was awaited",
            Self::Body => "while the body of the answer was being read",
        }
    }
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
    /// From 1 in each attempt, in the order in which they ended. Logs of older hosts do not have it: 0.
    #[serde(default)]
    pub number: u64,
    /// The `traceparent` that it was first asked for with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// What was sent, and the answer that opened it or was no stream: only where the stream is told again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Box<ExchangeDetail>>,
    /// The last events that came: only where the stream is told again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub last_events: Vec<StreamedEvent>,
}

impl StreamSummary {
    /// Whether neither the server nor the suite ended it.
    pub fn broke(&self) -> bool {
        !matches!(&*self.end, "ended" | "dropped")
    }
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

/// Whether nothing was counted: what older hosts do not have is left out then.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands on a reference"
)]
fn is_none(count: &u64) -> bool {
    *count == 0
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
    /// How often the plugin asked for something that it has no grant for; logs of older hosts do not have it.
    #[serde(default, skip_serializing_if = "is_none")]
    pub refusals: u64,
    /// Log lines that a limit left out.
    pub dropped_logs: u64,
    /// Attachments that a limit left out.
    pub dropped_attachments: u64,
}
