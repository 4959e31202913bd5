//! Faults that a suite leaves behind, through the built `host`: whatever ends the attempt, everything is healthy after it.

use assay_report::verdict::Verdict::{self, Errored, Failed, Passed, Skipped};
use rustix::process::{Pid, Signal, kill_process};

use crate::{
    fixtures::fixture,
    invocation::{Answer as Ended, Invocation},
    signals::eventually,
};

/// Every kind that can be active beside the others.
const FAULTS: &str = r#"[
    "stop cache", "kill vector-store", "pause project-service", "restart project-service-limited",
    "disconnect client->generation-service", "blackhole client->project-service",
    "latency:600000 generation-service->project-service", "bandwidth:1 generation-service->cache",
    "refuse project-service->cache", "reset project-service->vector-store",
    "cut-after-bytes:1 generation-service->cache", "cut-after-ms:1 client->project-service",
    "slow-close:600000 client->project-service", "drop-first:1000 client->generation-service"
]"#;

fn harmful(then: &str) -> Invocation {
    Invocation::run(&[fixture("harmful")]).with(&[
        "--environment",
        "embedded",
        "--no-progress",
        "--jobs",
        "1",
        "--set",
        &format!("harmful.faults={FAULTS}"),
        "--set",
        &format!("harmful.then={then}"),
    ])
}

/// Only the case that leaves its faults behind, and the one that looks after it.
fn left_behind(then: &str) -> Invocation {
    harmful(then).with(&[
        "--filter",
        "harmful/a-leaves-its-faults-behind",
        "--filter",
        "harmful/b-finds-everything-healthy",
    ])
}

fn verdict_of(ended: &Ended, case: &str) -> Verdict {
    ended.verdicts()[&format!("harmful/{case}")]
}

/// The teardown ran after it, looked at everything and had no complaint.
fn teardown_passed(ended: &Ended) -> bool {
    let log = std::fs::read_to_string(ended.folder().join("events.jsonl")).unwrap();
    log.lines().any(|line| {
        line.contains("\"event\":\"attempt_finished\"")
            && line.contains("\"entry\":\"teardown\"")
            && line.contains("\"verdict\":\"passed\"")
    })
}

#[test]
fn faults_are_healed_after_a_return_a_failure_a_panic_a_loop_and_a_wait() {
    for (then, expected) in [
        ("return", Passed),
        ("fail", Failed),
        ("panic", Errored),
        ("loop", Errored),
        ("wait", Failed),
    ] {
        let ended = left_behind(then).with(&["--timeout", "12s"]).answer();
        let seen = ended.seen();
        let verdict = verdict_of(&ended, "a-leaves-its-faults-behind");
        assert_eq!(verdict, expected, "{then}: {seen}");
        assert!(seen.contains("harmful"), "{seen}");
        let after = verdict_of(&ended, "b-finds-everything-healthy");
        assert_eq!(after, Passed, "{then}: {seen}");
        assert!(teardown_passed(&ended), "{then}: {seen}");
    }
}

#[test]
fn faults_are_healed_when_a_run_is_cut_off_and_before_its_teardowns() {
    for (signal, name) in [(Signal::INT, "Ctrl-C"), (Signal::TERM, "SIGTERM")] {
        let running = left_behind("wait").start();
        eventually("all faults are active", || {
            running.log().contains("all faults are active")
        });
        let process = Pid::from_raw(running.process().cast_signed()).unwrap();
        kill_process(process, signal).unwrap();
        let ended = running.answer();
        let seen = ended.seen();
        assert_eq!(ended.exit, Some(130), "{seen}");
        let verdict = verdict_of(&ended, "a-leaves-its-faults-behind");
        assert_eq!(verdict, Skipped, "{seen}");
        assert!(teardown_passed(&ended), "{name}: {seen}");
    }
}

#[test]
fn faults_are_healed_when_the_first_failed_case_ends_the_run() {
    let ended = left_behind("fail").with(&["--fail-fast"]).answer();
    let seen = ended.seen();
    let after = verdict_of(&ended, "b-finds-everything-healthy");
    assert_eq!(after, Skipped, "{seen}");
    assert!(teardown_passed(&ended), "{seen}");
}

#[test]
fn a_suite_makes_measures_and_heals_faults_through_the_contract() {
    let ended = harmful("return")
        .with(&["--filter", "!harmful/?-*"])
        .answer();
    let seen = ended.seen();
    let failed = ["disturbs-nothing"];
    for (case, verdict) in ended.verdicts() {
        let expected = match case.strip_prefix("harmful/") {
            Some(name) if failed.contains(&name) => Failed,
            _ => Passed,
        };
        assert_eq!(verdict, expected, "{case}: {seen}");
    }
    assert!(
        seen.contains("the fault `refuse` on `client->generation-service` met traffic"),
        "{seen}"
    );
}
