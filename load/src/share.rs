//! A load that several machines make together: which of its virtual users, iterations and arrivals are whose.
//!
//! Everything of a load has a place in a sequence: virtual users have their numbers, arrivals their order. The places are dealt out like
//! cards ([`Lot`]), so each belongs to exactly one share, whatever the numbers are, and nobody has to talk to anybody: who knows the plan
//! and the weights knows all shares. What stays whole is the plan: a [`Part`] walks the same schedule as one machine would, at the same
//! instants, and leaves out what is not its own. So virtual users keep the numbers that they would have on one machine. What a lost machine
//! would still have made is dealt out in the same way ([`Refill`]).

mod deal;
mod lot;
mod missing;
mod part;
mod refill;
mod starts;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::plan::{Executor, Plan};

pub use lot::Lot;
pub use part::Part;
pub use refill::{Deal, Hand, MAX_DEALS, MAX_PERIOD, Refill, why_not};
pub use starts::Starts;

/// The most shares of a load.
pub const MAX_SHARES: usize = 1_000;
/// The most that the weights of all shares may be together, once they have no common divisor.
pub const MAX_WEIGHTS: u32 = 10_000;

/// The weights of the shares of a load, in the order of the shares.
///
/// As data it is the list of the weights, and is checked when it is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<u32>", into = "Vec<u32>")]
pub struct Division {
    weights: Vec<u32>,
}

/// What is no division of a load.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadDivision {
    /// Nobody would make it.
    #[error("a load of no shares is made by nobody; give it at least one")]
    NoShares,
    /// More than [`MAX_SHARES`].
    #[error("{0} shares are more than the {MAX_SHARES} that a load may have; use fewer machines")]
    ManyShares(usize),
    /// The share of that number has the weight 0.
    #[error("share {0} has the weight 0; leave it out, or give it at least 1")]
    NoWeight(usize),
    /// Together more than [`MAX_WEIGHTS`].
    #[error(
        "the weights are {0} together and may be {MAX_WEIGHTS}; round them to smaller numbers, such as the processors of each machine"
    )]
    ManyWeights(u64),
}

/// Why there is no such part of a plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotShared {
    /// Shares count from 0.
    #[error("there is no share {number} of {of}; shares count from 0")]
    NoSuchShare {
        /// The one that was asked for.
        number: usize,
        /// How many there are.
        of: usize,
    },
    /// How far a search goes is decided by what all shares measured.
    #[error(
        "a search goes on or ends by what all shares measured together, which none of them knows; lead its steps from where their deltas are merged (`Division::led_part`), or search on one machine"
    )]
    Search,
    /// The places of a lost share were dealt out too often.
    #[error("a share was dealt out {0} times, and {MAX_DEALS} are possible; run the load again")]
    ManyDeals(usize),
    /// The pattern of a part of a lost share would be longer than [`MAX_PERIOD`].
    #[error(
        "the places of a lost share begin anew only after more than {MAX_PERIOD}; deal it out to fewer machines"
    )]
    LongPattern,
}

/// How near to one machine shares of a load come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// At every instant the shares together are what one machine would be.
    Exact,
    /// The counts are exact, and who makes what is settled before: on one machine whoever is free takes the next iteration, over several
    /// each makes those that its virtual users would have if all were equally fast.
    CountsAlone,
    /// Levels and instants are exact, and somebody who has the samples of all shares must judge each step and stop them.
    Led,
}

impl Sharing {
    /// Of an executor.
    pub fn of(executor: &Executor) -> Self {
        match executor {
            Executor::PerVuIterations { .. }
            | Executor::ConstantVus { .. }
            | Executor::RampingVus(_)
            | Executor::ConstantArrivalRate { .. }
            | Executor::RampingArrivalRate(_) => Self::Exact,
            Executor::SharedIterations { .. } => Self::CountsAlone,
            Executor::SearchingVus(_) | Executor::SearchingArrivalRate(_) => Self::Led,
        }
    }
}

impl Division {
    /// Into so many equal shares: 1 to [`MAX_SHARES`].
    pub fn even(shares: usize) -> Result<Self, BadDivision> {
        if shares > MAX_SHARES {
            return Err(BadDivision::ManyShares(shares));
        }
        Self::weighted(vec![1; shares])
    }

    /// Into shares of these weights, each at least 1.
    pub fn weighted(mut weights: Vec<u32>) -> Result<Self, BadDivision> {
        if weights.is_empty() {
            return Err(BadDivision::NoShares);
        }
        if weights.len() > MAX_SHARES {
            return Err(BadDivision::ManyShares(weights.len()));
        }
        if let Some(share) = weights.iter().position(|weight| *weight == 0) {
            return Err(BadDivision::NoWeight(share));
        }
        let divisor = weights.iter().copied().fold(0, common_divisor);
        for weight in &mut weights {
            *weight /= divisor;
        }
        let sum = weights.iter().copied().map(u64::from).sum();
        if sum > u64::from(MAX_WEIGHTS) {
            return Err(BadDivision::ManyWeights(sum));
        }
        Ok(Self { weights })
    }

    /// The weights, without a common divisor.
    pub fn weights(&self) -> &[u32] {
        &self.weights
    }

    /// How many shares there are.
    pub fn shares(&self) -> usize {
        self.weights.len()
    }

    /// What the share of that number, from 0, makes of a plan.
    ///
    /// With fewer virtual users than shares, or with very unequal weights, some shares have no virtual user: they are empty and say so
    /// ([`Part::is_empty`]), and the others make all of it.
    pub fn part(&self, plan: &Plan, number: usize) -> Result<Part, NotShared> {
        self.one_of(self.parts(plan)?, number)
    }

    /// What each share makes of a plan, in their order: the same as [`Division::part`] of each.
    pub fn parts(&self, plan: &Plan) -> Result<Vec<Part>, NotShared> {
        if Sharing::of(plan.executor()) == Sharing::Led && self.shares() > 1 {
            return Err(NotShared::Search);
        }
        Ok(self.led_parts(plan))
    }

    /// The same of any plan, for whoever judges the steps of a search by the merged samples of all shares, and stops all of them.
    pub fn led_part(&self, plan: &Plan, number: usize) -> Result<Part, NotShared> {
        self.one_of(self.led_parts(plan), number)
    }

    /// The same of all shares, in their order.
    pub fn led_parts(&self, plan: &Plan) -> Vec<Part> {
        let lots = deal::lots(&self.weights, plan.vus());
        let parts = (0..).zip(lots);
        parts
            .map(|(number, lot)| Part::new(plan.clone(), number, self.shares(), lot))
            .collect()
    }

    fn one_of(&self, parts: Vec<Part>, number: usize) -> Result<Part, NotShared> {
        let of = self.shares();
        let part = parts.into_iter().nth(number);
        part.ok_or(NotShared::NoSuchShare { number, of })
    }
}

impl TryFrom<Vec<u32>> for Division {
    type Error = BadDivision;

    fn try_from(weights: Vec<u32>) -> Result<Self, BadDivision> {
        Self::weighted(weights)
    }
}

impl From<Division> for Vec<u32> {
    fn from(division: Division) -> Self {
        division.weights
    }
}

fn common_divisor(one: u32, other: u32) -> u32 {
    if other == 0 {
        one
    } else {
        common_divisor(other, one % other)
    }
}
