//! What an attempt leaves behind in the environment is undone before its ending is told, however it ends.

use std::time::Duration;

use assay_report::{
    event::{EventKind, ReasonKind},
    exit::Exit,
    verdict::Verdict,
};

use super::script::{Act, Script, UNHEALED, orders, suite, tell, told, with_hooks};
use crate::runner::{
    Orders,
    interrupt::{Force, Interrupt},
};

#[tokio::test]
async fn every_attempt_of_every_entry_is_healed_before_the_next_one_begins() {
    let twice = Orders {
        retries: 1,
        ..orders()
    };
    let script = Script::of(&[("a", &[Act::FailCheck, Act::Pass])]);
    let told = told(with_hooks(&["a"]), twice, script).await;
    let settled = told.world.settled.lock().unwrap().clone();
    assert_eq!(settled, ["setup", "a", "a", "teardown"]);
}

#[tokio::test]
async fn a_fault_that_cannot_be_healed_errors_the_attempt_with_what_to_do() {
    for act in [Act::Pass, Act::FailCheck, Act::Skip] {
        let script = Script {
            unhealed: Some("a"),
            ..Script::of(&[("a", &[act])])
        };
        let told = told(suite(&["a", "b"]), orders(), script).await;
        let outcomes = told.outcomes();
        let (_, outcome, _) = outcomes.iter().find(|(case, ..)| case == "a").unwrap();
        assert_eq!(outcome.verdict, Verdict::Errored, "{act:?}");
        let reason = outcome.reason.as_ref().unwrap();
        assert_eq!(reason.kind, ReasonKind::Environment);
        assert!(reason.message.starts_with(UNHEALED), "{}", reason.message);
        let before = reason.message.lines().nth(2);
        assert_eq!(before.is_some(), !matches!(act, Act::Pass), "{before:?}");
        assert_eq!(told.ended.exit, Exit::Environment);
    }
}

#[tokio::test(start_paused = true)]
async fn a_case_that_is_cut_off_is_healed_too() {
    let interrupt = Interrupt::default();
    let script = Script::of(&[("a", &[Act::WaitForever])]);
    let stop = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        interrupt.stop(Force::Cancel, "Ctrl-C");
    };
    let run = tell(vec![suite(&["a"])], orders(), script, interrupt.clone());
    let (told, ()) = tokio::join!(run, stop);
    assert_eq!(*told.world.settled.lock().unwrap(), ["a"]);
    let kinds = told.events.iter().map(|event| &event.kind);
    let ended = kinds.filter(|kind| matches!(kind, EventKind::AttemptFinished { .. }));
    assert_eq!(ended.count(), 1);
    assert_eq!(told.ended.exit, Exit::Interrupted);
}
