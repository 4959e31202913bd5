//! A load that several machines make together, conducted from here: each is given its share, all begin at one moment, and what they tell
//! becomes one load. It is what was asked for or it has no outcome: a machine that is lost before the beginning is left out, for nothing was
//! made yet; with one that is lost later all of it ends, unless whoever runs it has wished that the others make up for it (`refilling`).

mod beginning;
mod loss;
mod losses;
mod merging;
mod piece;
mod refilling;
mod team;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use assay_load::plan::Plan;
use assay_report::event::Level;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use self::{beginning::Before, loss::Gone, losses::Losses, merging::Merging, team::Team};
use super::{
    Order, Refusal,
    crew::READY_TIME,
    ended::{Early, Ended},
    findings::Findings,
    machines::{Lost, Machines},
    share::{Finding, ShareCommand, ShareEnd, ShareWord},
};
use crate::capability::{
    metrics,
    recorder::{Recorder, bounded, cut_attachment},
};

/// How long all shares may take until they are ready: each tells itself what takes longer than its own part of it.
const ALL_READY_TIME: Duration = READY_TIME.saturating_add(Duration::from_secs(15));
/// So long nothing may be heard of a share that goes on. It tells something each second.
const SILENCE_TIME: Duration = Duration::from_mins(1);
/// How long shares that are told to stop may take until they are gone.
const STOP_TIME: Duration = Duration::from_secs(10);
/// The same of those that were given up before, once the load has an outcome.
const FAREWELL_TIME: Duration = Duration::from_secs(1);
/// How often seconds are told and baselines looked at.
const SECOND: Duration = Duration::from_secs(1);

/// A load of several machines.
pub(super) struct Joint {
    number: u32,
    plan: Plan,
    data: String,
    recorder: Recorder,
    metrics: Arc<metrics::Shared>,
    findings: Findings,
    machines: Arc<dyn Machines>,
    /// Of all shares that are over.
    ends: ShareEnd,
    losses: Losses,
    /// All were told when to begin, and that moment has come.
    has_begun: bool,
}

/// Why a load of several machines ended before its outcome.
enum Stopped {
    Early(Early),
    /// A machine is gone, and others may take its part.
    Gone(Box<Gone>),
    /// Nobody takes the part of one that is gone.
    Lost(Box<Gone>),
}

impl Stopped {
    fn lost(gone: Gone) -> Self {
        Self::Lost(Box::new(gone))
    }
}

impl From<Early> for Stopped {
    fn from(early: Early) -> Self {
        Self::Early(early)
    }
}

impl From<Refusal> for Stopped {
    fn from(refusal: Refusal) -> Self {
        Self::Early(refusal.into())
    }
}

impl Joint {
    pub(super) fn new(order: &Order, number: u32, plan: Plan, machines: Arc<dyn Machines>) -> Self {
        Self {
            number,
            plan,
            data: order.data.clone(),
            recorder: order.recorder.clone(),
            metrics: Arc::clone(&order.metrics),
            findings: Findings::new(order.recorder.clone()),
            machines,
            ends: ShareEnd::default(),
            losses: Losses::default(),
            has_begun: false,
        }
    }

    /// From the choice of the machines to the end of the last share. An error is one from before anybody was asked.
    pub(super) async fn conduct(
        mut self,
        mut stopped: watch::Receiver<bool>,
    ) -> Result<Ended, Early> {
        let mut before = None;
        loop {
            let (mut team, mut merging) = match self.start(before.as_ref(), &mut stopped).await {
                Ok(started) => started,
                Err(early) => return self.never_began(before, early),
            };
            if let Some(Before { gone, .. }) = &before {
                let text = format!("{}: the others make all of it", gone.what());
                self.recorder.log(Level::Warn, &text);
            }
            let conducted = tokio::select! {
                biased;
                _ = stopped.wait_for(|stopped| *stopped) => Err(Early::Unwanted.into()),
                conducted = self.direct(&mut team, &mut merging) => conducted,
            };
            let time = match conducted {
                Ok(()) => FAREWELL_TIME,
                Err(_) => STOP_TIME,
            };
            team.stop(time, |finding| self.find(finding)).await;
            match conducted {
                Err(Stopped::Gone(gone)) => {
                    if let Some(member) = team.member(gone.share) {
                        self.losses.lose(&member.machine);
                    }
                    before = Some(Before {
                        gone,
                        team,
                        merging,
                    });
                }
                Err(Stopped::Early(early)) if before.is_some() && !self.has_begun => {
                    return self.never_began(before, early);
                }
                conducted => return Ok(self.ended(conducted, &mut merging, &mut team)),
            }
        }
    }

    /// From the first share that is ready to the end of the last one. A machine is gone only before the load begins: later that is made up for, or
    /// lost.
    async fn direct(&mut self, team: &mut Team, merging: &mut Merging) -> Result<(), Stopped> {
        let ledger = self.recorder.attempt().ledger().clone();
        self.gather(team, merging).await?;
        let mut faults = ledger.faults();
        team.tell_all(&ShareCommand::Faults(faults));
        let began = self.begin(team, merging).await?;
        let mut seconds = interval_at(began + SECOND, SECOND);
        seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !team.all_over() {
            let went = tokio::select! {
                biased;
                now = ledger.faults_after(faults) => {
                    faults = now;
                    team.tell_all(&ShareCommand::Faults(faults));
                    Ok(())
                }
                _ = seconds.tick() => self.look(team, merging, began),
                (share, word) = team.hear() => {
                    self.heed(team, merging, share, word, Some(began))
                }
            };
            match went {
                Err(Stopped::Gone(gone)) => self.make_up(team, merging, *gone, began).await?,
                went => went?,
            }
        }
        Ok(())
    }

