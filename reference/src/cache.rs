//! `reference cache`: a cache with expiry that speaks RESP2, the subset of Redis that the services and their operators use.

mod commands;
mod entries;
mod resp;
mod server;

pub use server::{Options, start};
