//! What breaks of the environment by itself: services that die while a run uses them, and what cannot be taken down at its end.

use std::{sync::atomic::Ordering, time::Duration};

use assay_report::{
    event::{Event, EventKind, ReasonKind},
    exit::Exit,
    verdict::Verdict,
};
use tokio::time::Instant;

use super::script::{Act, Script, Told, case, orders, suite, tell, told};
use crate::{
    environment::Left,
    runner::{
        Orders,
        interrupt::{Force, Interrupt},
    },
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
    let message = "service `cache` died\nhint: look at it\nits last words";
    assert_eq!(messages.collect::<Vec<_>>(), [("cache", message)]);
}

fn reason(told: &Told, case: usize) -> (Verdict, ReasonKind, Vec<String>) {
    let (_, outcome, _) = &told.outcomes()[case];
    let reason = outcome.reason.as_ref().unwrap();
    let lines = reason.message.lines().map(str::to_owned).collect();
    (outcome.verdict, reason.kind, lines)
}

#[tokio::test]
async fn an_attempt_that_met_the_death_of_a_service_failed_and_says_what_it_found() {
    for (act, before) in [
        (Act::FailCheck, "before that: it is so"),
        (Act::Error, "before that: "),
    ] {
        let script = dying(&["cache", "store"], &[("a", &[act])]);
        let told = told(suite(&["a"]), orders(), script).await;
        let (verdict, kind, lines) = reason(&told, 0);
        assert_eq!((verdict, kind), (Verdict::Failed, ReasonKind::Died));
        assert_eq!(
            lines,
            [
                "service `cache` died",
                "(and `store` died too)",
                before,
                "hint: look at it",
                "its last words"
            ],
            "{act:?}"
        );
        assert_eq!(told.ended.exit, Exit::Failed);
    }
}

#[tokio::test]
async fn attempts_that_meet_a_death_side_by_side_are_told_the_same() {
    let cases = [("a", &[Act::FailCheck][..]), ("b", &[Act::FailCheck])];
    let told = told(suite(&["a", "b"]), orders(), dying(&["cache"], &cases)).await;
    assert_eq!(told.world.most_running.load(Ordering::SeqCst), 2);
    for case in [0, 1] {
        let (verdict, kind, _) = reason(&told, case);
        assert_eq!(
            (verdict, kind),
            (Verdict::Failed, ReasonKind::Died),
            "{case}"
        );
    }
    let dead = |event: &&Event| matches!(event.kind, EventKind::ServiceDied { .. });
    assert_eq!(told.events.iter().filter(dead).count(), 1);
}

#[tokio::test]
async fn what_begins_without_a_service_that_died_is_errored_and_not_tried_again() {
    let mut one_by_one = Orders {
        retries: 1,
        ..orders()
    };
    one_by_one.info.jobs = 1;
    let cases = [("a", &[Act::FailCheck][..]), ("b", &[Act::FailCheck])];
    let told = told(suite(&["a", "b"]), one_by_one, dying(&["cache"], &cases)).await;
    let (verdict, kind, lines) = reason(&told, 1);
    assert_eq!((verdict, kind), (Verdict::Errored, ReasonKind::Environment));
    assert_eq!(lines, ["service `cache` died", "before that: it is so"]);
    let expected = [
        case("a", Verdict::Failed, 1),
        case("b", Verdict::Errored, 1),
    ];
    assert_eq!(told.verdicts(), expected);
    assert_eq!(told.ended.exit, Exit::Failed, "the first case met it");
}

#[tokio::test]
async fn a_death_is_told_before_the_attempt_that_met_it_ends() {
    let script = dying(&["cache"], &[("a", &[Act::FailCheck])]);
    let told = told(suite(&["a"]), orders(), script).await;
    let place = |wanted: fn(&EventKind) -> bool| {
        let place = told.events.iter().position(|event| wanted(&event.kind));
        place.unwrap()
    };
    let died = place(|kind| matches!(kind, EventKind::ServiceDied { .. }));
    let ended = place(|kind| matches!(kind, EventKind::AttemptFinished { .. }));
    assert!(died < ended, "{died} {ended}");
}

#[tokio::test(start_paused = true)]
async fn who_is_not_answered_about_the_dead_goes_on_and_one_that_is_cut_off_does_not_ask() {
    for cut_off in [false, true] {
        let script = Script {
            mute: true,
            ..dying(&["cache"], &[("a", &[Act::FailCheck])])
        };
        let interrupt = Interrupt::default();
        let stop = async {
            if cut_off {
                tokio::time::sleep(Duration::from_secs(1)).await;
                interrupt.stop(Force::Cancel, "Ctrl-C");
            }
        };
        let began = Instant::now();
        let run = tell(vec![suite(&["a"])], orders(), script, interrupt.clone());
        let (told, ()) = tokio::join!(run, stop);
        let (_, outcome, _) = &told.outcomes()[0];
        assert_eq!(outcome.verdict, Verdict::Failed, "what it found stands");
        // After the attempt for the dead and for how the others are, and after the last case.
        let expected = if cut_off { 1 } else { 15 };
        assert_eq!(began.elapsed().as_secs(), expected);
        let finished = told.events.iter().find_map(|event| match event.kind {
            EventKind::AttemptFinished { duration_ns, .. } => Some(duration_ns),
            _ => None,
        });
        assert_eq!(finished, Some(0), "asking is no part of the attempt");
    }
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
            left: vec![Left::Standing(LEFT.to_owned())],
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

#[tokio::test]
async fn what_only_the_engine_can_free_is_told_and_the_run_is_as_good_as_its_cases() {
    const KEPT: &str = "the engine keeps the network `near`\nhint: restart it";
    for (act, exit) in [(Act::Pass, Exit::Success), (Act::FailCheck, Exit::Failed)] {
        let script = Script {
            left: vec![Left::Abandoned(KEPT.to_owned())],
            ..Script::of(&[("a", &[act])])
        };
        let told = told(suite(&["a"]), orders(), script).await;
        let kept = told.events.iter().filter_map(|event| match &event.kind {
            EventKind::EnvironmentAbandoned { message } => Some(message.as_str()),
            _ => None,
        });
        assert_eq!(kept.collect::<Vec<_>>(), [KEPT]);
        assert_eq!(told.ended.exit, exit, "{act:?}");
    }
}
