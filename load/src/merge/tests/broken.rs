//! What cannot be merged changes nothing, whatever it is.

use super::*;
use crate::merge::MAX_GAPS;

#[test]
fn a_share_that_the_load_does_not_have_is_refused() {
    let delta = machines(3).remove(2).second(1);
    let mut merged = merged_of(2);
    let refused = BadDelta::NoSuchShare { share: 2, of: 2 };
    assert_eq!(merged.add(&delta), Err(refused));
    assert_eq!(merged.samples().iterations(), 0);
}

#[test]
fn too_many_gaps_are_refused_and_filled_ones_make_room() {
    let mut machine = machines(1).remove(0);
    let deltas: Vec<_> = (0..2 * MAX_GAPS + 2).map(|_| machine.second(1)).collect();
    let mut merged = merged_of(1);
    let odd: Vec<_> = deltas.iter().skip(1).step_by(2).collect();
    for delta in &odd[..MAX_GAPS] {
        assert_eq!(merged.add(delta), Ok(Added::New));
    }
    assert_eq!(merged.missing().len(), MAX_GAPS);
    assert_eq!(merged.add(odd[MAX_GAPS]), Err(BadDelta::Gaps(0)));
    assert_eq!(merged.samples().iterations(), MAX_GAPS as u64);
    merged.add(&deltas[0]).unwrap();
    assert_eq!(merged.add(odd[MAX_GAPS]), Ok(Added::New));
    merged.give_up(0);
    assert!(merged.missing().is_empty() && merged.is_over());
}

#[test]
fn whatever_bytes_come_are_merged_whole_or_change_nothing() {
    let mut random = fastrand::Rng::with_seed(3);
    let mut machine = machines(1).remove(0);
    let other = Samples::new([]).unwrap().shard();
    (0..20).for_each(|_| happen(&mut random, [&machine.shard, &other]));
    let good = machine.take(false).remove(0).to_bytes().unwrap();
    let (mut refused, mut merged_all) = (0, 0);
    for _ in 0..800 {
        let mut bytes = good.clone();
        for _ in 0..random.usize(1..4) {
            let place = random.usize(0..bytes.len());
            match random.u8(0..4) {
                0 => bytes[place] = random.u8(..),
                1 => bytes[place] = *random.choice(b"0123456789AZaz+/=\"{}[],:").unwrap(),
                2 => drop(bytes.drain(place..(place + random.usize(1..9)).min(bytes.len()))),
                _ => bytes.insert(place, random.u8(b'0'..=b'9')),
            }
        }
        let mut merged = merged_of(1);
        match Delta::from_bytes(&bytes).and_then(|delta| merged.add(&delta)) {
            Ok(Added::New) => merged_all += 1,
            Ok(other) => panic!("{other:?}"),
            Err(_) => {
                refused += 1;
                let outcome = merged.outcome(None, None);
                assert!(outcome.requests.is_empty() && outcome.iterations == 0);
                assert!(merged.reached() == Some(Duration::ZERO) && merged.missing().is_empty());
            }
        }
        // Whatever it says can be told.
        merged.points();
        merged.outcome(None, None);
    }
    assert!(
        refused > 200 && merged_all > 5,
        "{refused} and {merged_all}"
    );
}
