//! The reference system: two HTTP services, a cache and a vector store, small and honest, with switchable defects.
//!
//! `README.md` beside this crate says what each service answers; the modules say how.

pub mod cache;
pub mod cli;
pub mod clients;
pub mod clock;
pub mod defects;
pub mod generation;
pub mod log;
pub mod project;
pub mod service;
pub mod shutdown;
pub mod store;
pub mod vector_store;
pub mod web;
pub mod words;
