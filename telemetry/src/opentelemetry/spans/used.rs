//! The places that requests have said to be at: no two spans of a run may be at the same one, of whichever attempts they are.

use std::collections::HashSet;

use crate::opentelemetry::ids::TraceContext;

/// Places that are remembered: some megabytes, and more requests than most runs tell of. Those of later requests are taken as they are.
pub(super) const MAX_REMEMBERED: usize = 50_000;

/// Remembers places, within a limit.
#[derive(Debug, Default)]
pub(super) struct Used(HashSet<TraceContext>);

impl Used {
    /// Whether somebody is there already; from now on somebody is.
    pub(super) fn takes(&mut self, place: TraceContext) -> bool {
        if self.0.len() == MAX_REMEMBERED {
            return self.0.contains(&place);
        }
        !self.0.insert(place)
    }
}
