//! The order of things in a run and its verdict, proven against a scripted world.

mod comparing;
mod dying;
mod evidence;
mod healing;
mod looking;
mod script;
mod sharded;
mod stopping;

use std::sync::atomic::Ordering;

use assay_report::{
    event::{EventKind, Phase, ReasonKind},
    exit::Exit,
    verdict::Verdict,
};

use self::script::{Act, Script, case, orders, suite, told, with_hooks};
use super::Orders;

#[tokio::test]
async fn events_are_numbered_without_gaps_from_the_first_to_the_last() {
    let told = told(with_hooks(&["a", "b"]), orders(), Script::default()).await;
    let numbers: Vec<u64> = told.events.iter().map(|event| event.sequence).collect();
    assert_eq!(numbers, (0..numbers.len() as u64).collect::<Vec<_>>());
    assert!(matches!(
        told.events.first().map(|event| &event.kind),
        Some(EventKind::RunStarted(_))
    ));
    assert!(matches!(
        told.events.last().map(|event| &event.kind),
        Some(EventKind::RunFinished { .. })
    ));
    assert!(told.events.is_sorted_by_key(|event| event.at_ns));
    assert_eq!(told.ended.exit, Exit::Success);
}

#[tokio::test]
async fn every_event_has_the_phase_in_which_it_happened() {
    let script = Script::of(&[("a", &[Act::Fault])]);
    let told = told(suite(&["a"]), orders(), script).await;
    let phase_of = |wanted: fn(&EventKind) -> bool| {
        let mut events = told.events.iter();
        events
            .find(|event| wanted(&event.kind))
            .map(|event| event.phase)
    };
    let started = phase_of(|kind| matches!(kind, EventKind::AttemptStarted(_)));
    let log = phase_of(|kind| matches!(kind, EventKind::Log { .. }));
    let checked = phase_of(|kind| matches!(kind, EventKind::Checked { .. }));
    let ended = phase_of(|kind| matches!(kind, EventKind::AttemptFinished { .. }));
    let case = phase_of(|kind| matches!(kind, EventKind::CaseFinished { .. }));
    assert_eq!(
        [started, log, checked, ended, case],
        [
            Phase::Baseline,
            Phase::Fault,
            Phase::Recovery,
            Phase::Recovery,
            Phase::Baseline
        ]
        .map(Some)
    );
}

#[tokio::test]
async fn the_setup_comes_first_and_hands_its_data_on_and_the_teardown_comes_last() {
    let told = told(with_hooks(&["a"]), orders(), Script::default()).await;
    assert_eq!(
        told.order(),
        [
            "setup",
            "a with data of setup",
            "teardown with data of setup"
        ]
    );
}

#[tokio::test]
async fn who_is_to_blame_decides_the_exit_code() {
    for (acts, verdict, exit) in [
        (
            &[("a", &[Act::Pass][..])][..],
            Verdict::Passed,
            Exit::Success,
        ),
        (&[("a", &[Act::FailCheck])], Verdict::Failed, Exit::Failed),
        (&[("a", &[Act::Nothing])], Verdict::Failed, Exit::Failed),
        (&[("a", &[Act::Error])], Verdict::Errored, Exit::Errored),
        (
            &[("a", &[Act::Error]), ("b", &[Act::FailCheck])],
            Verdict::Errored,
            Exit::Failed,
        ),
        (&[("a", &[Act::Skip])], Verdict::Passed, Exit::Success),
        (
            &[("a", &[Act::Skip]), ("b", &[Act::Skip])],
            Verdict::Skipped,
            Exit::NothingTested,
        ),
    ] {
        let told = told(suite(&["a", "b"]), orders(), Script::of(acts)).await;
        assert_eq!(
            (told.ended.verdict, told.ended.exit),
            (verdict, exit),
            "{acts:?}"
        );
    }
}

#[tokio::test]
async fn a_setup_that_passes_does_not_make_skipped_cases_look_tested() {
    let told = told(
        with_hooks(&["a"]),
        orders(),
        Script::of(&[("a", &[Act::Skip])]),
    )
    .await;
    assert_eq!(told.ended.exit, Exit::NothingTested);
}

#[tokio::test]
async fn a_case_is_tried_again_only_while_it_does_not_pass() {
    let retries = Orders {
        retries: 2,
        ..orders()
    };
    let script = Script::of(&[
        ("late", &[Act::FailCheck, Act::Error, Act::Pass]),
        ("never", &[Act::FailCheck]),
        ("skips", &[Act::Skip]),
    ]);
    let told = told(suite(&["good", "late", "never", "skips"]), retries, script).await;
    let mut verdicts = told.verdicts();
    verdicts.sort();
    assert_eq!(
        verdicts,
        [
            case("good", Verdict::Passed, 1),
            case("late", Verdict::Flaky, 3),
            case("never", Verdict::Failed, 3),
            case("skips", Verdict::Skipped, 1),
        ]
    );
    let late = told
        .outcomes()
        .into_iter()
        .find(|(case, ..)| case == "late");
    let reason = late.and_then(|(_, outcome, _)| outcome.reason);
    assert_eq!(reason.map(|reason| reason.kind), Some(ReasonKind::Plugin));
}

