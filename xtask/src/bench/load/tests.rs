//! What is written of turns that were made, were not believed, or could not be.

use std::time::Duration;

use super::told::Told;
use super::*;

/// A turn with so many requests a second.
fn turn(per_second: f64) -> Turn {
    Turn {
        told: Told {
            requests: 300_000,
            per_second,
            ..Told::default()
        },
        processor_time: Duration::from_secs(3),
        peak: 10_000_000,
        elapsed: Duration::from_secs(3),
        answered: 300_000,
        server: Duration::from_secs(2),
        allowance: 128,
    }
}

fn contest(contender: Contender, turns: &[Option<f64>]) -> Contest {
    Contest {
        contender,
        line: "it".to_owned(),
        version: None,
        missing: None,
        turns: turns.iter().map(|rate| rate.map(turn)).collect(),
        problems: Vec::new(),
    }
}

#[test]
fn a_ratio_is_of_the_same_round() {
    let contests = [
        contest(PREPARED, &[Some(10.0), None, Some(30.0), Some(90.0)]),
        contest(POOL, &[Some(20.0), Some(1.0), None, Some(30.0)]),
    ];
    let ratio = ratio(&contests, PREPARED, POOL, Turn::per_second).unwrap();
    assert_eq!(ratio.text(number), "3 (0.5 to 3)");
}

#[test]
fn without_both_there_is_no_ratio() {
    let contests = [contest(PREPARED, &[Some(10.0)]), contest(POOL, &[None])];
    assert!(ratio(&contests, PREPARED, POOL, Turn::per_second).is_none());
    assert!(ratio(&contests, PREPARED, PLAIN, Turn::per_second).is_none());
    let judged = judgement(&contests);
    assert!(
        judged.contains("hyper pool | at least 0.9 | – | not measured |"),
        "{judged}"
    );
}

#[test]
fn what_is_not_installed_is_told_with_what_installs_it() {
    let mut contest = contest(Contender::Peer(Peer::Oha), &[]);
    contest.missing = Some("cargo install oha --locked");
    assert_eq!(
        contest.row()[1],
        "not installed: `cargo install oha --locked`"
    );
}

#[test]
fn turns_that_are_not_believed_are_told() {
    let mut contest = contest(Contender::Peer(Peer::Hey), &[Some(10.0), None]);
    contest.problems.push("7 requests failed".to_owned());
    let row = contest.row();
    assert_eq!(row[0], "hey (without 1 of its turns: 7 requests failed)");
    assert_eq!(row[1], "10");
    contest.turns = vec![None];
    assert_eq!(contest.row()[1], "**no figure**: 7 requests failed");
}
