//! Faults as suites ask for them: made on a service or on a link, confirmed from outside, healed whatever happens.
//!
//! [`Faults`] lives as long as the run, [`Attempt`] as long as one attempt, [`Handle`] as long as a suite wants its fault. Every
//! fault is made and healed in a task of its own, so nobody who stops waiting (a plugin that traps, a case that is cut off) can
//! leave one half-made; [`Faults::settle`] heals what an attempt left behind.

mod act;
mod addresses;
mod attempt;
mod error;
mod fault;
mod faults;
mod health;
mod meter;
mod on_link;
mod on_service;
mod told;

pub use self::{
    act::{Act, Options, Order, Target},
    attempt::{Attempt, Handle, MAX_FAULTS, MAX_LOG_BYTES, MAX_LOG_LINES},
    error::{ChaosError, Kind},
    faults::Faults,
};
