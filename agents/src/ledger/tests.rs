//! A run in words: agents join, claim, beat, fall silent and leave, and the ledger says what that means.

mod wishes;

use std::time::Duration;

use super::Ledger;
use crate::{
    identity::AgentId,
    message::{Beat, Claim, Pulse, Verdict},
    settings::Settings,
    shard::{Ending, Fate, Kind, Loss, Shard, ShardNumber, Target},
    sink::Decision,
};

/// Of the usual settings.
const LOST_AFTER: Duration = Duration::from_secs(21);
const STOPPED_AFTER: Duration = Duration::from_secs(12);
const DELIVERIES: u32 = 3;
const FIRST: ShardNumber = ShardNumber(0);
const SECOND: ShardNumber = ShardNumber(1);

struct Play {
    ledger: Ledger,
    now: Duration,
}

impl Play {
    fn new(agents: &[&str]) -> Self {
        let mut ledger = Ledger::new(&Settings::default());
        ledger.no_more();
        for name in agents {
            ledger.join(agent(name), Duration::ZERO);
        }
        let now = Duration::ZERO;
        Self { ledger, now }
    }

    fn add(&mut self, kind: Kind, target: Target) -> ShardNumber {
        self.ledger
            .add(&Shard::new("some", kind, target, &()).unwrap())
    }

    fn cases(&mut self) -> ShardNumber {
        self.add(Kind::Cases, Target::Anybody)
    }

    fn claim(&mut self, name: &str, shard: ShardNumber) -> Verdict {
        let claim = Claim {
            agent: agent(name),
            shard,
            nonce: 1,
        };
        self.ledger.claim(&claim, self.now)
    }

    fn beat(&mut self, name: &str, running: &[(ShardNumber, u32)]) -> Pulse {
        let beat = Beat {
            running: running.to_vec(),
            ..beat_of(name)
        };
        self.ledger.beat(&beat, self.now)
    }

    fn leave(&mut self, name: &str) {
        let leaving = Beat {
            leaving: true,
            ..beat_of(name)
        };
        self.ledger.beat(&leaving, self.now);
    }

    /// Lets as much time pass as makes whoever is silent lost.
    fn pass(&mut self) {
        self.now += LOST_AFTER + Duration::from_nanos(1);
    }

    /// What is decided once everything that the server has was heard.
    fn judged(&mut self) -> Vec<Decision> {
        if self.ledger.is_due(self.now) {
            self.ledger.set_barrier(self.now, 0);
        }
        self.ledger.judge(self.now, 0);
        self.told()
    }

    fn told(&mut self) -> Vec<Decision> {
        std::iter::from_fn(|| self.ledger.next_told()).collect()
    }

    fn fate(&self, shard: ShardNumber) -> Fate {
        self.ledger.fates()[super::index(shard)].clone()
    }
}

fn agent(name: &str) -> AgentId {
    name.parse().unwrap()
}

fn beat_of(name: &str) -> Beat {
    Beat {
        agent: agent(name),
        running: Vec::new(),
        given_back: Vec::new(),
        leaving: false,
        trouble: None,
    }
}

fn given(shard: ShardNumber, attempt: u32, name: &str) -> Decision {
    let agent = agent(name);
    Decision::Given {
        shard,
        attempt,
        agent,
    }
}

fn returned(shard: ShardNumber, name: &str) -> Decision {
    let agent = agent(name);
    Decision::Returned { shard, agent }
}

fn gone(name: &str, left: bool) -> Decision {
    let agent = agent(name);
    Decision::AgentLost { agent, left }
}

fn lost(shard: ShardNumber, loss: Loss) -> Decision {
    Decision::Lost { shard, loss }
}

fn agent_lost(name: &str, attempts: u32) -> Loss {
    Loss::AgentLost {
        agent: agent(name),
        attempts,
        left: false,
    }
}

fn agent_left(name: &str, attempts: u32) -> Loss {
    Loss::AgentLost {
        agent: agent(name),
        attempts,
        left: true,
    }
}

#[test]
fn a_shard_is_given_once_and_ends_once() {
    let mut play = Play::new(&["a", "b"]);
    play.cases();
    assert_eq!(play.claim("a", FIRST), Verdict::Given(1));
    assert_eq!(play.claim("b", FIRST), Verdict::Busy);
    assert!(play.ledger.counts(FIRST, 1, &agent("a")));
    assert!(!play.ledger.counts(FIRST, 1, &agent("b")));
    assert!(!play.ledger.is_complete());
    play.ledger.end(FIRST, Ending::Finished);
    assert!(play.ledger.is_complete());
    assert_eq!(play.claim("b", FIRST), Verdict::Settled);
    assert!(!play.ledger.counts(FIRST, 1, &agent("a")));
    assert_eq!(play.fate(FIRST), Fate::Ended(Ending::Finished));
    assert_eq!(play.told(), [given(FIRST, 1, "a")]);
}

