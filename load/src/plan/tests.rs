//! What may be run, and what may not.

mod limits;

use super::*;
use crate::threshold::{Figure, Measure};

const SECOND: Duration = Duration::from_secs(1);

fn constant() -> Draft {
    Draft::new(
        "browse",
        Executor::ConstantVus {
            vus: 10,
            duration: SECOND,
        },
    )
}

fn rate() -> Draft {
    let executor = Executor::ConstantArrivalRate {
        per_second: 5.0,
        duration: SECOND,
    };
    Draft {
        max_vus: 10,
        ..Draft::new("browse", executor)
    }
}

fn stage(milliseconds: u64, target: f64) -> Stage {
    Stage {
        duration: Duration::from_millis(milliseconds),
        target,
    }
}

fn steps(first: f64, step: f64, last: f64) -> Steps {
    Steps {
        first,
        step,
        last,
        hold: SECOND,
    }
}

fn threshold(baseline: &str) -> Threshold {
    Threshold::new(baseline, "ms", Measure::Iterations(Figure::P95), false).unwrap()
}

fn with(executor: Executor) -> Draft {
    let thresholds = vec![threshold("latency")];
    Draft {
        max_vus: MAX_VUS,
        thresholds,
        ..Draft::new("browse", executor)
    }
}

fn refused(draft: Draft) -> Invalid {
    Plan::new(draft).unwrap_err()
}

#[test]
fn every_executor_can_be_and_knows_how_many_virtual_users_it_needs() {
    let ramp = vec![stage(0, 2.0), stage(1_000, 8.0), stage(500, 0.0)];
    for (executor, vus) in [
        (
            Executor::SharedIterations {
                vus: 3,
                iterations: 3,
            },
            3,
        ),
        (
            Executor::PerVuIterations {
                vus: 4,
                iterations: 1,
            },
            4,
        ),
        (
            Executor::ConstantVus {
                vus: 5,
                duration: SECOND,
            },
            5,
        ),
        (Executor::RampingVus(ramp.clone()), 8),
        (
            Executor::ConstantArrivalRate {
                per_second: 0.5,
                duration: SECOND,
            },
            MAX_VUS,
        ),
        (Executor::RampingArrivalRate(ramp), MAX_VUS),
        (Executor::SearchingVus(steps(2.0, 3.0, 10.0)), 8),
        (
            Executor::SearchingArrivalRate(steps(0.1, 0.1, 0.3)),
            MAX_VUS,
        ),
    ] {
        let plan = Plan::new(with(executor.clone())).unwrap();
        assert_eq!(plan.vus(), vus, "{executor:?}");
        assert_eq!(plan.executor(), &executor);
    }
    // A closed model may leave it to the executor.
    assert_eq!(Plan::new(constant()).unwrap().vus(), 10);
}

#[test]
fn what_no_executor_can_be_is_refused_by_its_own_name() {
    let whole = |level| Executor::RampingVus(vec![stage(1, level)]);
    let rated = |level| Executor::RampingArrivalRate(vec![stage(1, level)]);
    for (executor, expected) in [
        (
            Executor::SharedIterations {
                vus: 0,
                iterations: 3,
            },
            Invalid::NoVus,
        ),
        (
            Executor::SharedIterations {
                vus: 1,
                iterations: 0,
            },
            Invalid::NoIterations,
        ),
        (
            Executor::SharedIterations {
                vus: 3,
                iterations: 2,
            },
            Invalid::IdleVus {
                vus: 3,
                iterations: 2,
            },
        ),
        (
            Executor::SharedIterations {
                vus: 1,
                iterations: MAX_ITERATIONS + 1,
            },
            Invalid::ManyIterations,
        ),
        (
            Executor::PerVuIterations {
                vus: 2,
                iterations: MAX_ITERATIONS,
            },
            Invalid::ManyIterations,
        ),
        (
            Executor::ConstantVus {
                vus: 1,
                duration: Duration::ZERO,
            },
            Invalid::NoDuration,
        ),
        (Executor::RampingVus(Vec::new()), Invalid::NoStages),
        (
            Executor::RampingVus(vec![stage(0, 5.0)]),
            Invalid::NoDuration,
        ),
        (whole(0.0), Invalid::NoLoad),
        (whole(1.5), Invalid::PartOfAVu(1.5)),
        (whole(-1.0), Invalid::PartOfAVu(-1.0)),
        (whole(100_001.0), Invalid::TooManyVus(100_001)),
        (rated(0.0), Invalid::NoLoad),
        (rated(-0.5), Invalid::Rate(-0.5)),
        (rated(f64::INFINITY), Invalid::Rate(f64::INFINITY)),
        (rated(MAX_RATE + 1.0), Invalid::Rate(MAX_RATE + 1.0)),
        (
            Executor::RampingVus(vec![stage(1, 1.0); MAX_STAGES + 1]),
            Invalid::ManyStages(1_001),
        ),
        (
            Executor::SearchingVus(steps(1.0, 0.0, 2.0)),
            Invalid::StepOfNothing,
        ),
        (
            Executor::SearchingVus(steps(1.0, 0.5, 2.0)),
            Invalid::PartOfAVu(0.5),
        ),
        (
            Executor::SearchingArrivalRate(steps(3.0, 1.0, 2.0)),
            Invalid::LastBelowFirst {
                first: 3.0,
                last: 2.0,
            },
        ),
        (
            Executor::SearchingVus(steps(1.0, 1.0, 1_001.0)),
            Invalid::ManyStages(1_001),
        ),
    ] {
        assert_eq!(refused(with(executor.clone())), expected, "{executor:?}");
    }
    let not_a_number = refused(with(rated(f64::NAN)));
    assert!(matches!(not_a_number, Invalid::Rate(_)), "{not_a_number}");
}

