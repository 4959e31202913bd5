//! A run that is compared with former ones: what that does to its verdict, and when nobody asks.

use assay_report::{
    event::{Event, EventKind, RegressionCheck},
    exit::Exit,
    verdict::Verdict,
};

use super::script::{Act, Script, Told, orders, suite, tell};
use crate::runner::interrupt::{Force, Interrupt};

fn check(beyond: u64) -> RegressionCheck {
    RegressionCheck {
        judged: 3,
        beyond,
        ..RegressionCheck::default()
    }
}

async fn compared(script: Script, beyond: u64) -> Told {
    let script = Script {
        compared: Some(check(beyond)),
        ..script
    };
    tell(vec![suite(&["a"])], orders(), script, Interrupt::default()).await
}

fn place(told: &Told, wanted: fn(&EventKind) -> bool) -> Option<usize> {
    let mut events = told.events.iter();
    events.position(|event: &Event| wanted(&event.kind))
}

#[tokio::test]
async fn a_regression_fails_a_run_whose_cases_are_all_good() {
    let told = compared(Script::default(), 1).await;
    assert_eq!(
        (told.ended.verdict, told.ended.exit),
        (Verdict::Failed, Exit::Failed)
    );
    assert_eq!(told.ended.stats.passed, 1);
}

#[tokio::test]
async fn it_is_told_once_between_the_last_suite_and_the_end() {
    let told = compared(Script::default(), 0).await;
    assert_eq!(told.ended.exit, Exit::Success);
    let compared = place(&told, |kind| matches!(kind, EventKind::Compared(_))).unwrap();
    let suite = place(&told, |kind| {
        matches!(kind, EventKind::SuiteFinished { .. })
    })
    .unwrap();
    assert!(suite < compared && compared < told.events.len() - 1);
    assert_eq!(told.world.compared, None);
}

#[tokio::test]
async fn a_worse_verdict_of_a_case_stays() {
    let told = compared(Script::of(&[("a", &[Act::Error])]), 1).await;
    assert_eq!(told.ended.verdict, Verdict::Errored);
    // The system is slower whatever the plugin did.
    assert_eq!(told.ended.exit, Exit::Failed);
}

#[tokio::test]
async fn a_run_that_was_stopped_or_never_began_is_not_compared() {
    let broken = Script {
        broken: Some("no environment"),
        ..Script::default()
    };
    let told = compared(broken, 1).await;
    assert_eq!(told.ended.exit, Exit::Environment);
    assert_eq!(
        place(&told, |kind| matches!(kind, EventKind::Compared(_))),
        None
    );

    let interrupt = Interrupt::default();
    interrupt.stop(Force::Finish, "Ctrl-C");
    let script = Script {
        compared: Some(check(1)),
        ..Script::default()
    };
    let told = tell(vec![suite(&["a"])], orders(), script, interrupt).await;
    assert_eq!(
        place(&told, |kind| matches!(kind, EventKind::Compared(_))),
        None
    );
}
