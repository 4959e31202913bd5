//! What is told of a run: events, verdicts, and the reports that are made of them.
//!
//! Nothing here knows WebAssembly or the system under test. So events can be read where no plugin can run, and a reporter is built
//! and tested in seconds. A reporter hears [`event::Event`]s and knows nothing else: a recorded log replays into any of them.

pub mod console;
pub mod event;
pub mod exit;
mod file;
pub mod hint;
pub mod json;
pub mod log;
mod reporter;
pub mod schema;
pub mod verdict;

pub use reporter::{Fanout, ReportError, Reporter};
