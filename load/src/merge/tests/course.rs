//! Seconds, standings, and what a load that several make came to.

use super::*;
use crate::delta::Standing;

fn add_all(merged: &mut Merged, deltas: &[Delta]) {
    for delta in deltas {
        assert_eq!(merged.add(delta), Ok(Added::New));
    }
}

/// So many seconds of some machines, each of which makes its number and one more iterations in a second. By second, then by machine.
async fn seconds(machines: &mut [Machine], count: usize) -> Vec<Vec<Delta>> {
    let mut all = Vec::new();
    for _ in 0..count {
        advance(SECOND).await;
        let deltas = (1..)
            .zip(machines.iter_mut())
            .map(|(iterations, machine)| machine.second(iterations));
        all.push(deltas.collect());
    }
    all
}

#[tokio::test(start_paused = true)]
async fn a_second_is_told_once_all_shares_have_told_it() {
    let mut machines = machines(3);
    let seconds = seconds(&mut machines, 2).await;
    let mut merged = merged_of(3);
    add_all(&mut merged, &seconds[0][..2]);
    assert_eq!(
        (merged.points(), merged.reached()),
        (Vec::new(), Some(Duration::ZERO))
    );
    // The last one skips a second: it is missing, and does not count as reached.
    merged.add(&seconds[1][2]).unwrap();
    let missing = Missing {
        share: 2,
        numbers: 0..1,
    };
    assert_eq!(
        (merged.points(), merged.missing()),
        (Vec::new(), vec![missing])
    );
    merged.add(&seconds[0][2]).unwrap();
    let points = merged.points();
    let [point] = points.as_slice() else {
        panic!("{points:?}");
    };
    assert_eq!(
        (point.at_ms, point.length_ms, point.iterations),
        (0, 1_000, 6)
    );
    assert_eq!(merged.reached(), Some(SECOND));
    assert_eq!(merged.reached_by(2), SECOND * 2);
    assert!(merged.missing().is_empty() && !merged.is_over());
}

#[tokio::test(start_paused = true)]
async fn a_share_that_is_given_up_is_waited_for_no_more_and_what_came_of_it_stays() {
    let mut machines = machines(2);
    let seconds = seconds(&mut machines, 3).await;
    let mut merged = merged_of(2);
    add_all(&mut merged, &seconds[0]);
    add_all(&mut merged, &seconds[1][..1]);
    merged.give_up(1);
    assert_eq!(merged.add(&seconds[1][1]), Ok(Added::GivenUp));
    add_all(&mut merged, &seconds[2][..1]);
    let counts: Vec<_> = merged
        .points()
        .iter()
        .map(|point| point.iterations)
        .collect();
    assert_eq!(counts, [3, 1, 1]);
    assert_eq!(
        (merged.samples().iterations(), merged.reached_by(1)),
        (5, SECOND)
    );
    advance(SECOND).await;
    add_all(&mut merged, &machines[0].take(true));
    assert!(merged.is_over() && merged.reached().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_second_that_waits_too_long_is_told_as_it_is_and_what_comes_later_with_the_next() {
    let mut machines = machines(2);
    let seconds = seconds(&mut machines, MAX_WAITING + 1).await;
    let mut merged = merged_of(2);
    for second in &seconds[..MAX_WAITING] {
        merged.add(&second[0]).unwrap();
    }
    assert_eq!(merged.points(), []);
    merged.add(&seconds[MAX_WAITING][0]).unwrap();
    let counts: Vec<_> = merged
        .points()
        .iter()
        .map(|point| point.iterations)
        .collect();
    assert_eq!(counts, [1]);
    for second in &seconds {
        merged.add(&second[1]).unwrap();
    }
    let counts: Vec<_> = merged
        .points()
        .iter()
        .map(|point| point.iterations)
        .collect();
    assert_eq!(counts.len(), MAX_WAITING);
    assert_eq!((counts[0], counts[1]), (1 + 2 + 2, 3));
}

#[tokio::test(start_paused = true)]
async fn virtual_users_and_streams_of_a_second_are_those_of_its_newest_deltas() {
    let mut machines = machines(2);
    let meters = machines.iter().map(|machine| {
        let mut meter =
            crate::streams::StreamMeter::ask(Arc::clone(&machine.shard), Phase::Baseline, None);
        meter.opened();
        meter
    });
    let meters = meters.collect::<Vec<_>>();
    let mut merged = merged_of(2);
    for machine in &mut machines {
        // Two in one second.
        add_all(&mut merged, &machine.take(false));
    }
    drop(meters);
    advance(SECOND).await;
    for machine in &mut machines {
        add_all(&mut merged, &machine.take(true));
    }
    let points = merged.points();
    assert_eq!((points.len(), points[0].open_streams), (1, 0));
    let outcome = merged.outcome(None, None);
    assert_eq!(
        outcome
            .streams
            .map(|streams| (streams.most_open, streams.all.opened)),
        Some((2, 2))
    );
}

#[test]
fn the_standing_of_a_load_is_that_of_the_newest_delta_of_each_share() {
    let mut deltas = Vec::new();
    for mut machine in machines(2) {
        for (busiest, over) in [(0.9, false), (0.4, true)] {
            let generator = Generator {
                saturated: busiest > 0.5,
                busiest,
                ..Generator::default()
            };
            deltas.extend(machine.deltas.take(&generator, over));
        }
    }
    let mut merged = merged_of(2);
    // The newest of the first share comes first, and only the older one of the second.
    for place in [1, 0, 2] {
        merged.add(&deltas[place]).unwrap();
    }
    let busiest: Vec<_> = merged.heard().map(|standing| standing.busiest).collect();
    assert_eq!(busiest, [0.4, 0.9]);
    assert_eq!(merged.saturated(), [1]);
    let outcome = merged.outcome(Some(7.0), Some("missed".to_owned()));
    assert!(outcome.generator.saturated && (outcome.generator.busiest - 0.9).abs() < 1e-9);
    assert_eq!(
        (outcome.limit, outcome.aborted.as_deref()),
        (Some(7.0), Some("missed"))
    );
    assert!(
        merged
            .standings()
            .all(|standing: Option<&Standing>| standing.is_some())
    );
    assert!(!merged.is_over());
    merged.add(&deltas[3]).unwrap();
    assert!(merged.is_over() && merged.saturated().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_page_of_a_second_does_not_reach_its_end() {
    let mut pages = {
        let machine = &mut machines(2)[0];
        let name = |number| format!("{number:04}{}", "\u{1}".repeat(252));
        for number in 0..1_000 {
            let name = machine.shard.name(&name(number));
            for exponent in 0..200 {
                machine.shard.record(RequestSample {
                    name,
                    phase: Phase::Baseline,
                    failure: None,
                    nanoseconds: (1_000 << (exponent % 20)) | exponent,
                    received: 0,
                });
            }
        }
        advance(SECOND).await;
        machine.take(false)
    };
    let last = pages.pop().unwrap();
    assert!(!pages.is_empty() && !last.is_continued());
    let mut merged = merged_of(1);
    for page in &pages {
        assert!(page.is_continued());
        merged.add(page).unwrap();
        assert_eq!(merged.reached_by(0), Duration::ZERO);
    }
    merged.add(&last).unwrap();
    assert_eq!(merged.reached_by(0), last.until());
    assert_eq!(last.until(), SECOND);
}
