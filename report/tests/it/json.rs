//! `report.json`, parsed back.

mod limits;

use std::{fs, path::Path};

use assay_report::{
    Document, Fanout, Form,
    event::{
        Event, EventKind, Exchange, Fault, FaultStage, Grade, Level, OutputStream, Phase,
        ReasonKind, ServiceState, ServiceStatus,
    },
    exit::Exit,
    hint::Hinted as _,
    json::{
        FILE_NAME, Gatherer, MAX_EVIDENCE_BYTES, MAX_EXCHANGES, MAX_FAILED_CHECKS, MAX_FAULTS,
        MAX_LOGS, MAX_NAMES, MAX_OUTPUT_BYTES, MAX_PASSED_CHECKS, MAX_SERVICES,
        document::{Case, CutKind, Report},
    },
    verdict::Verdict,
};
use tempfile::TempDir;

use super::{
    recording::{Recording, STEP_NS, check, exchange, outcome, passed, reason, refused, source},
    situations,
};

fn report(events: &[Event]) -> Report {
    let mut gatherer = Gatherer::default();
    for event in events {
        gatherer.event(event);
    }
    gatherer.finish()
}

fn cases(report: &Report) -> Vec<(&str, Option<Verdict>, usize)> {
    report.suites[0]
        .cases
        .iter()
        .map(|case| (case.name.as_str(), case.verdict, case.attempts.len()))
        .collect()
}

fn first_case(report: &Report) -> &Case {
    &report.suites[0].cases[0]
}

fn cuts(report: &Report) -> Vec<(CutKind, u64)> {
    report
        .cuts
        .iter()
        .map(|cut| (cut.what, cut.count))
        .collect()
}

fn reporter(folder: &Path) -> Fanout {
    let path = folder.join(FILE_NAME);
    Fanout::new(
        Vec::new(),
        vec![Document {
            form: Form::Json,
            path,
        }],
    )
}

fn write(folder: &Path, events: &[Event]) -> Report {
    let mut reporter = reporter(folder);
    for event in events {
        reporter.event(event);
    }
    assert_eq!(reporter.finish().len(), 0);
    serde_json::from_slice(&fs::read(folder.join(FILE_NAME)).unwrap()).unwrap()
}

#[test]
fn the_file_holds_the_document_and_nothing_is_left_beside_it() {
    let folder = TempDir::new().unwrap();
    let reports = folder.path().join("made/when/missing");
    let events = situations::failing_checks();
    assert_eq!(write(&reports, &events), report(&events));
    let names: Vec<_> = fs::read_dir(&reports)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["report.json"]);
}

#[test]
fn the_report_of_a_former_run_is_gone_as_soon_as_the_next_one_starts() {
    let folder = TempDir::new().unwrap();
    let events = situations::passed_run();
    write(folder.path(), &events);
    reporter(folder.path()).event(&events[0]);
    assert!(!folder.path().join("report.json").exists());
}

#[test]
fn a_report_that_cannot_be_written_names_the_file_and_what_to_do() {
    let folder = TempDir::new().unwrap();
    fs::create_dir_all(folder.path().join("report.json/in-the-way")).unwrap();
    let error = reporter(folder.path()).finish().remove(0);
    assert!(error.to_string().starts_with("cannot write `"), "{error}");
    assert!(error.hint().is_some());
}

#[test]
fn a_passed_run_has_its_figures_and_no_logs() {
    let report = report(&situations::passed_run());
    let run = report.run.as_ref().unwrap();
    assert!(report.complete);
    assert_eq!(
        (
            run.verdict,
            run.exit_code,
            run.stats.passed,
            run.duration_ns
        ),
        (Some(Verdict::Passed), Some(0), 2, 3_204_000_000)
    );
    assert_eq!(report.environment.services.len(), 2);
    let suite = &report.suites[0];
    assert_eq!(suite.verdict, Some(Verdict::Passed));
    let attempt = &suite.cases[1].attempts[0];
    assert!(attempt.logs.is_empty() && attempt.exchanges.is_empty());
    assert_eq!((attempt.counts.requests, attempt.counts.baselines), (2, 1));
    assert_eq!(attempt.output[0].text, "hello\n");
    assert_eq!(suite.cases[0].attempts[0].passed_checks, ["it is so"]);
    let judged = &suite.baselines[0].judgements[0];
    assert_eq!(
        (judged.entry.as_str(), judged.value, judged.grade),
        ("a-job-is-told", 12.5, Grade::Target)
    );
    assert!(report.cuts.is_empty());
}

