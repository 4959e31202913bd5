//! Loads that several machines make: together they start what one would start, when it would; and all begin at one moment.

use tokio::time::advance;

use super::*;
use crate::delta::Deltas;
use crate::merge::Merged;
use crate::share::Division;

/// Runs all shares of a load, each on a machine of its own, and merges what they tell at their end.
async fn run_shares(
    draft: &Draft,
    weights: &[u32],
    takes: impl Fn(u32, u64) -> Duration + Copy + 'static,
) -> (Starts, Vec<Outcome>, Outcome) {
    let plan = Plan::new(draft.clone()).unwrap();
    let division = Division::weighted(weights.to_vec()).unwrap();
    let (mut starts, mut outcomes) = (Vec::new(), Vec::new());
    let mut merged = Merged::new(plan.clone(), &division).unwrap();
    for part in division.parts(&plan).unwrap() {
        let turns = Turns::of_part(part, Samples::new([]).unwrap());
        let (own, outcome) = run(&turns, takes).await;
        starts.extend(own);
        outcomes.push(outcome);
        for delta in Deltas::new(turns).take(&Generator::default(), true) {
            merged.add(&delta).unwrap();
        }
    }
    assert!(merged.is_over());
    (starts, outcomes, merged.outcome(None, None))
}

fn sorted<Key: Ord>(starts: &Starts, key: impl Fn(&Start) -> Key) -> Vec<Key> {
    let mut keys: Vec<_> = starts.iter().map(key).collect();
    keys.sort_unstable();
    keys
}

#[tokio::test(start_paused = true)]
async fn shares_of_a_closed_load_start_the_same_iterations_of_the_same_virtual_users_at_the_same_times()
 {
    let takes = |vu: u32, iteration: u64| milliseconds(u64::from(vu % 3) * 4 + iteration % 5 + 3);
    for executor in [
        Executor::PerVuIterations {
            vus: 7,
            iterations: 6,
        },
        Executor::ConstantVus {
            vus: 7,
            duration: milliseconds(80),
        },
        Executor::RampingVus(vec![stage(0, 2.0), stage(90, 9.0), stage(40, 1.0)]),
    ] {
        let draft = Draft {
            warm_up: milliseconds(20),
            pace: milliseconds(9),
            ..draft(executor)
        };
        let (alone, whole) = run(&turns(draft.clone()), takes).await;
        for weights in [&[1, 1, 1][..], &[5, 2], &[1; 20]] {
            let (starts, _, merged) = run_shares(&draft, weights, takes).await;
            let key = |start: &Start| (start.at, start.vu);
            assert_eq!(sorted(&starts, key), sorted(&alone, key), "{draft:?}");
            assert_eq!(merged, whole, "{draft:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn shares_of_an_open_load_make_each_arrival_once_when_one_machine_would() {
    let ramp = vec![stage(0, 40.0), stage(300, 200.0), stage(100, 0.0)];
    let ramped = Draft {
        max_vus: 40,
        ..draft(Executor::RampingArrivalRate(ramp))
    };
    for draft in [rate(130.0, 400, 30), ramped] {
        let draft = Draft {
            warm_up: milliseconds(70),
            ..draft
        };
        let takes = |_, _| milliseconds(2);
        let (alone, whole) = run(&turns(draft.clone()), takes).await;
        for weights in [&[1, 1, 1][..], &[5, 2], &[1; 25]] {
            let (starts, _, mut merged) = run_shares(&draft, weights, takes).await;
            let key = |start: &Start| (start.intended, start.at);
            assert_eq!(sorted(&starts, key), sorted(&alone, key), "{draft:?}");
            // Not all shares have their most busy ones at the same time.
            assert!(merged.most_vus >= whole.most_vus);
            merged.most_vus = whole.most_vus;
            assert_eq!(merged, whole, "{draft:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn iterations_that_are_shared_are_made_once_and_spread_over_the_shares() {
    let draft = draft(Executor::SharedIterations {
        vus: 5,
        iterations: 103,
    });
    let (starts, outcomes, merged) = run_shares(&draft, &[1, 1], |_, _| milliseconds(3)).await;
    assert_eq!(starts.len(), 103);
    let own: Vec<_> = outcomes.iter().map(|outcome| outcome.iterations).collect();
    // Three and two virtual users: 60 and 40, and of the last three iterations two and one.
    assert_eq!((own, merged.iterations), (vec![62, 41], 103));
}

#[tokio::test(start_paused = true)]
async fn what_nobody_comes_for_is_dropped_by_the_share_whose_it_was() {
    let hanging = Draft {
        grace: milliseconds(10),
        ..rate(10.0, 1_000, 4)
    };
    let (_, outcomes, merged) = run_shares(&hanging, &[1, 1], |_, _| Duration::from_mins(1)).await;
    let dropped: Vec<_> = outcomes.iter().map(|outcome| outcome.dropped).collect();
    assert_eq!(dropped, [3, 3]);
    assert_eq!((merged.dropped, merged.interrupted), (6, 4));
}

#[tokio::test(start_paused = true)]
async fn a_share_without_virtual_users_is_over_at_once() {
    let (starts, outcomes, _) =
        run_shares(&rate(10.0, 1_000, 1), &[1, 1], |_, _| milliseconds(1)).await;
    assert_eq!(starts.len(), 10);
    assert_eq!((outcomes[1].iterations, outcomes[1].dropped), (0, 0));
    assert_eq!(outcomes[1].intended_per_second, Some(0.0));
}

#[tokio::test(start_paused = true)]
async fn a_load_begins_at_the_agreed_moment_and_not_before() {
    let turns = turns(rate(10.0, 1_000, 1));
    let mut seat = turns.worker().seat(1);
    let moment = Instant::now() + milliseconds(700);
    let (first, ()) = tokio::join!(
        async {
            seat.next(None).await.unwrap();
            Instant::now()
        },
        turns.begin_at(moment)
    );
    assert_eq!(first, moment);
    assert_eq!(turns.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn who_comes_after_the_agreed_moment_is_late_by_it() {
    let turns = turns(Draft {
        late: milliseconds(200),
        ..rate(10.0, 1_000, 1)
    });
    let moment = Instant::now();
    advance(milliseconds(450)).await;
    turns.begin_at(moment).await;
    assert_eq!(turns.elapsed(), milliseconds(450));
    let mut seat = turns.worker().seat(1);
    // Nobody was here for those of 0, 100 and 200 ms; the first is given to whoever was never busy, and its lateness is the generator's.
    let turn = seat.next(None).await.unwrap();
    assert_eq!(turn.intended, Duration::ZERO);
    assert!(turns.samples().lateness_of_the_free() >= milliseconds(450));
    let turn = seat.next(Some(PASSED)).await.unwrap();
    assert_eq!(turn.intended, milliseconds(300));
    assert_eq!(turns.arrived().map(|arrived| arrived.dropped), Some(2));
}
