//! What is in the way of a shared run: one clear message each, and nothing is run.

use assay_test_server::nats::Nats;

use super::agent::HostAgent;
use crate::{
    fixtures::fixture,
    invocation::{Answer, Invocation, host},
};

fn run(arguments: &[&str]) -> Answer {
    Invocation::run(&[fixture("noop")])
        .with(&["--environment", "none"])
        .with(arguments)
        .answer()
}

fn refused(answer: &Answer, exit: i32, words: &[&str]) {
    assert_eq!(answer.exit, Some(exit), "{}", answer.seen());
    assert_eq!(answer.stdout, "", "nothing is run");
    for words in words {
        assert!(answer.stderr.contains(words), "{}", answer.seen());
    }
}

#[test]
fn a_server_that_is_not_there_or_does_not_let_in_is_named_without_its_password() {
    let nobody = run(&["--nats", "nats://user:secret@127.0.0.1:1"]);
    refused(&nobody, 6, &["no NATS server answers", "hint"]);
    assert!(!nobody.stderr.contains("secret"), "{}", nobody.stderr);
    let configuration =
        "jetstream { store_dir: \"{store}\" }\nauthorization { user: one, password: right }\n";
    let Some(nats) = Nats::start_with(configuration) else {
        return;
    };
    let stranger = run(&["--nats", &nats.url_of("one:wrong")]);
    refused(&stranger, 6, &["does not accept the credentials"]);
    let mut agent = HostAgent::begin(&nats.url_of("one:wrong"), "one", &[]);
    agent.says("does not accept the credentials");
    assert_eq!(agent.exit(), Some(6));
}

#[test]
fn an_address_that_is_none_is_a_wrong_argument_for_the_run_and_for_an_agent() {
    let address = "http://user:secret@127.0.0.1:4222";
    let words = "`http://127.0.0.1:4222` is no address of a NATS server: there are `nats://` and `tls://`, and no `http://`";
    let answer = run(&["--nats", address]);
    let hint = "hint: write it as `nats://HOST:4222`";
    refused(&answer, 2, &[words, hint]);
    assert!(!answer.stderr.contains("secret"), "{}", answer.stderr);
    let mut agent = HostAgent::begin(address, "one", &[]);
    assert_eq!(agent.exit(), Some(2), "{}", agent.output());
    let output = agent.output();
    assert!(
        output.contains(words) && !output.contains("secret"),
        "{output}"
    );
}

#[test]
fn fewer_agents_than_wanted_are_no_run() {
    let Some(nats) = Nats::start() else { return };
    refused(
        &run(&["--nats", &nats.url()]),
        6,
        &["0 of 1 agents answered", "host agent --nats"],
    );
    let _agent = HostAgent::start(&nats.url(), "one", &[]);
    refused(
        &run(&["--nats", &nats.url(), "--agents", "2"]),
        6,
        &["1 of 2 agents answered"],
    );
}

#[test]
fn an_agent_refuses_what_its_own_project_does_not_grant_or_lock() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = folder.path().join("assay.toml");
    std::fs::write(&config, "").expect("a file");
    let config = config.display().to_string();
    let Some(nats) = Nats::start() else { return };
    let run = || {
        Invocation::run(&[fixture("cookbook")])
            .with(&["--environment", "none", "--nats", &nats.url()])
            .answer()
    };
    // Also where what it keeps for a while lies in its project, which makes nothing the project's own that was sent.
    for temporary in [std::env::temp_dir(), folder.path().to_owned()] {
        let arguments = ["--config", &config, "--trust", "own"];
        let agent = HostAgent::begin_in(&temporary, &nats.url(), "strict", &arguments);
        agent.says("is ready");
        let words = [
            "agent `strict` refuses plugin `cookbook`",
            "on the agent's machine",
            "[grants.cookbook]",
        ];
        refused(&run(), 6, &words);
        agent.says("refuses run");
    }
    let locked = HostAgent::begin(&nats.url(), "locked", &["--config", &config, "--locked"]);
    locked.says("assay.lock");
}

#[test]
fn what_a_plugin_is_refused_at_an_agent_is_in_the_table_that_its_run_proposes() {
    let Some(nats) = Nats::start() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = folder.path().join("assay.toml");
    std::fs::write(&config, "").expect("a file");
    let _agent = HostAgent::start(&nats.url(), "one", &["--trust", "all"]);
    let answer = Invocation::run(&[fixture("faulty")])
        .with(&["--config", &config.display().to_string(), "--trust", "own"])
        .with(&["--filter", "faulty/tells-what-it-knows"])
        .with(&["--environment", "none", "--nats", &nats.url()])
        .answer();
    let report = answer.report();
    let proposal = report.suites[0].proposal.as_ref();
    let table = &proposal.expect("a table").table;
    assert_eq!(table, "[grants.faulty]\nattachments = true");
    let stdout = &answer.stdout;
    assert!(stdout.contains("[grants.faulty]"), "{stdout}");
}

#[test]
fn what_an_agents_own_grants_refuse_is_proposed_for_its_own_file_and_not_for_that_of_the_run() {
    let Some(nats) = Nats::start() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = folder.path().join("assay.toml");
    std::fs::write(&config, "").expect("a file");
    let arguments = ["--config", &config.display().to_string(), "--trust", "own"];
    let _agent = HostAgent::start(&nats.url(), "one", &arguments);
    let answer = Invocation::run(&[fixture("faulty")])
        .with(&["--filter", "faulty/tells-what-it-knows"])
        .with(&["--environment", "none", "--nats", &nats.url()])
        .answer();
    let report = answer.report();
    let proposal = report.suites[0].proposal.as_ref().expect("a proposal");
    assert_eq!((proposal.table.as_str(), proposal.truncated), ("", false));
    let [there] = &*proposal.at_agents else {
        panic!("{proposal:?}");
    };
    let grant = "grants.faulty.attachments = true";
    assert_eq!((there.agent.as_str(), there.grant.as_str()), ("one", grant));
    let stdout = &answer.stdout;
    assert!(!stdout.contains("[grants.faulty]"), "{stdout}");
    let said = format!(
        "the assay.toml of that agent, and not this one, has to grant beside what it grants already `{grant}`"
    );
    assert!(stdout.contains(&said), "{stdout}");
}

#[test]
fn a_name_that_would_not_stay_in_its_line_is_none_for_an_agent() {
    let Some(nats) = Nats::start() else { return };
    for evil in ["one\u{1b}[2J\u{9b}", "one\npassed  shop/buys", ""] {
        let mut agent = HostAgent::begin(&nats.url(), evil, &[]);
        agent.says("is no name of an agent");
        assert_eq!(agent.exit(), Some(2), "{}", agent.output());
    }
}

#[test]
fn the_address_may_come_from_a_variable() {
    let Some(nats) = Nats::start() else { return };
    let _agent = HostAgent::start(&nats.url(), "one", &[]);
    let answer = Invocation::run(&[fixture("noop")])
        .with(&["--environment", "none"])
        .with_variable("ASSAY_NATS", nats.url())
        .answer();
    assert_eq!(answer.exit, Some(0), "{}", answer.seen());
    assert!(answer.stdout.contains("with 1 agent"), "{}", answer.stdout);
    let config = host().arg("config").env("ASSAY_NATS", nats.url()).output();
    assert!(config.expect("the host starts").status.success());
}
