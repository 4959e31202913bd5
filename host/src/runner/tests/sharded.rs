//! A shard in which no case is: it needs no environment, and is good without having tested anything.

use std::sync::atomic::Ordering;

use assay_report::{event::EventKind, exit::Exit, verdict::Verdict};

use super::script::{Script, orders, tell};
use crate::runner::interrupt::{Force, Interrupt};

#[tokio::test]
async fn an_empty_shard_brings_nothing_up_and_is_not_passed() {
    let told = tell(
        Vec::new(),
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
    let told = tell(Vec::new(), orders(), Script::default(), interrupt).await;
    assert_eq!(told.ended.exit, Exit::Interrupted);
}
