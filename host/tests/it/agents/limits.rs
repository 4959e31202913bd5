//! What a server does not allow or cannot keep, and agents of another time: one clear message, something to do, and the exit code of an environment
//! that is not there.

use assay_agents::{
    agent::{Agent, Teller},
    connection::{Access, Connection},
    identity::{AgentId, AgentInfo, RunId},
    plugin::{Offered, Plugin, Policy, Refusal},
    stop::{Stop, Stopper},
    worker::{Assignment, Worker},
};
use assay_host::agents::work::WORDS;
use assay_report::verdict::Verdict;
use assay_test_server::{disk::Disk, nats::Nats};
use tokio::task::spawn_blocking;

use super::{agent::HostAgent, desk::Desk};
use crate::{
    fixtures::fixture,
    invocation::{Answer, Invocation},
};

/// What a run says that nothing came of.
fn refused(url: &str, words: &str, hint: &str) {
    let answer = run(url);
    assert_eq!(answer.exit, Some(6), "{}", answer.seen());
    assert_eq!(answer.stdout, "", "nothing is run");
    for words in [words, &format!("hint: {hint}")] {
        assert!(answer.stderr.contains(words), "{}", answer.seen());
    }
    let errors = answer.stderr.matches("error: ").count();
    assert_eq!(errors, 1, "one message: {}", answer.stderr);
}

fn run(url: &str) -> Answer {
    Invocation::run(&[fixture("noop")])
        .with(&["--environment", "none", "--nats", url])
        .answer()
}

/// A server with an account that has this, and an agent there; their address.
fn of_account(jetstream: &str) -> Option<(Nats, HostAgent, String)> {
    let nats = Nats::start_with(&format!(
        "jetstream {{ store_dir: \"{{store}}\" }}\n\
        accounts {{ A {{ users: [{{ user: a, password: a }}], jetstream: {{ {jetstream} }} }} }}\n"
    ))?;
    let url = nats.url_of("a:a");
    let agent = HostAgent::start(&url, "one", &[]);
    Some((nats, agent, url))
}

#[test]
fn an_account_that_may_have_too_few_streams_is_told() {
    let Some((_nats, _agent, url)) = of_account("max_streams: 1") else {
        return;
    };
    let words = "the limits of the NATS server do not allow the stream of events: maximum";
    refused(&url, words, "raise the limits of the account");
}

#[test]
fn an_account_that_may_keep_too_few_bytes_is_told() {
    let Some((_nats, _agent, url)) = of_account("max_file: 10MB") else {
        return;
    };
    let words = "the NATS server has no room for the stream of shards: ";
    refused(
        &url,
        words,
        "free space in its JetStream store or raise its limits",
    );
}

#[test]
fn a_server_that_takes_small_messages_alone_is_told_by_host_and_agent() {
    let configuration = "jetstream { store_dir: \"{store}\" }\nmax_payload: 64KB\n";
    let Some(nats) = Nats::start_with(configuration) else {
        return;
    };
    let words = "the NATS server takes messages of 65536 bytes at most";
    let hint = "raise `max_payload` in its configuration";
    refused(&nats.url(), words, hint);
    let mut agent = HostAgent::begin(&nats.url(), "one", &[]);
    agent.says(words);
    agent.says(hint);
    assert_eq!(agent.exit(), Some(6));
}

#[test]
fn a_server_without_jetstream_is_told_by_host_and_agent() {
    let Some(nats) = Nats::start_with("") else {
        return;
    };
    let words = "the NATS server has no JetStream for this account";
    refused(&nats.url(), words, "start it with `-js`");
    let mut agent = HostAgent::begin(&nats.url(), "one", &[]);
    agent.says(words);
    assert_eq!(agent.exit(), Some(6));
}

/// An agent that is never given anything.
struct Idle;

impl Worker for Idle {
    async fn prepare(&self, _: &RunId, _: Vec<Plugin>) -> Result<(), Refusal> {
        Ok(())
    }

    async fn run(&self, _: Assignment, _: Teller, _: Stop) -> Result<(), String> {
        Err("nothing is to be run here".to_owned())
    }

    async fn finish(&self, _: &RunId) {}
}

impl Policy for Idle {
    fn may_fetch(&self, _: &Offered) -> Result<(), Refusal> {
        Ok(())
    }

    fn may_use(&self, _: &Plugin) -> Result<(), Refusal> {
        Ok(())
    }
}

#[tokio::test]
async fn an_agent_with_an_older_contract_is_named() {
    let Some(nats) = Nats::start() else { return };
    let access = Access {
        url: nats.url(),
        ..Access::default()
    };
    let connection = Connection::open(&access, "a test").await.unwrap();
    let info = AgentInfo {
        id: AgentId::random(),
        name: "old".to_owned(),
        version: "0.0.9".to_owned(),
        contract: "0.0.9".to_owned(),
        words: WORDS,
        slots: 1,
        processors: 1,
    };
    let agent = Agent::new(connection, info, Idle, Idle, drop).unwrap();
    let (_stopper, stop) = Stopper::new();
    tokio::spawn(async move { agent.serve(stop).await });
    let words = "these agents have another one: `old` (0.0.9) with 0.0.9";
    let hint = "install the same version everywhere, or end those agents";
    let asked = spawn_blocking(move || refused(&nats.url(), words, hint));
    asked.await.unwrap();
}

#[test]
fn a_disk_of_the_server_that_is_full_ends_the_run_with_one_message() {
    let Some(full) = Disk::of(32) else { return };
    let configuration = format!(
        "jetstream {{ store_dir: {:?}, max_file_store: 1GB }}\n",
        full.path().display().to_string()
    );
    let Some(nats) = Nats::start_with(&configuration) else {
        return;
    };
    let agent = HostAgent::start(&nats.url(), "one", &["--slots", "2"]);
    let desk = Desk::holding(&["asks-first", "asks-second"]);
    let run = Invocation::run(&[fixture("asks")])
        .with(&["--environment", "none", "--nats", &nats.url()])
        .with(&["--set", &format!("desk.url=\"{}\"", desk.url())])
        .start();
    for entry in ["asks-first", "asks-second"] {
        desk.was_asked(entry, 1);
    }
    full.fill();
    desk.release();
    let answer = run.answer();
    assert_eq!(answer.exit, Some(6), "{}", answer.seen());
    // What the first one tells may still fit beside what was told before.
    let verdicts = answer.verdicts();
    assert_eq!(verdicts.len(), 2, "{}", answer.seen());
    assert_eq!(
        verdicts["asks/second"],
        Verdict::Errored,
        "{}",
        answer.seen()
    );
    // Servers differ: 2.9 says nothing more at all, later ones refuse what has no room, or have no JetStream any more.
    let known = ["its disk may be full", "no room", "no JetStream"];
    let is_known = known.iter().any(|words| answer.stdout.contains(words));
    assert!(is_known, "{}", answer.seen());
    agent.says("left run");
}
