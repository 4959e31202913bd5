//! Closed models: by count, by time, by ramp and by pace.

use super::*;

#[tokio::test(start_paused = true)]
async fn shared_iterations_go_to_whoever_is_free_and_are_exactly_as_many() {
    let turns = turns(draft(Executor::SharedIterations {
        vus: 2,
        iterations: 7,
    }));
    let (starts, outcome) = run(&turns, |vu, _| milliseconds(if vu == 1 { 100 } else { 10 })).await;
    assert_eq!(outcome.iterations, 7);
    assert_eq!(of(1, &starts), [0]);
    assert_eq!(of(2, &starts), [0, 10, 20, 30, 40, 50]);
    assert_eq!(outcome.elapsed_ns, 100_000_000);
    assert_eq!(
        (outcome.most_vus, outcome.interrupted, outcome.dropped),
        (2, 0, 0)
    );
    assert_eq!(outcome.intended_per_second, None);
    assert!((outcome.per_second - 70.0).abs() < 1e-9);
}

#[tokio::test(start_paused = true)]
async fn per_vu_iterations_are_as_many_for_each() {
    let turns = turns(draft(Executor::PerVuIterations {
        vus: 3,
        iterations: 4,
    }));
    let (starts, outcome) = run(&turns, |vu, _| milliseconds(u64::from(vu) * 10)).await;
    for vu in 1..=3 {
        assert_eq!(of(vu, &starts).len(), 4);
    }
    assert_eq!((outcome.iterations, outcome.elapsed_ns), (12, 120_000_000));
}

#[tokio::test(start_paused = true)]
async fn constant_vus_iterate_until_the_time_is_over_and_end_what_is_under_way() {
    let turns = turns(draft(Executor::ConstantVus {
        vus: 2,
        duration: milliseconds(100),
    }));
    let (starts, outcome) = run(&turns, |_, _| milliseconds(40)).await;
    assert_eq!(of(1, &starts), [0, 40, 80]);
    assert_eq!(
        (outcome.iterations, outcome.elapsed_ns, outcome.interrupted),
        (6, 120_000_000, 0)
    );
    assert_eq!(outcome.latency.succeeded.max, 40_000_000);
}

#[tokio::test(start_paused = true)]
async fn ramping_vus_come_one_by_one_and_go_again() {
    let ramp = vec![stage(400, 4.0), stage(400, 0.0)];
    let turns = turns(draft(Executor::RampingVus(ramp)));
    let (starts, outcome) = run(&turns, |_, _| milliseconds(10)).await;
    for (vu, first, last) in [(1, 100, 700), (2, 200, 600), (3, 300, 500)] {
        let found = of(vu, &starts);
        assert_eq!(
            (found.first(), found.last()),
            (Some(&first), Some(&last)),
            "virtual user {vu}"
        );
    }
    assert_eq!(of(4, &starts), [400]);
    assert_eq!(outcome.most_vus, 4);
}

#[tokio::test(start_paused = true)]
async fn a_virtual_user_that_a_ramp_sent_away_comes_back_when_it_is_wanted_again() {
    let ramp = vec![
        stage(0, 2.0),
        stage(100, 2.0),
        stage(0, 1.0),
        stage(100, 1.0),
        stage(0, 2.0),
        stage(100, 2.0),
    ];
    let turns = turns(draft(Executor::RampingVus(ramp)));
    let present = Arc::new(StdMutex::new(Vec::new()));
    let meanwhile = {
        let (turns, present) = (turns.clone(), Arc::clone(&present));
        async move {
            for _ in 0..3 {
                sleep(milliseconds(75)).await;
                present.lock().unwrap().push(turns.present());
            }
        }
    };
    let (starts, _) = run_with(&turns, |_, _| milliseconds(50), meanwhile).await;
    assert_eq!(of(1, &starts), [0, 50, 100, 150, 200, 250]);
    assert_eq!(of(2, &starts), [0, 50, 200, 250]);
    assert_eq!(*present.lock().unwrap(), [2, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn pacing_is_from_start_to_start_and_an_iteration_that_takes_longer_delays_nothing_else() {
    let paced = Draft {
        pace: milliseconds(100),
        ..draft(Executor::ConstantVus {
            vus: 1,
            duration: milliseconds(450),
        })
    };
    let turns = turns(paced);
    let (starts, outcome) = run(&turns, |_, iteration| {
        milliseconds([20, 130, 10, 10][usize::try_from(iteration).unwrap()])
    })
    .await;
    assert_eq!(times(&starts), [0, 100, 230, 330, 430]);
    assert_eq!(outcome.most_vus, 1);
}

#[tokio::test(start_paused = true)]
async fn pacing_holds_for_counted_iterations_and_never_beyond_the_end() {
    for executor in [
        Executor::SharedIterations {
            vus: 1,
            iterations: 3,
        },
        Executor::PerVuIterations {
            vus: 1,
            iterations: 3,
        },
        Executor::ConstantVus {
            vus: 1,
            duration: milliseconds(250),
        },
    ] {
        let turns = turns(Draft {
            pace: milliseconds(100),
            ..draft(executor.clone())
        });
        let (starts, _) = run(&turns, |_, _| milliseconds(1)).await;
        assert_eq!(times(&starts), [0, 100, 200], "{executor:?}");
        assert!(
            turns.elapsed() <= milliseconds(250),
            "{executor:?}: {:?}",
            turns.elapsed()
        );
    }
}
