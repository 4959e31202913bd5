//! What a wish to stop does at each stage of a run: `--fail-fast`, Ctrl-C, SIGTERM.

use std::{sync::atomic::Ordering, time::Duration};

use assay_report::{
    event::{ReasonKind, RunInfo},
    exit::Exit,
    verdict::Verdict,
};

use super::script::{Act, Script, Told, case, orders, suite, tell, told, with_hooks};
use crate::runner::{
    Orders,
    interrupt::{Force, Interrupt},
};

#[tokio::test(start_paused = true)]
async fn fail_fast_lets_what_runs_end_and_begins_nothing_new() {
    let fail_fast = Orders {
        fail_fast: true,
        ..orders()
    };
    let script = Script::of(&[("bad", &[Act::FailCheck]), ("slow", &[Act::Wait(5)])]);
    let told = told(with_hooks(&["slow", "bad", "never"]), fail_fast, script).await;
    let mut verdicts = told.verdicts();
    verdicts.sort();
    assert_eq!(
        verdicts,
        [
            case("bad", Verdict::Failed, 1),
            case("never", Verdict::Skipped, 0),
            case("slow", Verdict::Passed, 1),
        ]
    );
    assert!(
        told.order()
            .last()
            .is_some_and(|entry| entry.starts_with("teardown"))
    );
    assert_eq!(told.ended.exit, Exit::Failed);
}

#[tokio::test]
async fn fail_fast_heeds_a_setup_too() {
    let fail_fast = Orders {
        info: RunInfo {
            jobs: 1,
            ..orders().info
        },
        fail_fast: true,
        ..orders()
    };
    let script = Script::of(&[("setup", &[Act::FailCheck])]);
    let suites = vec![with_hooks(&["a"]), suite(&["of-the-next-suite"])];
    let told = tell(suites, fail_fast, script, Interrupt::default()).await;
    assert_eq!(
        told.verdicts(),
        [
            case("a", Verdict::Failed, 0),
            case("of-the-next-suite", Verdict::Skipped, 0),
        ]
    );
    assert_eq!(told.stops(), ["--fail-fast"]);
}

/// Stops the run as soon as a case runs, as a person would.
async fn cut_off(world: Script) -> Told {
    let interrupt = Interrupt::default();
    let stopper = interrupt.clone();
    let stop = async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        stopper.stop(Force::Cancel, "Ctrl-C");
    };
    let (told, ()) = tokio::join!(
        tell(
            vec![with_hooks(&["stuck", "stuck-too", "never"])],
            orders(),
            world,
            interrupt
        ),
        stop
    );
    told
}

#[tokio::test(start_paused = true)]
async fn a_stop_cuts_off_what_runs_and_still_tears_down() {
    let script = Script::of(&[
        ("stuck", &[Act::WaitForever]),
        ("stuck-too", &[Act::WaitForever]),
    ]);
    let told = cut_off(script).await;
    let kinds: Vec<_> = told
        .outcomes()
        .into_iter()
        .map(|(_, outcome, attempts)| {
            (
                outcome.verdict,
                outcome.reason.map(|reason| reason.kind),
                attempts,
            )
        })
        .collect();
    let interrupted = |attempts| (Verdict::Skipped, Some(ReasonKind::Interrupted), attempts);
    assert_eq!(
        kinds.iter().filter(|kind| **kind == interrupted(1)).count(),
        2,
        "{kinds:?}"
    );
    assert_eq!(
        kinds.iter().filter(|kind| **kind == interrupted(0)).count(),
        1,
        "{kinds:?}"
    );
    assert!(
        told.order()
            .last()
            .is_some_and(|entry| entry.starts_with("teardown"))
    );
    assert_eq!(told.stops(), ["Ctrl-C"]);
    assert_eq!(told.world.downs.load(Ordering::SeqCst), 1);
    assert_eq!(told.ended.exit, Exit::Interrupted);
}

#[tokio::test(start_paused = true)]
async fn a_teardown_that_hangs_after_a_stop_is_cut_off_too() {
    let script = Script::of(&[
        ("stuck", &[Act::WaitForever]),
        ("stuck-too", &[Act::WaitForever]),
        ("teardown", &[Act::WaitForever]),
    ]);
    assert_eq!(cut_off(script).await.ended.exit, Exit::Interrupted);
}

#[tokio::test(start_paused = true)]
async fn a_stop_while_the_environment_comes_up_ends_the_run() {
    let slow = Script {
        slow_to_start: true,
        ..Script::default()
    };
    let told = cut_off(slow).await;
    assert_eq!(told.ended.exit, Exit::Interrupted);
    assert_eq!(told.ended.stats.skipped, 3);
    assert_eq!(told.world.downs.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_stop_before_the_environment_comes_up_starts_nothing() {
    let interrupt = Interrupt::default();
    interrupt.stop(Force::Cancel, "SIGTERM");
    let told = tell(vec![suite(&["a"])], orders(), Script::default(), interrupt).await;
    assert_eq!(told.world.ups.load(Ordering::SeqCst), 0);
    assert_eq!(told.stops(), ["SIGTERM"]);
    assert_eq!(told.ended.exit, Exit::Interrupted);
}

#[tokio::test]
async fn a_stop_while_the_environment_goes_down_is_told_beside_its_exit_code() {
    let interrupt = Interrupt::default();
    let world = Script {
        stopped_going_down: Some(interrupt.clone()),
        ..Script::default()
    };
    let told = tell(vec![suite(&["a"])], orders(), world, interrupt).await;
    assert_eq!(told.ended.stats.passed, 1);
    assert_eq!(told.stops(), ["Ctrl-C"]);
    assert_eq!(told.ended.exit, Exit::Interrupted);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_cut_off_is_not_passed_although_nothing_failed() {
    let script = Script::of(&[("stuck-too", &[Act::WaitForever]), ("stuck", &[Act::Pass])]);
    let told = cut_off(script).await;
    assert_eq!(told.ended.stats.passed, 2);
    assert_eq!(told.ended.verdict, Verdict::Skipped);
}
