//! What one share makes of a plan.

use std::time::Duration;

use super::lot::Lot;
use super::starts::Starts;
use crate::plan::{Executor, Plan};
use crate::schedule::Schedule;

/// A plan and what of it is one share's own.
///
/// Times of the plan (warm-up, pace, grace, lateness, stages) and whatever a virtual user is told are those of the whole load.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    plan: Plan,
    number: usize,
    of: usize,
    lot: Lot,
    /// From when on, if it is the rest of a share that another machine has lost.
    from: Option<Duration>,
}

impl Part {
    /// All of a plan: the only share.
    pub fn whole(plan: Plan) -> Self {
        Self::new(plan, 0, 1, Lot::whole())
    }

    pub(super) fn new(plan: Plan, number: usize, of: usize, lot: Lot) -> Self {
        Self {
            plan,
            number,
            of,
            lot,
            from: None,
        }
    }

    pub(super) fn with_lot(self, lot: Lot) -> Self {
        Self { lot, ..self }
    }

    pub(super) fn lot(&self) -> &Lot {
        &self.lot
    }

    /// The same from a time on, since the start of the load, as a share of that number: what another machine makes of it after it was lost.
    #[must_use]
    pub fn taken_over(self, number: usize, from: Duration) -> Self {
        Self {
            number,
            from: Some(from),
            ..self
        }
    }

    /// Since when what is due is its own, if it is the rest of a share that another machine has lost.
    pub fn makes_up_from(&self) -> Option<Duration> {
        self.from
    }

    /// The plan of the whole load.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Which share it is, from 0. What makes up for a lost one has a number beyond those of the division.
    pub fn number(&self) -> usize {
        self.number
    }

    /// Of how many.
    pub fn of(&self) -> usize {
        self.of
    }

    /// Whether it has no virtual user, and so nothing to do: the other shares make all of the load.
    pub fn is_empty(&self) -> bool {
        self.lot.is_empty()
    }

    /// How many virtual users it has at most.
    pub fn vus(&self) -> u32 {
        self.vus_of(self.plan.vus())
    }

    /// How many of the load's first `vus` virtual users are its own: at any time those of as many as the whole load wants then.
    pub fn vus_of(&self, vus: u32) -> u32 {
        // A part is not more than the whole.
        u32::try_from(self.lot.count_before(vus.into())).unwrap_or(vus)
    }

    /// The numbers of its virtual users, ascending, from 1 for the first one of the load.
    pub fn numbers(&self) -> impl Iterator<Item = u32> {
        let places = (0..u64::from(self.vus())).map_while(|index| self.lot.place(index));
        // All of them are below the number of virtual users.
        places.map_while(|place| u32::try_from(place + 1).ok())
    }

    /// How many iterations it makes after the warm-up; none where the time ends the load.
    pub fn iterations(&self) -> Option<u64> {
        match self.plan.executor() {
            Executor::SharedIterations { vus, iterations } => {
                let each = iterations / u64::from(*vus);
                let more = self.lot.count_before(iterations % u64::from(*vus));
                Some(each * u64::from(self.vus()) + more)
            }
            Executor::PerVuIterations { iterations, .. } => {
                Some(iterations * u64::from(self.vus()))
            }
            _ => None,
        }
    }

    /// Its own starts; none in closed models.
    pub fn starts(&self) -> Option<Starts> {
        let schedule = Schedule::of(&self.plan).filter(|_| self.plan.executor().is_open())?;
        Some(Starts::new(schedule, self.lot.clone()))
    }

    /// The most starts each second that it makes, over some time; none where the system under test sets the pace.
    pub fn peak_rate(&self) -> Option<f64> {
        let whole = self.plan.executor().peak_rate()?;
        Some(whole * self.lot.fraction())
    }
}
