//! Lost shares: what others make of them is each of their places once, and nothing else.

use super::super::deal::lots;
use super::*;

/// The places below a limit that a part has.
fn places(part: &Part, until: u64) -> Vec<u64> {
    let lot = part.lot();
    (0..lot.count_before(until))
        .map(|index| lot.place(index).unwrap())
        .collect()
}

/// A share of a load that machines lose one after the other: what is left of it with whom.
fn dealt_out(random: &mut fastrand::Rng, part: &Part, depth: usize) -> Vec<Part> {
    let weights: Vec<u32> = (0..random.usize(1..6)).map(|_| random.u32(1..9)).collect();
    let dealt = part.deal(&weights);
    assert!(!dealt.is_empty(), "{part:?} to {weights:?}");
    let mut parts = Vec::new();
    for dealt in dealt {
        assert!(dealt.machine < weights.len());
        let hand = part.dealt(&dealt.deal).unwrap();
        assert_eq!(hand, dealt.part);
        assert!(!hand.is_empty() && hand.vus() > 0, "{hand:?}");
        if depth > 0 && random.bool() {
            parts.extend(dealt_out(random, &hand, depth - 1));
        } else {
            parts.push(hand);
        }
    }
    parts
}

#[test]
fn every_place_of_a_lost_share_is_dealt_once_however_often_its_machines_are_lost() {
    for seed in 0..TRIES {
        let mut random = fastrand::Rng::with_seed(seed);
        let plan = random_open(&mut random);
        let division = random_division(&mut random);
        let until = random.u64(1..3_000);
        let mut owners = vec![0_u8; usize::try_from(until).unwrap()];
        for part in division.parts(&plan).unwrap() {
            let is_lost = !part.is_empty() && random.bool();
            let parts = if is_lost {
                dealt_out(&mut random, &part, 3)
            } else {
                vec![part]
            };
            for place in parts.iter().flat_map(|part| places(part, until)) {
                owners[usize::try_from(place).unwrap()] += 1;
            }
        }
        assert!(owners.iter().all(|owners| *owners == 1), "{seed}");
    }
}

#[test]
fn virtual_users_of_a_lost_share_keep_their_numbers_and_each_is_of_one_machine() {
    for seed in 0..TRIES {
        let mut random = fastrand::Rng::with_seed(seed);
        let plan = random_plan(&mut random);
        let division = random_division(&mut random);
        for part in division.parts(&plan).unwrap() {
            if part.is_empty() {
                assert_eq!(part.deal(&[1, 2]), []);
                continue;
            }
            let lost: Vec<_> = part.numbers().collect();
            let parts = dealt_out(&mut random, &part, 2);
            let mut again: Vec<_> = parts.iter().flat_map(Part::numbers).collect();
            again.sort_unstable();
            assert_eq!(again, lost, "{seed}");
        }
    }
}

#[test]
fn a_refill_is_found_by_the_way_down_to_it() {
    let plan = plan(
        Executor::ConstantArrivalRate {
            per_second: 100.0,
            duration: Duration::from_secs(10),
        },
        60,
    );
    let division = Division::weighted(vec![2, 3, 1]).unwrap();
    let lost = division.part(&plan, 1).unwrap();
    let first = lost.deal(&[2, 1]).remove(1);
    let second = first.part.deal(&[1, 1]).remove(0);
    assert_eq!(first.machine, 1);
    let refill = Refill {
        number: 7,
        deals: vec![first.deal, second.deal],
        from: Duration::from_secs(3),
    };
    let sent: Refill = serde_json::from_str(&serde_json::to_string(&refill).unwrap()).unwrap();
    let part = division.refill(&plan, 1, &sent).unwrap();
    assert_eq!(
        (part.number(), part.makes_up_from()),
        (7, Some(refill.from))
    );
    // A half of a third of a half.
    assert_eq!(part.vus(), 5);
    assert!((part.peak_rate().unwrap() - 100.0 / 12.0).abs() < 1e-9);
    let of_lost = places(&lost, 1_000);
    assert!(
        places(&part, 1_000)
            .iter()
            .all(|place| of_lost.contains(place))
    );
}

