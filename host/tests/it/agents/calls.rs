//! Who is called into a shared run, with what, and what the run says of it.

use std::{fs::File, process::Stdio};

use assay_agents::identity::MAX_NAME_BYTES;
use assay_test_server::nats::Nats;

use super::agent::{HostAgent, eventually};
use crate::{
    fixtures::fixture,
    invocation::{Invocation, host},
};

#[test]
fn agents_that_start_after_the_run_are_waited_for_as_long_as_it_says() {
    let Some(nats) = Nats::start() else { return };
    let url = nats.url();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = folder.path().join("output");
    let mut run = host()
        .args(["run", "--no-history", "--environment", "none"])
        .args(["--nats", &url, "--agents", "1", "--agents-within", "60s"])
        .arg("--report-dir")
        .arg(folder.path())
        .arg(fixture("noop"))
        .stdout(Stdio::null())
        .stderr(File::create(&output).expect("a file"))
        .spawn()
        .expect("the host starts");
    // It says so later than nobody would be waited for any more who is not told otherwise.
    eventually("it says that it waits", || {
        let said = std::fs::read_to_string(&output).expect("its output");
        let is_said = said.contains("waiting for 1 agent\n");
        is_said.then_some(()).ok_or(said)
    });
    let _agent = HostAgent::start(&url, "late", &[]);
    let ended = run.wait().expect("it ends");
    assert_eq!(ended.code(), Some(0));
}

#[test]
fn agents_are_waited_for_as_long_as_a_run_may_and_no_longer() {
    for (within, refused) in [("10m", false), ("601s", true), ("0s", true)] {
        let answer = Invocation::run(&[fixture("noop")])
            .with(&["--nats", "nats://127.0.0.1:1", "--agents-within", within])
            .answer();
        assert_eq!(answer.exit, Some(if refused { 2 } else { 6 }), "{within}");
        let is_told = answer.stderr.contains("it has to be from 1ms to 10m");
        assert_eq!(is_told, refused, "{}", answer.seen());
    }
}

#[test]
fn two_agents_of_one_name_are_told_apart_as_each_of_them_says() {
    let Some(nats) = Nats::start() else { return };
    // With more letters it is longer than a name may be that an agent gives itself.
    let longest = "n".repeat(MAX_NAME_BYTES);
    let agents = [0, 1].map(|_| HostAgent::start(&nats.url(), &longest, &[]));
    let answer = Invocation::run(&[fixture("noop")])
        .with(&["--environment", "none", "--nats", &nats.url()])
        .with(&["--agents", "2"])
        .answer();
    let log = answer.report();
    assert_eq!(answer.exit, Some(0), "{}", answer.seen());
    let told = &log.run.as_ref().expect("a run").agents;
    assert_eq!(told.len(), 2, "{}", answer.seen());
    for agent in told {
        let said = format!("what a run calls it begins with `{}` if", agent.name);
        let mut all = agents.iter();
        assert!(all.any(|one| one.output().contains(&said)), "{said}");
    }
}

#[test]
fn an_agent_is_not_asked_for_a_plugin_of_which_no_case_was_selected() {
    let Some(nats) = Nats::start() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = folder.path().join("assay.toml");
    std::fs::write(&config, "[grants.noop]\n").expect("a file");
    let arguments = ["--config", &config.display().to_string(), "--trust", "own"];
    let _strict = HostAgent::start(&nats.url(), "strict", &arguments);
    // What it may do with the other one it would have to be granted.
    let plugins = [fixture("noop"), fixture("cookbook")];
    let answer = Invocation::run(&plugins)
        .with(&["--environment", "none", "--nats", &nats.url()])
        .with(&["--filter", "noop/"])
        .answer();
    assert_eq!(answer.exit, Some(0), "{}", answer.seen());
}

#[test]
fn a_run_says_which_suites_no_agent_runs() {
    let Some(nats) = Nats::start() else { return };
    let _agent = HostAgent::start(&nats.url(), "one", &["--trust", "all"]);
    let answer = Invocation::run(&[fixture("noop"), fixture("loader")])
        .with(&["--environment", "none", "--nats", &nats.url()])
        .with(&["--trust", "all", "--filter", "noop/"])
        .with(&["--filter", "loader/makes-what-the-settings-say"])
        .answer();
    let said = "this host runs the cases of `loader`:";
    assert!(answer.stderr.contains(said), "{}", answer.seen());
}

#[test]
fn what_has_nothing_to_do_with_agents_is_not_under_their_heading_in_the_help() {
    let help = host().args(["run", "--help"]).output().expect("an answer");
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    let (_, agents) = help.split_once("\nAgents:\n").expect("a heading");
    let section = agents
        .lines()
        .take_while(|line| line.is_empty() || line.starts_with(' '));
    let section: String = section.collect();
    assert!(section.contains("--nats-key"), "{section}");
    for option in ["--retries", "--shard", "--report-dir"] {
        assert!(!section.contains(option), "{section}");
    }
}
