//! What holds of all bytes that Assay reads of others and of all texts that it tells of them, as functions that panic where it does not.
//!
//! A target takes bytes and holds what is made of them to a property, not only to the absence of a crash: what is read and written is read
//! the same, two ways to the same end agree, and text of others stays text. Who calls them is of no matter: `tests/kept.rs` replays what is
//! kept in `corpus/` in the gate, `libfuzzer/` searches for more by hand.

#![expect(
    clippy::missing_panics_doc,
    reason = "a target panics where its property is broken, as its description says"
)]

mod answer;
mod declaration;
mod delta;
mod event_log;
mod grant;
mod histogram;
mod host;
mod lock;
pub mod mutation;
mod pieces;
mod prometheus;
mod registry;
mod report;
mod source;
mod sse;
mod told;

pub use answer::answer;
pub use declaration::declaration;
pub use delta::delta;
pub use event_log::event_log;
pub use grant::grant;
pub use histogram::histogram;
pub use host::host;
pub use lock::lock;
pub use prometheus::prometheus;
pub use registry::registry;
pub use report::report;
pub use source::source;
pub use sse::sse;
pub use told::told;

/// A property of all bytes.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The name of its function, of its folder in `corpus/`, and of its binary in `libfuzzer/`.
    pub name: &'static str,
    /// Panics where the property is broken.
    pub check: fn(&[u8]),
    /// How many mutations of each kept input the gate tries: as many as take some tenths of a second.
    pub mutations: u64,
}

/// All of them, by name.
pub const TARGETS: [Target; 14] = [
    target("answer", answer, 500),
    target("declaration", declaration, 1_000),
    target("delta", delta, 100),
    target("event_log", event_log, 20),
    target("grant", grant, 300),
    target("histogram", histogram, 300),
    target("host", host, 1_000),
    target("lock", lock, 200),
    target("prometheus", prometheus, 100),
    target("registry", registry, 1_000),
    target("report", report, 4),
    target("source", source, 500),
    target("sse", sse, 200),
    target("told", told, 100),
];

const fn target(name: &'static str, check: fn(&[u8]), mutations: u64) -> Target {
    Target {
        name,
        check,
        mutations,
    }
}
