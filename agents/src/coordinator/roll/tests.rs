//! Who answered, and what is said of those who do not fit.

use std::time::Duration;

use assay_report::hint::Hinted as _;
use tokio::time::Instant;

use super::{
    AgentInfo, CoordinatorInfo, GONE, Hello, MAX_AGENTS, MAX_NAME_BYTES, MAX_STRANGERS, PROTOCOL,
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
        roll.hear(&encode(hello), Instant::now());
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
    busy.busy = Some("run-1".parse().unwrap());
    let error = judged(&[hello("a"), busy], Some(2)).unwrap_err();
    assert_eq!(
        error,
        RunError::TooFewAgents {
            found: 1,
            wanted: 2,
            within: WITHIN,
            busy: vec!["`b` (run-1)".to_owned()],
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
    roll.hear(&encode(&newer), Instant::now());
    roll.hear(b"i am an agent", Instant::now());
    roll.hear(b"i am an agent", Instant::now());
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
        roll.hear(&encode(&hello(&format!("a{number}"))), Instant::now());
        roll.hear(
            format!("{number} {}", "x".repeat(SHOWN)).as_bytes(),
            Instant::now(),
        );
    }
    roll.hear(&encode(&hello("a0")), Instant::now());
    assert_eq!(roll.hellos.len(), MAX_AGENTS);
    assert_eq!(roll.strangers.len(), MAX_STRANGERS);
    assert!(
        roll.strangers
            .keys()
            .all(|stranger| stranger.len() <= SHOWN)
    );
}

#[test]
fn an_agent_that_says_more_of_itself_than_it_may_is_a_stranger() {
    for (bytes, strangers) in [(MAX_NAME_BYTES, 0), (MAX_NAME_BYTES + 1, 1)] {
        let mut wordy = hello("a");
        wordy.agent.name = "x".repeat(bytes);
        let mut roll = Roll::default();
        roll.hear(&encode(&wordy), Instant::now());
        assert_eq!(roll.strangers.len(), strangers);
    }
}

#[test]
fn an_agent_of_another_protocol_is_named_whatever_else_it_says() {
    let mut roll = Roll::default();
    roll.hear(
        br#"{"protocol":9,"id":"Z","name":"new","version":"9.0","slots":{}}"#,
        Instant::now(),
    );
    assert!(roll.strangers.keys().eq(["`new` (9.0) with 9"]));
}

#[tokio::test(start_paused = true)]
async fn who_ends_while_others_are_waited_for_is_neither_counted_nor_in_the_way() {
    let mut roll = Roll::default();
    roll.hear(&encode(&hello("gone")), Instant::now());
    roll.hear(b"i am an agent", Instant::now());
    tokio::time::advance(GONE).await;
    roll.hear(&encode(&hello("here")), Instant::now());
    roll.forget();
    assert!(roll.has(Some(2)) && !roll.strangers.is_empty());
    tokio::time::advance(Duration::from_millis(1)).await;
    roll.forget();
    let found = roll.judge(&ours(), None, WITHIN).unwrap();
    let names: Vec<_> = found.iter().map(|agent| agent.name.as_str()).collect();
    assert_eq!(names, ["here"]);
}

#[test]
fn no_agent_says_more_than_its_name_where_it_is_named() {
    let evil = "one\n0 failed\u{1b}[2J";
    let mut roll = Roll::default();
    roll.hear(
        &encode(&Hello {
            agent: AgentInfo {
                name: evil.to_owned(),
                version: evil.to_owned(),
                contract: evil.to_owned(),
                ..hello("a").agent
            },
            ..hello("a")
        }),
        Instant::now(),
    );
    let error = roll.judge(&ours(), None, WITHIN).unwrap_err();
    let expected = "these agents have another one: `one 0 failed\\u{1b}[2J` (one 0 failed\\u{1b}[2J) with one 0 failed\\u{1b}[2J";
    assert!(error.to_string().ends_with(expected), "{error}");
    let stranger = serde_json::json!({"protocol": 9, "name": evil, "version": evil});
    for answer in [stranger.to_string().as_bytes(), evil.as_bytes()] {
        let mut roll = Roll::default();
        roll.hear(answer, Instant::now());
        let strangers: Vec<_> = roll.strangers.keys().collect();
        let [stranger] = *strangers else {
            panic!("{strangers:?}");
        };
        assert!(stranger.contains("one 0 failed\\u{1b}[2J"), "{stranger}");
    }
}
