//! Load as a case makes it: what it judges, and what becomes of a load whose case is over.

use assay_host::{
    capability::recorder::Evidence,
    plugin::{bindings::exports::assay::suite::suite::Kind, ending::Ending, instance},
};
use assay_report::event::Grade;

use super::*;
use crate::fixtures::{attempt, run};

async fn case(name: &str) -> (Ending, Evidence) {
    let engine = kept_engine();
    let plugin = plugin(&engine, "loader").await;
    let attempt = attempt(&plugin, name);
    assert_eq!(attempt.0.entry.kind, Kind::TestCase);
    let threads = attempt.0.threads.clone();
    let run = timeout(PATIENCE, run(&engine, attempt)).await.unwrap();
    timeout(PATIENCE, threads.ended()).await.unwrap();
    (run.ending, run.evidence)
}

fn returned() -> Ending {
    Ending::Returned(String::new())
}

#[tokio::test]
async fn a_load_that_holds_its_baseline_is_evidence() {
    let (ending, evidence) = case("goes-well").await;
    assert_eq!(ending, returned());
    // Its own check, and the host's that nothing failed.
    assert_eq!(
        (evidence.counts.checks_passed, evidence.counts.baselines),
        (2, 1)
    );
    assert!(evidence.worst_judgement.is_none());
}

#[tokio::test]
async fn a_load_whose_failures_nobody_judges_fails_its_case() {
    let (ending, evidence) = case("looks-at-speed-alone").await;
    assert_eq!(ending, returned());
    assert_eq!(evidence.counts.checks_failed, 1);
    let check = evidence.first_failed_check.unwrap();
    assert_eq!(check.name, "nothing fails in the load `fails-now-and-then`");
    let actual = check.actual.unwrap();
    assert!(actual.starts_with("of 6 iterations 2 failed"), "{actual}");
    assert!(evidence.worst_judgement.is_none());
}

#[tokio::test]
async fn failures_that_a_baseline_or_the_case_judges_fail_nothing_by_themselves() {
    for name in ["judges-failures-by-a-baseline", "judges-failures-itself"] {
        let (ending, evidence) = case(name).await;
        assert_eq!(ending, returned());
        assert_eq!(evidence.counts.checks_failed, 0, "{name}");
        let worst = evidence.worst_judgement.map(|judgement| judgement.grade);
        assert_ne!(worst, Some(Grade::Missed), "{name}");
    }
}

#[tokio::test]
async fn a_baseline_that_is_missed_or_rests_on_nothing_is_told_to_the_attempt() {
    for (name, samples) in [
        ("misses-a-baseline", 100),
        ("judges-what-never-happened", 0),
    ] {
        let (ending, evidence) = case(name).await;
        assert_eq!(ending, returned());
        let worst = evidence.worst_judgement.unwrap();
        assert_eq!(
            (worst.grade, worst.samples),
            (Grade::Missed, samples),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_load_in_which_nothing_ended_fails_its_case() {
    let (ending, _) = case("measures-nothing").await;
    let Ending::Failed(failure) = ending else {
        panic!("{ending:?}");
    };
    assert!(
        failure.message.contains("nothing was measured"),
        "{failure:?}"
    );
}

#[tokio::test]
async fn a_plan_that_cannot_be_is_an_error_of_its_own() {
    for name in ["misspells-its-scenario", "contradicts-itself"] {
        let (ending, evidence) = case(name).await;
        assert_eq!(ending, returned(), "{name}");
        assert_eq!(
            evidence.counts.checks_failed, 0,
            "{:?}",
            evidence.first_failed_check
        );
    }
}

#[tokio::test]
async fn a_load_that_its_case_drops_is_over_before_its_time() {
    let (ending, evidence) = case("drops-a-load").await;
    assert_eq!(ending, returned());
    assert_eq!(evidence.counts.checks_passed, 1);
}

#[tokio::test]
async fn a_load_is_over_when_its_attempt_is_cut_off_or_out_of_time() {
    let engine = kept_engine();
    let plugin = plugin(&engine, "loader").await;
    let (attempt, _events) = attempt(&plugin, "goes-on");
    let threads = attempt.threads.clone();
    let running = async {
        while threads.running() == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        ending = instance::run(&engine, attempt) => panic!("{ending:?}"),
        () = running => {}
    }
    timeout(PATIENCE, threads.ended()).await.unwrap();
    let (mut attempt, events) = crate::fixtures::attempt(&plugin, "goes-on");
    attempt.timeout = Duration::from_millis(500);
    let threads = attempt.threads.clone();
    let run = run(&engine, (attempt, events)).await;
    assert!(
        matches!(run.ending, Ending::TimedOut { .. }),
        "{:?}",
        run.ending
    );
    timeout(PATIENCE, threads.ended()).await.unwrap();
}
