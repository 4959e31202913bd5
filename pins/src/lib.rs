//! Which plugins of Assay may run, without WebAssembly: the lock file, where plugins come from, the cache of them, and signatures.
//!
//! A [`Lock`](lock::Lock) names plugins by the SHA-256 of their bytes ([`Digest`]). A [`Fetcher`](fetch::Fetcher) brings them from their
//! [`Source`](source::Source) into a [`Cache`](cache::Cache), and a [`Gate`](verify::Gate) says of what somebody is about to run
//! whether it is what was locked. Nothing here knows what a component is: whoever does gives names and contracts.

pub mod cache;
pub mod digest;
pub mod fetch;
pub mod limits;
pub mod lock;
pub mod registry;
pub mod regular_file;
pub mod signature;
pub mod source;
pub mod verify;
pub mod web;

pub use digest::Digest;
