//! The moment at which all machines of a load begin.

use std::time::Duration;

use super::{DRIFT, Moment, Offset};

/// A machine that is to begin with the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remote<'a> {
    /// For people.
    pub name: &'a str,
    /// How far its clock is ahead of the one of whoever decides; none if nothing is known.
    pub offset: Option<Offset>,
}

/// When a load begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// On the clock of whoever decides.
    pub here: Moment,
    /// On the clock of each machine, in their order.
    pub there: Vec<Moment>,
    /// No two machines begin further apart than this.
    pub apart: Duration,
}

/// Why there is no moment that is one for all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unready {
    /// Nothing is known of a clock.
    #[error("nothing is known of the clock of `{name}`; ask it some times before the load begins")]
    Unknown {
        /// Of the machine.
        name: String,
    },
    /// Too little is known of a clock.
    #[error(
        "the clock of `{name}` is known to {uncertainty:?} and has to be to {bound:?}; ask it again, use a nearer machine, or allow more"
    )]
    Uncertain {
        /// Of the machine: the one of which least is known.
        name: String,
        /// How surely its clock will be known when the load begins.
        uncertainty: Duration,
        /// How surely it has to be known.
        bound: Duration,
    },
}

impl Start {
    /// The first moment that all can keep: `ahead` of `now` for what each still has to do, and for the message to be there on the slowest way.
    /// When it comes each clock is known to `bound` or better.
    pub fn decide(
        now: Moment,
        ahead: Duration,
        bound: Duration,
        remotes: &[Remote<'_>],
    ) -> Result<Self, Unready> {
        let mut known = Vec::with_capacity(remotes.len());
        for remote in remotes {
            let name = || remote.name.to_owned();
            let offset = remote
                .offset
                .ok_or_else(|| Unready::Unknown { name: name() })?;
            known.push((remote.name, offset));
        }
        // A message takes as long as question and answer together, at the very most, and whoever reads it may be wrong by what is not known.
        let longest = known
            .iter()
            .map(|(_, offset)| offset.delay + offset.uncertainty);
        let wait = ahead + longest.max().unwrap_or_default();
        let drift = wait.mul_f64(DRIFT);
        let uncertain = |offset: &Offset| offset.uncertainty + drift;
        let least_known = known.iter().max_by_key(|(_, offset)| offset.uncertainty);
        let most = least_known.map_or(Duration::ZERO, |(_, offset)| uncertain(offset));
        if let Some((name, _)) = least_known.filter(|_| most > bound) {
            return Err(Unready::Uncertain {
                name: (*name).to_owned(),
                uncertainty: most,
                bound,
            });
        }
        let here = now.after(wait);
        Ok(Self {
            here,
            there: known.iter().map(|(_, offset)| offset.there(here)).collect(),
            // Two of them may be wrong to opposite sides.
            apart: most * 2,
        })
    }
}
