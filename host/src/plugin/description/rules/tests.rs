use assay_report::event::Direction;

use super::*;
use crate::plugin::description::Scenario;

fn described(change: impl FnOnce(&mut Description)) -> Result<(), Breach> {
    let mut description = Description {
        name: "shop".into(),
        version: "1.0.0".into(),
        summary: "s".repeat(MAX_SUMMARY),
        cases: vec![case_called("one")],
        scenarios: vec![scenario("one")],
        baselines: vec![levels(Direction::AtMost, 100.0, 500.0)],
        has_setup: true,
        has_teardown: false,
    };
    change(&mut description);
    check(&description)
}

fn case_called(name: &str) -> Case {
    Case {
        name: name.into(),
        summary: String::new(),
        tags: vec!["smoke".into(); MAX_TAGS],
        exclusive: false,
        timeout: None,
        needs: vec!["cache".into(); MAX_TAGS],
        location: Some("src/lib.rs:1".into()),
    }
}

fn scenario(name: &str) -> Scenario {
    Scenario {
        name: name.into(),
        summary: String::new(),
    }
}

fn levels(direction: Direction, target: f64, critical: f64) -> Baseline {
    Baseline {
        name: "health".into(),
        summary: String::new(),
        unit: "ms".into(),
        direction,
        target,
        critical,
    }
}

#[test]
fn a_description_at_every_limit_is_taken() {
    let longest = "n".repeat(MAX_NAME);
    let numbered = |index: usize| format!("{}-{index:04}", "n".repeat(MAX_NAME - 5));
    let outcome = described(|suite| {
        suite.name = longest;
        suite.cases = (0..MAX_CASES)
            .map(|index| case_called(&numbered(index)))
            .collect();
        suite.scenarios = (0..MAX_SCENARIOS)
            .map(|index| scenario(&numbered(index)))
            .collect();
    });
    assert_eq!(outcome, Ok(()));
}

#[test]
fn names_that_are_not_kebab_case_are_refused() {
    for name in [
        "", "Shop", "1st", "a--b", "-a", "a-", "a_b", "a b", "ä", "a/b",
    ] {
        let outcome = described(|suite| suite.cases[0].name = name.into());
        assert!(
            matches!(outcome, Err(Breach::NotKebab { what: "case", .. })),
            "{name}: {outcome:?}"
        );
    }
    let outcome = described(|suite| suite.name = "n".repeat(MAX_NAME + 1));
    assert!(matches!(
        outcome,
        Err(Breach::NotKebab { what: "suite", .. })
    ));
}

#[test]
fn the_names_of_setup_and_teardown_are_reserved_for_them() {
    for name in RESERVED {
        let outcome = described(|suite| suite.cases[0].name = name.into());
        assert_eq!(outcome, Err(Breach::Reserved { name: name.into() }));
    }
}

#[test]
fn one_name_twice_is_refused() {
    let outcome = described(|suite| suite.cases.push(case_called("one")));
    assert_eq!(
        outcome.unwrap_err().to_string(),
        "there are two cases called `one`"
    );
    let outcome = described(|suite| suite.scenarios.push(scenario("one")));
    assert!(matches!(
        outcome,
        Err(Breach::Duplicate {
            what: "scenario",
            ..
        })
    ));
}

#[test]
fn more_than_the_contract_allows_is_refused() {
    let outcome = described(|suite| {
        suite.cases = (0..=MAX_CASES)
            .map(|index| case_called(&format!("n{index}")))
            .collect();
    });
    assert_eq!(
        outcome.unwrap_err().to_string(),
        "there are 1001 cases, and there may be 1000"
    );
    for change in [
        |suite: &mut Description| suite.cases[0].tags.push("one-more".into()),
        |suite: &mut Description| suite.cases[0].needs.push("one-more".into()),
    ] {
        assert!(matches!(described(change), Err(Breach::TooMany { .. })));
    }
}

#[test]
fn texts_that_are_too_long_are_refused() {
    for change in [
        |suite: &mut Description| suite.summary.push('s'),
        |suite: &mut Description| suite.version = "v".repeat(MAX_TEXT + 1),
        |suite: &mut Description| suite.cases[0].location = Some("l".repeat(MAX_TEXT + 1)),
        |suite: &mut Description| suite.baselines[0].unit = "u".repeat(MAX_TEXT + 1),
    ] {
        assert!(matches!(described(change), Err(Breach::TooLong { .. })));
    }
}

#[test]
fn levels_that_contradict_are_refused() {
    for (direction, target, critical, is_good) in [
        (Direction::AtMost, 100.0, 500.0, true),
        (Direction::AtMost, 100.0, 100.0, true),
        (Direction::AtMost, 500.0, 100.0, false),
        (Direction::AtLeast, 60.0, 50.0, true),
        (Direction::AtLeast, 50.0, 60.0, false),
        (Direction::AtLeast, f64::NAN, 60.0, false),
        (Direction::AtMost, 1.0, f64::INFINITY, false),
    ] {
        let outcome = described(|suite| suite.baselines[0] = levels(direction, target, critical));
        assert_eq!(
            outcome.is_ok(),
            is_good,
            "{direction:?} {target} {critical}"
        );
    }
}
