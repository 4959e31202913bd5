//! The roll-call: who is there, who is free, and whether they fit together.

use std::{collections::BTreeMap, time::Duration};

use assay_report::words::one_line;
use futures::StreamExt as _;
use serde::Deserialize;
use serde_json::Value;
use tokio::time::{Instant, sleep_until, timeout_at};

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
        let sent = connection
            .client
            .publish_with_reply(CALL, inbox.clone(), message.clone())
            .await;
        sent.map_err(|error| told(&error))?;
        let next = end.min(Instant::now() + AGAIN);
        while let Ok(Some(answer)) = timeout_at(next, answers.next()).await {
            // Without any agent the server itself answers, and says nothing.
            if answer.status.is_none() {
                roll.hear(&answer.payload);
            }
            if roll.has(wanted) {
                break;
            }
        }
        if !roll.has(wanted) {
            sleep_until(next).await;
        }
    }
    roll.judge(ours, wanted, times.call)
}

/// What was heard so far.
#[derive(Debug, Default)]
struct Roll {
    hellos: BTreeMap<AgentId, Hello>,
    /// Answers of agents that speak in another way.
    strangers: Vec<String>,
}

impl Roll {
    fn hear(&mut self, answer: &[u8]) {
        if let Ok(hello) = decode::<Hello>(answer)
            && hello.protocol == PROTOCOL
            && is_sane(&hello.agent)
        {
            if self.hellos.len() < MAX_AGENTS || self.hellos.contains_key(&hello.agent.id) {
                let agent = hello.agent.in_lines();
                self.hellos
                    .insert(agent.id.clone(), Hello { agent, ..hello });
            }
            return;
        }
        self.estrange(match decode::<Stranger>(answer) {
            Ok(stranger) => stranger.told(),
            Err(_) => shown(&String::from_utf8_lossy(answer)),
        });
    }

    fn estrange(&mut self, who: String) {
        if self.strangers.len() < MAX_STRANGERS && !self.strangers.contains(&who) {
            self.strangers.push(who);
        }
    }

