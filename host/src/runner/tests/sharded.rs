//! A shard in which no case is: it needs no environment, and is good without having tested anything.

use std::sync::atomic::Ordering;

use assay_report::{
    event::{EventKind, Shard, ShardInfo},
    exit::Exit,
    verdict::Verdict,
};

use super::script::{Script, orders, tell, tell_plan};
use crate::{
    plan::Plan,
    runner::interrupt::{Force, Interrupt},
};

/// One of three, with none of the two cases.
fn empty_shard() -> Plan {
    Plan {
        suites: Vec::new(),
        shard: Some(ShardInfo {
            shard: Shard { number: 2, of: 3 },
            plan_cases: 2,
            plan_digest: "0".repeat(64),
        }),
    }
}

#[tokio::test]
async fn an_empty_shard_brings_nothing_up_and_is_not_passed() {
    let told = tell_plan(
        empty_shard(),
        orders(),
        Script::default(),
        Interrupt::default(),
    )
    .await;
    assert_eq!(told.world.ups.load(Ordering::Relaxed), 0);
    assert_eq!(
        (told.ended.verdict, told.ended.exit),
        (Verdict::Skipped, Exit::Success)
    );
    let kinds: Vec<_> = told.events.iter().map(|event| &event.kind).collect();
    assert!(
        matches!(
            kinds[..],
            [
                EventKind::RunStarted(_),
                EventKind::RunFinished { exit_code: 0, .. }
            ]
        ),
        "{kinds:?}"
    );
}

#[tokio::test]
async fn an_empty_shard_that_was_stopped_is_not_good() {
    let interrupt = Interrupt::default();
    interrupt.stop(Force::Cancel, "Ctrl-C");
    let told = tell_plan(empty_shard(), orders(), Script::default(), interrupt).await;
    assert_eq!(told.ended.exit, Exit::Interrupted);
}

#[tokio::test]
async fn an_empty_plan_that_is_no_shard_has_tested_nothing() {
    let told = tell(
        Vec::new(),
        orders(),
        Script::default(),
        Interrupt::default(),
    )
    .await;
    assert_eq!(told.ended.exit, Exit::NothingTested);
}
