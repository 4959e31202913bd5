//! What the host lends to a suite: one module for each interface of the contract, each with the same skeleton in the same order.
//!
//! `Shared` lives as long as the run, `Context` as long as one attempt, `View` borrows a context and the table of resources for
//! one call. `Host` is implemented on the view, and the async functions on the marker type that names the view (`HasData`).
//! There is no trait over the capabilities: the wiring in `plugin::state` is all that they have in common.

pub mod chaos;
pub mod context;
pub mod http;
pub mod load;
pub mod metrics;
pub mod recorder;
pub mod requests;
pub mod sse;
