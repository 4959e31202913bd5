//! How long and how much is waited for and taken when plugins are fetched. A server of somebody else decides nothing of that.

use std::time::Duration;

/// Bytes that a plugin may have, as in the host.
pub const MAX_PLUGIN: u64 = 256 << 20;
/// Plugins that a lock may name, and a folder may have.
pub const MAX_PLUGINS: usize = 1000;
/// Bytes of a manifest: what a registry has to take at least by OCI's distribution specification ("Pushing Manifests").
pub(crate) const MAX_MANIFEST: u64 = 4 << 20;
/// Bytes of an answer with a token.
pub(crate) const MAX_TOKEN: u64 = 64 << 10;
/// Bytes that are looked at of an answer which says what is wrong.
pub(crate) const MAX_COMPLAINT: u64 = 4 << 10;
/// Addresses that one question may be sent on to.
pub(crate) const MAX_REDIRECTS: usize = 5;

/// What is waited for and taken of each source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Until a connection is made.
    pub connect: Duration,
    /// Until the head of an answer is there, the connection included.
    pub head: Duration,
    /// Between two parts of a body.
    pub stall: Duration,
    /// For one plugin from the first question to the last byte.
    pub total: Duration,
    /// Bytes of a plugin; at most [`MAX_PLUGIN`] make sense.
    pub bytes: u64,
    /// Plugins that are fetched side by side, at least 1.
    pub at_once: usize,
}

impl Default for Limits {
    /// What serves a slow line, and ends while somebody still waits.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            head: Duration::from_secs(30),
            stall: Duration::from_secs(20),
            total: Duration::from_mins(10),
            bytes: MAX_PLUGIN,
            at_once: 8,
        }
    }
}
