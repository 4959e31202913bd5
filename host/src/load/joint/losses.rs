//! The books of what a load loses with its machines: who is asked for nothing more, what was lost with whom, who made up for it, and how much
//! of the load nobody made.

use std::time::Duration;

use assay_load::delta::Standing;
use assay_report::{
    event::{LoadRefill, LoadTaker},
    words::headline,
};

use super::{
    loss::{Gone, nanoseconds},
    piece::{Member, Piece},
};
use crate::load::{ended::Hole, machines::Machine};

/// Losses that are told, and machines that make up for each.
const MAX_TOLD: usize = 100;
/// Machines that are named in a line.
const MAX_NAMED: usize = 5;

/// All losses of a load that others make up for, or should have.
#[derive(Debug, Default)]
pub(super) struct Losses {
    losses: Vec<Loss>,
    out: Vec<Out>,
}

/// A machine that is given nothing more.
#[derive(Debug)]
struct Out {
    machine: String,
    /// Why it could not make up for one, if it was asked to.
    refused: Option<String>,
}

/// A share that was lost.
#[derive(Debug)]
pub(super) struct Loss {
    pub(super) gone: Gone,
    /// Until when it told what it measured.
    pub(super) from: Duration,
    /// How it stood then.
    pub(super) standing: Standing,
    /// What was lost.
    pub(super) piece: Piece,
    pub(super) by: Vec<Taker>,
    /// Nobody makes up for it: it ends the load, and is told as that.
    pub(super) is_in_vain: bool,
}

/// A share that makes up for a loss.
#[derive(Debug)]
pub(super) struct Taker {
    share: usize,
    told: LoadTaker,
    /// What nobody made until it began.
    missed: Missed,
}

/// What nobody made.
#[derive(Clone, Copy, Debug, Default)]
struct Missed {
    starts: u64,
    percent: f64,
}

impl Losses {
    /// Whether a machine can be asked for anything.
    pub(super) fn may_take(&self, machine: &Machine) -> bool {
        self.out.iter().all(|out| out.machine != machine.id)
    }

    /// It is asked for nothing more.
    pub(super) fn lose(&mut self, machine: &Machine) {
        self.out.push(Out {
            machine: machine.id.clone(),
            refused: None,
        });
    }

    /// It was asked, and cannot.
    pub(super) fn refuse(&mut self, machine: &Machine, why: &str) {
        self.out.push(Out {
            machine: machine.id.clone(),
            refused: Some(format!("`{}`: {}", machine.name, headline(why))),
        });
    }

    /// A loss that nobody has made up for yet. Its number. `has_told`: its share has told what it left out until it began; if it has not, then
    /// whoever makes up for it leaves that out as well, and tells it.
    pub(super) fn note(&mut self, loss: Loss, has_told: bool) -> usize {
        let takers = self.losses.iter_mut().flat_map(|loss| &mut loss.by);
        for taker in takers.filter(|taker| taker.share == loss.gone.share && !has_told) {
            taker.missed = Missed::default();
        }
        self.losses.push(loss);
        self.losses.len() - 1
    }

    pub(super) fn get(&self, loss: usize) -> Option<&Loss> {
        self.losses.get(loss)
    }

    /// A share makes up for a loss from that time on; none if the load ended before it had begun.
    pub(super) fn take_over(
        &mut self,
        loss: usize,
        taker: (usize, &Member),
        begun: Option<Duration>,
        until: Duration,
    ) {
        if let Some(loss) = self.losses.get_mut(loss) {
            let taker = Taker::new(taker, begun, loss.from..until);
            loss.by.push(taker);
        }
    }

    /// Nobody makes up for a loss, for this reason, and for those that were told by whoever was asked.
    pub(super) fn in_vain(&mut self, loss: usize, why: &str) -> Gone {
        let refused = self.out.iter().filter_map(|out| out.refused.as_deref());
        let reasons = [why].into_iter().chain(refused.take(MAX_NAMED));
        let reasons: Vec<_> = reasons.collect();
        let why = reasons.join("; ");
        let vain = &mut self.losses[loss];
        vain.is_in_vain = true;
        vain.gone.clone().not_refilled(why)
    }

