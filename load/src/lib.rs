//! The load engine, without WebAssembly: what a load is, when its iterations start, and what is kept of them.
//!
//! - [`plan`] holds what may be run, and refuses what contradicts itself; [`threshold`] what it is judged by.
//! - [`schedule`] says when iterations start, [`turns`] gives them to virtual users.
//! - [`transport`] sends the requests of an iteration.
//! - [`samples`] and [`streams`] keep what happened, [`outcome`] is what is told of it, [`encoded`] whole distributions of it.
//! - [`share`] divides a load among machines, [`delta`] tells what each measured, [`merge`] makes one load of it again, [`clock`] finds
//!   the instant at which all begin.
//! - [`series`] has a load over its time, [`search`] finds its limit, [`generator`] looks at the machine that makes it.
//!
//! Nothing here knows of suites or of the host, so that all of it is proven with paused time and in milliseconds.

pub mod bins;
pub mod clock;
pub mod delta;
pub mod encoded;
pub mod generator;
pub mod merge;
pub mod outcome;
mod phase;
pub mod plan;
pub mod samples;
pub mod schedule;
pub mod search;
pub mod series;
pub mod share;
pub mod streams;
pub mod threshold;
pub mod transport;
pub mod turns;

pub use phase::Phase;
