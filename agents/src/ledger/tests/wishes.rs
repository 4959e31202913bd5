//! What is wanted of shards that are there: orders, stops of one and of all, and that there are no more.

use serde_json::json;

use super::*;
use crate::message::{Command, Said};

fn not_run(shard: ShardNumber) -> Decision {
    Decision::NotRun { shard }
}

fn order(play: &mut Play, order: u32) {
    play.ledger.order(FIRST, json!(order), 1).unwrap();
}

/// What the agent that runs the first shard has to hear next, if it is an order.
fn next_order(play: &Play) -> Option<(AgentId, u32, usize)> {
    let (agent, said) = play.ledger.command(FIRST)?;
    match said.command {
        Command::Order { number, .. } => Some((agent, said.attempt, number)),
        Command::Stop(_) => None,
    }
}

fn hear(play: &mut Play) {
    let (_, said) = play.ledger.command(FIRST).unwrap();
    play.ledger.heard(&said);
}

#[test]
fn an_abort_settles_what_waits_and_waits_for_what_runs() {
    let mut play = Play::new(&["a"]);
    play.cases();
    play.cases();
    play.claim("a", FIRST);
    play.told();
    play.ledger.abort("enough", play.now);
    play.ledger.abort("a later reason", play.now);
    assert_eq!(play.fate(SECOND), Fate::NotRun);
    assert_eq!(
        play.beat("a", &[(FIRST, 1)]),
        Pulse::Aborted("enough".to_owned())
    );
    assert_eq!(play.claim("a", SECOND), Verdict::Over);
    assert!(!play.ledger.is_complete());
    let late = play.cases();
    assert_eq!(play.fate(late), Fate::NotRun);
    assert_eq!(play.told(), [not_run(SECOND), not_run(late)]);
    play.now += STOPPED_AFTER;
    play.beat("a", &[(FIRST, 1)]);
    assert_eq!(play.judged(), [], "it is waited for to the limit");
    play.now += Duration::from_nanos(1);
    let agent = agent("a");
    assert_eq!(play.judged(), [lost(FIRST, Loss::NotStopped { agent })]);
    assert!(play.ledger.is_complete());
}

#[test]
fn after_an_abort_no_shard_of_a_lost_agent_is_given_away() {
    let mut play = Play::new(&["a", "b"]);
    play.cases();
    play.claim("a", FIRST);
    play.told();
    play.ledger.abort("enough", play.now);
    play.pass();
    play.beat("b", &[]);
    let told = play.judged();
    assert!(told.contains(&lost(FIRST, agent_lost("a", 1))), "{told:?}");
}

#[test]
fn a_run_with_nothing_to_do_goes_on_until_there_is_no_more() {
    let mut play = Play::new(&["a"]);
    play.ledger.complete = false;
    assert!(!play.ledger.is_complete());
    play.cases();
    play.claim("a", FIRST);
    play.ledger.end(FIRST, Ending::Finished);
    play.beat("a", &[]);
    play.pass();
    play.beat("a", &[]);
    play.judged();
    assert_eq!(play.ledger.quiet_for(play.now), Duration::ZERO);
    assert!(!play.ledger.is_complete());
    play.ledger.no_more();
    assert!(play.ledger.is_complete());
}

#[test]
fn an_order_waits_for_the_shard_to_be_given_and_for_a_second_agent_again() {
    let mut play = Play::new(&["a", "b"]);
    play.cases();
    order(&mut play, 5);
    assert!(play.ledger.to_command().is_empty(), "nobody runs it");
    play.claim("a", FIRST);
    assert_eq!(play.ledger.to_command(), [FIRST]);
    assert_eq!(next_order(&play), Some((agent("a"), 1, 0)));
    hear(&mut play);
    assert!(play.ledger.to_command().is_empty());
    play.leave("a");
    play.judged();
    play.claim("b", FIRST);
    assert_eq!(next_order(&play), Some((agent("b"), 2, 0)));
    play.ledger.end(FIRST, Ending::Finished);
    assert_eq!(play.ledger.command(FIRST), None);
    order(&mut play, 6);
    assert!(play.ledger.to_command().is_empty(), "it needs no orders");
}

