//! Open models: starts by the clock, lateness, drops, and the timer of the kernel.

use tokio::task::spawn_local;
use tokio::time::advance;

use super::*;

#[tokio::test(start_paused = true)]
async fn a_constant_rate_starts_on_time_however_slow_the_system_is() {
    let turns = turns(rate(100.0, 200, 20));
    let (starts, outcome) = run(&turns, |_, _| milliseconds(95)).await;
    assert_eq!(
        times(&starts),
        (0..20).map(|place| place * 10).collect::<Vec<_>>()
    );
    assert_eq!((outcome.iterations, outcome.dropped), (20, 0));
    assert_eq!(outcome.intended_per_second, Some(100.0));
    assert!((outcome.per_second - 100.0).abs() < 1e-9);
    assert_eq!(outcome.generator.late.count, 20);
    assert_eq!(outcome.generator.late.max, 0);
    // As many as were needed at once, not as many as there were.
    assert_eq!(outcome.most_vus, 10);
}

#[tokio::test(start_paused = true)]
async fn a_system_that_stalls_shows_in_the_latency_of_all_that_were_to_start_meanwhile() {
    // One virtual user, 10 a second, and the third iteration hangs for a second.
    let late = Draft {
        late: Duration::from_secs(10),
        ..rate(10.0, 3_000, 1)
    };
    let turns = turns(late);
    let (starts, outcome) = run(&turns, |_, iteration| {
        milliseconds(if iteration == 2 { 1_000 } else { 10 })
    })
    .await;
    assert_eq!((outcome.iterations, outcome.dropped), (30, 0));
    assert_eq!(&times(&starts)[..5], [0, 100, 200, 1_200, 1_210]);
    // The one that was to start at 300 ms waited 900 ms for the virtual user, and each after it some less.
    let latency = outcome.latency.succeeded;
    assert_eq!(latency.max, 1_000_000_000);
    assert!(latency.p90 > 700_000_000, "{latency:?}");
    assert_eq!(most_behind(&starts), 900);
    // It was the system, not the generator.
    assert_eq!(outcome.generator.late.max, 0);
    assert!(outcome.generator.late.count < 30);
}

