//! What each machine makes of a load: a share of it, or a part of one that another machine has lost.

use std::time::Duration;

use assay_load::share::{Deal, Division, Hand, Part, Refill};

use super::Joint;
use crate::load::{Refusal, machines::Machine, share::ShareWork};

/// A machine, and what of the load is its own.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) machine: Machine,
    pub(super) piece: Piece,
}

/// A share, or a part of a lost one.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    /// Of the division of the load.
    pub(super) share: usize,
    /// How it was dealt out, if it is a part of a lost one that several have.
    deal: Option<Deal>,
    pub(super) part: Part,
}

impl Piece {
    /// All of a share.
    pub(super) fn share(share: usize, part: Part) -> Self {
        Self {
            share,
            deal: None,
            part,
        }
    }

    /// Virtual users at most.
    pub(super) fn vus(&self) -> u32 {
        self.part.vus()
    }

    /// Starts a second, at most; none where the system under test sets the pace.
    pub(super) fn per_second(&self) -> Option<f64> {
        self.part.peak_rate()
    }

    /// A whole share, dealt out to machines of these weights: which of them has what. Nothing if it cannot be.
    pub(super) fn deal(&self, weights: &[u32]) -> Vec<(usize, Self)> {
        let hands = self.part.deal(weights).into_iter();
        let dealt = hands.map(
            |Hand {
                 machine,
                 deal,
                 part,
             }| {
                let share = self.share;
                // Whoever has all of it needs no deal to say so.
                let deal = Some(deal).filter(|deal| deal.among.shares() > 1);
                (machine, Self { share, deal, part })
            },
        );
        dealt.collect()
    }

    /// What a machine is told that takes it over from a time on, as a share of that number.
    pub(super) fn taken_over(&mut self, number: usize, from: Duration) -> Refill {
        self.part = self.part.clone().taken_over(number, from);
        Refill {
            number,
            deals: self.deal.iter().cloned().collect(),
            from,
        }
    }
}

impl Joint {
    /// Who makes how much of it.
    pub(super) fn divide(&self) -> Result<(Vec<Member>, Division), Refusal> {
        let machines = self.candidates();
        if machines.is_empty() {
            return Err(Refusal::Limit(
                "no machine is there that could make the load; start an agent of this run, or run it without agents"
                    .to_owned(),
            ));
        }
        let weights = machines.iter().map(|machine| machine.weight.max(1));
        let division = Division::weighted(weights.collect())
            .map_err(|error| Refusal::Limit(error.to_string()))?;
        let parts = division.led_parts(&self.plan);
        let members = machines.into_iter().zip(parts).enumerate();
        let members = members.map(|(share, (machine, part))| {
            let piece = Piece::share(share, part);
            Member { machine, piece }
        });
        Ok((members.collect(), division))
    }

    /// What a machine is told that makes a share.
    pub(super) fn work(&self, division: &Division, machine: &Machine, share: usize) -> ShareWork {
        ShareWork {
            machine: machine.id.clone(),
            source: self.recorder.source().clone(),
            load: self.number,
            plan: self.plan.clone(),
            division: division.clone(),
            share,
            refill: None,
            data: self.data.clone(),
        }
    }
}
