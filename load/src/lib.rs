//! The load engine, without WebAssembly: what a load is, when its iterations start, and what is kept of them.
//!
//! [`plan`] holds what may be run, and refuses what contradicts itself; [`threshold`] what it is judged by.
//! [`schedule`] says when iterations start.
//!
//! Nothing here knows of suites or of the host, so that all of it is proven with paused time and in milliseconds.

pub mod plan;
pub mod schedule;
pub mod threshold;
