//! HTTP for load: prepared requests on kept connections, at the least cost per request that the processor allows.
//!
//! The host's ordinary client serves comfort; this one serves numbers. A [`Template`] is checked, resolved and written out as bytes
//! once; firing it is one write, one read and the parsing of the answer's head. Only what makes a connection is spawned, and nothing is
//! sent between tasks: whoever awaits an answer drives its connection, so that an answer costs one wake-up, and dropping the call
//! closes the connection. HTTP/1.1 is spoken by [`http1`] on the parser that hyper uses; HTTP/2, where many requests share a connection, is
//! hyper's, with a task that drives it.
//!
//! What an error means is what the contract's interface `http` says.

mod answer;
pub mod checks;
mod client;
mod connect;
mod error;
mod guard;
mod http1;
mod http2;
mod names;
mod origin;
mod request;
mod route;
pub mod slots;
mod step;
mod stream;
mod template;
#[cfg(test)]
mod tests;
mod timer;

pub use answer::{Body, Head, Response, Sample, Stream, Timings};
pub use client::{Client, Http2, Options};
pub use error::Error;
pub use guard::{Guard, Rules};
pub use http1::{Whole, whole};
pub use names::{Looking, Lookup, Names};
pub use request::{Parts, With};
pub use template::Template;
