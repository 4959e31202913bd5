//! The moment at which all begin.

use super::*;

const AHEAD: Duration = Duration::from_secs(2);

/// Some exchanges with a machine, one after the other.
fn asked(machines: &mut Machines, ways: &[(i64, i64)]) -> Exchanges {
    let mut exchanges = Exchanges::default();
    for (to, from) in ways {
        let exchange = machines.exchange(to * MILLISECOND, 0, from * MILLISECOND);
        exchanges.add(exchange).unwrap();
    }
    exchanges
}

/// A machine of a clock that shows the time, and of such ways.
fn remote(name: &str, way: i64) -> Remote<'_> {
    let mut machines = Machines::apart(0);
    let exchanges = asked(&mut machines, &[(way, way)]);
    let offset = exchanges.offset(Moment(machines.now));
    Remote { name, offset }
}

#[test]
fn all_begin_together_as_far_as_it_is_said_on_clocks_that_have_nothing_in_common() {
    for seed in 0..500 {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut all: Vec<_> = (0..random.usize(1..9))
            .map(|_| Machines {
                offset: random.i64(-9_000 * SECOND..9_000 * SECOND),
                fast: random.i64(-199..=199),
                now: 0,
            })
            .collect();
        let exchanges: Vec<_> = all
            .iter_mut()
            .map(|machines| asked(machines, &[(random.i64(1..40), random.i64(1..40)); 3]))
            .collect();
        let now = all.iter().map(|machines| machines.now).max().unwrap();
        let now = Moment(now + random.i64(0..SECOND));
        let remotes = exchanges.iter().map(|exchanges| Remote {
            name: "worker",
            offset: exchanges.offset(now),
        });
        let remotes: Vec<_> = remotes.collect();
        let start = Start::decide(now, AHEAD, Duration::from_millis(100), &remotes).unwrap();
        assert!(start.here.since(now) >= nanoseconds(AHEAD));
        // How far each clock is from the moment that it was told when it really is that moment.
        let behind = all.iter_mut().zip(&start.there).map(|(machines, there)| {
            machines.now = start.here.0;
            machines.there().since(*there)
        });
        let behind: Vec<_> = behind.collect();
        let (first, last) = (behind.iter().min().unwrap(), behind.iter().max().unwrap());
        let apart = Duration::from_nanos(last.abs_diff(*first));
        assert!(
            apart <= start.apart,
            "{seed}: {apart:?} beyond {:?}",
            start.apart
        );
    }
}

#[test]
fn the_slowest_way_is_waited_for() {
    let remotes = [remote("near", 1), remote("far", 150)];
    let bound = Duration::from_secs(1);
    let start = Start::decide(Moment(0), AHEAD, bound, &remotes).unwrap();
    assert!(start.here.since(Moment(0)) >= nanoseconds(AHEAD) + 300 * MILLISECOND);
    assert_eq!(start.there.len(), 2);
    let alone = Start::decide(Moment(7), AHEAD, bound, &[]).unwrap();
    assert_eq!(alone.here, Moment(7).after(AHEAD));
    assert_eq!(alone.apart, Duration::ZERO);
}

#[test]
fn a_clock_that_is_not_known_well_enough_is_named() {
    let remotes = [remote("near", 1), remote("far", 40)];
    let decide = |bound| Start::decide(Moment(0), AHEAD, bound, &remotes);
    let Err(Unready::Uncertain {
        name, uncertainty, ..
    }) = decide(Duration::from_millis(30))
    else {
        panic!("it is not known to 30 ms");
    };
    assert_eq!(name, "far");
    // At the limit, and just beyond it.
    assert!(decide(uncertainty).is_ok());
    let short = decide(uncertainty.saturating_sub(Duration::from_nanos(1))).unwrap_err();
    assert!(short.to_string().contains("`far`"), "{short}");
}

#[test]
fn of_a_clock_that_was_never_asked_nothing_is_known() {
    let remote = Remote {
        name: "new",
        offset: None,
    };
    let refused = Start::decide(Moment(0), AHEAD, AHEAD, &[remote]).unwrap_err();
    let name = "new".to_owned();
    assert_eq!(refused, Unready::Unknown { name });
}
