//! Whoever is killed: no verdict is wrong, no case is missing, and the loss is named.

use std::{collections::BTreeMap, io::Write as _, net::TcpListener};

use assay_report::{json::document::Report, verdict::Verdict};
use assay_test_server::nats::Nats;
use rustix::process::Signal;

use super::agent::{HostAgent, eventually, signal};
use crate::{
    fixtures::fixture,
    invocation::{Invocation, Running},
};

const WAITS: &str = "faulty/waits-when-told";

/// A run whose one case waits until its time is over.
fn waiting(nats: &Nats, timeout: &str, arguments: &[&str]) -> Running {
    Invocation::run(&[fixture("faulty")])
        .with(&["--environment", "none", "--filter", WAITS])
        .with(&["--set", "faulty.wait=true", "--timeout", timeout])
        .with(&["--nats", &nats.url()])
        .with(arguments)
        .start()
}

/// Waits until the case runs at an agent, and says at which.
fn placed(run: &Running) -> String {
    eventually("the case runs at an agent", || {
        let log = run.log();
        let mut events = log.lines().filter_map(|line| {
            let event: serde_json::Value = serde_json::from_str(line).ok()?;
            let is_case = event["source"]["entry"] == "waits-when-told";
            let agent = event["agent"].as_str()?.to_owned();
            is_case.then_some(agent)
        });
        events.next_back().ok_or(log.clone())
    })
}

fn two(nats: &Nats) -> BTreeMap<String, HostAgent> {
    let start = |name: &str| {
        let agent = HostAgent::start(&nats.url(), name, &["--slots", "1"]);
        (name.to_owned(), agent)
    };
    ["one", "two"].map(start).into()
}

fn agents_of(report: &Report) -> &[String] {
    &report.suites[0].cases[0].attempts[0].agents
}

#[test]
fn the_attempt_of_a_killed_agent_is_run_by_another_one_and_the_loss_is_named() {
    let Some(nats) = Nats::start() else { return };
    let mut agents = two(&nats);
    let run = waiting(&nats, "3s", &["--agents", "2"]);
    let lost = placed(&run);
    agents.get_mut(&lost).unwrap().kill();
    let answer = run.answer();
    assert_eq!(
        answer.verdicts()[WAITS],
        Verdict::Failed,
        "{}",
        answer.seen()
    );
    let report = answer.report();
    let names = agents_of(&report);
    assert_eq!((names.len(), &names[0]), (2, &lost));
    let run = report.run.as_ref().unwrap();
    let gone: Vec<_> = run.lost_agents.iter().map(|gone| &gone.agent).collect();
    assert_eq!(gone, [&lost]);
    assert!(
        answer.stdout.contains(&format!("agent {lost}")),
        "{}",
        answer.stdout
    );
}

#[test]
fn an_agent_that_is_asked_to_end_gives_back_what_it_runs_at_once() {
    let Some(nats) = Nats::start() else { return };
    let mut agents = two(&nats);
    let run = waiting(&nats, "3s", &["--agents", "2"]);
    let leaving = placed(&run);
    let agent = agents.get_mut(&leaving).unwrap();
    signal(agent.id(), Signal::TERM);
    assert_eq!(agent.exit(), Some(0), "{}", agent.output());
    let answer = run.answer();
    assert_eq!(
        answer.verdicts()[WAITS],
        Verdict::Failed,
        "{}",
        answer.seen()
    );
    assert_eq!(agents_of(&answer.report()).len(), 2);
}

#[test]
fn agents_of_a_killed_host_stop_by_themselves_and_serve_the_next_one() {
    let Some(nats) = Nats::start() else { return };
    let agents = two(&nats);
    let run = waiting(&nats, "10m", &["--agents", "2"]);
    placed(&run);
    signal(run.process(), Signal::KILL);
    for agent in agents.values() {
        agent.says("left run");
        assert!(agent.output().contains("the coordinator is gone"));
    }
    let next = waiting(&nats, "1s", &["--agents", "2"]).answer();
    assert_eq!(next.verdicts()[WAITS], Verdict::Failed, "{}", next.seen());
}

