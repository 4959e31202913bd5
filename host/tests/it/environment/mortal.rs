//! A service that dies by itself in the middle of a run, seen from outside.

use assay_report::{event::ReasonKind, verdict::Verdict};
use rustix::process::Signal;
use tempfile::TempDir;

use super::reference;
use crate::{
    fixtures::{file, fixture},
    invocation::{Answer, Invocation},
    signals::{send, services, until_told},
};

/// A run of one case that ends after its service, which is killed as soon as the case has begun.
fn run(arguments: &[&str]) -> Answer {
    let folder = TempDir::new().unwrap();
    let text = format!(
        "[environments.own.services.mortal]\ncommand = [\"sh\", \"-c\", \"echo about to live >&2; exec {} vector-store --data {{data}} --listen 127.0.0.1:0\"]\n\
         ready-line = \"listening on \"\n",
        reference()
    );
    let config = file(folder.path(), "assay.toml", text)
        .display()
        .to_string();
    let running = Invocation::run(&[fixture("faulty")])
        .with(&["--no-progress", "--environment", "own", "--config", &config])
        .with(&["--filter", "faulty/outlives-its-service"])
        .with(arguments)
        .start();
    until_told(&running, "case_started");
    let [(service, _)] = &services(running.process())[..] else {
        panic!("one service");
    };
    send(*service, Signal::KILL);
    running.answer()
}

fn assert_told(answer: &Answer, exit: i32) {
    assert_eq!(answer.exit, Some(exit), "{}", answer.seen());
    let report = answer.report();
    assert_eq!(report.run.unwrap().verdict, Some(Verdict::Errored));
    let [died] = &report.environment.died[..] else {
        panic!("{}", answer.seen());
    };
    assert_eq!(died.service, "mortal");
    for part in ["ended with signal: 9", "about to live"] {
        assert!(died.message.contains(part), "{}", died.message);
        assert!(answer.stdout.contains(part), "{}", answer.seen());
    }
}

#[test]
fn a_run_is_not_green_whose_service_died_although_every_case_passed() {
    let answer = run(&[]);
    let passed = ("faulty/outlives-its-service".to_owned(), Verdict::Passed);
    assert_eq!(answer.verdicts(), [passed].into(), "{}", answer.seen());
    assert_told(&answer, 6);
}

#[test]
fn a_case_that_met_the_death_of_its_service_failed_by_it() {
    let answer = run(&["--set", "faulty.then=fail"]);
    let report = answer.report();
    let case = &report.suites[0].cases[0];
    assert_eq!(case.verdict, Some(Verdict::Failed), "{}", answer.seen());
    let reason = case.reason.as_ref().unwrap();
    assert_eq!(reason.kind, ReasonKind::Died);
    for part in [
        "ended with signal: 9",
        "before that: it may pass without its service",
        "about to live",
    ] {
        assert!(reason.message.contains(part), "{}", reason.message);
    }
    assert_told(&answer, 1);
}
