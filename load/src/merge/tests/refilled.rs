//! Lost shares that others make up for: what was heard of them stays, and nothing is counted twice.

use super::*;
use crate::outcome::Outcome;
use crate::share::Part;

fn open_plan() -> Plan {
    let executor = Executor::ConstantArrivalRate {
        per_second: 977.0,
        duration: SECOND * 10,
    };
    let draft = Draft {
        max_vus: 12,
        warm_up: SECOND,
        ..Draft::new("browse", executor)
    };
    Plan::new(draft).unwrap()
}

/// A share without anybody who comes for its arrivals: all of them are dropped.
fn begun(part: Part) -> Deltas {
    let turns = Turns::of_part(part, Samples::new([]).unwrap());
    turns.begin();
    Deltas::new(turns)
}

fn add(merged: &mut Merged, deltas: Vec<Delta>) {
    for delta in deltas {
        assert_eq!(merged.add(&delta), Ok(Added::New));
    }
}

/// What came of a load of two of which one was lost at that time and made up for by others of these weights, so much later.
async fn refilled(lost_at: Duration, later: Duration, weights: &[u32]) -> Outcome {
    let plan = open_plan();
    let division = Division::weighted(vec![2, 1]).unwrap();
    let mut merged = Merged::new(plan.clone(), &division).unwrap();
    let parts = division.parts(&plan).unwrap();
    let began = tokio::time::Instant::now();
    let mut deltas = parts.clone().into_iter().map(begun).collect::<Vec<_>>();
    advance(lost_at).await;
    for deltas in &mut deltas {
        add(&mut merged, deltas.take(&Generator::default(), false));
    }
    let from = merged.told_by(1).unwrap();
    merged.give_up(1);
    advance(later).await;
    for hand in parts[1].deal(weights) {
        let number = merged.make_up_for(1);
        let part = hand.part.taken_over(number, from);
        let turns = Turns::of_part(part, Samples::new([]).unwrap());
        let late = began.elapsed();
        turns.take_over(began, late);
        merged.begin(number, late);
        deltas.push(Deltas::new(turns));
    }
    advance(SECOND * 11).await;
    deltas.remove(1);
    for deltas in &mut deltas {
        add(&mut merged, deltas.take(&Generator::default(), true));
    }
    assert!(merged.is_over());
    merged.outcome(None, None)
}

#[tokio::test(start_paused = true)]
async fn arrivals_of_a_lost_share_are_intended_once_whenever_it_was_lost() {
    for seed in 0..40 {
        let mut random = fastrand::Rng::with_seed(seed);
        let lost_at = Duration::from_micros(random.u64(0..10_900_000));
        let later = Duration::from_micros(random.u64(0..3_000_000));
        let outcome = refilled(lost_at, later, &[3, 1, 2]).await;
        // Nobody came for any of them.
        assert_eq!(outcome.dropped, 9_770, "lost at {lost_at:?}");
        assert_eq!(outcome.intended_per_second, Some(977.0));
    }
}

#[tokio::test(start_paused = true)]
async fn seconds_do_not_wait_for_whoever_has_not_begun_and_then_they_do() {
    let mut machines = machines(2);
    let mut merged = merged_of(2);
    for machine in &mut machines {
        add(&mut merged, machine.take(false));
    }
    merged.give_up(1);
    let number = merged.make_up_for(1);
    assert_eq!(number, 2);
    let second = async |merged: &mut Merged, machine: &mut Machine| {
        advance(SECOND).await;
        let delta = machine.second(1);
        merged.add(&delta).unwrap();
        merged.points().len()
    };
    // The first one began with what was told at once.
    assert_eq!(second(&mut merged, &mut machines[0]).await, 1);
    assert_eq!(second(&mut merged, &mut machines[0]).await, 1);
    assert!(!merged.is_over());
    merged.begin(number, SECOND * 2);
    assert_eq!(second(&mut merged, &mut machines[0]).await, 0);
    let part = Division::even(2).unwrap().part(&plan(), 1).unwrap();
    let turns = Turns::of_part(part.taken_over(number, SECOND), Samples::new([]).unwrap());
    turns.take_over(tokio::time::Instant::now() - SECOND * 2, SECOND * 2);
    let shard = turns.samples().shard();
    let mut deltas = Deltas::new(turns);
    advance(SECOND).await;
    shard.iteration(Phase::Baseline, None, 1_000);
    let delta = deltas.take(&Generator::default(), true).remove(0);
    assert_eq!((delta.from(), delta.until()), (SECOND * 2, SECOND * 3));
    merged.add(&delta).unwrap();
    let points = merged.points();
    assert_eq!((points.len(), points[0].iterations), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn what_comes_of_a_lost_share_after_it_was_given_up_is_left_out() {
    let mut machines = machines(2);
    let mut merged = merged_of(2);
    advance(SECOND).await;
    add(&mut merged, vec![machines[1].second(3)]);
    assert_eq!(merged.told_by(1), Some(SECOND));
    merged.give_up(1);
    let number = merged.make_up_for(1);
    advance(SECOND).await;
    assert_eq!(merged.add(&machines[1].second(5)), Ok(Added::GivenUp));
    let told = (merged.samples().iterations(), merged.told_by(1));
    assert_eq!(told, (3, Some(SECOND)));
    assert_eq!(merged.told_by(number), None);
}

#[test]
fn virtual_users_of_a_lost_share_and_of_those_that_make_up_for_it_are_no_more_than_those_of_the_load()
 {
    let mut merged = merged_of(2);
    let had = |merged: &mut Merged, share: usize, most_vus| {
        merged.shares[share].newest = Some(Newest {
            number: 0,
            until_ms: 0,
            reaches_ms: 0,
            standing: Standing {
                most_vus,
                ..Standing::default()
            },
        });
    };
    had(&mut merged, 0, 4);
    had(&mut merged, 1, 6);
    let (one, other) = (merged.make_up_for(1), merged.make_up_for(1));
    had(&mut merged, one, 3);
    had(&mut merged, other, 3);
    assert_eq!(merged.outcome(None, None).most_vus, 10);
    // A ramp had not wanted all of them when it was lost.
    had(&mut merged, 1, 2);
    let again = merged.make_up_for(other);
    had(&mut merged, again, 2);
    assert_eq!(merged.outcome(None, None).most_vus, 10);
}
