//! Parts of a plan, and what was merged of them.

use assay_report::event::{MergedShard, Shard, ShardInfo};

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

/// A run of two shards, merged without the second one.
pub(crate) fn lost_shard() -> Vec<Event> {
    let mut run = Recording::of(&["a-job-ends"]);
    run.pass("a-job-ends");
    run.tell(EventKind::ShardLost {
        shard: Shard { number: 2, of: 2 },
        message: "there is no log of shard 2/2\nhint: name it too".into(),
    });
    let mut events = run.lost(Exit::Environment);
    for event in &mut events[1..] {
        event.of_shard = Some(1);
    }
    if let EventKind::RunStarted(info) = &mut events[0].kind {
        info.merged = vec![MergedShard {
            shard: Shard { number: 1, of: 2 },
            run_id: "20260102-030405-0001".into(),
            started_after_ns: 0,
            seed: 42,
            jobs: 4,
        }];
    }
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
