//! The reference system, tried from outside: real servers on free ports, real connections, and every answer checked against
//! the document that the service publishes of itself.

#![expect(
    clippy::unwrap_used,
    reason = "what a helper cannot do is a failed test"
)]

mod child;
mod client;
mod contract;
mod frames;
mod half_working;
mod saves;
mod system;

mod agreement;
mod cache;
mod connections;
mod defects;
mod documentation;
mod feed;
mod generations;
mod health;
mod idempotency;
mod memory;
mod metrics;
mod monitoring;
mod numbering;
mod outage;
mod projects;
mod rate_limit;
mod refusals;
mod restart;
mod retry;
mod rules;
mod streams;
mod validation;
mod vector_store;
