//! Why what is not good is so: for each failure a cause, with the evidence that it rests on, and failures of one cause together.
//!
//! The evidence is what the events tell, and nothing else: a cause is named only where an event shows it, and otherwise it is
//! [`CauseKind::Unknown`], with what was looked at. Everything is held within limits, however long the run is.

mod advice;
mod agent;
mod baseline;
mod behaviour;
mod contact;
mod grant;
mod judge;
mod listener;
mod load;
mod plugin;
mod reading;
mod shapes;
mod system;
mod tally;
mod trail;
mod transport;

pub use self::{
    listener::Analyst,
    shapes::{Analysis, Cause, CauseGroup, CauseKind, Evidence, EvidenceKind, Failure, TimeShares},
    system::MAX_WINDOWS,
    tally::{MAX_CAUSES, MAX_FAILURES, MAX_TEXT_BYTES},
    trail::MAX_CONTACTS,
};
