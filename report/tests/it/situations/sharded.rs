//! Parts of a plan.

use assay_report::event::{Shard, ShardInfo};

use super::*;

/// The second of four shards, in which all is well.
pub(crate) fn shard() -> Vec<Event> {
    let mut events = passed_run();
    mark(&mut events, 2);
    events
}

/// A shard in which no case is.
pub(crate) fn empty_shard() -> Vec<Event> {
    let mut events = Recording::before_environment(&[]).nothing();
    mark(&mut events, 3);
    events
}

fn mark(events: &mut [Event], number: u32) {
    if let EventKind::RunStarted(info) = &mut events[0].kind {
        info.shard = Some(ShardInfo {
            shard: Shard { number, of: 4 },
            plan_cases: 3,
            plan_digest: "cd".repeat(32),
        });
    }
}
