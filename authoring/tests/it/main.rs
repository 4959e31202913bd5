//! Suites that are made, built and told of for real, one file per subject.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod dev;
mod docs;
mod python;
mod rust;
mod script;
