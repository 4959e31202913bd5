//! A machine of a load is lost, and the others make what it would still have made, if whoever runs it has wished that.
//!
//! What it had told until then stays; what it did after that nobody knows, and nobody makes it again: the load was less than what was asked
//! for until others have taken over, and that is told. Whoever cannot take its part is asked for nothing more, and the others get it. Where
//! nobody is left, or more of the load is missing than was wished, the load is lost.

use std::time::Duration;

use assay_load::{schedule::Schedule, share::why_not};
use assay_report::event::Level;
use tokio::time::{Instant, timeout};

use super::{
    ALL_READY_TIME, Joint, Stopped,
    loss::Gone,
    losses::{Loss, named},
    merging::Merging,
    piece::{Member, Piece},
    team::Team,
};
use crate::load::{
    Refusal,
    machines::{Machine, Remote},
    share::ShareWork,
};

/// How long machines may take to take a part of a lost share: others wait to be heard meanwhile.
const TAKING_TIME: Duration = Duration::from_secs(5);

impl Joint {
    /// A share is lost while the load goes on: others make up for it, or the load ends.
    pub(super) async fn make_up(
        &mut self,
        team: &mut Team,
        merging: &mut Merging,
        gone: Gone,
        began: Instant,
    ) -> Result<(), Stopped> {
        let share = gone.share;
        let Some(Member { machine, piece }) = team.member(share).cloned() else {
            return Err(Stopped::lost(gone));
        };
        if piece.part.is_empty() {
            self.losses.lose(&machine);
            merging.give_up(share);
            team.lose(share);
            return Ok(());
        }
        if self.machines.refill().is_none() {
            return Err(Stopped::lost(gone));
        }
        if let Some(why) = why_not(self.plan.executor()) {
            return Err(Stopped::lost(gone.not_refilled(why)));
        }
        merging.give_up(share);
        let loss = if let Some(loss) = team.awaited(share) {
            self.refuses(&machine, &gone.reason);
            loss
        } else {
            self.losses.lose(&machine);
            self.note(merging, gone, &piece)
        };
        team.lose(share);
        if merging.is_ended() || self.is_over(began) {
            let why = "the load was over by then";
            return Err(Stopped::lost(self.losses.in_vain(loss, why)));
        }
        let left = Some((loss, piece.vus()));
        if let Some(why) = self.too_much(team, left, began.elapsed()) {
            return Err(Stopped::lost(self.losses.in_vain(loss, &why)));
        }
        self.deal_out(team, merging, loss, (share, piece)).await?;
        self.tell_asked(team, loss);
        Ok(())
    }

    /// A loss that nobody has made up for before. Its number.
    fn note(&mut self, merging: &Merging, gone: Gone, piece: &Piece) -> usize {
        let told_by = merging.told_by(gone.share);
        // What it has not told it has not left out either.
        let from = told_by.or(piece.part.makes_up_from());
        let loss = Loss {
            from: from.unwrap_or_default(),
            standing: merging.standing(gone.share),
            gone,
            piece: piece.clone(),
            by: Vec::new(),
            is_in_vain: false,
        };
        self.losses.note(loss, told_by.is_some())
    }

    /// A machine was asked to make up for another one, and cannot.
    fn refuses(&mut self, machine: &Machine, why: &str) {
        let name = &machine.name;
        let text = format!("the machine `{name}` does not make up for another one: {why}");
        self.recorder.log(Level::Warn, &text);
        self.losses.refuse(machine, why);
    }

    /// Whether no turn is given any more by the schedule.
    fn is_over(&self, began: Instant) -> bool {
        self.ends().is_none_or(|ends| began.elapsed() >= ends)
    }

    fn ends(&self) -> Option<Duration> {
        Schedule::of(&self.plan).map(|schedule| schedule.total())
    }

    /// That more of the load was not made by that time than whoever runs it has wished, if it is so: with virtual users that nobody has yet, and
    /// those of shares that have not begun.
    fn too_much(&self, team: &Team, left: Option<(usize, u32)>, until: Duration) -> Option<String> {
        let most = self.machines.refill()?;
        let awaited: Vec<_> = team.awaited_vus().chain(left).collect();
        let missing = self.losses.percent(&awaited, until);
        (missing > f64::from(most)).then(|| {
            // Rounded up: it is more than the bound, also to be seen.
            let missing = (missing * 100.0).ceil() / 100.0;
            format!(
                "{missing:.2} % of the load was not made by then, and {most} % is the most that was wished"
            )
        })
    }

