//! How a load of several machines begins: each has its share, all are ready, and all begin at one moment. Nothing is made before that, so a
//! machine that is known to be lost by then is left out, and the others make all of it.

use std::sync::Arc;
use std::time::Duration;

use assay_report::{
    event::{Level, LoadClock, LoadMachine},
    words::headline,
};
use tokio::sync::watch;
use tokio::time::{Instant, timeout, timeout_at};

use super::{
    ALL_READY_TIME, Joint, Stopped,
    loss::Gone,
    merging::Merging,
    team::{Asked, Team},
};
use crate::load::{
    Refusal,
    ended::{Early, Ended},
    info::Info,
    share::ShareCommand,
};

/// How much later than the others a machine may be told when to begin. What it should have done until then it does at once, all together: beyond that
/// it is not the load that was asked for.
pub(super) const MAX_LATE: Duration = Duration::from_secs(1);

/// A try to begin a load of which a machine was lost.
pub(super) struct Before {
    pub(super) gone: Box<Gone>,
    pub(super) team: Team,
    pub(super) merging: Merging,
}

impl Joint {
    /// Gives each machine its share of the load.
    pub(super) async fn start(
        &self,
        before: Option<&Before>,
        stopped: &mut watch::Receiver<bool>,
    ) -> Result<(Team, Merging), Early> {
        let (members, division) = self.divide()?;
        let merging = Merging::new(
            self.number,
            &self.plan,
            &division,
            Arc::clone(&self.metrics),
            self.recorder.clone(),
        )?;
        let works = members.iter();
        let works = works.map(|one| self.work(&division, &one.machine, one.piece.share));
        let starts = self.machines.start(works.collect());
        let remotes = tokio::select! {
            biased;
            _ = stopped.wait_for(|stopped| *stopped) => return Err(Early::Unwanted),
            remotes = timeout(ALL_READY_TIME, starts) => remotes.map_err(|_| not_taken())??,
        };
        let asked = match before {
            Some(_) => Asked::More,
            None => Asked::Own,
        };
        Ok((Team::new(members, remotes, asked)?, merging))
    }

    /// It has not begun, and will not. If a machine was lost that is why: the others could not make all of it.
    pub(super) fn never_began(self, before: Option<Before>, early: Early) -> Result<Ended, Early> {
        match (before, early) {
            (Some(mut before), Early::Refused(refusal)) => {
                let gone = before.gone.not_refilled(headline(&refusal.to_string()));
                let lost = Err(Stopped::lost(gone));
                Ok(self.ended(lost, &mut before.merging, &mut before.team))
            }
            (_, early) => Err(early),
        }
    }

    /// Waits until all shares are ready.
    pub(super) async fn gather(
        &mut self,
        team: &mut Team,
        merging: &mut Merging,
    ) -> Result<(), Stopped> {
        let deadline = Instant::now() + ALL_READY_TIME;
        while !team.all_ready() {
            let Ok((share, word)) = timeout_at(deadline, team.hear()).await else {
                return Err(Refusal::Broke(format!(
                    "not ready after {} s: {}; look at those machines, or run without them",
                    ALL_READY_TIME.as_secs(),
                    team.unready()
                ))
                .into());
            };
            self.heed(team, merging, share, word, None)?;
        }
        Ok(())
    }

    /// Has all begin at one moment, and waits for it.
    pub(super) async fn begin(
        &mut self,
        team: &mut Team,
        merging: &mut Merging,
    ) -> Result<Instant, Stopped> {
        let moment = Instant::now() + self.machines.margin();
        team.tell_all(&ShareCommand::BeginAt(moment));
        while let Ok((share, word)) = timeout_at(moment, team.hear()).await {
            self.heed(team, merging, share, word, None)?;
        }
        self.has_begun = true;
        let machines = team.members().map(|member| LoadMachine {
            name: member.machine.name.clone(),
            weight: member.machine.weight.max(1),
            vus: member.piece.vus(),
            clock: member.machine.clock.map(|clock| LoadClock {
                offset_ns: clock.nanoseconds,
                uncertainty_ns: u64::try_from(clock.uncertainty.as_nanos()).unwrap_or(u64::MAX),
            }),
        });
        let info = Info::new(self.number, &self.plan).on_machines(machines.collect());
        self.recorder.load_started(info);
        Ok(moment)
    }

    /// Tells of a share that began after the others; why that is too late, if it is.
    pub(super) fn late(&self, machine: &str, late: Duration) -> Option<String> {
        let (seconds, most) = (late.as_secs_f64(), MAX_LATE.as_secs_f64());
        if late > MAX_LATE {
            return Some(format!(
                "it was told to begin {seconds:.3} s after the others began, and {most} s is the most: see how its network and that of NATS are"
            ));
        }
        if !late.is_zero() {
            let text = format!(
                "the machine `{machine}` was told to begin {seconds:.3} s after the others began: what it should have begun by then it began late"
            );
            self.recorder.log(Level::Warn, &text);
        }
        None
    }
}

fn not_taken() -> Refusal {
    Refusal::Broke(format!(
        "the machines did not take their shares of the load within {} s; look at their agents",
        ALL_READY_TIME.as_secs()
    ))
}