#[test]
fn requests_are_summarised_by_name_with_exact_ends() {
    let mut run = Recording::of(&["a"]);
    run.case("a", &passed(), |run, source| {
        for milliseconds in 1..=100 {
            run.exchange(source, exchange("get", milliseconds));
        }
        run.exchange(source, refused("get"));
    });
    let report = report(&run.end(Exit::Success));
    let requests = &report.suites[0].requests[0];
    assert_eq!((requests.count, requests.errors), (101, 1));
    assert_eq!(requests.statuses.get(&200), Some(&100));
    assert_eq!(requests.error_kinds.get("connect"), Some(&1));
    assert_eq!(requests.received_bytes, 1_500);
    let times = requests.duration.unwrap();
    assert_eq!((times.min_ns, times.max_ns), (1_000_000, 100_000_000));
    for (measured, expected) in [
        (times.p50_ns, 50_000_000_u64),
        (times.p95_ns, 95_000_000),
        (times.p99_ns, 99_000_000),
    ] {
        assert!(
            measured.abs_diff(expected) <= expected / 1_000,
            "{measured}"
        );
    }
}

#[test]
fn requests_are_told_by_phase_once_there_was_a_fault() {
    let calm = report(&situations::passed_run());
    assert!(calm.suites[0].requests[0].by_phase.is_empty());

    let report = report(&situations::faults());
    let requests = &report.suites[0].requests[0];
    assert_eq!((requests.count, requests.errors), (4, 1));
    let times = requests.duration.unwrap();
    assert_eq!((times.min_ns, times.max_ns), (2_000_000, 102_000_000));
    let by_phase = requests.by_phase.iter().map(|(phase, requests)| {
        let longest = requests.duration.map(|times| times.max_ns / 1_000_000);
        (*phase, requests.count, requests.errors, longest)
    });
    assert_eq!(
        by_phase.collect::<Vec<_>>(),
        [
            (Phase::Baseline, 1, 0, Some(2)),
            (Phase::Fault, 2, 1, Some(102)),
            (Phase::Recovery, 1, 0, Some(4)),
        ]
    );
}

