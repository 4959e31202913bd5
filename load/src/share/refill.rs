//! A share that is made up for: what its machine would still have made is dealt out to others, place by place.
//!
//! A share's places are a sequence of their own, so they are dealt as those of a whole load are. Whoever has a hand of them keeps the numbers
//! and the instants of the load: it makes what the lost machine would have made, from a time on and not before. A hand can be lost and dealt
//! out as well, so who makes what is told by the way down to it ([`Refill::deals`]) and not by its places, which may be very many.

use std::cmp::Reverse;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Division, NotShared, Part, deal, lot::Lot};
use crate::plan::{Executor, Plan};

/// The most places of a pattern that comes of dealing out a share: 4 MiB. Only the heaviest machines are dealt something where all would
/// need more.
pub const MAX_PERIOD: u64 = 1 << 20;
/// The most deals that lead to one hand. Each to more than one machine makes the pattern longer or leaves fewer places of it, so there are
/// not as many.
pub const MAX_DEALS: usize = 256;

/// What one machine makes of a share that another one has lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refill {
    /// Under which number it tells what it measures: those of the division come before.
    pub number: usize,
    /// How it was dealt out, from the share of the division on. None if one machine has all of it.
    pub deals: Vec<Deal>,
    /// What was due before that time, since the start of the load, is not its own.
    pub from: Duration,
}

/// One hand of a share that is dealt out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deal {
    /// To machines of these weights.
    pub among: Division,
    /// Which of them it is, from 0.
    pub hand: usize,
}

/// A part of a share that is dealt out.
#[derive(Clone, Debug, PartialEq)]
pub struct Hand {
    /// Which machine has it, from 0.
    pub machine: usize,
    /// How it was dealt.
    pub deal: Deal,
    /// What it is.
    pub part: Part,
}

/// Why the rest of a share cannot be made by others; none if it can.
pub fn why_not(executor: &Executor) -> Option<&'static str> {
    match executor {
        Executor::ConstantVus { .. }
        | Executor::RampingVus(_)
        | Executor::ConstantArrivalRate { .. }
        | Executor::RampingArrivalRate(_) => None,
        Executor::SharedIterations { .. } | Executor::PerVuIterations { .. } => {
            Some("it counts iterations, and nobody knows how many of them the machine had made")
        }
        Executor::SearchingVus(_) | Executor::SearchingArrivalRate(_) => {
            Some("it searches for a limit, and no step with a hole can be judged")
        }
    }
}

impl Division {
    /// What a machine makes of a share of a plan that was lost.
    pub fn refill(&self, plan: &Plan, share: usize, refill: &Refill) -> Result<Part, NotShared> {
        if refill.deals.len() > MAX_DEALS {
            return Err(NotShared::ManyDeals(refill.deals.len()));
        }
        let mut part = self.led_part(plan, share)?;
        for deal in &refill.deals {
            part = part.dealt(deal)?;
        }
        Ok(part.taken_over(refill.number, refill.from))
    }
}

impl Part {
    /// Deals all of it out to machines of these weights, each at least 1. Those that would have no virtual user have no hand. Nobody has one if
    /// there is no machine, or if it is empty itself.
    pub fn deal(&self, weights: &[u32]) -> Vec<Hand> {
        let mut heaviest: Vec<_> = weights.iter().copied().enumerate().collect();
        heaviest.sort_by_key(|(_, weight)| Reverse(*weight));
        // No more than one for each virtual user has one.
        heaviest.truncate(usize::try_from(self.vus()).unwrap_or(usize::MAX));
        while !heaviest.is_empty() {
            if let Some(hands) = self.deal_to(&heaviest) {
                return hands;
            }
            heaviest.pop();
        }
        Vec::new()
    }

    /// None if a pattern would be too long.
    fn deal_to(&self, machines: &[(usize, u32)]) -> Option<Vec<Hand>> {
        let weights = machines.iter().map(|(_, weight)| *weight).collect();
        let among = Division::weighted(weights).ok()?;
        let lots = self.lots_of(&among)?;
        let all = machines.iter().zip(lots).enumerate();
        let with_some = all.filter(|(_, (_, lot))| !lot.is_empty());
        let hands = with_some.map(|(hand, ((machine, _), lot))| Hand {
            machine: *machine,
            deal: Deal {
                among: among.clone(),
                hand,
            },
            part: self.clone().with_lot(lot),
        });
        Some(hands.collect())
    }

    /// What each of a division of it has; none if a pattern would be too long.
    fn lots_of(&self, among: &Division) -> Option<Vec<Lot>> {
        let sum = among.weights().iter().copied().map(u64::from).sum();
        // Dealing costs more than this does.
        self.lot().period_of(sum)?;
        let hands = deal::lots(among.weights(), self.vus());
        hands.iter().map(|hand| self.lot().sub(hand)).collect()
    }

    /// How many of its starts that are measured were due by that time, since the start of the load, and since it is its own: nobody makes them if
    /// that is when somebody takes over. None are in closed models.
    pub fn missed_by(&self, time: Duration) -> u64 {
        let missed = self
            .starts()
            .zip(self.makes_up_from())
            .map(|(starts, from)| {
                let measured_from = from.max(starts.schedule().warm_up());
                let due = starts.count_before(time);
                due.saturating_sub(starts.count_before(measured_from))
            });
        missed.unwrap_or(0)
    }

    /// One hand of it.
    pub fn dealt(&self, deal: &Deal) -> Result<Self, NotShared> {
        let (number, of) = (deal.hand, deal.among.shares());
        let no_such = NotShared::NoSuchShare { number, of };
        if self.is_empty() {
            return Err(no_such);
        }
        let lots = self.lots_of(&deal.among).ok_or(NotShared::LongPattern)?;
        let lot = lots.into_iter().nth(number).ok_or(no_such)?;
        Ok(self.clone().with_lot(lot))
    }
}

impl Lot {
    /// After so many places the pattern of a hand begins anew, if that is one of `hands` places of this one; none if it is too long.
    fn period_of(&self, hands: u64) -> Option<u64> {
        let divisor = divisor(self.own(), hands);
        let rounds = hands.checked_div(divisor)?;
        let period = self.period().checked_mul(rounds)?;
        (period <= MAX_PERIOD).then_some(period)
    }

    /// The places of this one that a hand has, which counts them from 0; none if the pattern is too long.
    fn sub(&self, hand: &Self) -> Option<Self> {
        if hand.is_empty() {
            return Some(Self::nothing());
        }
        let period = self.period_of(hand.period())?;
        let all = self.count_before(period);
        let places = (0..hand.count_before(all)).map_while(|index| {
            let place = self.place(hand.place(index)?)?;
            u32::try_from(place).ok()
        });
        Some(Self::new(period, places.collect()))
    }
}

fn divisor(one: u64, other: u64) -> u64 {
    if other == 0 {
        one
    } else {
        divisor(other, one % other)
    }
}
