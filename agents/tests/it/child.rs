//! Agents and coordinators in processes of their own, which tests kill.

use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

use assay_agents::{
    agent::Agent, connection::Connection, coordinator::Coordinator, settings::Settings,
    shard::Shard, stop::Stopper,
};

use super::{
    heard::Recorder,
    scripted::{Picky, Scripted},
    stage::{Stage, access, coordinator_info, info, settings, soon},
};

const URL: &str = "ASSAY_TEST_NATS_URL";
const NAME: &str = "ASSAY_TEST_NAME";
const SHARDS: &str = "ASSAY_TEST_SHARDS";
const TIMES: &str = "ASSAY_TEST_TIMES";

/// A process that is killed with the test at the latest.
#[derive(Debug)]
pub(crate) struct Process(Child);

impl Process {
    /// An agent with one slot.
    pub(crate) fn agent(stage: &Stage, name: &str) -> Self {
        Self::start(stage, "child::is_an_agent", &[(NAME, name.to_owned())])
    }

    /// A coordinator of one agent, with times of its own.
    pub(crate) fn coordinator(stage: &Stage, shards: &[Shard], settings: &Settings) -> Self {
        let variables = [
            (SHARDS, serde_json::to_string(shards).unwrap()),
            (TIMES, serde_json::to_string(&settings.times).unwrap()),
        ];
        Self::start(stage, "child::is_a_coordinator", &variables)
    }

    /// Sends it a signal, such as `STOP`.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.0.id().to_string();
        let status = Command::new("kill")
            .args([&format!("-{name}"), &id])
            .status();
        assert!(status.unwrap().success());
    }

    /// Waits until it has ended by itself.
    pub(crate) async fn ended(mut self) {
        soon(async {
            while self.0.try_wait().unwrap().is_none() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        })
        .await;
    }

    /// Kills it as `kill -9` does.
    pub(crate) fn kill(&mut self) {
        // It may have ended by itself, which the test has seen then.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }

    fn start(stage: &Stage, test: &str, variables: &[(&str, String)]) -> Self {
        let child = Command::new(std::env::current_exe().unwrap())
            .args([test, "--exact", "--ignored"])
            .env(URL, stage.nats.url())
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(child.unwrap())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

async fn connection() -> Connection {
    let url = std::env::var(URL).unwrap();
    Connection::open(&access(&url), "a child of a test")
        .await
        .unwrap()
}

#[tokio::test]
#[ignore = "a process of other tests"]
async fn is_an_agent() {
    let info = info(&std::env::var(NAME).unwrap(), 1);
    let worker = Scripted::default();
    let agent = Agent::new(connection().await, info, worker, Picky::default(), drop).unwrap();
    let (_stopper, stop) = Stopper::new();
    agent.serve(stop).await.unwrap();
}

#[tokio::test]
#[ignore = "a process of other tests"]
async fn is_a_coordinator() {
    let shards: Vec<Shard> = serde_json::from_str(&std::env::var(SHARDS).unwrap()).unwrap();
    let settings = Settings {
        times: serde_json::from_str(&std::env::var(TIMES).unwrap()).unwrap(),
        ..settings()
    };
    let mut coordinator = Coordinator::open(connection().await, coordinator_info(), settings)
        .await
        .unwrap();
    coordinator.call(Some(1)).await.unwrap();
    coordinator.join(&[]).await.unwrap();
    coordinator
        .run_all(shards, &mut Recorder::default())
        .await
        .unwrap();
}
