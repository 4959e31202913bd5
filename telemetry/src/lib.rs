//! What systems that watch others are told of a run: traces over OTLP.
//!
//! Like any reporter, what is here hears [`assay_report::event::Event`]s and knows nothing else. What is told over the network is told by
//! a thread of its own, from a queue with a limit: a system that is slow or gone costs telemetry, and never the run.

pub mod opentelemetry;
