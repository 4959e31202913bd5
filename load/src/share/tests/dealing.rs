//! Lots: every place is dealt once, and each share has its part of every beginning.

use super::super::deal::lots;
use super::*;

#[test]
fn equal_shares_take_turns() {
    let dealt = lots(&[1, 1, 1], 3);
    let places = |lot: &Lot| -> Vec<_> { (0..3).map_while(|index| lot.place(index)).collect() };
    let all: Vec<_> = dealt.iter().map(places).collect();
    assert_eq!(all, [[0, 3, 6], [1, 4, 7], [2, 5, 8]]);
}

#[test]
fn a_heavier_share_has_more_places_and_spreads_them() {
    let dealt = lots(&[3, 1], 4);
    let places: Vec<_> = (0..7).filter_map(|index| dealt[0].place(index)).collect();
    assert_eq!(places.len(), 7);
    // Never more than three in a row, never the other one twice.
    let gaps: Vec<_> = places.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(gaps.iter().all(|gap| (1..=2).contains(gap)), "{places:?}");
    assert_eq!((dealt[0].count_before(8), dealt[1].count_before(8)), (6, 2));
}

#[test]
fn every_place_belongs_to_exactly_one_share_and_is_found_again() {
    for seed in 0..TRIES {
        let mut random = fastrand::Rng::with_seed(seed);
        let division = random_division(&mut random);
        let dealt = lots(division.weights(), 1_000_000);
        let until = random.u64(1..5_000);
        let mut owners = vec![0_u8; usize::try_from(until).unwrap()];
        for lot in &dealt {
            for index in 0..lot.count_before(until) {
                let place = lot.place(index).unwrap();
                owners[usize::try_from(place).unwrap()] += 1;
                assert_eq!(lot.count_before(place), index, "{division:?}");
                assert_eq!(lot.count_before(place + 1), index + 1, "{division:?}");
            }
        }
        assert!(owners.iter().all(|owners| *owners == 1), "{division:?}");
    }
}

#[test]
fn no_share_is_ever_a_whole_place_away_from_its_part() {
    for seed in 0..TRIES {
        let mut random = fastrand::Rng::with_seed(seed);
        let division = random_division(&mut random);
        let period: u32 = division.weights().iter().sum();
        let dealt = lots(division.weights(), 1_000_000);
        for (lot, weight) in dealt.iter().zip(division.weights()) {
            for place in 0..=2 * u64::from(period) {
                let exact = u64::from(*weight) * place;
                let given = lot.count_before(place) * u64::from(period);
                assert!(
                    given.abs_diff(exact) < period.into(),
                    "{division:?} at {place}"
                );
            }
        }
    }
}

#[test]
fn who_would_have_no_virtual_user_has_nothing_and_the_others_have_all() {
    for seed in 0..TRIES {
        let mut random = fastrand::Rng::with_seed(seed);
        let division = random_division(&mut random);
        let vus = random.u32(1..20);
        let dealt = lots(division.weights(), vus);
        let mut of_all = 0;
        for lot in &dealt {
            let own = lot.count_before(vus.into());
            assert_eq!(own == 0, lot.is_empty(), "{division:?} of {vus}");
            of_all += own;
        }
        assert_eq!(of_all, u64::from(vus));
        let arrivals = dealt.iter().map(|lot| lot.count_before(12_345));
        assert_eq!(arrivals.sum::<u64>(), 12_345);
    }
}

#[test]
fn far_places_are_found_as_near_ones() {
    let dealt = lots(&[2, 5, 3], 10);
    let far = 1_000_000_000_000;
    let sum: u64 = dealt.iter().map(|lot| lot.count_before(far)).sum();
    assert_eq!(sum, far);
    assert_eq!(dealt[1].count_before(far), far / 2);
    assert_eq!(Lot::whole().place(u64::MAX), Some(u64::MAX));
    assert_eq!(
        (Lot::nothing().place(0), Lot::nothing().count_before(far)),
        (None, 0)
    );
}
