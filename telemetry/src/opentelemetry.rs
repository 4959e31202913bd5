//! A run as traces, sent over OTLP while it goes on.
//!
//! ```text
//! trace of the run            run ─ environment
//!                              └─ suite ─ case ┄┄ link ┄┄┐
//! trace of an attempt         attempt ┄┄┄┄┄┄┄┄┄┄┄ link ┄┄┘
//!                              ├─ request, event stream (CLIENT) ─ the system's own spans
//!                              └─ fault, load
//! ```
//!
//! An attempt is a trace of its own, because its requests are: they carry its id in `traceparent`, and the span that the system hangs its
//! own ones below is the request's. So a trace stays as small as an attempt, which is what one looks at when it fails, and backends that
//! limit the size of a trace keep all of it. Links lead both ways between an attempt and its case.
//!
//! | file | what |
//! |---|---|
//! | `settings.rs` | where traces go, from the configuration and from the variables of the OpenTelemetry specification |
//! | `spans.rs` | spans out of events: pure, in bounded memory |
//! | `protocol.rs` | the messages of OTLP |
//! | `queue.rs`, `sender.rs`, `delivery.rs` | from the run to the collector: a queue with a limit, a thread, a request |
//! | `exporter.rs` | the reporter that puts them together |
//!
//! What is no span or event: output, attachments, what services wrote, what is recalled, the seconds of a load. Reports have them.

mod account;
mod attributes;
mod clock;
#[cfg(test)]
mod collector;
mod conventions;
mod delivery;
mod draft;
mod endpoint;
mod exporter;
mod ids;
mod pairs;
pub mod protocol;
mod queue;
#[cfg(test)]
mod recording;
mod resource;
mod sender;
mod settings;
mod spans;

pub use self::{
    clock::Clock,
    endpoint::Endpoint,
    exporter::Exporter,
    ids::{SpanId, TraceContext, TraceId},
    settings::{DEFAULT_TIMEOUT, Given, Origin, Resolved, Settings, SettingsError, TIMEOUTS},
    spans::Spans,
};
pub use crate::headers::{HeaderError, Headers, MAX_HEADERS, MAX_VALUE_BYTES};
