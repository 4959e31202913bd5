//! The history of runs: an embedded database of them, what it says of a case over time, and whether a run is slower than former ones.
//!
//! - [`gather`] makes a [`record::RunRecord`] of the events of a run, live or recorded; [`recorder`] is the reporter that keeps it.
//! - [`store`] is the database: one file that several hosts may use at once.
//! - [`case`](mod@case) says how often a case ran, how often it was good, and how flaky it is.
//! - [`compare`] tells two runs apart, [`regression`] judges a run by former ones. Both compare distributions by [`statistics`].
//!
//! Nothing here knows WebAssembly. What is kept of a run is names, verdicts, figures and distributions: no header, no body, no setting.

pub mod case;
pub mod compare;
pub mod distribution;
pub mod error;
pub mod gather;
pub mod record;
pub mod recorder;
pub mod regression;
pub mod schema;
pub mod statistics;
pub mod store;

pub use self::{error::HistoryError, gather::Gathering, record::RunRecord, store::Store};
