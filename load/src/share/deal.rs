//! Deals the places of a sequence out to shares, as evenly as whole places can be.
//!
//! Each share is to have its part of every beginning of the sequence, to less than one place. That is a schedule of one machine for jobs of
//! length one: the place that a share gets as its n-th has a first and a last possible position, and serving the earliest last one first
//! keeps all of them (C. L. Liu and J. W. Layland, "Scheduling algorithms for multiprogramming in a hard-real-time environment", 1973;
//! S. K. Baruah and others, "Proportionate progress", 1996).

use super::lot::Lot;

/// The lots of all shares for a load of so many virtual users, which are at least 1.
///
/// A share that would have no virtual user has nothing: what were its arrivals would find nobody. The others have all of it.
pub(super) fn lots(weights: &[u32], vus: u32) -> Vec<Lot> {
    let mut taking_part: Vec<usize> = (0..weights.len()).collect();
    loop {
        let weights_of: Vec<_> = taking_part.iter().map(|share| weights[*share]).collect();
        let dealt = deal(&weights_of);
        let has_some = |lot: &Lot| lot.count_before(vus.into()) > 0;
        if dealt.iter().all(has_some) {
            let mut lots = vec![Lot::nothing(); weights.len()];
            for (share, lot) in taking_part.into_iter().zip(dealt) {
                lots[share] = lot;
            }
            return lots;
        }
        // Whoever has the first place stays, so this ends.
        let shares = taking_part.into_iter().zip(&dealt);
        taking_part = shares
            .filter(|(_, lot)| has_some(lot))
            .map(|(share, _)| share)
            .collect();
    }
}

/// What a share is still to get of a period.
struct Hand {
    weight: u64,
    places: Vec<u32>,
}

impl Hand {
    /// When its next place is to be the last possible one; none if it may have none yet.
    fn deadline(&self, place: u64, period: u64) -> Option<u64> {
        let had = self.places.len() as u64;
        let may_have = had * period < self.weight * (place + 1);
        may_have.then(|| ((had + 1) * period).div_ceil(self.weight))
    }
}

fn deal(weights: &[u32]) -> Vec<Lot> {
    let period: u32 = weights.iter().sum();
    let mut hands: Vec<_> = weights
        .iter()
        .map(|weight| Hand {
            weight: u64::from(*weight),
            places: Vec::new(),
        })
        .collect();
    for place in 0..period {
        let next = hands
            .iter_mut()
            .filter_map(|hand| Some((hand.deadline(place.into(), period.into())?, hand)))
            .min_by_key(|(deadline, _)| *deadline);
        // There is always one: the parts of all are the whole.
        if let Some((_, hand)) = next {
            hand.places.push(place);
        }
    }
    let lots = hands.into_iter().map(|hand| hand.places.into());
    lots.map(|places| Lot::new(period.into(), places)).collect()
}
