//! A run over agents comes to what it comes to on one machine.

use std::collections::{BTreeMap, BTreeSet};

use assay_report::json::document::{Attempt, Report};
use assay_test_server::nats::Nats;

use super::agent::HostAgent;
use crate::{
    fixtures::fixture,
    invocation::{Answer, Invocation, suite},
};

const NAMES: [&str; 3] = ["one", "two", "three"];

fn agents(url: &str) -> Vec<HostAgent> {
    let start = |name: &&str| HostAgent::start(url, name, &["--slots", "2"]);
    NAMES.iter().map(start).collect()
}

/// What of an attempt must not depend on where it ran.
fn essence(attempt: &Attempt) -> String {
    let Attempt {
        outcome,
        counts,
        failed_checks,
        passed_checks,
        ..
    } = attempt;
    format!("{outcome:?} {counts:?} {failed_checks:?} {passed_checks:?}")
}

fn attempts(report: &Report) -> BTreeMap<String, Vec<&Attempt>> {
    let suites = report.suites.iter();
    suites
        .flat_map(|suite| {
            let cases = suite.cases.iter();
            cases.map(move |case| {
                let id = format!("{}/{}", suite.name, case.name);
                (id, case.attempts.iter().collect())
            })
        })
        .collect()
}

fn agents_of(report: &Report) -> BTreeSet<&str> {
    let attempts = attempts(report).into_values().flatten();
    attempts
        .flat_map(|attempt| attempt.agents.iter().map(String::as_str))
        .collect()
}

fn faulty(arguments: &[&str]) -> Answer {
    Invocation::run(&[fixture("faulty"), fixture("noop")])
        .with(&["--environment", "none", "--retries", "1"])
        .with(arguments)
        .answer()
}

#[test]
fn every_way_to_end_is_the_same_over_three_agents() {
    let Some(nats) = Nats::start() else { return };
    let _agents = agents(&nats.url());
    let (alone, shared) = (
        faulty(&[]),
        faulty(&["--nats", &nats.url(), "--agents", "3"]),
    );
    assert_eq!(shared.exit, alone.exit, "{}", shared.seen());
    assert_eq!(shared.verdicts(), alone.verdicts());
    let (alone, shared_report) = (alone.report(), shared.report());
    let (alone, found) = (attempts(&alone), attempts(&shared_report));
    for (id, expected) in &alone {
        let told = |attempts: &[&Attempt]| -> Vec<String> {
            attempts.iter().map(|attempt| essence(attempt)).collect()
        };
        assert_eq!(told(&found[id]), told(expected), "{id}");
    }
    assert_eq!(agents_of(&shared_report), BTreeSet::from(NAMES));
    let run = shared_report.run.as_ref().expect("a run");
    let named: Vec<_> = run.agents.iter().map(|agent| agent.name.as_str()).collect();
    assert_eq!(named, ["one", "three", "two"]);
    assert!(shared.stdout.contains("with 3 agents"), "{}", shared.stdout);
}

#[test]
fn the_suites_that_need_no_faults_run_on_agents_against_a_real_system() {
    let Some(nats) = Nats::start() else { return };
    let _agents = agents(&nats.url());
    let run = |arguments: &[&str]| {
        let suites = ["core-flow", "monitoring-verification"].map(suite);
        Invocation::run(&suites).with(arguments).answer()
    };
    let (alone, shared) = (run(&[]), run(&["--nats", &nats.url(), "--agents", "3"]));
    assert_eq!(shared.exit, alone.exit, "{}", shared.seen());
    assert_eq!(shared.verdicts(), alone.verdicts());
    assert!(!agents_of(&shared.report()).is_empty());
}