#[test]
fn a_pattern_is_never_longer_than_its_bound_and_then_the_heaviest_machine_has_all() {
    let mut weights = vec![1; MAX_SHARES];
    weights[0] = MAX_WEIGHTS - 999;
    let division = Division::weighted(weights.clone()).unwrap();
    let plan = plan(
        Executor::ConstantVus {
            vus: crate::plan::MAX_VUS,
            duration: Duration::from_secs(1),
        },
        0,
    );
    let lost = division.part(&plan, 1).unwrap();
    // 10,000 places that are dealt to 9,999 weights would be 10^8.
    let dealt = lost.deal(&weights[..MAX_SHARES - 1]);
    assert_eq!(dealt.len(), 1);
    assert_eq!((dealt[0].machine, dealt[0].part.vus()), (0, lost.vus()));
    let long = Deal {
        among: Division::weighted(vec![9_998, 1]).unwrap(),
        hand: 0,
    };
    assert_eq!(lost.dealt(&long), Err(NotShared::LongPattern));
}

#[test]
fn what_no_refill_can_be_is_refused() {
    let plan = random_closed(&mut fastrand::Rng::with_seed(1));
    let division = Division::even(2).unwrap();
    let deal = |hand| Deal {
        among: Division::even(1).unwrap(),
        hand,
    };
    let refill = |deals| Refill {
        number: 2,
        deals,
        from: Duration::ZERO,
    };
    let refused = |deals| division.refill(&plan, 0, &refill(deals)).unwrap_err();
    let no_such = NotShared::NoSuchShare { number: 1, of: 1 };
    assert_eq!(refused(vec![deal(1)]), no_such);
    let often = vec![deal(0); MAX_DEALS + 1];
    assert_eq!(refused(often), NotShared::ManyDeals(MAX_DEALS + 1));
    assert!(division.refill(&plan, 0, &refill(vec![deal(0)])).is_ok());
}

#[test]
fn only_a_load_that_ends_with_its_time_can_be_refilled() {
    let duration = Duration::from_secs(1);
    let steps = Steps {
        first: 1.0,
        step: 1.0,
        last: 3.0,
        hold: duration,
    };
    let stages = vec![Stage {
        duration,
        target: 3.0,
    }];
    for (executor, word) in [
        (Executor::ConstantVus { vus: 1, duration }, None),
        (Executor::RampingVus(stages.clone()), None),
        (
            Executor::ConstantArrivalRate {
                per_second: 1.0,
                duration,
            },
            None,
        ),
        (Executor::RampingArrivalRate(stages), None),
        (
            Executor::SharedIterations {
                vus: 1,
                iterations: 2,
            },
            Some("counts iterations"),
        ),
        (
            Executor::PerVuIterations {
                vus: 1,
                iterations: 2,
            },
            Some("counts iterations"),
        ),
        (Executor::SearchingVus(steps), Some("searches for a limit")),
        (
            Executor::SearchingArrivalRate(steps),
            Some("searches for a limit"),
        ),
    ] {
        let found = why_not(&executor);
        assert_eq!(found.is_some(), word.is_some(), "{executor:?}");
        assert!(found.unwrap_or_default().contains(word.unwrap_or_default()));
    }
}

#[test]
fn a_hand_of_all_places_is_dealt_as_the_load_is() {
    let plan = plan(
        Executor::ConstantVus {
            vus: 10,
            duration: Duration::from_secs(1),
        },
        0,
    );
    let dealt = Part::whole(plan.clone()).deal(&[3, 2]);
    let own = lots(&[3, 2], 10);
    for (hand, lot) in dealt.into_iter().zip(own) {
        assert_eq!(hand.part.lot(), &lot);
    }
}