    /// The machines that may be given something.
    pub(super) fn candidates(&self) -> Vec<Machine> {
        let machines = self.machines.list().into_iter();
        let machines = machines.filter(|machine| self.losses.may_take(machine));
        machines.collect()
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
            let machines = self.candidates();
            let dealt = dealt(piece, &machines, team);
            if dealt.is_empty() {
                let why = "no machine is left that could";
                return Err(Stopped::lost(self.losses.in_vain(loss, why)));
            }
            for (machine, mut piece) in dealt {
                let machine = machines[machine].clone();
                let from = self.losses.get(loss).map(|loss| loss.from);
                let refill = piece.taken_over(team.next_share(), from.unwrap_or_default());
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
                        self.refuses(&machine, &refusal.to_string());
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
        if let Some(found) = self.losses.get(loss) {
            let names = named(&team.awaited_of(loss));
            let text = format!(
                "{}: {names} will make up for it as soon as possible",
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
            return Err(self.gone(team, share, reason, None));
        }
        let Some(loss) = team.begins(share) else {
            return Ok(());
        };
        merging.begin(share, late);
        if let Some(member) = team.member(share) {
            let taker = (share, member);
            self.losses.take_over(loss, taker, Some(late), late);
        }
        if let Some(why) = self.too_much(team, None, late) {
            return Err(Stopped::lost(self.losses.in_vain(loss, &why)));
        }
        if let Some(noted) = self.losses.get(loss)
            && team.awaited_of(loss).is_empty()
        {
            let text = noted.made_up();
            self.recorder.log(Level::Warn, &text);
        }
        Ok(())
    }

    /// Each second: whoever was asked to make up for another one has to begin before it is too late.
    pub(super) fn look_at_awaited(&mut self, team: &Team, began: Instant) -> Result<(), Stopped> {
        let awaited = team.awaited_vus();
        if let Some((loss, _)) = awaited.max_by_key(|(_, vus)| *vus)
            && let Some(why) = self.too_much(team, None, began.elapsed())
        {
            return Err(Stopped::lost(self.losses.in_vain(loss, &why)));
        }
        let gone = |share, reason| Err(self.gone(team, share, reason, Some(began)));
        if let Some(share) = team.awaited_for(ALL_READY_TIME) {
            let seconds = ALL_READY_TIME.as_secs();
            return gone(share, format!("it was not ready after {seconds} s"));
        }
        if let Some(share) = team.awaited_for(Duration::ZERO)
            && self.is_over(began)
        {
            let reason = "it was not ready before the load was over".to_owned();
            return gone(share, reason);
        }
        Ok(())
    }

    /// The load ends before its time: whoever was to make up for another one is not needed any more.
    pub(super) fn need_no_more(&mut self, team: &mut Team, merging: &mut Merging) {
        while let Some(share) = team.awaited_for(Duration::ZERO) {
            if let Some((loss, member)) = team.awaited(share).zip(team.member(share)) {
                let until = team.began().map_or(Duration::ZERO, |began| began.elapsed());
                self.losses.take_over(loss, (share, member), None, until);
            }
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
            return self.gone(team, share, refusal.to_string(), began);
        }
        refusal.on(team.name(share)).into()
    }
}

/// Who has what of a piece. A share is dealt out to all. What is a part of one already goes to one machine as it is: the machines that are left
/// would have twice as many shares after each loss otherwise.
fn dealt(piece: Piece, machines: &[Machine], team: &Team) -> Vec<(usize, Piece)> {
    let weight = |machine: &Machine| machine.weight.max(1);
    if piece.part.makes_up_from().is_none() {
        return piece.deal(&machines.iter().map(weight).collect::<Vec<_>>());
    }
    let least = (0..machines.len()).min_by_key(|one| {
        let machine = &machines[*one];
        // In thousandths of a virtual user for each processor.
        1_000 * team.vus_of(&machine.id) / u64::from(weight(machine))
    });
    least.map(|machine| (machine, piece)).into_iter().collect()
}
