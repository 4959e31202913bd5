//! What breaks of the environment by itself: services that die while a run uses them, and what cannot be taken down at its end.

use super::script::{Act, Script, orders, suite, told};
use crate::{
    event::{EventKind, ReasonKind},
    exit::Exit,
    runner::Orders,
    verdict::Verdict,
};

fn dying(dying: &'static [&'static str], acts: &[(&'static str, &[Act])]) -> Script {
    Script {
        dying,
        ..Script::of(acts)
    }
}

#[tokio::test]
async fn a_run_whose_service_died_is_not_good_although_every_case_passed() {
    let told = told(suite(&["a"]), orders(), dying(&["cache"], &[])).await;
    assert_eq!(told.ended.stats.passed, 1, "the case needed nothing of it");
    assert_eq!(
        (told.ended.verdict, told.ended.exit),
        (Verdict::Errored, Exit::Environment)
    );
    let messages = told.events.iter().filter_map(|event| match &event.kind {
        EventKind::ServiceDied { service, message } => Some((service.as_str(), message.as_str())),
        _ => None,
    });
    let expected = [("cache", "service `cache` died\nhint: look at it")];
    assert_eq!(messages.collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn a_bad_attempt_is_blamed_on_the_service_that_died_and_says_what_it_found() {
    for (act, before) in [
        (Act::FailCheck, "before that: it is so"),
        (Act::Error, "before that: "),
    ] {
        let script = dying(&["cache", "store"], &[("a", &[act])]);
        let told = told(suite(&["a"]), orders(), script).await;
        let (_, outcome, _) = &told.outcomes()[0];
        assert_eq!(outcome.verdict, Verdict::Errored, "{act:?}");
        let reason = outcome.reason.as_ref().unwrap();
        assert_eq!(reason.kind, ReasonKind::Environment);
        let lines: Vec<_> = reason.message.lines().collect();
        assert_eq!(
            lines,
            ["service `cache` died", "(and `store` died too)", before],
            "{act:?}"
        );
        assert_eq!(told.ended.exit, Exit::Environment);
    }
}

#[tokio::test]
async fn a_service_that_stays_dead_is_told_once_and_before_the_attempt_that_met_it_ends() {
    let twice = Orders {
        retries: 1,
        ..orders()
    };
    let script = dying(
        &["cache"],
        &[("a", &[Act::FailCheck]), ("b", &[Act::FailCheck])],
    );
    let told = told(suite(&["a", "b"]), twice, script).await;
    let place = |wanted: fn(&EventKind) -> bool| {
        let found = told.events.iter().enumerate();
        let found = found.filter(move |(_, event)| wanted(&event.kind));
        found.map(|(place, _)| place).collect::<Vec<_>>()
    };
    let died = place(|kind| matches!(kind, EventKind::ServiceDied { .. }));
    let ended = place(|kind| matches!(kind, EventKind::AttemptFinished { .. }));
    assert_eq!((died.len(), ended.len()), (1, 4));
    assert!(died[0] < ended[0], "{died:?} {ended:?}");
}

#[tokio::test]
async fn what_is_left_of_the_environment_is_told_and_the_run_is_not_good() {
    const LEFT: &str = "the project is there still\nhint: take it down";
    for (act, verdict, exit) in [
        (Act::Pass, Verdict::Errored, Exit::Environment),
        (Act::Skip, Verdict::Errored, Exit::Environment),
        (Act::FailCheck, Verdict::Errored, Exit::Failed),
        (Act::Error, Verdict::Errored, Exit::Errored),
    ] {
        let script = Script {
            left: &[LEFT],
            ..Script::of(&[("a", &[act])])
        };
        let told = told(suite(&["a"]), orders(), script).await;
        let left = told.events.iter().filter_map(|event| match &event.kind {
            EventKind::EnvironmentLeft { message } => Some(message.as_str()),
            _ => None,
        });
        assert_eq!(left.collect::<Vec<_>>(), [LEFT]);
        assert_eq!(
            (told.ended.verdict, told.ended.exit),
            (verdict, exit),
            "{act:?}"
        );
    }
}
