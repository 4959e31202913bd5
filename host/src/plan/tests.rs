//! What a plan selects, and what it refuses.

use super::*;

pub(super) fn suite(name: &str, cases: &[&str]) -> PlannedSuite {
    PlannedSuite {
        plugin: 0,
        file: format!("plugins/{name}.wasm"),
        digest: "00".repeat(32),
        size: 1,
        name: name.into(),
        version: "0.1.0".into(),
        summary: "a suite".into(),
        has_setup: false,
        has_teardown: false,
        cases: cases.iter().map(|name| case(name)).collect(),
        baselines: vec![Baseline {
            name: "health-response".into(),
            summary: "health answers fast".into(),
            unit: "ms".into(),
            direction: Direction::AtMost,
            target: 100.0,
            critical: 500.0,
        }],
    }
}

fn case(name: &str) -> Case {
    Case {
        name: name.into(),
        summary: "a case".into(),
        tags: Vec::new(),
        exclusive: false,
        timeout: None,
        needs: Vec::new(),
        location: None,
    }
}

fn suites() -> Vec<PlannedSuite> {
    vec![
        suite("core-flow", &["streams-end", "numbers-are-dense"]),
        suite("resilience", &["kill-heals"]),
    ]
}

fn planned(filter: &[&str]) -> Result<Vec<String>, PlanError> {
    let filter = Filter::parse(filter).expect("a readable filter");
    let plan = select(suites(), &filter, &BTreeMap::new())?;
    Ok(plan
        .suites
        .iter()
        .flat_map(|suite| suite.cases.iter().map(|case| case.name.clone()))
        .collect())
}

fn with_levels(id: &str, target: f64, critical: f64) -> Result<Plan, PlanError> {
    let levels = BaselineLevels {
        target,
        critical,
        origin: Origin::Default,
    };
    let levels = BTreeMap::from([(id.to_owned(), levels)]);
    select(suites(), &Filter::default(), &levels)
}

#[test]
fn everything_is_planned_in_its_order_without_a_filter() {
    let all = ["streams-end", "numbers-are-dense", "kill-heals"].map(str::to_owned);
    assert_eq!(planned(&[]), Ok(all.to_vec()));
}

#[test]
fn a_suite_of_which_nothing_is_selected_is_left_out() {
    assert_eq!(planned(&["streams"]), Ok(vec!["streams-end".to_owned()]));
}

#[test]
fn a_filter_that_selects_nothing_is_an_error_that_names_what_was_meant() {
    for (filter, meant) in [
        ("streams-ends", Some("core-flow/streams-end")),
        ("resilience/kill-heels", Some("resilience/kill-heals")),
        ("load", None),
    ] {
        let error = planned(&[filter]).expect_err(filter);
        let PlanError::NothingSelected { nearest, known, .. } = &error else {
            panic!("{error}");
        };
        assert_eq!((nearest.as_deref(), *known), (meant, 3));
        assert!(error.hint().is_some());
    }
}

#[test]
fn a_tag_that_is_given_as_a_part_of_an_id_is_told_to_be_one() {
    let mut suites = suites();
    suites[0].cases[0].tags = vec!["smoke".into()];
    let filter = Filter::parse(&["smoke"]).expect("a readable filter");
    let error = select(suites, &filter, &BTreeMap::new()).expect_err("no id has it");
    assert!(
        error
            .hint()
            .is_some_and(|hint| hint.contains("`tag:smoke`")),
        "{error}"
    );
}

#[test]
fn plugins_without_cases_are_an_error_and_not_a_success() {
    let nothing = select(
        vec![suite("empty", &[])],
        &Filter::default(),
        &BTreeMap::new(),
    );
    assert_eq!(nothing, Err(PlanError::NoCases));
}

#[test]
fn levels_of_the_run_replace_those_of_the_suite() {
    let plan = with_levels("core-flow/health-response", 5.0, 9.0).expect("a plan");
    let levels = |suite: usize| {
        let baseline = &plan.suites[suite].baselines[0];
        (baseline.target, baseline.critical)
    };
    assert_eq!((levels(0), levels(1)), ((5.0, 9.0), (100.0, 500.0)));
}

#[test]
fn levels_that_contradict_their_direction_are_refused() {
    assert!(with_levels("core-flow/health-response", 5.0, 5.0).is_ok());
    let refused = with_levels("core-flow/health-response", 9.0, 5.0);
    assert!(
        matches!(refused, Err(PlanError::Levels { .. })),
        "{refused:?}"
    );
}

#[test]
fn levels_for_an_unknown_baseline_are_refused_only_for_suites_of_the_run() {
    let refused = with_levels("core-flow/helth-response", 5.0, 9.0).expect_err("an error");
    assert_eq!(refused.exit(), Exit::Config);
    assert_eq!(
        refused,
        PlanError::UnknownBaseline {
            origin: Origin::Default,
            name: "core-flow/helth-response".into(),
            nearest: Some("core-flow/health-response".into()),
        }
    );
    assert!(with_levels("another-suite/health-response", 5.0, 9.0).is_ok());
}
