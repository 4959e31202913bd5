//! Offsets and how surely they are known.

use super::*;

#[test]
fn on_equal_ways_the_offset_is_exact_whatever_it_is() {
    for offset in [
        0,
        1,
        -1,
        5 * SECOND,
        -86_400 * SECOND,
        i64::MAX / 4,
        i64::MIN / 4,
    ] {
        let mut machines = Machines::apart(offset);
        let exchange = machines.exchange(3 * MILLISECOND, 7 * MILLISECOND, 3 * MILLISECOND);
        assert_eq!(exchange.offset(), offset);
        assert_eq!(exchange.delay(), Ok(Duration::from_millis(6)));
    }
}

#[test]
fn on_unequal_ways_it_is_wrong_by_half_of_the_difference_and_the_uncertainty_says_so() {
    for (to, from) in [(9, 1), (1, 9), (10, 0), (0, 10)] {
        let mut machines = Machines::apart(42);
        let mut exchanges = Exchanges::default();
        let exchange = machines.exchange(to * MILLISECOND, 0, from * MILLISECOND);
        assert_eq!(exchange.offset() - 42, (to - from) * MILLISECOND / 2);
        exchanges.add(exchange).unwrap();
        let offset = exchanges.offset(Moment(machines.now)).unwrap();
        assert!(machines.knows(&offset), "{offset:?}");
        assert!(offset.uncertainty < Duration::from_micros(5_010));
    }
}

#[test]
fn the_exchange_of_the_least_delay_counts() {
    let mut machines = Machines::apart(-7 * SECOND);
    let mut exchanges = Exchanges::default();
    for (to, from) in [(30, 2), (1, 1), (2, 80), (5, 3)] {
        exchanges
            .add(machines.exchange(to * MILLISECOND, MILLISECOND, from * MILLISECOND))
            .unwrap();
    }
    let offset = exchanges.offset(Moment(machines.now)).unwrap();
    assert_eq!(offset.nanoseconds, -7 * SECOND);
    assert_eq!(offset.delay, Duration::from_millis(2));
}

#[test]
fn the_real_offset_is_within_the_uncertainty_however_ways_and_clocks_are() {
    for seed in 0..2_000 {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut machines = Machines {
            offset: random.i64(-1_000 * SECOND..1_000 * SECOND),
            fast: random.i64(-199..=199),
            now: random.i64(0..1_000 * SECOND),
        };
        let mut exchanges = Exchanges::default();
        for _ in 0..random.usize(1..20) {
            let mut way = || random.i64(1_000..60 * MILLISECOND);
            let exchange = machines.exchange(way(), way(), way());
            exchanges.add(exchange).unwrap();
            machines.now += random.i64(0..5 * SECOND);
            let offset = exchanges.offset(Moment(machines.now)).unwrap();
            assert!(
                machines.knows(&offset),
                "{seed}: {offset:?} and {}",
                machines.real()
            );
        }
        assert!(exchanges.count() <= MAX_EXCHANGES);
    }
}

#[test]
fn what_was_known_becomes_less_sure_and_a_new_exchange_takes_its_place() {
    let mut machines = Machines {
        fast: 150,
        ..Machines::apart(0)
    };
    let mut exchanges = Exchanges::default();
    exchanges
        .add(machines.exchange(MILLISECOND, 0, MILLISECOND))
        .unwrap();
    machines.now += 60 * SECOND;
    let old = exchanges.offset(Moment(machines.now)).unwrap();
    assert!(old.uncertainty > Duration::from_millis(12) && machines.knows(&old));
    // A slower way, but now.
    exchanges
        .add(machines.exchange(4 * MILLISECOND, 0, 4 * MILLISECOND))
        .unwrap();
    let new = exchanges.offset(Moment(machines.now)).unwrap();
    assert!(new.uncertainty < Duration::from_millis(5) && machines.knows(&new));
    // It is known to a nanosecond by a clock that goes at another speed.
    assert!(new.delay > Duration::from_micros(7_998) && new.delay <= Duration::from_millis(8));
}

#[test]
fn only_the_last_ones_are_remembered() {
    let mut machines = Machines::apart(0);
    let mut exchanges = Exchanges::default();
    assert_eq!(exchanges.offset(Moment(0)), None);
    exchanges.add(machines.exchange(1, 0, 1)).unwrap();
    for _ in 0..MAX_EXCHANGES {
        exchanges
            .add(machines.exchange(MILLISECOND, 0, MILLISECOND))
            .unwrap();
    }
    assert_eq!(exchanges.count(), MAX_EXCHANGES);
    let offset = exchanges.offset(Moment(machines.now)).unwrap();
    assert_eq!(offset.delay, Duration::from_millis(2));
}

#[test]
fn what_no_exchange_can_be_is_left_out() {
    let exchange = |[asked, heard, answered, back]: [i64; 4]| Exchange {
        asked: Moment(asked),
        heard: Moment(heard),
        answered: Moment(answered),
        back: Moment(back),
    };
    let mut exchanges = Exchanges::default();
    for (moments, expected) in [
        ([10, 0, 0, 9], BadExchange::WentBack),
        ([0, 10, 9, 20], BadExchange::WentBack),
        ([0, 0, SECOND, SECOND / 2], BadExchange::KeptTooLong),
        ([0, i64::MIN, i64::MAX, SECOND], BadExchange::KeptTooLong),
    ] {
        assert_eq!(
            exchanges.add(exchange(moments)),
            Err(expected),
            "{moments:?}"
        );
    }
    // As much longer as clocks differ it may seem to be kept.
    let drifted = SECOND + SECOND / 5_000;
    assert_eq!(exchange([0, 0, drifted, SECOND]).delay(), Ok(PRECISION));
    let beyond = drifted + 1_001;
    assert_eq!(
        exchange([0, 0, beyond, SECOND]).delay(),
        Err(BadExchange::KeptTooLong)
    );
    exchanges.add(exchange([0, 0, 0, 100])).unwrap();
    assert_eq!(
        exchanges.add(exchange([0, 0, 0, 99])),
        Err(BadExchange::OutOfOrder)
    );
    assert_eq!(exchanges.count(), 1);
    assert_eq!(exchange([0, i64::MAX, i64::MAX, 0]).offset(), i64::MAX);
    assert_eq!(
        exchange([i64::MAX, i64::MIN, i64::MIN, i64::MAX]).offset(),
        i64::MIN
    );
}
