//! The rest of a lost share: it is made from the moment at which somebody takes over, by the clock of the load.

use tokio::time::Instant;

use super::*;
use crate::share::Division;

/// The second of two equal shares, which was heard of until `from`, made again from `begun` on; both in milliseconds.
async fn taken_over(
    draft: Draft,
    (from, begun): (u64, u64),
    takes: impl Fn(u32, u64) -> Duration + Copy + 'static,
) -> (Starts, Outcome, Turns) {
    let plan = Plan::new(draft).unwrap();
    let lost = Division::even(2).unwrap().part(&plan, 1).unwrap();
    let part = lost.taken_over(2, milliseconds(from));
    let turns = Turns::of_part(part, Samples::new([]).unwrap());
    let take_over = |turns: &Turns| {
        let late = milliseconds(begun);
        turns.take_over(Instant::now() - late, late);
    };
    let (starts, outcome) = run_begun_by(&turns, takes, take_over, async {}).await;
    (starts, outcome, turns)
}

#[tokio::test(start_paused = true)]
async fn arrivals_keep_their_instants_and_those_that_were_due_before_come_to_nothing_once() {
    let whole = turns(rate(100.0, 10_000, 40));
    let takes = |_, _| milliseconds(5);
    let (alone, _) = run(&whole, takes).await;
    let lost = alone.iter().skip(1).step_by(2).map(|start| start.intended);
    let expected: Vec<_> = lost.filter(|intended| *intended >= 5_000).collect();
    let draft = rate(100.0, 10_000, 40);
    let (starts, outcome, turns) = taken_over(draft, (3_000, 5_000), takes).await;
    let intended: Vec<_> = starts.iter().map(|start| start.intended).collect();
    assert_eq!(intended, expected);
    assert_eq!(times(&starts), expected, "nothing is made at once");
    assert_eq!((outcome.iterations, outcome.dropped), (250, 100));
    assert_eq!(turns.arrived().unwrap().intended, 350);
}

#[tokio::test(start_paused = true)]
async fn what_nobody_made_in_the_warm_up_is_not_missed() {
    let draft = Draft {
        warm_up: milliseconds(2_000),
        ..rate(100.0, 4_000, 40)
    };
    let (_, outcome, turns) = taken_over(draft, (500, 3_000), |_, _| milliseconds(5)).await;
    assert_eq!((outcome.iterations, outcome.dropped), (150, 50));
    assert_eq!(turns.arrived().unwrap().intended, 200);
}

#[tokio::test(start_paused = true)]
async fn virtual_users_are_those_that_the_schedule_wants_then_and_end_with_it() {
    let stages = vec![stage(0, 2.0), stage(1_000, 8.0), stage(1_000, 0.0)];
    let draft = draft(Executor::RampingVus(stages));
    let takes = |_, _| milliseconds(100);
    let (alone, _) = run(&turns(draft.clone()), takes).await;
    let (starts, outcome, _) = taken_over(draft, (300, 600), takes).await;
    // 2, 4, 6 and 8; of which 2 and 4 are wanted at once.
    let first = |vu| of(vu, &starts)[0];
    assert_eq!([2, 4, 6, 8].map(first), [600, 600, 667, 1_000]);
    for vu in [2, 4, 6, 8] {
        let last = |starts: &Starts| of(vu, starts).last().copied().unwrap();
        assert!(last(&alone).abs_diff(last(&starts)) < 100, "{vu}");
    }
    assert_eq!(outcome.iterations, starts.len() as u64);
}

#[tokio::test(start_paused = true)]
async fn whoever_takes_over_after_the_end_makes_nothing() {
    let constant = Executor::ConstantVus {
        vus: 4,
        duration: milliseconds(1_000),
    };
    for draft in [draft(constant), rate(100.0, 1_000, 4)] {
        let (starts, outcome, _) = taken_over(draft, (400, 1_500), |_, _| milliseconds(5)).await;
        assert_eq!((starts.len(), outcome.iterations), (0, 0));
    }
}
