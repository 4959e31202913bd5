//! Parts of random plans, put together again.

use super::*;

#[test]
fn virtual_users_keep_their_numbers_and_each_is_of_one_share() {
    for seed in 0..TRIES {
        let mut random = fastrand::Rng::with_seed(seed);
        let plan = random_plan(&mut random);
        let parts = random_division(&mut random).parts(&plan).unwrap();
        for part in &parts {
            let own: Vec<_> = part.numbers().collect();
            assert!(own.is_sorted());
            assert_eq!(own.len(), usize::try_from(part.vus()).unwrap());
            assert_eq!(own.is_empty(), part.is_empty(), "{plan:?}");
            assert_eq!(part.plan(), &plan);
        }
        let mut numbers: Vec<_> = parts.iter().flat_map(Part::numbers).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=plan.vus()).collect::<Vec<_>>());
    }
}

#[test]
fn at_every_instant_the_virtual_users_of_all_shares_are_those_of_the_load() {
    for seed in 0..TRIES {
        let mut random = fastrand::Rng::with_seed(seed);
        let plan = plan(Executor::RampingVus(random_stages(&mut random, true)), 0);
        let schedule = Schedule::of(&plan).unwrap();
        let parts = random_division(&mut random).parts(&plan).unwrap();
        for _ in 0..50 {
            let time = schedule.total().mul_f64(random.f64());
            let wanted = schedule.vus_at(time);
            let of_shares: u32 = parts.iter().map(|part| part.vus_of(wanted)).sum();
            assert_eq!(of_shares, wanted);
            // It is the numbers that the schedule wants, and not only as many.
            let mut by_number = 0;
            for number in parts.iter().flat_map(Part::numbers) {
                by_number += u32::from(schedule.when_wanted(number, time) == Some(time));
            }
            assert_eq!(by_number, wanted, "{plan:?} at {time:?}");
        }
    }
}

#[test]
fn iterations_of_all_shares_are_those_of_the_load_and_every_virtual_user_has_some() {
    for seed in 0..TRIES {
        let mut random = fastrand::Rng::with_seed(seed);
        let plan = random_closed(&mut random);
        let whole = match plan.executor() {
            Executor::SharedIterations { iterations, .. } => Some(*iterations),
            Executor::PerVuIterations { vus, iterations } => Some(iterations * u64::from(*vus)),
            _ => None,
        };
        let parts = random_division(&mut random).parts(&plan).unwrap();
        let of_shares: Option<u64> = parts.iter().map(Part::iterations).sum();
        assert_eq!(of_shares, whole);
        for part in parts.iter().filter(|part| part.iterations().is_some()) {
            assert!(part.iterations() >= Some(part.vus().into()));
        }
    }
}

#[test]
fn every_arrival_is_made_by_one_share_at_its_own_instant() {
    for seed in 0..TRIES {
        let mut random = fastrand::Rng::with_seed(seed);
        let plan = random_open(&mut random);
        let schedule = Schedule::of(&plan).unwrap();
        let parts = random_division(&mut random).parts(&plan).unwrap();
        let starts: Vec<_> = parts.iter().filter_map(Part::starts).collect();
        assert_eq!(starts.len(), parts.len());
        let mut all = Vec::new();
        for own in &starts {
            let own_starts: Vec<_> = own.all().collect();
            assert!(own_starts.is_sorted());
            assert_eq!(own_starts.len() as u64, own.count());
            assert_eq!(own.start(own.count()), None);
            all.extend(own_starts);
        }
        all.sort_unstable();
        assert_eq!(all, schedule.starts().collect::<Vec<_>>(), "{plan:?}");
        for _ in 0..20 {
            let time = schedule.total().mul_f64(random.f64() * 1.1);
            let due: u64 = starts.iter().map(|own| own.count_before(time)).sum();
            assert_eq!(due, schedule.count_before(time));
        }
    }
}

#[test]
fn arrivals_of_equal_shares_are_interleaved_and_not_in_blocks() {
    let executor = Executor::ConstantArrivalRate {
        per_second: 100.0,
        duration: Duration::from_secs(10),
    };
    let plan = plan(executor, 100);
    for part in Division::even(4).unwrap().parts(&plan).unwrap() {
        let starts: Vec<_> = part.starts().unwrap().all().collect();
        assert_eq!(
            starts[0],
            Duration::from_millis(10) * u32::try_from(part.number()).unwrap()
        );
        let gaps = starts
            .windows(2)
            .map(|pair| pair[1].saturating_sub(pair[0]));
        assert!(gaps.into_iter().all(|gap| gap == Duration::from_millis(40)));
        assert_eq!(part.peak_rate(), Some(25.0));
    }
}

#[test]
fn the_only_share_is_the_load() {
    for seed in 0..TRIES {
        let mut random = fastrand::Rng::with_seed(seed);
        let plan = random_plan(&mut random);
        let weight = random.u32(1..100);
        let part = Division::weighted(vec![weight]).unwrap().part(&plan, 0);
        assert_eq!(part, Ok(Part::whole(plan.clone())));
        let part = Part::whole(plan.clone());
        assert_eq!((part.vus(), part.is_empty()), (plan.vus(), false));
        if let Some(starts) = part.starts() {
            assert!(starts.all().eq(Schedule::of(&plan).unwrap().starts()));
        }
    }
}

#[test]
fn more_shares_than_virtual_users_leave_empty_ones_that_say_so() {
    let executor = Executor::ConstantArrivalRate {
        per_second: 10.0,
        duration: Duration::from_secs(1),
    };
    let parts = Division::even(5)
        .unwrap()
        .parts(&plan(executor, 2))
        .unwrap();
    let empty: Vec<_> = parts.iter().map(Part::is_empty).collect();
    assert_eq!(empty, [false, false, true, true, true]);
    let arrivals: Vec<_> = parts
        .iter()
        .map(|part| part.starts().unwrap().count())
        .collect();
    assert_eq!(arrivals, [5, 5, 0, 0, 0]);
}