#[test]
fn parts_of_a_plan_that_contradict_each_other_are_refused() {
    for (draft, expected) in [
        (
            Draft {
                scenario: String::new(),
                ..constant()
            },
            Invalid::NoScenario,
        ),
        (
            Draft {
                max_vus: 9,
                ..constant()
            },
            Invalid::BeyondMaxVus {
                needed: 10,
                most: 9,
            },
        ),
        (
            Draft {
                max_vus: 0,
                ..rate()
            },
            Invalid::NoMaxVus,
        ),
        (
            Draft {
                pace: SECOND,
                ..rate()
            },
            Invalid::PaceOfOpen,
        ),
        (
            Draft {
                late: SECOND,
                ..constant()
            },
            Invalid::LateOfClosed,
        ),
        (
            Draft {
                thresholds: Vec::new(),
                ..with(Executor::SearchingVus(steps(1.0, 1.0, 2.0)))
            },
            Invalid::EndlessSearch,
        ),
        (
            Draft {
                thresholds: vec![threshold("a"), threshold("a")],
                ..constant()
            },
            Invalid::TwiceJudged("a".into()),
        ),
    ] {
        assert_eq!(refused(draft), expected);
    }
}

#[test]
fn a_warm_up_needs_a_level_to_run_at() {
    let warm = |executor| Draft {
        warm_up: SECOND,
        ..with(executor)
    };
    let jumping = vec![stage(0, 0.0), stage(0, 3.0), stage(1_000, 0.0)];
    let rising = vec![stage(1_000, 3.0)];
    for ramp in [Executor::RampingVus, Executor::RampingArrivalRate] {
        assert!(Plan::new(warm(ramp(jumping.clone()))).is_ok());
        assert_eq!(
            refused(warm(ramp(rising.clone()))),
            Invalid::WarmUpOfNothing
        );
    }
}

#[test]
fn every_refusal_ends_in_something_to_do() {
    for (refusal, text) in [
        (
            refused(Draft {
                max_vus: 9,
                ..constant()
            }),
            "the executor needs 10 virtual users and `max-vus` is 9; raise `max-vus`, or ask for fewer",
        ),
        (
            refused(Draft {
                pace: SECOND,
                ..rate()
            }),
            "`pace` is for closed models: in an open one the rate says when iterations start; remove one of the two",
        ),
    ] {
        assert_eq!(refusal.to_string(), text);
    }
}

#[test]
fn failures_are_left_to_nobody_unless_somebody_judges_them() {
    let judged = |draft| Plan::new(draft).unwrap().failures_are_judged();
    let share = |measure| Threshold::new("share", "%", measure, false).unwrap();
    let by = |threshold| Draft {
        thresholds: vec![threshold],
        ..constant()
    };
    assert!(!judged(constant()));
    assert!(!judged(by(threshold("latency"))));
    assert!(judged(by(share(Measure::Iterations(
        Figure::FailedPercent
    )))));
    assert!(judged(by(share(Measure::Requests(
        "create".into(),
        Figure::FailedPercent
    )))));
    assert!(judged(with(Executor::SearchingVus(steps(1.0, 1.0, 2.0)))));
    assert!(judged(Draft {
        failures_are_judged: true,
        ..constant()
    }));
}

/// A plan that has something of everything, and thresholds of each kind of measure.
fn full() -> Draft {
    Draft {
        max_vus: 9,
        warm_up: SECOND,
        stall: SECOND,
        parameter: "\"what\"".to_owned(),
        thresholds: vec![
            threshold("latency"),
            Threshold::new("lost", "events", Measure::LostEvents, true).unwrap(),
        ],
        failures_are_judged: true,
        ..rate()
    }
}

#[test]
fn a_plan_comes_back_from_json_as_it_was() {
    let search = Draft {
        thresholds: vec![threshold("latency")],
        ..with(Executor::SearchingVus(steps(1.0, 1.0, 2.0)))
    };
    for draft in [full(), constant(), search] {
        let plan = Plan::new(draft).unwrap();
        let text = serde_json::to_string(&plan).unwrap();
        assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), plan);
    }
}

#[test]
fn a_plan_that_contradicts_itself_is_not_read() {
    let mut json = serde_json::to_value(Plan::new(full()).unwrap()).unwrap();
    json["thresholds"][0]["unit"] = "%".into();
    let refused = serde_json::from_value::<Plan>(json.clone()).unwrap_err();
    assert!(refused.to_string().contains("`%`"), "{refused}");
    json["thresholds"] = serde_json::json!([]);
    json["scenario"] = "".into();
    let refused = serde_json::from_value::<Plan>(json).unwrap_err();
    assert!(
        refused.to_string().contains("names no scenario"),
        "{refused}"
    );
}