    /// How much of the whole load is not made by a time, in percent: with what is still to be made up for, virtual users by the number of their
    /// loss.
    pub(super) fn percent(&self, awaited: &[(usize, u32)], until: Duration) -> f64 {
        let losses = self.losses.iter().enumerate();
        let missing = losses.map(|(number, loss)| {
            let awaited = awaited.iter().filter(|(of, _)| *of == number);
            let vus = awaited.map(|(_, vus)| f64::from(*vus)).sum::<f64>();
            // Asked once for all of it: there may be very many parts.
            let all = if vus > 0.0 {
                percent(&loss.piece, loss.from..until) / f64::from(loss.piece.vus().max(1))
            } else {
                0.0
            };
            loss.percent() + vus * all
        });
        missing.sum()
    }

    /// What is told of those that somebody made up for.
    pub(super) fn told(&self) -> Vec<LoadRefill> {
        self.refilled().take(MAX_TOLD).map(Loss::told).collect()
    }

    /// All that is missing.
    pub(super) fn hole(&self) -> Hole {
        let standings = self.refilled().map(|loss| loss.standing.vus);
        Hole {
            losses: self.refilled().count(),
            starts: self.refilled().map(Loss::starts).sum(),
            under_way: standings.map(u64::from).sum(),
            percent: self.refilled().map(Loss::percent).sum(),
        }
    }

    fn refilled(&self) -> impl Iterator<Item = &Loss> {
        self.losses.iter().filter(|loss| !loss.is_in_vain)
    }
}

impl Loss {
    fn told(&self) -> LoadRefill {
        let by = self.by.iter().take(MAX_TOLD);
        LoadRefill {
            lost: self.gone.clone().told(),
            from_ns: nanoseconds(self.from),
            under_way: self.standing.vus,
            dropped: self.starts(),
            missing_percent: self.percent(),
            by: by.map(|taker| taker.told.clone()).collect(),
        }
    }

    fn starts(&self) -> u64 {
        let missed = self.by.iter().map(|taker| taker.missed.starts);
        missed.sum::<u64>() + self.standing.waiting
    }

    fn percent(&self) -> f64 {
        let missed = self.by.iter().map(|taker| taker.missed.percent);
        let waiting = self.piece.part.fraction_of(self.standing.waiting);
        missed.sum::<f64>() + 100.0 * waiting
    }

    /// That it is made up for, for people.
    pub(super) fn made_up(&self) -> String {
        let names = self.by.iter().map(|taker| &*taker.told.machine);
        let names: Vec<_> = names.collect();
        let begun = self.by.iter().filter_map(|taker| taker.told.begun_ns).max();
        let begun = Duration::from_nanos(begun.unwrap_or_default());
        format!(
            "what the lost machine `{}` would have made is made by {} from {:.1} s of the load on: for {:.1} s it was less than what was asked for, and {:.1} % of it was not made",
            self.gone.machine,
            named(&names),
            begun.as_secs_f64(),
            begun.saturating_sub(self.from).as_secs_f64(),
            self.percent(),
        )
    }
}

impl Taker {
    fn new(
        (share, Member { machine, piece }): (usize, &Member),
        begun: Option<Duration>,
        missed: std::ops::Range<Duration>,
    ) -> Self {
        let told = LoadTaker {
            machine: machine.name.clone(),
            vus: piece.vus(),
            per_second: piece.per_second(),
            begun_ns: begun.map(nanoseconds),
        };
        let missed = Missed {
            // One that never began has told of no start that it left out.
            starts: begun.map_or(0, |begun| piece.part.missed_by(begun)),
            percent: percent(piece, missed),
        };
        Self {
            share,
            told,
            missed,
        }
    }
}

/// How much of the whole load a piece is in that time, in percent.
fn percent(piece: &Piece, time: std::ops::Range<Duration>) -> f64 {
    100.0 * piece.part.fraction_in(time)
}

/// Some of many names, for people.
pub(super) fn named(names: &[&str]) -> String {
    let shown = names.iter().take(MAX_NAMED).map(|name| format!("`{name}`"));
    let shown = shown.collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MAX_NAMED) {
        0 => shown,
        further => format!("{shown} and {further} more"),
    }
}
