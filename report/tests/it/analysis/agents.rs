//! Attempts that an agent is to blame for: whoever reads it is not sent to the services.

use assay_report::{
    analysis::{Analysis, CauseKind},
    event::{EventKind, LoadEnd, LoadLoss, ReasonKind, Source},
    verdict::Verdict,
};

use super::{analysed, bought, only, run};
use crate::recording::{Recording, outcome, reason};

/// The advice of the only cause.
fn advice(analysis: &Analysis) -> &str {
    let (kind, ..) = only(analysis);
    assert_eq!(kind, CauseKind::Environment);
    &analysis.causes[0].cause.advice
}

/// A case that is errored with this message after what `evidence` adds.
fn errored(message: &str, evidence: impl FnOnce(&mut Recording, &Source)) -> Analysis {
    let ending = outcome(Verdict::Errored, reason(ReasonKind::Environment, message));
    bought(&ending, evidence)
}

fn placed(run: &mut Recording, source: &Source, agent: &str) {
    run.tell(EventKind::AttemptPlaced {
        source: source.clone(),
        agent: agent.into(),
    });
}

fn lost(run: &mut Recording, agent: &str) {
    run.tell(EventKind::AgentLost {
        agent: agent.into(),
        message: "nothing was heard of it for too long".into(),
    });
}

#[test]
fn whose_agent_was_lost_is_sent_to_that_agent_and_not_to_the_services() {
    let analysis = errored("its agent `two` was lost", |run, source| {
        placed(run, source, "one");
        lost(run, "one");
        placed(run, source, "two");
        lost(run, "two");
    });
    assert_eq!(
        advice(&analysis),
        "see the output of the agent `two`, and how its machine and its network are, and run it again"
    );
}

#[test]
fn a_load_that_lost_a_machine_names_that_one() {
    let analysis = errored("the machine `two` was lost", |run, source| {
        let lost = LoadLoss {
            machine: "two".into(),
            at_ns: None,
            vus: 1,
            per_second: None,
            reason: "silence".into(),
        };
        run.tell(EventKind::LoadEnded {
            source: source.clone(),
            end: LoadEnd {
                load: 1,
                outcome: None,
                message: Some("the machine `two` was lost".into()),
                replaced: 0,
                failed_checks: Vec::new(),
                dropped_logs: 0,
                dropped_attachments: 0,
                saturated: Vec::new(),
                lost: Some(lost),
                refilled: Vec::new(),
            },
        });
    });
    let advice = advice(&analysis);
    assert!(
        advice.starts_with("see the output of the agent `two`,"),
        "{advice}"
    );
}

#[test]
fn where_nobody_is_left_all_that_were_lost_are_named() {
    let message = "no agent is left that could take it";
    let analysis = errored(message, |run, _| {
        lost(run, "one");
        lost(run, "two");
    });
    let advice = advice(&analysis);
    assert!(
        advice.starts_with("see the output of the agents `one`, `two`, and how their machines"),
        "{advice}"
    );
}

#[test]
fn a_message_that_says_what_to_do_is_believed() {
    let message = "there are no agents any more: the server is gone\nhint: see the output of NATS";
    let analysis = errored(message, |_, _| {});
    assert_eq!(advice(&analysis), "see the output of NATS");
    let message = "its agent `one` was lost\nhint: start it again";
    let analysis = errored(message, |run, source| {
        placed(run, source, "one");
        lost(run, "one");
    });
    assert_eq!(advice(&analysis), "start it again");
    let analysis = errored("the environment is broken", |_, _| {});
    assert!(advice(&analysis).contains("`host doctor`"));
}

#[test]
fn what_two_agents_are_to_blame_for_has_two_causes() {
    let mut run = run(&["buy", "sell"]);
    for (case, agent) in [("buy", "one"), ("sell", "two")] {
        let reason = reason(ReasonKind::Environment, "its agent was lost");
        let ending = outcome(Verdict::Errored, reason);
        run.case(case, &ending, |run, source| {
            placed(run, source, agent);
            lost(run, agent);
        });
    }
    assert_eq!(analysed(run).causes.len(), 2);
}

#[test]
fn a_server_that_goes_away_is_one_cause_and_no_agent_is_to_blame_for_it() {
    let mut run = run(&["buy", "sell"]);
    lost(&mut run, "three");
    for (case, agent) in [("buy", "one"), ("sell", "two")] {
        let message = "its agent was not heard to the end: the NATS server was away for longer than 10 s\nhint: see why the server went";
        let ending = outcome(Verdict::Errored, reason(ReasonKind::Environment, message));
        run.case(case, &ending, |run, source| placed(run, source, agent));
    }
    let analysis = analysed(run);
    let causes = analysis.causes.iter();
    let causes: Vec<_> = causes
        .map(|group| (&*group.cause.advice, group.count))
        .collect();
    assert_eq!(causes, [("see why the server went", 2)]);
}

#[test]
fn an_agent_that_is_there_and_not_named_is_not_to_blame() {
    let broken = "something else is broken";
    let analysis = errored(broken, |run, source| placed(run, source, "one"));
    assert!(advice(&analysis).contains("`host doctor`"));
    let named = "its agent `one` told no end of it";
    let analysis = errored(named, |run, source| placed(run, source, "one"));
    assert!(advice(&analysis).contains("the agent `one`"));
}

#[test]
fn agents_that_were_lost_before_are_not_to_blame_for_what_no_agent_had() {
    let analysis = errored("something else is broken", |run, _| lost(run, "one"));
    assert!(advice(&analysis).contains("`host doctor`"));
}