#[tokio::test(start_paused = true)]
async fn an_arrival_is_dropped_when_it_waited_longer_than_allowed_and_not_at_the_limit() {
    // At 0, 100, 200, ...: the first takes until 450, so those of 100 and 200 waited 350 and 250.
    for (late, first_after, dropped) in [(350, 100, 0), (349, 200, 1), (100, 400, 3), (0, 500, 4)] {
        let turns = turns(Draft {
            late: milliseconds(late),
            ..rate(10.0, 600, 1)
        });
        let (starts, outcome) = run(&turns, |_, iteration| {
            milliseconds(if iteration == 0 { 450 } else { 1 })
        })
        .await;
        assert_eq!(outcome.dropped, dropped, "late {late}");
        assert_eq!(outcome.iterations + outcome.dropped, 6, "late {late}");
        assert_eq!(
            most_behind(&starts),
            450_u64.saturating_sub(first_after),
            "late {late}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn arrivals_that_nobody_ever_came_for_are_dropped_at_the_end() {
    let hanging = Draft {
        grace: milliseconds(100),
        ..rate(10.0, 1_000, 2)
    };
    let turns = turns(hanging);
    let (_, outcome) = run(&turns, |_, _| Duration::from_mins(1)).await;
    assert_eq!(
        (outcome.iterations, outcome.interrupted, outcome.dropped),
        (0, 2, 8)
    );
    assert_eq!(outcome.intended_per_second, Some(10.0));
    assert!(outcome.per_second.abs() < 1e-9);
}

#[tokio::test(start_paused = true)]
async fn an_open_load_that_is_stopped_intended_only_what_was_due_by_then() {
    let turns = turns(rate(10.0, 60_000, 3));
    let stop = {
        let turns = turns.clone();
        async move {
            sleep(milliseconds(1_950)).await;
            turns.stop();
        }
    };
    let (_, outcome) = run_with(&turns, |_, _| milliseconds(10), stop).await;
    assert_eq!(
        (outcome.iterations, outcome.dropped, outcome.aborted),
        (20, 0, None)
    );
    assert!((outcome.intended_per_second.unwrap() - 20.0 / 1.95).abs() < 1e-6);
}

#[tokio::test(start_paused = true)]
async fn while_a_load_runs_only_what_is_too_late_counts_as_dropped() {
    let turns = turns(Draft {
        warm_up: milliseconds(200),
        ..rate(10.0, 10_000, 1)
    });
    let arrived = Arc::new(StdMutex::new(Vec::new()));
    let meanwhile = {
        let (turns, arrived) = (turns.clone(), Arc::clone(&arrived));
        async move {
            for _ in 0..3 {
                sleep(milliseconds(950)).await;
                arrived.lock().unwrap().push(turns.arrived().unwrap());
            }
            turns.stop();
        }
    };
    // The first one, in the warm-up, never ends: by 950 ms none has waited for more than a second, by 1,900 ms those until 900 ms have.
    let (_, outcome) = run_with(&turns, |_, _| Duration::from_hours(1), meanwhile).await;
    let found = |intended, dropped| Arrived { intended, dropped };
    assert_eq!(
        *arrived.lock().unwrap(),
        [found(8, 0), found(17, 7), found(27, 17)]
    );
    assert_eq!(
        (outcome.dropped, outcome.interrupted, outcome.warm_up),
        (27, 0, 1)
    );
}

#[tokio::test(start_paused = true)]
async fn a_search_over_rates_climbs_its_stairs() {
    let steps = Steps {
        first: 10.0,
        step: 10.0,
        last: 30.0,
        hold: milliseconds(1_000),
    };
    let threshold =
        Threshold::new("latency", "ms", Measure::Iterations(Figure::P95), false).unwrap();
    let turns = turns(Draft {
        max_vus: 5,
        thresholds: vec![threshold],
        ..draft(Executor::SearchingArrivalRate(steps))
    });
    let (starts, _) = run(&turns, |_, _| milliseconds(1)).await;
    let within = |from: u64| {
        times(&starts)
            .iter()
            .filter(|time| (from..from + 1_000).contains(*time))
            .count()
    };
    assert_eq!([0, 1_000, 2_000].map(within), [10, 20, 30]);
}

#[tokio::test(start_paused = true)]
async fn a_seat_whose_wait_was_given_up_keeps_its_arrival() {
    let turns = turns(rate(1.0, 3_000, 1));
    let mut seat = turns.worker().seat(1);
    turns.begin();
    seat.next(None).await;
    let given_up = tokio::time::timeout(milliseconds(400), seat.next(Some(PASSED))).await;
    assert!(given_up.is_err());
    let turn = seat.next(None).await.map(|turn| turn.intended);
    assert_eq!(turn, Some(Duration::from_secs(1)));
    assert!(seat.next(Some(PASSED)).await.is_some());
    assert_eq!(seat.next(Some(PASSED)).await, None);
    assert_eq!(turns.outcome(Generator::default(), None).dropped, 0);
}

#[tokio::test(start_paused = true)]
async fn who_waited_for_an_arrival_gets_it_however_late_it_is_woken_and_the_generator_is_to_blame()
{
    let turns = turns(Draft {
        late: Duration::ZERO,
        ..rate(1.0, 5_000, 1)
    });
    let mut seat = turns.worker().seat(1);
    turns.begin();
    seat.next(None).await;
    assert!(matches!(
        seat.try_next(Some(PASSED), Instant::now()),
        Next::Wait(_)
    ));
    advance(milliseconds(3_500)).await;
    let Next::Turn(turn) = seat.try_next(None, Instant::now()) else {
        panic!("no turn");
    };
    assert_eq!(turn.intended, milliseconds(1_000));
    assert!(turns.samples().lateness_of_the_free() >= milliseconds(2_500));
    // It was busy when the next two were to start.
    assert!(matches!(
        seat.try_next(Some(PASSED), Instant::now()),
        Next::Wait(_)
    ));
    assert_eq!(turns.arrived().map(|arrived| arrived.dropped), Some(2));
}

#[tokio::test(start_paused = true)]
async fn an_arrival_whose_virtual_user_leaves_is_dropped() {
    let turns = turns(rate(1.0, 3_000, 1));
    let mut seat = turns.worker().seat(1);
    turns.begin();
    seat.next(None).await;
    assert!(matches!(
        seat.try_next(Some(PASSED), Instant::now()),
        Next::Wait(_)
    ));
    drop(seat);
    advance(milliseconds(3_000)).await;
    let outcome = turns.outcome(Generator::default(), None);
    assert_eq!((outcome.iterations, outcome.dropped), (1, 2));
}

#[tokio::test]
async fn a_load_that_is_driven_by_the_kernels_timer_keeps_its_rate_and_ends() {
    let turns = turns(rate(1_000.0, 100, 4));
    let local = tokio::task::LocalSet::new();
    let users = local.run_until(async {
        let worker = turns.worker();
        let driver = spawn_local(worker.clone().keep_time());
        let mut users = JoinSet::new();
        for vu in 1..=4 {
            let mut seat = worker.seat(vu);
            users.spawn_local(async move {
                let mut before = None;
                while seat.next(before).await.is_some() {
                    before = Some(PASSED);
                }
            });
        }
        // They wait before there is a timer, too.
        tokio::task::yield_now().await;
        turns.begin();
        turns.finished().await;
        users.join_all().await;
        assert!(!driver.is_finished());
        driver.abort();
    });
    let bounded = tokio::time::timeout(Duration::from_secs(30), users);
    bounded.await.expect("the load ends");
    let outcome = turns.outcome(Generator::default(), None);
    assert_eq!(outcome.iterations + outcome.dropped, 100);
    assert!(outcome.iterations > 0);
}

#[tokio::test]
async fn who_waits_when_the_timer_goes_is_woken_all_the_same() {
    let turns = turns(rate(20.0, 200, 1));
    let worker = turns.worker();
    let driver = tokio::spawn(worker.clone().keep_time());
    tokio::task::yield_now().await;
    let mut seat = worker.seat(1);
    turns.begin();
    assert!(seat.next(None).await.is_some());
    let waiting = tokio::spawn(async move { seat.next(Some(PASSED)).await.is_some() });
    tokio::task::yield_now().await;
    driver.abort();
    let woken = tokio::time::timeout(Duration::from_secs(30), waiting).await;
    assert!(woken.expect("it is woken").unwrap());
}
