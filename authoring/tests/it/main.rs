//! Suites that are made, built and told of for real, one file per subject.

mod dev;
mod docs;
mod python;
mod rust;
mod script;
