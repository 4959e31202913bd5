//! Every executor does what it says.

use assay_host::plugin::bindings::assay::suite::load::{Search, Stage};

use super::*;

fn stage(duration_ms: u64, target: f64) -> Stage {
    Stage {
        duration_ms,
        target,
    }
}

#[tokio::test]
async fn shared_iterations_are_made_once_each_together_and_alone() {
    for scenario in ["nothing", "nothing-alone"] {
        let outcome = made(plan(scenario, shared(4, 1_000)))
            .await
            .unwrap()
            .outcome;
        assert_eq!(
            (outcome.iterations, outcome.failed),
            (1_000, 0),
            "{scenario}"
        );
        assert_eq!(outcome.latency.succeeded.count, 1_000);
        assert_eq!(outcome.interrupted + outcome.dropped, 0);
    }
}

#[tokio::test]
async fn each_virtual_user_makes_its_iterations_numbered_from_0() {
    for isolated in [false, true] {
        let plan = Plan {
            isolated,
            ..plan("counts", each(5, 20))
        };
        let outcome = made(plan).await.unwrap().outcome;
        assert_eq!((outcome.iterations, outcome.failed), (100, 0));
    }
}

#[tokio::test]
async fn virtual_users_that_go_on_for_a_time_are_all_there() {
    let plan = Plan {
        parameter: "5".to_owned(),
        ..plan("waits", constant(7, 300))
    };
    let outcome = made(plan).await.unwrap().outcome;
    assert_eq!(outcome.most_vus, 7);
    assert!(outcome.iterations >= 7, "{outcome:?}");
    assert_eq!((outcome.failed, outcome.interrupted), (0, 0));
}

#[tokio::test]
async fn a_ramp_reaches_its_highest_stage() {
    let executor = Executor::RampingVus(vec![stage(100, 4.0), stage(200, 4.0), stage(100, 0.0)]);
    let plan = Plan {
        parameter: "1".to_owned(),
        ..plan("waits", executor)
    };
    let outcome = made(plan).await.unwrap().outcome;
    assert_eq!(outcome.most_vus, 4);
    assert_eq!((outcome.failed, outcome.interrupted), (0, 0));
}

#[tokio::test]
async fn a_rate_starts_as_many_as_it_says() {
    let open = |executor| Plan {
        max_vus: 8,
        late_ms: 10_000,
        ..plan("nothing", executor)
    };
    let outcome = made(open(rate(200.0, 500))).await.unwrap().outcome;
    assert_eq!((outcome.iterations, outcome.dropped), (100, 0));
    // It ends with its last start, a little before the half second is over.
    let intended = outcome.intended_per_second.unwrap();
    assert!((150.0..250.0).contains(&intended), "{intended}");
    // A triangle of 200 high and half a second long.
    let ramp = Executor::RampingArrivalRate(vec![stage(250, 200.0), stage(250, 0.0)]);
    let outcome = made(open(ramp)).await.unwrap().outcome;
    assert_eq!((outcome.iterations, outcome.dropped), (50, 0));
}

#[tokio::test]
async fn starts_that_find_nobody_free_are_dropped_and_counted() {
    let plan = Plan {
        max_vus: 1,
        late_ms: 1,
        parameter: "200".to_owned(),
        ..plan("waits", rate(100.0, 400))
    };
    let outcome = made(plan).await.unwrap().outcome;
    assert_eq!(outcome.iterations + outcome.dropped, 40, "{outcome:?}");
    assert!(outcome.dropped > 0, "{outcome:?}");
}

#[tokio::test]
async fn a_warm_up_is_counted_apart() {
    let plan = Plan {
        warm_up_ms: 200,
        parameter: "5".to_owned(),
        ..plan("waits", each(2, 3))
    };
    let outcome = made(plan).await.unwrap().outcome;
    assert_eq!(
        (outcome.iterations, outcome.latency.succeeded.count),
        (6, 6)
    );
    assert!(outcome.warm_up > 0, "{outcome:?}");
}

#[tokio::test]
async fn pacing_makes_iterations_rarer() {
    let plan = Plan {
        pace_ms: 100,
        ..plan("nothing", constant(1, 350))
    };
    let outcome = made(plan).await.unwrap().outcome;
    assert!((1..=4).contains(&outcome.iterations), "{outcome:?}");
}

#[tokio::test]
async fn a_search_ends_with_its_last_step_or_with_the_first_that_misses() {
    let searching = |baseline: &str| {
        let steps = Search {
            first: 1.0,
            step: 1.0,
            last: 3.0,
            hold_ms: 200,
        };
        Plan {
            thresholds: vec![threshold(baseline, slowest())],
            parameter: "1".to_owned(),
            ..plan("waits", Executor::SearchingVus(steps))
        }
    };
    let held = made(searching("iteration-p95")).await.unwrap().outcome;
    assert_eq!((held.limit, held.most_vus), (Some(3.0), 3));
    let missed = made(searching("impossible")).await.unwrap().outcome;
    assert_eq!((missed.limit, &missed.aborted), (None, &None));
    assert!(missed.most_vus < 3, "{missed:?}");
}

/// The last of its starts is before the end of its last step, after which nothing of the load goes on.
#[tokio::test]
async fn the_last_step_of_a_search_is_judged_although_the_load_is_over_before_it_ends() {
    let steps = Search {
        first: 5.0,
        step: 5.0,
        last: 10.0,
        hold_ms: 400,
    };
    let plan = Plan {
        thresholds: vec![threshold("iteration-p95", slowest())],
        parameter: "1".to_owned(),
        max_vus: 10,
        ..plan("waits", Executor::SearchingArrivalRate(steps))
    };
    let held = made(plan).await.unwrap().outcome;
    assert_eq!(held.limit, Some(10.0), "{held:?}");
}

#[tokio::test]
async fn virtual_users_have_what_the_setup_returned() {
    for isolated in [false, true] {
        let plan = Plan {
            isolated,
            ..plan("takes-what-setup-returned", each(20, 3))
        };
        let outcome = made(plan).await.unwrap().outcome;
        assert_eq!((outcome.iterations, outcome.failed), (60, 0), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_load_is_told_from_its_beginning_over_each_second_to_its_end() {
    let plan = Plan {
        parameter: "20".to_owned(),
        ..plan("waits", constant(3, 1_500))
    };
    let (made, told) = told(plan).await;
    let made = made.unwrap();
    let EventKind::LoadStarted { load, .. } = &told[0] else {
        panic!("{told:?}");
    };
    assert_eq!((load.vus, load.isolated), (3, false));
    assert_eq!(load.executor, "3 virtual users for 1s 500ms");
    let seconds = told.iter().filter_map(|kind| match kind {
        EventKind::LoadWent { point, .. } => Some(point),
        _ => None,
    });
    let iterations: u64 = seconds.map(|point| point.iterations).sum();
    assert!(iterations > 0 && iterations <= made.outcome.iterations);
    assert_eq!(end(&told).outcome.as_deref(), Some(&made.outcome));
}
