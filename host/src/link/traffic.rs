//! What is counted on a link.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What a link has carried since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Connections that were accepted, those that met a fault at once too.
    pub connections: u64,
    /// Connections that were reset at once because [`super::MAX_CONNECTIONS`] were open; not among `connections`.
    pub turned_away: u64,
    /// Bytes that were delivered to the target.
    pub upstream_bytes: u64,
    /// Bytes that were delivered to those who connected.
    pub downstream_bytes: u64,
    /// What of it met a fault.
    pub met: Met,
}

/// What met a fault. A connection meets a fault when the fault does something to it: being open beside it is not enough.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Met {
    /// Connections, each counted once.
    pub connections: u64,
    /// Bytes that were delayed, paced, or taken and not delivered, each counted once.
    pub bytes: u64,
}

/// Counts that connections write and anybody reads.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) connections: AtomicU64,
    pub(super) turned_away: AtomicU64,
    pub(super) upstream_bytes: AtomicU64,
    pub(super) downstream_bytes: AtomicU64,
    pub(super) met: MetCounters,
}

/// Counts of what met a fault.
#[derive(Debug, Default)]
pub(super) struct MetCounters {
    pub(super) connections: AtomicU64,
    pub(super) bytes: AtomicU64,
}

impl Counters {
    pub(super) fn read(&self) -> Traffic {
        Traffic {
            connections: self.connections.load(Relaxed),
            turned_away: self.turned_away.load(Relaxed),
            upstream_bytes: self.upstream_bytes.load(Relaxed),
            downstream_bytes: self.downstream_bytes.load(Relaxed),
            met: self.met.read(),
        }
    }
}

impl MetCounters {
    pub(super) fn read(&self) -> Met {
        Met {
            connections: self.connections.load(Relaxed),
            bytes: self.bytes.load(Relaxed),
        }
    }
}

/// Adds to a count.
pub(super) fn add(counter: &AtomicU64, amount: usize) {
    counter.fetch_add(amount as u64, Relaxed);
}
