//! A run as traces of OpenTelemetry.
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
//! | `spans.rs` | spans out of events: pure, in bounded memory |
//! | `protocol.rs` | the messages of OTLP |
//!
//! What is no span or event: output, attachments, what services wrote, what is recalled, the seconds of a load. Reports have them.

mod attributes;
mod clock;
mod conventions;
mod draft;
mod ids;
pub mod protocol;
#[cfg(test)]
mod recording;
mod spans;

pub use self::{
    clock::Clock,
    ids::{SpanId, TraceContext, TraceId},
    spans::Spans,
};
