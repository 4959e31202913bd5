//! Scenarios that misbehave, plans that cannot be, and machines that are too small.

use super::*;

fn text(refused: Result<Made, Refusal>) -> String {
    refused.unwrap_err().to_string()
}

#[tokio::test]
async fn a_panic_fails_its_iteration_and_its_instance_is_replaced() {
    let plan = Plan {
        isolated: true,
        ..plan("panics", each(2, 9))
    };
    let made = made(plan).await.unwrap();
    assert_eq!((made.outcome.iterations, made.outcome.failed), (18, 6));
    assert_eq!(made.replaced, 6);
    let failures = &made.outcome.latency.failures;
    assert_eq!((failures.len(), failures[0].count), (1, 6), "{failures:?}");
    assert!(
        failures[0].name.contains("the third one breaks"),
        "{failures:?}"
    );
}

#[tokio::test]
async fn a_panic_where_many_share_an_instance_costs_the_iterations_under_way_and_no_more() {
    let made = made(plan("panics-with-others", each(6, 9))).await.unwrap();
    assert_eq!(made.outcome.iterations, 54, "{made:?}");
    assert!(made.outcome.failed >= 3 && made.replaced > 0, "{made:?}");
}

#[tokio::test]
async fn a_virtual_user_that_cannot_begin_ends_the_load() {
    for isolated in [false, true] {
        let of = |scenario| Plan {
            isolated,
            ..plan(scenario, each(3, 1))
        };
        let (made, told) = told(of("never-begins")).await;
        let said = text(made);
        assert!(said.contains("there is nothing to begin with"), "{said}");
        assert!(said.contains("breaks.rs:"), "{said}");
        assert_eq!(end(&told).message.as_deref(), Some(&*said));
        let made = super::made(of("panics-at-its-start")).await;
        assert!(matches!(made, Err(Refusal::Broke(_))), "{made:?}");
        let said = text(made);
        assert!(said.contains("there is no beginning"), "{said}");
    }
}

#[tokio::test]
async fn a_plain_function_does_not_share_its_instance() {
    let plan = Plan {
        isolated: false,
        ..plan("nothing-alone", shared(1, 1))
    };
    let said = text(made(plan).await);
    assert!(
        said.contains("plain function") && said.contains("`isolated`"),
        "{said}"
    );
}

#[tokio::test]
async fn what_never_ends_is_cut_off_after_the_grace_and_proves_nothing() {
    for (scenario, isolated) in [
        ("computes-without-end", true),
        ("waits-without-end", true),
        ("waits-without-end", false),
    ] {
        let plan = Plan {
            isolated,
            grace_ms: 100,
            ..plan(scenario, constant(2, 200))
        };
        let (made, told) = told(plan).await;
        let said = text(made);
        assert!(said.contains("not one iteration"), "{said}");
        assert!(said.contains("2 were cut off"), "{scenario}: {said}");
        assert!(end(&told).outcome.is_none());
    }
}

#[tokio::test]
async fn failures_are_counted_by_reasons_without_ids() {
    let outcome = made(plan("fails", each(3, 4))).await.unwrap().outcome;
    assert_eq!((outcome.iterations, outcome.failed), (12, 12));
    let failures = &outcome.latency.failures;
    assert_eq!(failures.len(), 1, "{failures:?}");
    assert_eq!((&*failures[0].name, failures[0].count), ("{id} cannot", 12));
}

#[tokio::test]
async fn checks_are_counted_by_name_and_the_first_failed_ones_are_kept() {
    let plan = Plan {
        failures_are_judged: true,
        ..plan("checks", each(2, 10))
    };
    let (made, told) = told(plan).await;
    let outcome = made.unwrap().outcome;
    let checks: Vec<_> = outcome
        .checks
        .iter()
        .map(|check| (&*check.name, check.passed, check.failed))
        .collect();
    assert_eq!(
        checks,
        [("sums are right", 20, 0), ("sums are wrong", 0, 20)]
    );
    assert_eq!(outcome.failed, 20);
    let kept = &end(&told).failed_checks;
    assert_eq!(kept.len(), 3);
    assert!(kept[0].location.as_ref().unwrap().contains("breaks.rs:"));
    assert!(
        !told
            .iter()
            .any(|kind| matches!(kind, EventKind::Checked { .. }))
    );
}

#[tokio::test]
async fn a_virtual_user_is_refused_what_belongs_to_a_case() {
    let scenario = "asks-for-what-belongs-to-a-case";
    let outcome = made(plan(scenario, each(2, 1))).await.unwrap().outcome;
    assert_eq!((outcome.iterations, outcome.failed), (2, 0), "{outcome:?}");
}

#[tokio::test]
async fn a_scenario_or_a_baseline_that_does_not_exist_is_refused_with_the_one_that_was_meant() {
    let said = text(made(plan("nothin", shared(1, 1))).await);
    assert!(
        said.contains("`nothin`") && said.contains("`nothing`"),
        "{said}"
    );
    let said = text(made(plan("elsewhere", shared(1, 1))).await);
    assert!(said.contains("`#[scenario]`"), "{said}");
    let misspelt = Plan {
        thresholds: vec![threshold("iteration-p96", slowest())],
        ..plan("nothing", shared(1, 1))
    };
    let said = text(made(misspelt).await);
    assert!(said.contains("did you mean `iteration-p95`"), "{said}");
}

#[tokio::test]
async fn a_plan_that_contradicts_itself_is_refused() {
    let paced = Plan {
        pace_ms: 1,
        max_vus: 1,
        ..plan("nothing", rate(1.0, 1_000))
    };
    let wrong_unit = Plan {
        thresholds: vec![threshold("failures", slowest())],
        ..plan("nothing", shared(1, 1))
    };
    for (plan, part) in [
        (plan("nothing", shared(0, 1)), "at least 1"),
        (
            plan("nothing", Executor::RampingVus(Vec::new())),
            "without stages",
        ),
        (plan("nothing", rate(f64::NAN, 1_000)), "cannot be made"),
        (paced, "`pace`"),
        (wrong_unit, "`%`"),
    ] {
        let refused = made(plan).await;
        assert!(matches!(refused, Err(Refusal::Invalid(_))), "{refused:?}");
        let said = text(refused);
        assert!(said.contains(part), "{said}");
    }
}

#[tokio::test]
async fn more_virtual_users_than_the_machine_allows_are_refused_with_the_limit() {
    let plan = Plan {
        isolated: true,
        ..plan("nothing-alone", constant(100_000, 1_000))
    };
    let refused = made(plan).await;
    assert!(matches!(refused, Err(Refusal::Limit(_))), "{refused:?}");
    let said = text(refused);
    assert!(said.contains("raise the"), "{said}");
}

#[tokio::test]
async fn a_load_that_nobody_waits_for_ends_with_its_threads() {
    let (order, mut events) = order().await;
    let threads = order.threads.clone();
    let plan = Plan {
        isolated: true,
        ..plan("computes-without-end", constant(4, 600_000))
    };
    let (running, granted) = order.start(1, plan).unwrap();
    assert_eq!(granted.ceiling(), None);
    let started = async {
        while let Some(happened) = events.recv().await {
            if matches!(happened.kind, EventKind::LoadStarted { .. }) {
                return;
            }
        }
    };
    timeout(PATIENCE, started).await.unwrap();
    assert_eq!(threads.running(), 1);
    drop(running);
    timeout(PATIENCE, threads.ended()).await.unwrap();
}
