//! Where a load begins and ends: beginning, warm-up, grace, abort, and how iterations end.

use tokio::time::advance;

use super::*;

#[tokio::test(start_paused = true)]
async fn what_is_under_way_at_the_end_has_the_grace_and_is_interrupted_after_it() {
    let grace = |grace| {
        turns(Draft {
            grace: milliseconds(grace),
            ..draft(Executor::ConstantVus {
                vus: 2,
                duration: milliseconds(100),
            })
        })
    };
    let takes = |vu, _| milliseconds(if vu == 1 { 150 } else { 400 });
    let (_, outcome) = run(&grace(60), takes).await;
    assert_eq!((outcome.iterations, outcome.interrupted), (1, 1));
    assert_eq!(outcome.elapsed_ns, 160_000_000);
    let (_, outcome) = run(&grace(1_000), takes).await;
    assert_eq!((outcome.iterations, outcome.interrupted), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn a_warm_up_runs_is_counted_apart_and_changes_nothing_of_what_is_measured() {
    for executor in [
        Executor::SharedIterations {
            vus: 2,
            iterations: 10,
        },
        Executor::PerVuIterations {
            vus: 2,
            iterations: 5,
        },
        Executor::ConstantVus {
            vus: 2,
            duration: milliseconds(50),
        },
    ] {
        let turns = turns(Draft {
            warm_up: milliseconds(30),
            ..draft(executor.clone())
        });
        let (starts, outcome) = run(&turns, |_, _| milliseconds(10)).await;
        assert_eq!(
            (outcome.warm_up, outcome.iterations),
            (6, 10),
            "{executor:?}"
        );
        assert_eq!(starts.len(), 16, "{executor:?}");
        assert_eq!(outcome.elapsed_ns, 50_000_000, "{executor:?}");
        assert!((outcome.per_second - 200.0).abs() < 1e-9, "{executor:?}");
    }
    let turns = turns(Draft {
        warm_up: milliseconds(100),
        ..rate(100.0, 200, 5)
    });
    let (starts, outcome) = run(&turns, |_, _| milliseconds(15)).await;
    assert_eq!(
        (starts.len(), outcome.warm_up, outcome.iterations),
        (30, 10, 20)
    );
    assert_eq!(
        (outcome.intended_per_second, outcome.generator.late.count),
        (Some(100.0), 20)
    );
}

#[tokio::test(start_paused = true)]
async fn who_waits_is_woken_when_the_load_is_aborted_and_the_reason_is_told() {
    for executor in [
        Executor::ConstantVus {
            vus: 3,
            duration: Duration::from_mins(1),
        },
        Executor::RampingVus(vec![stage(60_000, 0.0), stage(60_000, 3.0)]),
        Executor::PerVuIterations {
            vus: 3,
            iterations: 1_000,
        },
    ] {
        let turns = turns(Draft {
            pace: Duration::from_secs(30),
            ..draft(executor.clone())
        });
        let abort = {
            let turns = turns.clone();
            async move {
                sleep(Duration::from_secs(5)).await;
                turns.abort("`latency` is missed");
                turns.abort("something later");
            }
        };
        let (_, outcome) = run_with(&turns, |_, _| milliseconds(10), abort).await;
        assert_eq!(
            outcome.aborted.as_deref(),
            Some("`latency` is missed"),
            "{executor:?}"
        );
        assert_eq!(turns.elapsed(), Duration::from_secs(5), "{executor:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_gets_a_turn_before_the_beginning() {
    let turns = turns(draft(Executor::PerVuIterations {
        vus: 1,
        iterations: 1,
    }));
    let mut seat = turns.worker().seat(1);
    assert!(matches!(seat.try_next(None, Instant::now()), Next::Wait(_)));
    advance(Duration::from_hours(1)).await;
    assert!(matches!(seat.try_next(None, Instant::now()), Next::Wait(_)));
    turns.begin();
    let Next::Turn(turn) = seat.try_next(None, Instant::now()) else {
        panic!("no turn");
    };
    assert_eq!(
        (turn.iteration, turn.intended, turn.warm_up),
        (0, Duration::ZERO, false)
    );
    assert!(seat.is_busy());
    assert_eq!(seat.try_next(Some(PASSED), Instant::now()), Next::Over);
    assert_eq!(seat.try_next(None, Instant::now()), Next::Over);
}

#[tokio::test(start_paused = true)]
async fn an_iteration_whose_end_is_never_told_is_interrupted_by_the_next_one() {
    let turns = turns(draft(Executor::SharedIterations {
        vus: 1,
        iterations: 2,
    }));
    let mut seat = turns.worker().seat(1);
    turns.begin();
    for _ in 0..2 {
        assert!(matches!(seat.try_next(None, Instant::now()), Next::Turn(_)));
    }
    assert_eq!(seat.try_next(Some(PASSED), Instant::now()), Next::Over);
    drop(seat);
    let outcome = turns.outcome(Generator::default(), None);
    assert_eq!((outcome.iterations, outcome.interrupted), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn failures_are_apart_and_counted_by_kind() {
    let turns = turns(draft(Executor::PerVuIterations {
        vus: 1,
        iterations: 3,
    }));
    let mut seat = turns.worker().seat(1);
    turns.begin();
    let mut before = None;
    for ended in [PASSED, FAILED, FAILED] {
        assert!(seat.next(before).await.is_some());
        advance(milliseconds(5)).await;
        before = Some(ended);
    }
    assert_eq!(seat.next(before).await, None);
    let outcome = turns.outcome(Generator::default(), None);
    assert_eq!((outcome.iterations, outcome.failed), (3, 2));
    assert_eq!(
        (
            outcome.latency.succeeded.count,
            outcome.latency.failed.count
        ),
        (1, 2)
    );
    assert_eq!(outcome.latency.failures[0].name, "wrong");
}

#[tokio::test(start_paused = true)]
async fn an_iteration_can_be_ended_without_asking_for_another_one() {
    let turns = turns(draft(Executor::PerVuIterations {
        vus: 1,
        iterations: 2,
    }));
    let mut seat = turns.worker().seat(1);
    turns.begin();
    seat.next(None).await;
    seat.finish(FAILED);
    seat.finish(FAILED);
    assert!(!seat.is_busy());
    let again = seat.next(None).await.map(|turn| turn.iteration);
    assert_eq!(again, Some(1));
    drop(seat);
    let outcome = turns.outcome(Generator::default(), None);
    assert_eq!(
        (outcome.iterations, outcome.failed, outcome.interrupted),
        (1, 1, 1)
    );
}
