//! A machine of a load is lost, and the others make what it would still have made, if whoever runs it has wished that.
//!
//! What it had told until then stays; what it did after that nobody knows, and nobody makes it again: the load was less than what was asked
//! for until others have taken over, and that is told. Whoever cannot take its part is asked for nothing more, and the others get it. Only
//! where nobody is left the load is lost.

use std::time::Duration;

use assay_load::{delta::Standing, schedule::Schedule, share::why_not};
use assay_report::event::{Level, LoadRefill, LoadTaker};
use tokio::time::{Instant, timeout};

use super::{
    ALL_READY_TIME, Joint, Stopped,
    loss::{Gone, nanoseconds},
    merging::Merging,
    piece::{Member, Piece},
    team::Team,
};
use crate::load::{
    Refusal,
    machines::{Machine, Remote},
    share::{Finding, ShareWork},
};

/// How long machines may take to take a part of a lost share: others wait to be heard meanwhile.
const TAKING_TIME: Duration = Duration::from_secs(5);
/// Losses that are told, and machines that make up for each.
const MAX_TOLD: usize = 100;
/// Machines that are named in a line.
const MAX_NAMED: usize = 5;

/// All losses of a load that others make up for, or should have.
#[derive(Debug, Default)]
pub(super) struct Refilling {
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
struct Loss {
    gone: Gone,
    from: Duration,
    /// How it stood then.
    standing: Standing,
    by: Vec<Taker>,
}

/// A share that makes up for a loss.
#[derive(Debug)]
struct Taker {
    share: usize,
    told: LoadTaker,
    /// Starts that were due before it began.
    missed: u64,
}

impl Refilling {
    /// Whether a machine can be asked to make up for another one.
    fn may_take(&self, machine: &Machine) -> bool {
        self.out.iter().all(|out| out.machine != machine.id)
    }

    fn lose(&mut self, machine: String) {
        let refused = None;
        self.out.push(Out { machine, refused });
    }

    /// It was asked, and cannot.
    fn refuse(&mut self, machine: &Machine, why: &str) {
        self.out.push(Out {
            machine: machine.id.clone(),
            refused: Some(format!("`{}`: {why}", machine.name)),
        });
    }

    /// Nobody makes up for a loss, for this reason, and for those that were told by whoever was asked.
    fn in_vain(&mut self, loss: usize, why: &str) -> Gone {
        let refused = self.out.iter().filter_map(|out| out.refused.as_deref());
        let reasons = [why].into_iter().chain(refused.take(MAX_NAMED));
        let reasons: Vec<_> = reasons.collect();
        let gone = self.losses.remove(loss).gone;
        gone.not_refilled(reasons.join("; "))
    }

    /// What is told of those that somebody made up for.
    pub(super) fn told(&self, merging: &Merging) -> Vec<LoadRefill> {
        let losses = self.losses.iter().take(MAX_TOLD);
        let told = losses.map(|loss| {
            let by = loss.by.iter().take(MAX_TOLD);
            LoadRefill {
                lost: loss.gone.clone().told(),
                from_ns: nanoseconds(loss.from),
                under_way: loss.standing.vus,
                dropped: loss.dropped(merging),
                by: by.map(|taker| taker.told.clone()).collect(),
            }
        });
        told.collect()
    }

    /// The starts that nobody made because a machine was lost.
    pub(super) fn dropped(&self, merging: &Merging) -> u64 {
        self.losses.iter().map(|loss| loss.dropped(merging)).sum()
    }
}

impl Joint {
    /// A share is lost while the load goes on: others make up for it, or the load ends.
    pub(super) async fn make_up(
        &mut self,
        team: &mut Team,
        merging: &mut Merging,
        gone: Gone,
        began: Instant,
    ) -> Result<(), Stopped> {
        if !self.machines.refill() {
            return Err(gone.into());
        }
        if let Some(why) = why_not(self.plan.executor()) {
            return Err(gone.not_refilled(why).into());
        }
        let share = gone.share;
        merging.give_up(share);
        let loss = match team.awaited(share) {
            Some(loss) => {
                if let Some(member) = team.member(share) {
                    self.refilling.refuse(&member.machine, &gone.reason);
                }
                loss
            }
            None => self.note(team, merging, gone),
        };
        let Some(piece) = team.lose(share) else {
            return Ok(());
        };
        if merging.is_ended() || self.is_over(began) {
            let why = "the load was over by then";
            return Err(self.refilling.in_vain(loss, why).into());
        }
        if piece.part.is_empty() {
            return Ok(());
        }
        self.deal_out(team, merging, loss, (share, piece)).await?;
        self.tell_asked(team, loss);
        Ok(())
    }

