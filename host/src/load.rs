//! Load: virtual users in WebAssembly, on threads of their own.
//!
//! What a load is, when its iterations start and what is kept of them is in the crate `assay_load`; here its virtual users are made and run.
//!
//! - [`order`] takes a plan from a case, holds it against the suite and the machine ([`limits`]), and starts it.
//! - `conductor` is the thread that begins, watches and ends it. It runs beside the cases: none of them waits for it, and it waits for none.
//! - `crew` are the threads that make it, one for each processor (`worker`). Virtual users stay on theirs.
//! - [`machines`] are others that make it instead, each its [`share`]; `joint` conducts them.
//! - `instance` runs a virtual user in an instance of its own, or many in one; what they have of the host is in `user`.
//! - `stage` is what all threads share: an engine of its own, whose pool is as large as the load needs.

mod conductor;
mod conversions;
mod cpu;
mod crew;
mod ended;
mod error;
mod findings;
mod info;
mod instance;
mod joint;
mod judging;
mod limits;
pub mod machines;
pub mod order;
pub mod share;
mod stage;
mod threads;
mod usage;
mod user;
mod worker;

pub use error::Refusal;
pub use order::{Order, Running};
pub use threads::{Loads, Threads};
