//! An agent, the conducting host or the NATS server, each killed at each stage of a run: no verdict is wrong, no case is missing, the loss is named,
//! no fault is left, and the agents serve the next run.
//!
//! | stage | how it is known | where |
//! |---|---|---|
//! | agents join, or fetch plugins | a message of the server to an agent, which is held | `joining` |
//! | an attempt runs at an agent | a request of it | `attempts`, and `losses` beside this |
//! | a setup, an exclusive case with a fault or a teardown runs at the conducting host | a request of it, whose answer is held | `conducting` |
//! | a load is made | what the log has of its first second | `loading`, and `loads` beside this |
//! | the run ends | the farewell of the host to its agents, which is held | `ending` |

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod attempts;
mod conducting;
mod ending;
mod joining;
mod loading;

use std::{
    collections::BTreeMap,
    fs::{self, File},
    process::Child,
};

use assay_host::environment::{identity::Identity, trace::Trace};
use assay_report::{json::document::Report, verdict::Verdict};
use assay_test_server::nats::Nats;

use super::{
    agent::{HostAgent, eventually},
    desk::Desk,
    gate::{Direction, Gate},
};
use crate::{
    environment::reference,
    fixtures::fixture,
    invocation::{Invocation, repository},
    killed::Place,
};

/// The agents of a run.
const ONE: &str = "one";
const TWO: &str = "two";
/// What all suites of these tests have.
const ALL: [&str; 3] = ["asks/first", "asks/second", "conducts/alone"];

/// A server, and agents at it.
struct Stage {
    nats: Nats,
    desk: Desk,
    agents: BTreeMap<&'static str, HostAgent>,
}

/// A `host run` in a folder of its own, with an environment of one service.
struct Run {
    place: Place,
    child: Child,
    trace: Trace,
}

impl Stage {
    /// With both agents, and with answers that are held back; none where there is no server.
    fn open(held: &[&str]) -> Option<Self> {
        let nats = Nats::start()?;
        let start = |name| (name, HostAgent::start(&nats.url(), name, &["--slots", "2"]));
        let agents = [ONE, TWO].map(start).into();
        let desk = Desk::holding(held);
        Some(Self { nats, desk, agents })
    }

    /// With a gate on the way of the second agent.
    fn gated(words: &'static str) -> Option<(Self, Gate)> {
        let nats = Nats::start()?;
        let gate = Gate::before(&nats, Direction::FromServer, words);
        let one = HostAgent::start(&nats.url(), ONE, &["--slots", "2"]);
        let two = HostAgent::start(&gate.url(), TWO, &["--slots", "2"]);
        let agents = [(ONE, one), (TWO, two)].into();
        let desk = Desk::holding(&[]);
        Some((Self { nats, desk, agents }, gate))
    }

    /// Begins a run of these suites with both agents.
    fn run(&self, suites: &[&str], arguments: &[&str]) -> Run {
        self.run_by(&self.nats.url(), suites, arguments)
    }

    /// The same by another way to the server.
    fn run_by(&self, url: &str, suites: &[&str], arguments: &[&str]) -> Run {
        let plugins: Vec<_> = suites
            .iter()
            .map(|suite| fixture(suite).display().to_string())
            .collect();
        let desk = format!("desk.url=\"{}\"", self.desk.url());
        let mut all = vec!["run", "--no-progress", "--no-history", "--timeout", "5m"];
        all.extend(plugins.iter().map(String::as_str));
        all.extend(["--nats", url, "--agents", "2", "--set", &desk]);
        all.extend(arguments);
        Run::start(&all)
    }

    fn kill_agent(&mut self, name: &'static str) {
        self.agents.remove(name).unwrap().kill();
    }

    fn restart_server(&mut self) {
        self.nats.kill();
        self.nats.start_again();
    }

    /// Waits until those that are there take part in no run, and lets them serve the next one.
    fn serves_the_next_run(&self) {
        for agent in self.agents.values() {
            agent.says("left run");
        }
        let agents = self.agents.len().to_string();
        let next = Invocation::run(&[fixture("noop")])
            .with(&["--environment", "none", "--nats", &self.nats.url()])
            .with(&["--agents", &agents])
            .answer();
        assert_eq!(next.exit, Some(0), "{}", next.seen());
    }
}

impl Run {
    fn start(arguments: &[&str]) -> Self {
        let place = Place::with(&configuration());
        let file = |name| File::create(place.path().join(name)).unwrap();
        let mut command = place.command(arguments);
        command.stdout(file("stdout")).stderr(file("stderr"));
        let child = command.spawn().unwrap();
        let trace = Trace::of(Identity::of(child.id()).unwrap());
        Self {
            place,
            child,
            trace,
        }
    }

    /// Waits until its log has this.
    fn tells(&self, words: &str) {
        eventually(&format!("it tells `{words}`"), || {
            let log = self.place.log();
            let said = || format!("{log}\n{}", self.said());
            log.contains(words).then_some(()).ok_or_else(said)
        });
    }

    /// Waits until its log has named this agent as lost.
    fn names_the_loss_of(&self, agent: &str) {
        self.tells(&format!("\"event\":\"agent_lost\",\"agent\":\"{agent}\""));
    }

    /// Ends it as a power cut would.
    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Heals what it left when it was killed; then nothing of it is there.
    fn is_healed(&self) {
        let (exit, told, error) = self.place.tell(&["heal"]);
        assert_eq!(exit, Some(0), "{told}{error}");
        self.place.assert_clean(&self.trace);
    }

    /// Waits for its end, at which nothing of it is left.
    fn ends_with(&mut self, exit: i32) {
        let status = self.child.wait().unwrap();
        assert_eq!(status.code(), Some(exit), "{}", self.said());
        self.place.assert_clean(&self.trace);
    }

    /// What a person saw.
    fn said(&self) -> String {
        let read = |name| fs::read_to_string(self.place.path().join(name)).unwrap();
        read("stdout") + &read("stderr")
    }

    fn report(&self) -> Report {
        let file = self.place.path().join("reports/report.json");
        serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
    }

    /// These cases and no others are in the report, and all of them passed; these agents, and no others, are named as lost.
    fn passed(&self, cases: &[&str], lost: &[&str]) {
        let report = self.report();
        let found: BTreeMap<String, Option<Verdict>> = report
            .suites
            .iter()
            .flat_map(|suite| {
                let cases = suite.cases.iter();
                cases.map(|case| (format!("{}/{}", suite.name, case.name), case.verdict))
            })
            .collect();
        let passed = |&case: &&str| (case.to_owned(), Some(Verdict::Passed));
        let expected = cases.iter().map(passed).collect();
        assert_eq!(found, expected, "{}", self.said());
        let gone = report.run.unwrap().lost_agents.into_iter();
        let gone: Vec<_> = gone.map(|gone| gone.agent).collect();
        assert_eq!(gone, lost);
        for agent in lost {
            assert!(
                self.said().contains(&format!("agent {agent}")),
                "{}",
                self.said()
            );
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // It has ended, unless the test has failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One service, which cases disturb; compiled code is that of all tests.
fn configuration() -> String {
    format!(
        "[run]\nenvironment = \"own\"\ncache-dir = '{}'\n[environments.own.services.cache]\n\
        command = ['{}', \"cache\", \"--listen\", \"127.0.0.1:{{port}}\"]\nready-line = \"listening on \"\nscheme = \"redis\"\n",
        repository().join(".assay/cache").display(),
        reference()
    )
}
