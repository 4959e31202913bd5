//! The history as a whole: what is kept of a run, what comes back, and what is said of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod comparing;
mod gathering;
mod made;
mod opening;
mod regressions;
mod schema;
mod storing;