    /// Each second.
    fn look(
        &mut self,
        team: &mut Team,
        merging: &mut Merging,
        began: Instant,
    ) -> Result<(), Stopped> {
        if let Some(share) = team.silent_for(SILENCE_TIME) {
            let reason = format!(
                "nothing was heard of its share for {} s",
                SILENCE_TIME.as_secs()
            );
            return Err(self.gone(team, share, reason, Some(began)));
        }
        merging.tell_seconds();
        if let Some(reason) = merging.missed() {
            team.tell_all(&ShareCommand::Abort(reason));
            self.need_no_more(team, merging);
        }
        self.look_at_awaited(team, began)
    }

    /// What a share told.
    fn heed(
        &mut self,
        team: &mut Team,
        merging: &mut Merging,
        share: usize,
        word: Result<ShareWord, Lost>,
        began: Option<Instant>,
    ) -> Result<(), Stopped> {
        match word {
            // How late it began nobody knows, and so not whether this is the load that was asked for.
            Ok(ShareWord::Delta(_) | ShareWord::Figure(_) | ShareWord::Over(_))
                if !team.has_begun(share) =>
            {
                return Err(not_begun().on(team.name(share)).into());
            }
            Ok(ShareWord::Ready) => team.mark_ready(share),
            Ok(ShareWord::Begun { late }) if team.awaited(share).is_some() => {
                team.mark_begun(share);
                self.takes_over(team, merging, share, late)?;
            }
            Ok(ShareWord::Begun { late }) => {
                team.mark_begun(share);
                if let Some(reason) = self.late(team.name(share), late) {
                    return Err(self.gone(team, share, reason, began));
                }
            }
            Ok(ShareWord::Delta(delta)) => {
                let heard = merging.hear(share, *delta);
                let is_found = heard.map_err(|refusal| refusal.on(team.name(share)))?;
                if is_found {
                    team.tell_all(&ShareCommand::End);
                }
            }
            Ok(ShareWord::Found(finding)) => self.find(finding),
            Ok(ShareWord::Figure(figure)) => {
                if let Err(bad) = self.metrics.absorb(*figure) {
                    let text = format!("on the machine `{}`: {bad}", team.name(share));
                    self.findings.log(Level::Warn, &text);
                }
            }
            Ok(ShareWord::Over(end)) => {
                self.ends.add(end);
                team.mark_over(share);
            }
            Ok(ShareWord::Failed(refusal)) => {
                return Err(self.failed(team, share, refusal, began));
            }
            Err(Lost { reason }) => return Err(self.gone(team, share, reason, began)),
        }
        Ok(())
    }

    fn find(&self, finding: Finding) {
        match finding {
            Finding::Log { level, message } => self.findings.log(level, &message),
            Finding::Attached(mut attachment) => self.findings.attach(|| {
                cut_attachment(&mut attachment);
                attachment
            }),
            Finding::Failed(check) => self.findings.failed(check),
            Finding::Refused(refusal) => {
                let refusal = bounded(&refusal);
                let (word, subject) = (&refusal.capability, &refusal.subject);
                if self.recorder.counts_refusal(word, subject) {
                    self.recorder.refused(refusal);
                }
            }
        }
    }

    fn gone(&self, team: &Team, share: usize, reason: String, began: Option<Instant>) -> Stopped {
        let gone = Gone {
            at: began.map(|began| began.elapsed()),
            all_vus: self.plan.vus(),
            ..team.gone(share, reason)
        };
        Stopped::Gone(Box::new(gone))
    }

    /// What there is of it.
    fn ended(
        mut self,
        conducted: Result<(), Stopped>,
        merging: &mut Merging,
        team: &mut Team,
    ) -> Ended {
        let mut lost = None;
        self.need_no_more(team, merging);
        let measured = match conducted {
            Ok(()) => merging.close().map_err(Early::from),
            Err(Stopped::Early(early)) => Err(early),
            Err(Stopped::Gone(gone) | Stopped::Lost(gone)) => {
                merging.tell_rest();
                let text = gone.to_string();
                self.recorder.load_lost(&text);
                lost = Some((*gone).told());
                Err(Refusal::Lost(text).into())
            }
        };
        let mut ended = Ended::new(measured, self.ends.replaced, &self.findings);
        let (logs, attachments) = (self.ends.dropped_logs, self.ends.dropped_attachments);
        ended.dropped_logs = ended.dropped_logs.saturating_add(logs);
        ended.dropped_attachments = ended.dropped_attachments.saturating_add(attachments);
        let saturated = merging.saturated();
        ended.saturated = saturated.map(|share| team.name(share).to_owned()).collect();
        // One that has made up for another has several shares.
        ended.saturated.sort();
        ended.saturated.dedup();
        ended.lost = lost;
        ended.refilled = self.losses.told();
        ended.hole = self.losses.hole();
        ended
    }
}

fn not_begun() -> Refusal {
    Refusal::Broke(
        "its share told what it measured, and not before that how late it was told to begin; run all shares of a load with hosts of one version"
            .to_owned(),
    )
}