    fn free(&self) -> impl Iterator<Item = &AgentInfo> {
        let free = self.hellos.values().filter(|hello| hello.busy.is_none());
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
            let busy = self
                .hellos
                .into_values()
                .filter(|hello| hello.busy.is_some());
            return Err(RunError::TooFewAgents {
                found: found.len(),
                wanted: least,
                within,
                busy: busy.map(|hello| hello.agent.name).collect(),
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
        self.strangers.iter().cloned().chain(others).collect()
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use assay_report::hint::Hinted as _;

    use super::{
        AgentInfo, CoordinatorInfo, Hello, MAX_AGENTS, MAX_NAME_BYTES, MAX_STRANGERS, PROTOCOL,
        Roll, RunError, RunId, SHOWN,
    };
    use crate::message::encode;

    const WITHIN: Duration = Duration::from_secs(2);

    fn hello(name: &str) -> Hello {
        Hello {
            protocol: PROTOCOL,
            agent: AgentInfo {
                id: name.parse().unwrap(),
                name: name.to_owned(),
                version: "0.1.0".to_owned(),
                contract: "0.1".to_owned(),
                words: 3,
                slots: 1,
                processors: 1,
            },
            busy: None,
        }
    }

    fn ours() -> CoordinatorInfo {
        CoordinatorInfo {
            version: "0.2.0".to_owned(),
            contract: "0.1".to_owned(),
            words: 3,
        }
    }

    fn judged(hellos: &[Hello], wanted: Option<usize>) -> Result<Vec<String>, RunError> {
        let mut roll = Roll::default();
        for hello in hellos {
            roll.hear(&encode(hello));
        }
        let agents = roll.judge(&ours(), wanted, WITHIN)?;
        Ok(agents.into_iter().map(|agent| agent.name).collect())
    }

    #[test]
    fn those_who_are_free_are_taken_each_once_and_no_more_than_wanted() {
        let hellos = [hello("b"), hello("a"), hello("b"), hello("c")];
        assert_eq!(judged(&hellos, None).unwrap(), ["a", "b", "c"]);
        assert_eq!(judged(&hellos, Some(2)).unwrap(), ["a", "b"]);
    }

    #[test]
    fn too_few_are_told_with_those_who_are_busy() {
        let mut busy = hello("b");
        busy.busy = Some(RunId::random());
        let error = judged(&[hello("a"), busy], Some(2)).unwrap_err();
        assert_eq!(
            error,
            RunError::TooFewAgents {
                found: 1,
                wanted: 2,
                within: WITHIN,
                busy: vec!["b".to_owned()],
            }
        );
        assert!(matches!(
            judged(&[], None),
            Err(RunError::TooFewAgents { wanted: 1, .. })
        ));
    }

    #[test]
    fn a_mixed_contract_is_refused_in_one_message_that_names_the_agents() {
        let (mut old, mut older) = (hello("old"), hello("older"));
        old.agent.contract = "0.0".to_owned();
        older.agent.contract = "0.0-beta".to_owned();
        let error = judged(&[hello("a"), old, older], None).unwrap_err();
        assert_eq!(
            error.to_string(),
            "this run has contract 0.1, and these agents have another one: \
             `old` (0.1.0) with 0.0, `older` (0.1.0) with 0.0-beta"
        );
    }

    #[test]
    fn an_agent_that_speaks_in_another_way_is_named_as_far_as_it_can_be_understood() {
        let mut newer = hello("newer");
        newer.protocol = PROTOCOL + 1;
        let mut roll = Roll::default();
        roll.hear(&encode(&newer));
        roll.hear(b"i am an agent");
        roll.hear(b"i am an agent");
        let error = roll.judge(&ours(), None, WITHIN).unwrap_err();
        assert_eq!(
            error.to_string(),
            "this run speaks version 2.3 of the protocol between hosts, and these agents do not: `newer` (0.1.0) with 3.3, i am an agent"
        );
    }

    #[test]
    fn an_agent_whose_worker_tells_other_words_is_refused_with_both_versions_and_what_to_do() {
        let (mut old, mut busy) = (hello("old"), hello("busy"));
        old.agent.words = 2;
        busy.agent.words = 4;
        busy.busy = Some(RunId::random());
        let error = judged(&[hello("a"), old, busy], None).unwrap_err();
        assert_eq!(
            error.to_string(),
            "this run speaks version 2.3 of the protocol between hosts, and these agents do not: `old` (0.1.0) with 2.2"
        );
        let hint = error.hint().unwrap();
        assert!(hint.contains("the same version everywhere"), "{hint}");
    }

    #[test]
    fn who_answers_without_end_costs_no_memory_without_end() {
        let mut roll = Roll::default();
        for number in 0..=MAX_AGENTS {
            roll.hear(&encode(&hello(&format!("a{number}"))));
            roll.hear(format!("{number} {}", "x".repeat(SHOWN)).as_bytes());
        }
        roll.hear(&encode(&hello("a0")));
        assert_eq!(roll.hellos.len(), MAX_AGENTS);
        assert_eq!(roll.strangers.len(), MAX_STRANGERS);
        assert!(
            roll.strangers
                .iter()
                .all(|stranger| stranger.len() <= SHOWN)
        );
    }

    #[test]
    fn an_agent_that_says_more_of_itself_than_it_may_is_a_stranger() {
        for (bytes, strangers) in [(MAX_NAME_BYTES, 0), (MAX_NAME_BYTES + 1, 1)] {
            let mut wordy = hello("a");
            wordy.agent.name = "x".repeat(bytes);
            let mut roll = Roll::default();
            roll.hear(&encode(&wordy));
            assert_eq!(roll.strangers.len(), strangers);
        }
    }

    #[test]
    fn an_agent_of_another_protocol_is_named_whatever_else_it_says() {
        let mut roll = Roll::default();
        roll.hear(br#"{"protocol":9,"id":"Z","name":"new","version":"9.0","slots":{}}"#);
        assert_eq!(roll.strangers, ["`new` (9.0) with 9"]);
    }

    #[test]
    fn no_agent_says_more_than_its_name_where_it_is_named() {
        let evil = "one\n0 failed\u{1b}[2J";
        let mut roll = Roll::default();
        roll.hear(&encode(&Hello {
            agent: AgentInfo {
                name: evil.to_owned(),
                version: evil.to_owned(),
                contract: evil.to_owned(),
                ..hello("a").agent
            },
            ..hello("a")
        }));
        let error = roll.judge(&ours(), None, WITHIN).unwrap_err();
        let expected = "these agents have another one: `one 0 failed\\u{1b}[2J` (one 0 failed\\u{1b}[2J) with one 0 failed\\u{1b}[2J";
        assert!(error.to_string().ends_with(expected), "{error}");
        let stranger = serde_json::json!({"protocol": 9, "name": evil, "version": evil});
        for answer in [stranger.to_string().as_bytes(), evil.as_bytes()] {
            let mut roll = Roll::default();
            roll.hear(answer);
            let [stranger] = &*roll.strangers else {
                panic!("{:?}", roll.strangers);
            };
            assert!(stranger.contains("one 0 failed\\u{1b}[2J"), "{stranger}");
        }
    }
}