#[test]
fn each_fault_is_told_with_how_it_ended() {
    let report = report(&situations::faults());
    let faults = &first_case(&report).attempts[0].faults;
    let told: Vec<_> = faults
        .iter()
        .map(|report| {
            let healthy = report.healed.and_then(|healed| healed.healthy_after_ns);
            let failure = report.failure.as_ref().map(|failure| failure.stage);
            (
                report.fault.words(),
                report.confirmed_after_ns,
                healthy,
                failure,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (
                "latency 100 ms ± 20 ms on client->project".to_owned(),
                Some(3_000_000),
                Some(12_000_000),
                None
            ),
            (
                "limit_cpu on generation".to_owned(),
                None,
                None,
                Some(FaultStage::Injecting)
            ),
            (
                "stop on project".to_owned(),
                Some(9_000_000),
                None,
                Some(FaultStage::Healing)
            ),
        ]
    );
}

#[test]
fn a_failed_case_keeps_its_evidence() {
    let report = report(&situations::failing_checks());
    let case = &report.suites[0].cases[1];
    assert_eq!(
        case.reason.as_ref().map(|reason| reason.kind),
        Some(ReasonKind::Check)
    );
    let attempt = &case.attempts[0];
    assert_eq!(attempt.failed_checks.len(), 2);
    assert_eq!(attempt.logs.len(), 2);
    assert_eq!(attempt.exchanges.len(), 2);
    assert_eq!(attempt.output[0].text, "one\ntwo\n");
}

#[test]
fn each_situation_has_its_verdicts_and_its_exit_code() {
    type Expected = (&'static str, Option<Verdict>, usize);
    let table: [(Vec<Event>, Option<u8>, &[Expected]); 7] = [
        (
            situations::trap(),
            Some(5),
            &[
                ("a-job-divides", Some(Verdict::Errored), 1),
                ("a-job-ends", Some(Verdict::Passed), 1),
            ],
        ),
        (
            situations::timeout(),
            Some(1),
            &[("a-job-ends", Some(Verdict::Failed), 1)],
        ),
        (
            situations::flaky(),
            Some(0),
            &[("a-job-ends", Some(Verdict::Flaky), 2)],
        ),
        (
            situations::degraded(),
            Some(0),
            &[("events-are-fast", Some(Verdict::Degraded), 1)],
        ),
        (
            situations::skipped(),
            Some(7),
            &[("alerts-fire", Some(Verdict::Skipped), 0)],
        ),
        (
            situations::setup_failed(),
            Some(5),
            &[
                ("a-job-ends", Some(Verdict::Errored), 0),
                ("a-job-is-told", Some(Verdict::Errored), 0),
            ],
        ),
        (
            situations::stopped(),
            None,
            &[
                ("a-job-ends", Some(Verdict::Passed), 1),
                ("a-job-is-told", None, 1),
                ("a-job-is-kept", None, 0),
            ],
        ),
    ];
    for (events, exit_code, expected) in table {
        let report = report(&events);
        assert_eq!(cases(&report), expected);
        assert_eq!(report.run.unwrap().exit_code, exit_code);
    }
}

#[test]
fn an_environment_that_failed_says_why() {
    let report = report(&situations::environment_failed());
    assert!(
        report
            .environment
            .failure
            .is_some_and(|text| text.contains("did not start"))
    );
    assert_eq!(report.environment.ready_after_ns, None);
}

#[test]
fn a_service_that_died_is_named_with_its_last_lines() {
    let environment = report(&situations::service_died()).environment;
    let [died] = &environment.died[..] else {
        panic!("one service: {environment:?}");
    };
    assert_eq!(died.service, "project");
    assert!(died.message.contains("out of luck"), "{}", died.message);
    assert!(died.seen_at_ns > environment.ready_after_ns.unwrap());
}

#[test]
fn what_is_left_of_the_environment_is_named() {
    let environment = report(&situations::environment_left()).environment;
    assert_eq!(environment.left.len(), 1);
    assert!(
        environment.left[0].contains("`host heal`"),
        "{environment:?}"
    );
}

#[test]
fn what_the_engine_keeps_is_named_and_is_nothing_that_is_left() {
    let report = report(&situations::environment_abandoned());
    let [kept] = &report.environment.abandoned[..] else {
        panic!("one network: {:?}", report.environment);
    };
    assert!(kept.contains("`shop_near`"), "{kept}");
    assert_eq!(report.environment.left, [""; 0]);
    assert_eq!(report.run.unwrap().exit_code, Some(0));
}

#[test]
fn an_interrupted_run_is_complete_and_says_who_stopped_it() {
    let report = report(&situations::interrupted());
    assert!(report.complete);
    assert_eq!(report.run.unwrap().interrupted.as_deref(), Some("Ctrl-C"));
}

#[test]
fn a_run_without_an_end_is_not_complete_and_keeps_what_was_told() {
    let events = situations::stopped();
    let report = report(&events);
    assert!(!report.complete);
    let attempt = &report.suites[0].cases[1].attempts[0];
    assert_eq!(attempt.outcome, None);
    assert_eq!(attempt.passed_checks, ["it begins"]);
    let run = report.run.unwrap();
    assert_eq!(run.duration_ns, (events.len() as u64 - 1) * STEP_NS);
    assert_eq!((run.verdict, run.stats.passed), (None, 1));
}

#[test]
fn a_setup_has_its_own_place() {
    let report = report(&situations::setup_failed());
    let setup = report.suites[0].setup.as_ref().unwrap();
    assert_eq!(setup.logs[0].message, "asking for a project");
    assert_eq!(report.suites[0].teardown, None);
}

#[test]
fn what_is_told_again_takes_the_place_of_what_was_told_first() {
    let report = report(&situations::recalled());
    let attempt = &first_case(&report).attempts[0];
    let exchanges = attempt.exchanges.iter();
    let exchanges = exchanges.map(|exchange| (exchange.number, exchange.detail.is_some()));
    assert_eq!(exchanges.collect::<Vec<_>>(), [(1, true), (2, true)]);
    assert_eq!(attempt.streams.len(), 1);
    assert_eq!(attempt.streams[0].last_events[0].name, "progress");
    let wrote = &attempt.services[0];
    assert_eq!(
        (&*wrote.service, wrote.lines.len(), wrote.dropped_lines),
        ("project", 2, 12)
    );
    let requests = &report.suites[0].requests;
    assert_eq!(requests[0].count, 2, "it is counted once");
    assert!(report.cuts.is_empty(), "{:?}", report.cuts);
}
