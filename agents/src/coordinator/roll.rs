//! The roll-call: who is there, who is free, and whether they fit together.

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, time::Duration};

use assay_report::words::one_line;
use futures::StreamExt as _;
use serde::Deserialize;
use serde_json::Value;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::silence;
use crate::{
    connection::Connection,
    error::RunError,
    identity::{
        AgentId, AgentInfo, CoordinatorInfo, MAX_NAME_BYTES, MAX_PROCESSORS, MAX_SLOTS, RunId,
    },
    message::{Call, Hello, PROTOCOL, decode, encode, spoken},
    names::CALL,
    settings::Times,
};

/// Between two calls: agents that start only now hear the next one.
const AGAIN: Duration = Duration::from_millis(250);
/// Who has not answered for so long is not there any more. It is called eight times meanwhile.
const GONE: Duration = Duration::from_secs(2);
/// Bytes of a text of an agent that nobody understands, as far as it is shown.
const SHOWN: usize = 100;
/// Agents of a run, at most. Whoever answers after those is not heard.
const MAX_AGENTS: usize = 10_000;
/// Agents that nobody understands, as far as they are shown.
const MAX_STRANGERS: usize = 20;

/// Calls until as many agents as wanted are there, or the time is over.
pub(super) async fn call(
    connection: &Connection,
    run: &RunId,
    ours: &CoordinatorInfo,
    times: &Times,
    wanted: Option<usize>,
) -> Result<Vec<AgentInfo>, RunError> {
    let inbox = connection.client.new_inbox();
    let told = |error: &(dyn std::error::Error + 'static)| connection.told(error, "to call agents");
    let subscribed = connection.client.subscribe(inbox.clone()).await;
    let mut answers = subscribed.map_err(|error| told(&error))?;
    let message = encode(&Call {
        protocol: PROTOCOL,
        run: run.clone(),
    });
    let (mut roll, end) = (Roll::default(), Instant::now() + times.call);
    while Instant::now() < end && !roll.has(wanted) {
        // What is said while the server is away waits for it, and there is room for so much.
        if silence::is_in_reach(connection.link.state(), times.outage, Instant::now())? {
            let sent = connection
                .client
                .publish_with_reply(CALL, inbox.clone(), message.clone())
                .await;
            sent.map_err(|error| told(&error))?;
        }
        let next = end.min(Instant::now() + AGAIN);
        roll.forget();
        while let Ok(Some(answer)) = timeout_at(next, answers.next()).await {
            // Without any agent the server itself answers, and says nothing.
            if answer.status.is_none() {
                roll.hear(&answer.payload, Instant::now());
            }
            if roll.has(wanted) {
                break;
            }
        }
        if !roll.has(wanted) {
            sleep_until(next).await;
        }
    }
    roll.forget();
    roll.judge(ours, wanted, times.call)
}

/// What was heard so far.
#[derive(Debug, Default)]
struct Roll {
    /// Each with when it was heard last.
    hellos: BTreeMap<AgentId, (Hello, Instant)>,
    /// Answers of agents that speak in another way, likewise.
    strangers: BTreeMap<String, Instant>,
}

impl Roll {
    fn hear(&mut self, answer: &[u8], now: Instant) {
        if let Ok(hello) = decode::<Hello>(answer)
            && hello.protocol == PROTOCOL
            && is_sane(&hello.agent)
        {
            if self.hellos.len() < MAX_AGENTS || self.hellos.contains_key(&hello.agent.id) {
                let agent = hello.agent.in_lines();
                let (id, hello) = (agent.id.clone(), Hello { agent, ..hello });
                self.hellos.insert(id, (hello, now));
            }
            return;
        }
        let who = match decode::<Stranger>(answer) {
            Ok(stranger) => stranger.told(),
            Err(_) => shown(&String::from_utf8_lossy(answer)),
        };
        self.estrange(who, now);
    }

    fn estrange(&mut self, who: String, now: Instant) {
        if self.strangers.len() < MAX_STRANGERS || self.strangers.contains_key(&who) {
            self.strangers.insert(who, now);
        }
    }

    /// Forgets whoever is not there any more: while agents are waited for, some of them may end.
    fn forget(&mut self) {
        let is_there = |heard: &mut Instant| heard.elapsed() <= GONE;
        self.hellos.retain(|_, (_, heard)| is_there(heard));
        self.strangers.retain(|_, heard| is_there(heard));
    }

    fn free(&self) -> impl Iterator<Item = &AgentInfo> {
        let hellos = self.hellos.values().map(|(hello, _)| hello);
        let free = hellos.filter(|hello| hello.busy.is_none());
        free.map(|hello| &hello.agent)
    }

    fn has(&self, wanted: Option<usize>) -> bool {
        wanted.is_some_and(|wanted| self.free().count() >= wanted)
    }

    fn judge(
        self,
        ours: &CoordinatorInfo,
        wanted: Option<usize>,
        within: Duration,
    ) -> Result<Vec<AgentInfo>, RunError> {
        let others = self.others_in_protocol(ours);
        if !others.is_empty() {
            let ours = spoken(PROTOCOL, ours.words);
            return Err(RunError::OtherProtocol { ours, others });
        }
        let (ours, others) = (ours.contract.clone(), self.others(ours));
        if !others.is_empty() {
            return Err(RunError::MixedContract { ours, others });
        }
        let found: Vec<_> = self.free().cloned().collect();
        let least = wanted.unwrap_or(1);
        if found.len() < least {
            let busy = self.hellos.into_values().map(|(hello, _)| hello);
            return Err(RunError::TooFewAgents {
                found: found.len(),
                wanted: least,
                within,
                busy: busy.filter_map(occupied).collect(),
            });
        }
        Ok(found
            .into_iter()
            .take(wanted.unwrap_or(usize::MAX))
            .collect())
    }

    fn others_in_protocol(&self, ours: &CoordinatorInfo) -> Vec<String> {
        let others = self.free().filter(|agent| agent.words != ours.words);
        let others = others.map(|agent| {
            let AgentInfo {
                name,
                version,
                words,
                ..
            } = agent;
            format!("`{name}` ({version}) with {}", spoken(PROTOCOL, *words))
        });
        self.strangers.keys().cloned().chain(others).collect()
    }

    fn others(&self, ours: &CoordinatorInfo) -> Vec<String> {
        let others = self.free().filter(|agent| agent.contract != ours.contract);
        others
            .map(|agent| {
                format!(
                    "`{}` ({}) with {}",
                    agent.name, agent.version, agent.contract
                )
            })
            .collect()
    }
}

/// An agent that takes part in another run, and in which one.
fn occupied(Hello { agent, busy, .. }: Hello) -> Option<String> {
    Some(format!("`{}` ({})", agent.name, busy?))
}

/// What any agent says of itself, whatever its protocol is.
#[derive(Debug, Deserialize)]
struct Stranger {
    name: String,
    version: String,
    #[serde(default)]
    protocol: Value,
    #[serde(default)]
    words: Value,
}

impl Stranger {
    fn told(&self) -> String {
        let version = |value: &Value| value.as_u64().and_then(|number| u32::try_from(number).ok());
        let protocol = match (version(&self.protocol), version(&self.words)) {
            (Some(protocol), Some(words)) => format!(" with {}", spoken(protocol, words)),
            // Those of the first ones had no words of their own.
            (Some(protocol), None) => format!(" with {protocol}"),
            (None, _) => String::new(),
        };
        let (name, version) = (shown(&self.name), shown(&self.version));
        format!("`{name}` ({version}){protocol}")
    }
}

fn is_sane(agent: &AgentInfo) -> bool {
    let texts = [&agent.name, &agent.version, &agent.contract];
    texts.iter().all(|text| text.len() <= MAX_NAME_BYTES)
        && (1..=MAX_SLOTS).contains(&agent.slots)
        && (1..=MAX_PROCESSORS).contains(&agent.processors)
}

/// As much of a text as is shown, in one line.
fn shown(text: &str) -> String {
    one_line(&text[..text.floor_char_boundary(SHOWN)])
}