#[tokio::test]
async fn a_last_attempt_that_tests_nothing_takes_no_failure_back() {
    let retries = Orders {
        retries: 1,
        ..orders()
    };
    let script = Script::of(&[("a", &[Act::FailCheck, Act::Skip])]);
    let told = told(suite(&["a"]), retries, script).await;
    assert_eq!(told.verdicts(), [case("a", Verdict::Failed, 2)]);
    assert_eq!(told.ended.exit, Exit::Failed);
}

#[tokio::test]
async fn a_setup_that_does_not_succeed_gives_its_verdict_to_every_case() {
    for (act, verdict, exit) in [
        (Act::FailCheck, Verdict::Failed, Exit::Failed),
        (Act::Error, Verdict::Errored, Exit::Errored),
        (Act::Skip, Verdict::Skipped, Exit::NothingTested),
    ] {
        let acts: &[Act] = &[act];
        let told = told(
            with_hooks(&["a", "b"]),
            orders(),
            Script::of(&[("setup", acts)]),
        )
        .await;
        assert_eq!(told.order(), ["setup"], "neither cases nor a teardown");
        assert_eq!(
            told.verdicts(),
            [case("a", verdict, 0), case("b", verdict, 0)]
        );
        assert_eq!(told.ended.exit, exit);
    }
}

#[tokio::test]
async fn a_teardown_that_fails_is_to_blame_although_every_case_passed() {
    let told = told(
        with_hooks(&["a"]),
        orders(),
        Script::of(&[("teardown", &[Act::FailCheck])]),
    )
    .await;
    assert_eq!(
        (told.ended.stats.passed, told.ended.exit),
        (1, Exit::Failed)
    );
}

#[tokio::test]
async fn a_case_whose_service_is_missing_is_skipped_with_the_reason() {
    let told = told(suite(&["needy", "content"]), orders(), Script::default()).await;
    let outcomes = told.outcomes();
    assert_eq!(outcomes[0].1.verdict, Verdict::Skipped);
    let reason = outcomes[0].1.reason.as_ref().expect("a reason");
    assert!(reason.message.contains("`missing`"), "{}", reason.message);
    assert_eq!(outcomes[1].1.verdict, Verdict::Passed);
}

#[tokio::test]
async fn a_service_that_is_misspelt_is_told_with_the_one_that_was_meant() {
    for (name, meant) in [("misspelt", true), ("needy", false)] {
        let told = told(suite(&[name]), orders(), Script::default()).await;
        let (_, outcome, _) = &told.outcomes()[0];
        let message = &outcome.reason.as_ref().expect("a reason").message;
        let ends = message.ends_with("; did you mean `there`?");
        assert_eq!(ends, meant, "{message}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_case_that_takes_long_is_told_after_half_a_minute_and_whenever_that_has_doubled() {
    let script = Script::of(&[("slow", &[Act::Wait(121)]), ("quick", &[Act::Wait(29)])]);
    let told = told(suite(&["slow", "quick"]), orders(), script).await;
    let kinds = told.events.iter().map(|event| &event.kind);
    let running = kinds.filter_map(|kind| match kind {
        EventKind::CaseStillRunning { case, for_ns, .. } => {
            Some((case.as_str(), for_ns / 1_000_000_000))
        }
        _ => None,
    });
    let expected = [("slow", 30), ("slow", 60), ("slow", 120)];
    assert_eq!(running.collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn a_suite_of_which_every_case_is_skipped_for_a_missing_service_has_no_setup() {
    let told = told(with_hooks(&["needy"]), orders(), Script::default()).await;
    assert!(told.order().is_empty(), "{:?}", told.order());
    assert_eq!(told.ended.exit, Exit::NothingTested);
}

#[tokio::test]
async fn so_many_cases_run_at_once_as_the_run_allows() {
    let told = told(suite(&["a", "b", "c", "d"]), orders(), Script::default()).await;
    assert_eq!(told.world.most_running.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn an_exclusive_case_runs_alone() {
    let told = told(
        suite(&["a", "b", "exclusive", "c", "d"]),
        orders(),
        Script::default(),
    )
    .await;
    assert_eq!(told.world.with_exclusive.load(Ordering::SeqCst), 1);
    assert_eq!(told.ended.stats.passed, 5);
}

#[tokio::test]
async fn without_an_environment_no_case_runs_and_everything_is_taken_down() {
    let broken = Script {
        broken: Some("the service `cache` did not answer\nhint: look at it"),
        ..Script::default()
    };
    let told = told(suite(&["a"]), orders(), broken).await;
    assert_eq!(told.verdicts(), [case("a", Verdict::Errored, 0)]);
    assert!(told.order().is_empty());
    assert_eq!(told.world.downs.load(Ordering::SeqCst), 1);
    assert_eq!(
        (told.ended.verdict, told.ended.exit),
        (Verdict::Errored, Exit::Environment)
    );
}
