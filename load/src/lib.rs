//! The load engine, without WebAssembly: what a load is, when its iterations start, and what is kept of them.
//!
//! [`plan`] holds what may be run, and refuses what contradicts itself; [`threshold`] what it is judged by.
//! [`schedule`] says when iterations start, [`turns`] gives them to virtual users. [`samples`] and [`streams`] keep what happened, [`outcome`] is what is told of it.
//! [`transport`] sends the requests of an iteration.
//!
//! Nothing here knows of suites or of the host, so that all of it is proven with paused time and in milliseconds.

pub mod outcome;
mod phase;
pub mod plan;
pub mod samples;
pub mod schedule;
pub mod streams;
pub mod threshold;
pub mod transport;
pub mod turns;

pub use phase::Phase;
