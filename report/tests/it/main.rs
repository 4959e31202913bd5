//! Reporters: each situation of a run as events, made into each report.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod agents;
mod analysis;
mod browser;
mod console;
mod csv;
mod documents;
mod fanout;
mod former;
mod github;
mod hdr;
mod html;
mod json;
mod junit;
mod kept;
mod live;
mod log;
mod markdown;
mod merge;
mod proposals;
mod recording;
mod refusals;
mod regressions;
mod schema;
mod shards;
mod situations;
mod tap;
mod texts;