    /// A loss that nobody has made up for before. Its number.
    fn note(&mut self, team: &Team, merging: &Merging, gone: Gone) -> usize {
        let mut from = merging.told_by(gone.share);
        if let Some(Member { machine, piece }) = team.member(gone.share) {
            self.refilling.lose(machine.id.clone());
            // What it has not told it has not left out either.
            from = from.or(piece.part.makes_up_from());
        }
        let losses = &mut self.refilling.losses;
        losses.push(Loss {
            from: from.unwrap_or_default(),
            standing: merging.standing(gone.share),
            gone,
            by: Vec::new(),
        });
        losses.len() - 1
    }

    /// Whether no turn is given any more by the schedule.
    fn is_over(&self, began: Instant) -> bool {
        self.ends().is_none_or(|ends| began.elapsed() >= ends)
    }

    fn ends(&self) -> Option<Duration> {
        Schedule::of(&self.plan).map(|schedule| schedule.total())
    }

    /// Has machines take what a lost share would still have made, until each part of it has one.
    async fn deal_out(
        &mut self,
        team: &mut Team,
        merging: &mut Merging,
        loss: usize,
        (share, piece): (usize, Piece),
    ) -> Result<(), Stopped> {
        let mut left = vec![piece];
        while let Some(piece) = left.pop() {
            let machines = self.machines.list().into_iter();
            let machines = machines.filter(|machine| self.refilling.may_take(machine));
            let machines: Vec<_> = machines.collect();
            let weights: Vec<_> = machines.iter().map(|one| one.weight.max(1)).collect();
            let dealt = piece.deal(&weights);
            if dealt.is_empty() {
                let why = "no machine is left that could";
                return Err(self.refilling.in_vain(loss, why).into());
            }
            for (machine, mut piece) in dealt {
                let machine = machines[machine].clone();
                let from = self.refilling.losses[loss].from;
                let refill = piece.taken_over(team.next_share(), from);
                let work = self.work(merging.division(), &machine, piece.share);
                let work = ShareWork {
                    refill: Some(refill),
                    ..work
                };
                match self.begin_one(work).await {
                    Ok(remote) => {
                        merging.make_up_for(share);
                        team.take_on(Member { machine, piece }, remote, loss);
                    }
                    Err(refusal) => {
                        self.refilling.refuse(&machine, &refusal.to_string());
                        left.push(piece);
                    }
                }
            }
        }
        Ok(())
    }

    async fn begin_one(&self, work: ShareWork) -> Result<Remote, Refusal> {
        let started = timeout(TAKING_TIME, self.machines.start(vec![work])).await;
        let started = started.map_err(|_| {
            let seconds = TAKING_TIME.as_secs();
            Refusal::Broke(format!("it did not take it within {seconds} s"))
        })?;
        started?.pop().ok_or_else(|| {
            Refusal::Broke("nothing was begun there, which is a mistake of the host".to_owned())
        })
    }

    fn tell_asked(&self, team: &Team, loss: usize) {
        if let Some(found) = self.refilling.losses.get(loss) {
            let names = named(&team.awaited_of(loss));
            let text = format!(
                "{}: {names} make up for it as soon as they can",
                found.gone.what()
            );
            self.recorder.log(Level::Warn, &text);
        }
    }

