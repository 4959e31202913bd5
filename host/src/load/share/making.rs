//! How a share is made: its virtual users are prepared, begin when they are told to, tell what they measure, and end with the load or when
//! nobody waits for it.

use std::sync::Arc;

use assay_load::{
    delta::Deltas, plan::Plan, samples::Samples, share::Part, threshold::Threshold, turns::Turns,
};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use super::{
    Finding, ShareCommand, ShareEnd, ShareWord,
    outbox::{Outbox, Unheard},
    seconds::Seconds,
};
use crate::{
    access::GrantedLoad,
    ledger::Ledger,
    load::{
        Order, Refusal,
        crew::Crew,
        ended::Early,
        limits::{self, Need},
        order::{instances, threads},
        stage::Stage,
        usage::Looks,
    },
};

/// Where commands come from.
pub(super) struct Control {
    pub(super) commands: mpsc::UnboundedReceiver<ShareCommand>,
    /// Without a sender nobody waits for the share any more.
    pub(super) stopped: watch::Receiver<()>,
    /// Says what the one of the run says.
    pub(super) ledger: Ledger,
}

impl Control {
    /// The next command that is not about faults, which are heeded here.
    async fn next(&mut self) -> ShareCommand {
        loop {
            tokio::select! {
                biased;
                // Nothing is ever sent.
                _ = self.stopped.changed() => return ShareCommand::Stop,
                command = self.commands.recv() => match command {
                    Some(ShareCommand::Faults(faults)) => self.ledger.follow(faults),
                    Some(command) => return command,
                    None => return ShareCommand::Stop,
                },
            }
        }
    }
}

/// A share that is made.
pub(super) struct Making {
    pub(super) order: Order,
    pub(super) outbox: Outbox,
    pub(super) control: Control,
}

/// What makes it.
struct Made {
    turns: Turns,
    stage: Arc<Stage>,
    crew: Crew,
    /// Held until the share is over.
    _granted: Option<GrantedLoad>,
}

impl From<Unheard> for Early {
    fn from(_: Unheard) -> Self {
        Self::Unwanted
    }
}

impl Making {
    pub(super) async fn run(mut self, part: Result<Part, Refusal>) {
        let said = match self.make(part).await {
            Err(Early::Refused(refusal)) => {
                self.outbox.put(ShareWord::Failed(refusal));
                self.say_all().await
            }
            made => made,
        };
        // It is to stop, or nobody hears it. What was refused is evidence of the attempt, whatever becomes of the load.
        if said.is_err() {
            self.outbox.say_refusals();
        }
    }

    async fn make(&mut self, part: Result<Part, Refusal>) -> Result<(), Early> {
        let mut made = self.prepare(part?)?;
        self.get_ready(&mut made.crew).await?;
        let began = self.begin(&mut made).await?;
        self.go_on(&mut made, began).await?;
        self.say_all().await
    }

    /// Holds the share against the suite, its rights and this machine, and starts its threads.
    fn prepare(&self, part: Part) -> Result<Made, Refusal> {
        let plan = part.plan().clone();
        self.order.knows(plan.scenario())?;
        let granted = self.granted(&part, &plan)?;
        let vus = part.vus();
        let threads = if part.is_empty() { 0 } else { threads(vus) };
        limits::check(Need {
            vus,
            instances: instances(&plan, vus, threads),
        })?;
        let measures = plan.thresholds().iter().map(Threshold::measure);
        let samples = Samples::new(measures).map_err(|error| Refusal::Limit(error.to_string()))?;
        let turns = Turns::of_part(part, samples);
        let stage = Arc::new(Stage::of(&self.order, &plan)?);
        let crew = Crew::start(&self.order.tls, &stage, &turns, threads)?;
        Ok(Made {
            turns,
            stage,
            crew,
            _granted: granted,
        })
    }

    fn granted(&self, part: &Part, plan: &Plan) -> Result<Option<GrantedLoad>, Refusal> {
        if part.is_empty() {
            return Ok(None);
        }
        let duration = plan.executor().duration();
        let duration = duration.map(|duration| duration.saturating_add(plan.warm_up()));
        let access = &self.order.access;
        let granted = access.load(part.vus(), part.peak_rate(), duration);
        granted.map(Some).map_err(Refusal::Denied)
    }

