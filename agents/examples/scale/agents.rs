//! Agents that measure nothing real: a process of them, each with a connection of its own.

use std::time::{Duration, SystemTime};

use assay_agents::{
    agent::{Agent, Teller},
    connection::{Access, Connection},
    identity::{AgentId, AgentInfo, RunId},
    plugin::{Offered, Plugin, Policy, Refusal},
    shard::Shard,
    stop::{Stop, Stopper},
    worker::{Assignment, Worker},
};
use assay_load::{
    delta::{Delta, Deltas},
    outcome::Generator,
    samples::Samples,
    share::Division,
    turns::Turns,
};
use serde::{Deserialize, Serialize};
use tokio::{task::JoinSet, time::Instant};

use super::share::{SECONDS, fill, plan};

pub(crate) const CONTRACT: &str = "0.1.0";
pub(crate) const WORDS: u32 = 1;

/// What an agent is to do.
#[derive(Serialize, Deserialize)]
pub(crate) struct Share {
    pub(crate) number: usize,
    pub(crate) of: usize,
}

/// What an agent tells.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Word {
    Ready,
    Delta(Box<Delta>),
}

/// When all begin, in the time of the clock on the wall: there is one machine.
#[derive(Serialize, Deserialize)]
pub(crate) struct Begin(pub(crate) Duration);

/// So many agents, until this process is killed.
pub(crate) fn run(url: &str, first: usize, count: usize) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let mut serving = JoinSet::new();
        for number in first..first + count {
            let agent = agent(url, number).await;
            serving.spawn(async move {
                let (_stopper, stop) = Stopper::new();
                agent.serve(stop).await.unwrap();
            });
        }
        while let Some(served) = serving.join_next().await {
            served.unwrap();
        }
    });
}

async fn agent(url: &str, number: usize) -> Agent<Measuring, Trusting> {
    let info = AgentInfo {
        id: AgentId::random(),
        name: format!("agent-{number}"),
        version: "0.1.0".to_owned(),
        contract: CONTRACT.to_owned(),
        words: WORDS,
        slots: 1,
        processors: 1,
    };
    Agent::new(connection(url).await, info, Measuring, Trusting, drop).unwrap()
}

pub(crate) async fn connection(url: &str) -> Connection {
    let access = Access {
        url: url.to_owned(),
        ..Access::default()
    };
    Connection::open(&access, "a measurement").await.unwrap()
}

/// The time of the clock on the wall.
pub(crate) fn now() -> Duration {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.unwrap()
}

struct Measuring;

impl Worker for Measuring {
    async fn prepare(&self, _: &RunId, _: Vec<Plugin>) -> Result<(), Refusal> {
        Ok(())
    }

    async fn run(&self, mut work: Assignment, teller: Teller, _: Stop) -> Result<(), String> {
        let (number, turns) = prepare(&work.shard);
        tell(&teller, &Word::Ready).await?;
        let begin: Begin = work.orders.next().await.unwrap().unwrap();
        let begin = Instant::now() + begin.0.saturating_sub(now());
        turns.begin_at(begin).await;
        let mut deltas = Deltas::new(turns.clone());
        let log = turns.samples().shard();
        for second in 1..=SECONDS {
            tokio::time::sleep_until(begin + Duration::from_secs(second)).await;
            fill(&log, number, second);
            for delta in deltas.take(&Generator::default(), second == SECONDS) {
                tell(&teller, &Word::Delta(Box::new(delta))).await?;
            }
        }
        Ok(())
    }

    async fn finish(&self, _: &RunId) {}
}

fn prepare(shard: &Shard) -> (usize, Turns) {
    let Share { number, of } = shard.work().unwrap();
    let part = Division::even(of).unwrap().part(&plan(of), number);
    let turns = Turns::of_part(part.unwrap(), Samples::new([]).unwrap());
    (number, turns)
}

async fn tell(teller: &Teller, word: &Word) -> Result<(), String> {
    let told = teller.tell(word).await;
    told.map_err(|error| error.to_string())
}

struct Trusting;

impl Policy for Trusting {
    fn may_fetch(&self, _: &Offered) -> Result<(), Refusal> {
        Ok(())
    }

    fn may_use(&self, _: &Plugin) -> Result<(), Refusal> {
        Ok(())
    }
}