    /// A share begins that makes up for a lost one, so long after the load has begun. That is as late as it is.
    pub(super) fn takes_over(
        &mut self,
        team: &mut Team,
        merging: &mut Merging,
        share: usize,
        late: Duration,
    ) -> Result<(), Stopped> {
        if self.ends().is_none_or(|ends| late >= ends) {
            let reason = "the load was over before it could begin".to_owned();
            return Err(self.lost(team, share, reason, None));
        }
        let Some((loss, found)) = team.begins(share) else {
            return Ok(());
        };
        merging.begin(share, late);
        for finding in found {
            self.find(finding);
        }
        let Some((member, noted)) = team.member(share).zip(self.refilling.losses.get_mut(loss))
        else {
            return Ok(());
        };
        noted.by.push(Taker::new(share, member, late));
        if team.awaited_of(loss).is_empty() {
            let text = noted.made_up();
            self.recorder.log(Level::Warn, &text);
        }
        Ok(())
    }

    /// Each second: whoever was asked to make up for another one has to begin before it is too late.
    pub(super) fn look_at_awaited(&self, team: &Team, began: Instant) -> Result<(), Stopped> {
        let lost = |share, reason| Err(self.lost(team, share, reason, Some(began)));
        if let Some(share) = team.awaited_for(ALL_READY_TIME) {
            let seconds = ALL_READY_TIME.as_secs();
            return lost(share, format!("it was not ready after {seconds} s"));
        }
        if let Some(share) = team.awaited_for(Duration::ZERO)
            && self.is_over(began)
        {
            return lost(
                share,
                "it was not ready before the load was over".to_owned(),
            );
        }
        Ok(())
    }

    /// The load ends before its time: whoever was to make up for another one is not needed any more.
    pub(super) fn need_no_more(team: &mut Team, merging: &mut Merging) {
        while let Some(share) = team.awaited_for(Duration::ZERO) {
            team.lose(share);
            merging.give_up(share);
        }
    }

    /// A share could not be made, or not to its end: that of one which was only asked to make up for another is left to the others.
    pub(super) fn failed(
        &self,
        team: &Team,
        share: usize,
        refusal: Refusal,
        began: Option<Instant>,
    ) -> Stopped {
        if team.awaited(share).is_some() {
            return self.lost(team, share, refusal.to_string(), began);
        }
        refusal.on(team.name(share)).into()
    }

    /// What a share found, unless it has not begun and may never.
    pub(super) fn find_of(&self, team: &mut Team, share: usize, finding: Finding) {
        if let Some(finding) = team.keep(share, finding) {
            self.find(finding);
        }
    }
}

impl Taker {
    fn new(share: usize, Member { machine, piece }: &Member, late: Duration) -> Self {
        let told = LoadTaker {
            machine: machine.name.clone(),
            vus: piece.vus(),
            per_second: piece.per_second(),
            begun_ns: nanoseconds(late),
        };
        Self {
            share,
            told,
            missed: piece.part.missed_by(late),
        }
    }
}

impl Loss {
    /// Whoever has told nothing has not told either what it left out: whoever makes up for that one does.
    fn dropped(&self, merging: &Merging) -> u64 {
        let told = self.by.iter();
        let told = told.filter(|taker| merging.told_by(taker.share).is_some());
        told.map(|taker| taker.missed).sum::<u64>() + self.standing.waiting
    }

    /// That it is made up for, for people.
    fn made_up(&self) -> String {
        let names = self.by.iter().map(|taker| &*taker.told.machine);
        let names: Vec<_> = names.collect();
        let begun = self.by.iter().map(|taker| taker.told.begun_ns).max();
        let begun = Duration::from_nanos(begun.unwrap_or_default());
        format!(
            "{} make what the lost machine `{}` would have made, from {:.1} s of the load on: for {:.1} s it was less than what was asked for",
            named(&names),
            self.gone.machine,
            begun.as_secs_f64(),
            begun.saturating_sub(self.from).as_secs_f64(),
        )
    }
}

/// Some of many names, for people.
fn named(names: &[&str]) -> String {
    let shown = names.iter().take(MAX_NAMED).map(|name| format!("`{name}`"));
    let shown = shown.collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MAX_NAMED) {
        0 => shown,
        further => format!("{shown} and {further} more"),
    }
}