#[test]
fn a_claim_whose_answer_was_lost_gets_the_same_one_again() {
    let mut play = Play::new(&["a"]);
    play.cases();
    assert_eq!(play.claim("a", FIRST), Verdict::Given(1));
    assert_eq!(play.claim("a", FIRST), Verdict::Given(1));
    assert_eq!(play.told(), [given(FIRST, 1, "a")]);
    let other = Claim {
        agent: agent("a"),
        shard: FIRST,
        nonce: 2,
    };
    assert_eq!(play.ledger.claim(&other, play.now), Verdict::Busy);
}

#[test]
fn nobody_of_another_run_is_given_anything() {
    let mut play = Play::new(&["a"]);
    play.cases();
    assert_eq!(play.claim("stranger", FIRST), Verdict::Over);
    assert_eq!(play.beat("stranger", &[]), Pulse::Unknown);
    assert_eq!(play.claim("a", ShardNumber(7)), Verdict::Settled);
}

#[test]
fn cases_of_a_lost_agent_go_to_another_one_and_the_first_is_heard_no_more() {
    let mut play = Play::new(&["a", "b"]);
    play.cases();
    play.claim("a", FIRST);
    play.told();
    play.now = LOST_AFTER;
    play.beat("b", &[]);
    assert_eq!(play.judged(), [], "it is believed to the limit");
    play.now += Duration::from_nanos(1);
    assert_eq!(play.judged(), [gone("a", false), returned(FIRST, "a")]);
    assert!(
        play.ledger.counts(FIRST, 1, &agent("a")),
        "nobody else has it yet"
    );
    assert_eq!(play.claim("b", FIRST), Verdict::Given(2));
    assert!(!play.ledger.counts(FIRST, 1, &agent("a")));
    assert_eq!(play.beat("a", &[(FIRST, 1)]), Pulse::Unknown);
    assert_eq!(play.claim("a", FIRST), Verdict::Over);
}

#[test]
fn an_agent_that_lives_and_does_not_run_a_shard_loses_it() {
    let mut play = Play::new(&["a"]);
    play.cases();
    play.cases();
    play.claim("a", FIRST);
    play.claim("a", SECOND);
    play.told();
    play.now = LOST_AFTER;
    assert_eq!(play.beat("a", &[(SECOND, 1)]), Pulse::Running);
    play.now += Duration::from_nanos(1);
    assert_eq!(play.judged(), [returned(FIRST, "a")]);
    assert_eq!(play.claim("a", FIRST), Verdict::Given(2));
    play.now += LOST_AFTER;
    play.beat("a", &[(FIRST, 1)]);
    play.now += Duration::from_nanos(1);
    let told = play.judged();
    assert!(
        told.contains(&returned(FIRST, "a")),
        "an older attempt proves nothing: {told:?}"
    );
}

#[test]
fn nothing_is_expired_before_all_was_heard_that_the_server_has_of_it() {
    let mut play = Play::new(&["a", "b"]);
    play.cases();
    play.claim("a", FIRST);
    play.told();
    play.pass();
    play.beat("b", &[]);
    assert!(play.ledger.is_due(play.now));
    play.ledger.set_barrier(play.now, 10);
    assert!(!play.ledger.is_due(play.now), "asked once");
    play.beat("b", &[]);
    play.ledger.judge(play.now, 9);
    assert_eq!(play.told(), [gone("a", false)]);
    play.ledger.end(FIRST, Ending::Finished);
    play.ledger.judge(play.now, 10);
    assert_eq!(play.told(), []);
    assert_eq!(play.fate(FIRST), Fate::Ended(Ending::Finished));
}

#[test]
fn after_as_many_deliveries_as_are_allowed_a_shard_is_lost_by_name() {
    let mut play = Play::new(&["a", "b", "c", "d"]);
    play.cases();
    for (attempt, name) in [(1, "a"), (2, "b"), (3, "c")] {
        assert_eq!(play.claim(name, FIRST), Verdict::Given(attempt));
        play.told();
        play.leave(name);
        play.now += Duration::from_nanos(1);
        let expected = if attempt < DELIVERIES {
            returned(FIRST, name)
        } else {
            lost(FIRST, agent_left(name, DELIVERIES))
        };
        assert_eq!(play.judged(), [gone(name, true), expected]);
    }
    assert_eq!(play.claim("d", FIRST), Verdict::Settled);
    assert_eq!(play.fate(FIRST), Fate::Lost(agent_left("c", DELIVERIES)));
    assert!(play.ledger.is_complete());
}

