//! Texts that the system under test sends, read without WebAssembly: event streams, and pages of metrics.
//!
//! What is sent may be anything. So these readers are apart from the capabilities that use them, where tests and fuzzing reach them in seconds.

pub mod prometheus;
pub mod sse;
