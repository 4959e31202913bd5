//! Runs over agents with a real server: what must come of them, and what must be said when something goes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod apart;
mod child;
mod clocks;
mod disk;
mod frozen;
mod heard;
mod joining;
mod leftovers;
mod limits;
mod losses;
mod orders;
mod outages;
mod plugins;
mod pressure;
mod refusals;
mod runs;
mod scripted;
mod stage;
mod stops;
mod tls;
mod way;