#[test]
fn a_share_of_a_load_is_lost_with_its_agent_and_can_be_replaced() {
    let mut play = Play::new(&["a", "b"]);
    play.add(Kind::Load, Target::Anybody);
    play.claim("a", FIRST);
    play.told();
    play.leave("a");
    play.now += Duration::from_nanos(1);
    let expected = [gone("a", true), lost(FIRST, agent_left("a", 1))];
    assert_eq!(play.judged(), expected);
    assert_eq!(play.add(Kind::Load, Target::Agent(agent("b"))), SECOND);
    assert!(!play.ledger.is_complete());
    assert_eq!(play.claim("b", SECOND), Verdict::Given(1));
}

#[test]
fn a_shard_for_one_agent_is_lost_with_it_before_it_was_taken() {
    let mut play = Play::new(&["a", "b"]);
    play.add(Kind::Load, Target::Agent(agent("a")));
    play.leave("a");
    let expected = [gone("a", true), lost(FIRST, Loss::NobodyLeft)];
    assert_eq!(play.judged(), expected);
    play.add(Kind::Load, Target::Agent(agent("a")));
    assert_eq!(play.told(), [lost(SECOND, Loss::NobodyLeft)]);
    assert!(play.ledger.is_complete());
}

#[test]
fn when_no_agent_is_left_what_waits_is_lost() {
    let mut play = Play::new(&["a", "b"]);
    play.cases();
    play.leave("a");
    assert_eq!(play.judged(), [gone("a", true)]);
    play.pass();
    let expected = [gone("b", false), lost(FIRST, Loss::NobodyLeft)];
    assert_eq!(play.judged(), expected);
}

#[test]
fn what_cannot_be_used_is_lost_for_good() {
    let mut play = Play::new(&["a"]);
    play.cases();
    play.claim("a", FIRST);
    play.told();
    play.ledger.break_off(FIRST, "no event".to_owned());
    let loss = Loss::Broken("no event".to_owned());
    assert_eq!(play.told(), [lost(FIRST, loss)]);
    play.ledger.end(FIRST, Ending::Finished);
    assert!(matches!(play.fate(FIRST), Fate::Lost(_)), "it stays lost");
}

#[test]
fn a_coordinator_that_heard_nobody_blames_nobody() {
    let mut play = Play::new(&["a"]);
    play.cases();
    play.claim("a", FIRST);
    play.told();
    play.pass();
    play.ledger.set_barrier(play.now, 0);
    play.ledger.forgive(play.now);
    assert_eq!(play.judged(), []);
    assert_eq!(play.beat("a", &[(FIRST, 1)]), Pulse::Running);
    play.pass();
    let expected = [
        gone("a", false),
        returned(FIRST, "a"),
        lost(FIRST, Loss::NobodyLeft),
    ];
    assert_eq!(play.judged(), expected);
}

#[test]
fn it_is_known_how_long_shards_wait_and_none_runs() {
    let mut play = Play::new(&["a"]);
    play.cases();
    play.judged();
    play.now += Duration::from_secs(2);
    play.judged();
    assert_eq!(play.ledger.quiet_for(play.now), Duration::from_secs(2));
    play.claim("a", FIRST);
    play.judged();
    assert_eq!(play.ledger.quiet_for(play.now), Duration::ZERO);
}

#[test]
fn a_slow_sink_makes_no_run_quiet() {
    let mut play = Play::new(&["a"]);
    play.cases();
    play.judged();
    let slow = Duration::from_mins(5);
    play.now += slow + Duration::from_secs(2);
    play.ledger.excuse(slow);
    assert_eq!(play.ledger.quiet_for(play.now), Duration::from_secs(2));
}

#[test]
fn a_run_of_short_shards_is_not_quiet_although_none_runs_whenever_somebody_looks() {
    let mut play = Play::new(&["a"]);
    for _ in 0..2 {
        play.cases();
    }
    play.judged();
    play.now += Duration::from_secs(5);
    play.claim("a", FIRST);
    play.ledger.end(FIRST, Ending::Finished);
    play.judged();
    assert_eq!(play.ledger.quiet_for(play.now), Duration::ZERO);
}

#[test]
fn agents_hear_when_the_run_is_over() {
    let mut play = Play::new(&["a"]);
    play.ledger.close();
    assert_eq!(play.beat("a", &[]), Pulse::Over);
}