    async fn get_ready(&mut self, crew: &mut Crew) -> Result<(), Early> {
        let ready = crew.ready();
        tokio::pin!(ready);
        loop {
            tokio::select! {
                biased;
                // Whatever ends the load ends it before its beginning.
                _ = self.control.next() => return Err(Early::Unwanted),
                ready = &mut ready => break ready?,
                said = self.outbox.say_one() => said?,
            }
        }
        self.outbox.put(ShareWord::Ready);
        Ok(())
    }

    /// Waits for the moment at which it is to begin.
    async fn begin(&mut self, made: &mut Made) -> Result<Instant, Early> {
        let moment = loop {
            tokio::select! {
                biased;
                command = self.control.next() => match command {
                    ShareCommand::BeginAt(moment) => break moment,
                    _ => return Err(Early::Unwanted),
                },
                refusal = made.crew.gave_up() => return Err(refusal.into()),
                said = self.outbox.say_one() => said?,
            }
        };
        // Whoever hears of it too late has left out what the others began with.
        let late = Instant::now().saturating_duration_since(moment);
        self.outbox.put(ShareWord::Begun { late });
        if made.turns.part().makes_up_from().is_some() {
            // It begins in the middle of the load. How much it has left out by then is computed from what it says here.
            made.turns.take_over(moment, late);
            return Ok(moment);
        }
        let begin = made.turns.begin_at(moment);
        tokio::pin!(begin);
        loop {
            tokio::select! {
                biased;
                () = &mut begin => return Ok(moment),
                _ = self.control.next() => return Err(Early::Unwanted),
                said = self.outbox.say_one() => said?,
            }
        }
    }

    /// From its beginning to the end of what is under way, and what is told then.
    async fn go_on(&mut self, made: &mut Made, began: Instant) -> Result<(), Early> {
        let turns = made.turns.clone();
        let mut deltas = Deltas::new(turns.clone());
        let mut looks = Looks::new(made.crew.cpus());
        let mut seconds = Seconds::new(turns.plan());
        looks.look(turns.elapsed());
        let over = turns.finished();
        tokio::pin!(over);
        loop {
            tokio::select! {
                biased;
                command = self.control.next() => match command {
                    ShareCommand::End => turns.stop(),
                    ShareCommand::Abort(reason) => turns.abort(reason),
                    ShareCommand::Stop => return Err(Early::Unwanted),
                    // It has begun; and faults are heeded where commands come from.
                    ShareCommand::BeginAt(_) | ShareCommand::Faults(_) => {}
                },
                refusal = made.crew.gave_up() => return Err(refusal.into()),
                () = &mut over => break,
                () = sleep_until(began + seconds.due()) => {
                    seconds.passed(turns.elapsed());
                    looks.look(turns.elapsed());
                    self.tell(&mut deltas, &looks, &turns, false);
                }
                said = self.outbox.say_one() => said?,
            }
        }
        // All seats are gone, and so nothing is measured any more.
        made.crew.end();
        looks.look(turns.elapsed());
        self.tell(&mut deltas, &looks, &turns, true);
        self.tell_end(made);
        Ok(())
    }

    /// What came since the time before. While whoever hears is far behind, it stays where it is.
    fn tell(&mut self, deltas: &mut Deltas, looks: &Looks, turns: &Turns, over: bool) {
        if over || self.outbox.has_room() {
            for delta in deltas.take(&looks.generator(turns.samples()), over) {
                self.outbox.put(ShareWord::Delta(Box::new(delta)));
            }
        }
    }

    fn tell_end(&mut self, made: &Made) {
        let (failed, dropped_logs, dropped_attachments) = made.stage.common.findings.told();
        for check in failed {
            self.outbox.put(ShareWord::Found(Finding::Failed(check)));
        }
        for figure in self.order.metrics.figures() {
            self.outbox.put(ShareWord::Figure(Box::new(figure)));
        }
        self.outbox.put(ShareWord::Over(ShareEnd {
            replaced: made.crew.replaced(),
            dropped_logs,
            dropped_attachments,
        }));
    }

    /// Says what is left, unless it is to stop.
    async fn say_all(&mut self) -> Result<(), Early> {
        loop {
            tokio::select! {
                biased;
                command = self.control.next() => if command == ShareCommand::Stop {
                    return Err(Early::Unwanted);
                },
                said = self.outbox.say_all() => return said.map_err(Early::from),
            }
        }
    }
}
