//! A worker that does what its shard says.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use assay_agents::{
    agent::Teller,
    identity::RunId,
    plugin::{Offered, Plugin, Policy, Refusal},
    shard::{Kind, Shard, Target},
    stop::{Stop, StopReason},
    worker::{Assignment, Worker},
};
use serde::{Deserialize, Serialize};

/// What a worker tells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Word {
    /// From 0 in each attempt.
    pub(crate) sequence: u64,
    pub(crate) text: String,
}

/// What a worker does, one after the other.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Step {
    /// Tells so many words.
    Tell(u64),
    /// Tells a word of so many bytes.
    TellLarge(usize),
    /// Makes a file.
    Mark(PathBuf),
    /// Waits until a file is there, or until it has to stop.
    WaitFor(PathBuf),
    /// Waits for so many orders, and tells each.
    Obey(usize),
    /// Writes on into a file, as long as it need not stop.
    Write(PathBuf),
    /// Waits until it has to stop.
    WaitForStop,
    /// Waits until it is dropped.
    Hang,
    /// Says that it cannot go on.
    Fail(String),
    Panic,
    /// Ends its process as `kill -9` does.
    Die,
}

pub(crate) fn shard(name: &str, kind: Kind, steps: &[Step]) -> Shard {
    Shard::new(name, kind, Target::Anybody, &steps).unwrap()
}

pub(crate) fn cases(name: &str, steps: &[Step]) -> Shard {
    shard(name, Kind::Cases, steps)
}

/// Does what shards say, and remembers what happened to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scripted {
    pub(crate) prepared: Arc<Mutex<Vec<Plugin>>>,
    pub(crate) stops: Arc<Mutex<Vec<StopReason>>>,
    pub(crate) told: Arc<Mutex<u64>>,
    pub(crate) finished: Arc<Mutex<Vec<RunId>>>,
}

impl Worker for Scripted {
    async fn prepare(&self, _: &RunId, plugins: Vec<Plugin>) -> Result<(), Refusal> {
        *self.prepared.lock().unwrap() = plugins;
        Ok(())
    }

    async fn run(
        &self,
        mut assignment: Assignment,
        teller: Teller,
        mut stop: Stop,
    ) -> Result<(), String> {
        let steps: Vec<Step> = assignment.shard.work().unwrap();
        let mut sequence = 0;
        for step in steps {
            match step {
                Step::Tell(count) => {
                    for _ in 0..count {
                        self.tell(&teller, sequence, String::new()).await?;
                        sequence += 1;
                    }
                }
                Step::TellLarge(bytes) => {
                    self.tell(&teller, sequence, "x".repeat(bytes)).await?;
                    sequence += 1;
                }
                Step::Mark(path) => std::fs::write(path, "").unwrap(),
                Step::WaitFor(path) => {
                    if let Some(reason) = wait_for(&path, &mut stop).await {
                        self.stops.lock().unwrap().push(reason);
                        return Ok(());
                    }
                }
                Step::Obey(count) => {
                    for _ in 0..count {
                        let order: String = assignment.orders.next().await.unwrap().unwrap();
                        self.tell(&teller, sequence, order).await?;
                        sequence += 1;
                    }
                }
                Step::Write(path) => write_on(&path, &stop).await,
                Step::WaitForStop => {
                    let reason = stop.stopped().await;
                    self.stops.lock().unwrap().push(reason);
                }
                Step::Hang => std::future::pending().await,
                Step::Fail(problem) => return Err(problem),
                Step::Panic => panic!("as told"),
                Step::Die => die(),
            }
        }
        Ok(())
    }

    async fn finish(&self, run: &RunId) {
        self.finished.lock().unwrap().push(run.clone());
    }
}

impl Scripted {
    async fn tell(&self, teller: &Teller, sequence: u64, text: String) -> Result<(), String> {
        let word = Word { sequence, text };
        teller
            .tell(&word)
            .await
            .map_err(|error| error.to_string())?;
        *self.told.lock().unwrap() += 1;
        Ok(())
    }
}

/// Why it has to stop, if it has to before the file is there.
async fn wait_for(path: &Path, stop: &mut Stop) -> Option<StopReason> {
    while !path.exists() {
        tokio::select! {
            reason = stop.stopped() => return Some(reason),
            () = tokio::time::sleep(Duration::from_millis(10)) => {}
        }
    }
    None
}

/// Does something as often as it finds that it may.
async fn write_on(path: &Path, stop: &Stop) {
    let mut file = std::fs::File::create(path).unwrap();
    while stop.reason().is_none() {
        file.write_all(b".").unwrap();
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn die() -> ! {
    let own = std::process::id().to_string();
    std::process::Command::new("kill")
        .args(["-9", &own])
        .status()
        .unwrap();
    unreachable!("it was killed")
}

/// A policy that lets in everything but what has a name that begins with a word.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Picky {
    pub(crate) no_fetch: Option<&'static str>,
    pub(crate) no_use: Option<&'static str>,
}

impl Policy for Picky {
    fn may_fetch(&self, offered: &Offered) -> Result<(), Refusal> {
        judged(
            self.no_fetch,
            &offered.name,
            "it is not in the agent's lock",
        )
    }

    fn may_use(&self, plugin: &Plugin) -> Result<(), Refusal> {
        judged(self.no_use, &plugin.name, "it wants more than is granted")
    }
}

fn judged(refused: Option<&str>, name: &str, reason: &str) -> Result<(), Refusal> {
    if refused.is_some_and(|refused| name.starts_with(refused)) {
        return Err(Refusal::of(name, reason).hint("see the agent's `assay.toml`"));
    }
    Ok(())
}
