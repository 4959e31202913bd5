//! What is told of a run: events, verdicts, and the reports that are made of them.
//!
//! Nothing here knows WebAssembly or the system under test. So events can be read where no plugin can run, and a reporter is built
//! and tested in seconds. A reporter hears [`event::Event`]s and knows nothing else: a recorded log replays into any of them.

mod account;
pub mod analysis;
pub mod conclusion;
pub mod console;
mod csv;
mod documents;
pub mod event;
pub mod exit;
mod fanout;
mod file;
mod former;
mod former_file;
mod github;
pub mod hdr;
pub mod hint;
pub mod html;
pub mod json;
mod junit;
pub mod log;
mod markdown;
mod merge;
mod outcomes;
mod proposed;
mod refilled;
mod refused;
mod replay;
mod reporter;
pub mod schema;
mod tap;
pub mod texts;
pub mod verdict;
mod whole_log;
pub mod words;

pub use self::{
    documents::{Document, Documents, Form, in_the_way},
    fanout::Fanout,
    former::{Former, FormerError},
    former_file::FormerFile,
    github::GithubStep,
    merge::{Merge, MergeError, Merged},
    replay::{Replayed, replay},
    reporter::{ReportError, Reporter},
    whole_log::WholeLog,
};
