//! Each limit of a plan from both sides.

use super::*;

#[test]
fn at_each_limit_a_plan_is_possible_and_beyond_it_is_not() {
    let vus = |vus| {
        Draft::new(
            "browse",
            Executor::ConstantVus {
                vus,
                duration: SECOND,
            },
        )
    };
    assert!(Plan::new(vus(MAX_VUS)).is_ok());
    assert_eq!(refused(vus(MAX_VUS + 1)), Invalid::TooManyVus(MAX_VUS + 1));

    let parameter = |bytes| Draft {
        parameter: "x".repeat(bytes),
        ..constant()
    };
    assert!(Plan::new(parameter(MAX_PARAMETER)).is_ok());
    assert_eq!(
        refused(parameter(MAX_PARAMETER + 1)),
        Invalid::LongParameter(MAX_PARAMETER + 1)
    );

    let lasting = |duration| Draft::new("browse", Executor::ConstantVus { vus: 1, duration });
    assert!(Plan::new(lasting(MAX_TIME)).is_ok());
    assert!(matches!(
        refused(lasting(MAX_TIME + SECOND)),
        Invalid::LongTime { .. }
    ));
    let long = |hold| Draft {
        max_vus: 1,
        ..with(Executor::SearchingArrivalRate(Steps {
            hold,
            ..steps(1.0, 1.0, 7.0)
        }))
    };
    assert!(Plan::new(long(MAX_TIME / 7)).is_ok());
    assert!(matches!(
        refused(long(MAX_TIME / 6)),
        Invalid::LongTime { .. }
    ));

    let judged = |count| Draft {
        thresholds: (0..count)
            .map(|number| threshold(&number.to_string()))
            .collect(),
        ..constant()
    };
    assert!(Plan::new(judged(MAX_THRESHOLDS)).is_ok());
    assert_eq!(
        refused(judged(MAX_THRESHOLDS + 1)),
        Invalid::ManyThresholds(101)
    );

    for (name, draft) in [
        (
            "warm-up",
            Draft {
                warm_up: MAX_TIME + SECOND,
                ..constant()
            },
        ),
        (
            "pace",
            Draft {
                pace: MAX_TIME + SECOND,
                ..constant()
            },
        ),
        (
            "grace",
            Draft {
                grace: MAX_TIME + SECOND,
                ..constant()
            },
        ),
        (
            "late",
            Draft {
                late: MAX_TIME + SECOND,
                ..rate()
            },
        ),
        (
            "stall",
            Draft {
                stall: MAX_TIME + SECOND,
                ..constant()
            },
        ),
    ] {
        let error = refused(draft);
        assert!(
            matches!(error, Invalid::LongTime { name: said, .. } if said == name),
            "{error}"
        );
    }
}