#[test]
fn a_shard_that_is_stopped_alone_leaves_the_others_alone() {
    let mut play = Play::new(&["a"]);
    play.cases();
    play.cases();
    play.claim("a", FIRST);
    play.told();
    play.ledger.stop(FIRST, "enough", play.now);
    let said = Said {
        shard: FIRST,
        attempt: 1,
        command: Command::Stop("enough".to_owned()),
    };
    assert_eq!(play.ledger.command(FIRST), Some((agent("a"), said)));
    hear(&mut play);
    assert_eq!(play.ledger.command(FIRST), None);
    assert_eq!(play.beat("a", &[(FIRST, 1)]), Pulse::Running);
    assert_eq!(play.claim("a", SECOND), Verdict::Given(1));
    play.ledger.end(FIRST, Ending::Stopped);
    assert_eq!(play.fate(FIRST), Fate::Ended(Ending::Stopped));
}

#[test]
fn a_shard_that_is_stopped_before_anybody_runs_it_is_told_so() {
    let mut play = Play::new(&["a"]);
    play.cases();
    play.ledger.stop(FIRST, "enough", play.now);
    play.ledger.stop(FIRST, "enough", play.now);
    assert!(play.ledger.is_complete() && !play.ledger.is_over());
    assert_eq!(play.told(), [not_run(FIRST)]);
    assert!(play.ledger.is_over());
    assert_eq!(play.fate(FIRST), Fate::NotRun);
    assert_eq!(play.claim("a", FIRST), Verdict::Settled);
    play.ledger.stop(ShardNumber(7), "there is none", play.now);
}

#[test]
fn a_stopped_shard_of_a_lost_agent_is_given_to_nobody() {
    let mut play = Play::new(&["a", "b"]);
    play.cases();
    play.claim("a", FIRST);
    play.told();
    play.ledger.stop(FIRST, "enough", play.now);
    play.leave("a");
    let expected = [gone("a", true), lost(FIRST, agent_left("a", 1))];
    assert_eq!(play.judged(), expected);
}

#[test]
fn a_stopped_shard_that_does_not_end_is_given_up_once_all_was_heard_of_it() {
    let mut play = Play::new(&["a"]);
    play.cases();
    play.claim("a", FIRST);
    play.told();
    play.ledger.stop(FIRST, "enough", play.now);
    play.now += STOPPED_AFTER + Duration::from_nanos(1);
    play.beat("a", &[(FIRST, 1)]);
    play.ledger.set_barrier(play.now, 10);
    play.beat("a", &[(FIRST, 1)]);
    play.ledger.judge(play.now, 9);
    assert_eq!(play.told(), []);
    play.ledger.judge(play.now, 10);
    let agent = agent("a");
    assert_eq!(play.told(), [lost(FIRST, Loss::NotStopped { agent })]);
}

#[test]
fn who_could_not_hear_a_stop_has_its_time_anew() {
    let mut play = Play::new(&["a"]);
    play.cases();
    play.claim("a", FIRST);
    play.told();
    play.ledger.stop(FIRST, "enough", play.now);
    play.now += STOPPED_AFTER * 2;
    play.ledger.forgive(play.now);
    assert_eq!(play.judged(), []);
}

#[test]
fn cases_that_are_given_back_go_to_another_agent_at_once_and_a_share_of_a_load_is_lost() {
    for kind in [Kind::Cases, Kind::Load] {
        let mut play = Play::new(&["a", "b"]);
        play.add(kind, Target::Anybody);
        play.claim("a", FIRST);
        play.told();
        let given_back = Beat {
            given_back: vec![(FIRST, 1)],
            ..beat_of("a")
        };
        assert_eq!(play.ledger.beat(&given_back, play.now), Pulse::Running);
        play.ledger.forgive(play.now);
        let agent = agent("a");
        let expected = match kind {
            Kind::Cases => returned(FIRST, "a"),
            Kind::Load => lost(FIRST, Loss::GivenBack { agent }),
        };
        assert_eq!(play.judged(), [expected]);
    }
}