#[test]
fn a_server_that_is_killed_and_started_again_in_the_middle_of_a_run_changes_nothing() {
    let Some(mut nats) = Nats::start() else {
        return;
    };
    let _agents = two(&nats);
    let run = waiting(&nats, "6s", &["--agents", "2"]);
    placed(&run);
    nats.kill();
    nats.start_again();
    let answer = run.answer();
    assert_eq!(
        answer.verdicts()[WAITS],
        Verdict::Failed,
        "{}",
        answer.seen()
    );
    assert!(answer.report().run.unwrap().lost_agents.is_empty());
}

#[test]
fn a_server_that_stays_away_makes_the_run_errored_and_says_so() {
    let Some(mut nats) = Nats::start() else {
        return;
    };
    let _agents = two(&nats);
    let run = waiting(&nats, "10m", &["--agents", "2"]);
    placed(&run);
    nats.kill();
    let answer = run.answer();
    assert_eq!(
        answer.verdicts()[WAITS],
        Verdict::Errored,
        "{}",
        answer.seen()
    );
    assert!(answer.stdout.contains("NATS"), "{}", answer.stdout);
    assert_eq!(answer.exit, Some(6), "no plugin is to blame");
}

#[test]
fn a_check_that_failed_at_an_agent_before_the_run_was_interrupted_fails_the_case() {
    let Some(nats) = Nats::start() else { return };
    let _agents = two(&nats);
    let target = TcpListener::bind("127.0.0.1:0").unwrap();
    target.set_nonblocking(true).unwrap();
    let tell = format!("faulty.tell=http://{}", target.local_addr().unwrap());
    let run = waiting(&nats, "10m", &["--agents", "2", "--set", &tell]);
    // The request comes after the check.
    let (mut asked, _) = eventually("the case tells that it waits", || {
        target.accept().map_err(|error| error.to_string())
    });
    let answer = b"HTTP/1.1 204 No Content\r\n\r\n";
    asked.write_all(answer).unwrap();
    signal(run.process(), Signal::INT);
    let answer = run.answer();
    assert_eq!(answer.exit, Some(130), "{}", answer.seen());
    assert_eq!(
        answer.verdicts()[WAITS],
        Verdict::Failed,
        "{}",
        answer.seen()
    );
    let report = answer.report();
    let attempt = &report.suites[0].cases[0].attempts[0];
    assert_eq!(attempt.counts.checks_failed, 1);
    assert_eq!(attempt.failed_checks.len(), 1);
}

#[test]
fn a_run_that_is_interrupted_stops_its_agents() {
    let Some(nats) = Nats::start() else { return };
    let agents = two(&nats);
    let run = waiting(&nats, "10m", &["--agents", "2"]);
    placed(&run);
    signal(run.process(), Signal::INT);
    let answer = run.answer();
    assert_eq!(answer.exit, Some(130), "{}", answer.seen());
    for agent in agents.values() {
        agent.says("the run is over");
    }
}

#[test]
fn an_agent_that_is_busy_is_told_with_the_name_that_its_run_has_in_its_own_reports() {
    let Some(nats) = Nats::start() else { return };
    let _agent = HostAgent::start(&nats.url(), "one", &["--slots", "1"]);
    let run = waiting(&nats, "10m", &[]);
    placed(&run);
    let other = waiting(&nats, "10m", &["--agents-within", "100ms"]).answer();
    assert_eq!(other.exit, Some(6), "{}", other.seen());
    signal(run.process(), Signal::INT);
    let answer = run.answer();
    let name = answer.report().run.unwrap().run_id;
    assert!(answer.stdout.contains(&name), "{}", answer.seen());
    let busy = format!("`one` ({name})");
    assert!(other.stderr.contains(&busy), "{}", other.seen());
}

#[test]
fn an_agent_that_is_frozen_when_the_run_is_interrupted_is_named_in_the_log_of_what_it_had() {
    let Some(nats) = Nats::start() else { return };
    let agents = two(&nats);
    let run = waiting(&nats, "10m", &["--agents", "2"]);
    let frozen = placed(&run);
    signal(agents[&frozen].id(), Signal::STOP);
    signal(run.process(), Signal::INT);
    let answer = run.answer();
    assert_eq!(answer.exit, Some(130), "{}", answer.seen());
    let report = answer.report();
    let attempt = &report.suites[0].cases[0].attempts[0];
    let missing = format!("the agent `{frozen}` was not heard to its end");
    let mut lines = attempt.logs.iter().map(|line| &line.message);
    assert!(
        lines.any(|line| line.contains(&missing)),
        "{}",
        answer.seen()
    );
}
