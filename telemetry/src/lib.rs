//! What systems that watch others are told of a run: metrics for Prometheus, traces for OpenTelemetry.
//!
//! Like any reporter, what is here hears [`assay_report::event::Event`]s and knows nothing else. Whoever watches must not disturb: what is told over a
//! network is told by a thread of its own, memory has limits everywhere, and what a limit leaves out is counted. A system that is slow or
//! gone costs telemetry, and never the run.

mod client;
mod headers;
pub mod opentelemetry;
pub mod prometheus;
mod time;
mod worker;
