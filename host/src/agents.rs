//! A run over many machines: this host conducts it, and agents (`host agent`) run attempts and make shares of loads.
//!
//! Nothing of a run's order is decided elsewhere: the runner sets up, retries, judges and reports as ever, and an agent is told one attempt at a time
//! ([`run`], and [`worker`] at its end). So a run over agents has the verdicts of one machine. What changes the system under test or needs all of a
//! run stays here ([`placing`]): whoever makes a fault is its one owner. How messages travel is a matter of `assay_agents`.

mod attempt;
mod left;
mod machines;
pub mod placing;
mod policy;
mod routes;
pub mod run;
pub mod work;
pub mod worker;

pub use self::{
    policy::Admitted,
    run::{Agents, Called},
};
