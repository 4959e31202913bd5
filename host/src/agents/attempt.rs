//! One attempt at an agent, as the host hears it that conducts the run.

use std::time::Duration;

use assay_agents::{
    clock,
    coordinator::Handle,
    identity::AgentId,
    shard::{Ending as ShardEnding, Kind, Shard, ShardNumber, Target},
    sink::Told,
};
use assay_load::clock::Moment;
use assay_report::{
    event::{Level, Source},
    hint,
};
use tokio::time::{Instant, sleep_until};

use super::{
    routes::{Listening, Routes},
    work::{AttemptWork, Ended, Word, Work, is_of},
};
use crate::{
    capability::{
        metrics::{self, Figure},
        recorder::Recorder,
    },
    ledger::Mark,
    plugin::ending::Ending,
    redact::Redactor,
};

/// How long after its time an attempt may go on until its agent is not believed any more. That an agent is dead is known sooner.
const PATIENCE: Duration = Duration::from_mins(1);

/// Runs an attempt at an agent. Dropping the call stops it there.
pub(super) async fn run(
    handle: &Handle,
    routes: &Routes,
    work: AttemptWork,
    redactor: &Redactor,
    recorder: &Recorder,
    metrics: &metrics::Shared,
) -> Ending {
    let source = work.source.clone();
    let patience = work.timeout.saturating_add(PATIENCE);
    let name = format!("{}/{} {}", source.suite, source.entry, source.attempt);
    let work = Work::Attempt(Box::new(work));
    let shard = match Shard::new(&name, Kind::Cases, Target::Anybody, &work) {
        Ok(shard) => shard,
        Err(error) => return lost(&format!("it cannot be told to an agent: {error}")),
    };
    let (shard, told) = match routes.listen(|| handle.add(shard)) {
        Ok(Ok(added)) => added,
        Ok(Err(error)) => return Ending::Lost(hint::told(&error)),
        Err(why) => return lost(&format!("there are no agents any more: {why}")),
    };
    let mut given = Given {
        handle,
        routes,
        source,
        shard,
        told: Some(told),
    };
    let mut attempt = Attempt {
        routes,
        redactor,
        recorder,
        metrics,
        since: recorder.mark(),
        until: None,
        figures: Vec::new(),
        ended: None,
        is_foreign: false,
    };
    loop {
        let until = attempt.until;
        let told = tokio::select! {
            biased;
            told = given.hear() => told,
            () = sleep_until(until.unwrap_or_else(Instant::now)), if until.is_some() => {
                return lost(&format!(
                    "its agent has not ended it {} s after its time was over",
                    PATIENCE.as_secs()
                ));
            }
        };
        let Some(told) = told else {
            given.told = None;
            return lost(&format!(
                "its agent was not heard to the end: {}",
                routes.why_ended()
            ));
        };
        if matches!(told, Told::Given { .. }) {
            attempt.until = Some(Instant::now() + patience);
        }
        if let Some(ending) = attempt.hear(told) {
            given.told = None;
            return ending;
        }
    }
}

/// A shard that was added. Whoever drops it before its end was heard stops it.
struct Given<'a> {
    handle: &'a Handle,
    routes: &'a Routes,
    source: Source,
    shard: ShardNumber,
    /// None once its end was heard.
    told: Option<Listening>,
}

impl Given<'_> {
    async fn hear(&mut self) -> Option<Told<Word>> {
        self.told.as_mut()?.recv().await
    }
}

impl Drop for Given<'_> {
    fn drop(&mut self) {
        if let Some(told) = self.told.take() {
            self.routes.leave(self.source.clone(), told);
            self.handle.stop(self.shard, "nobody waits for it any more");
        }
    }
}

/// What is known of the attempt so far.
struct Attempt<'a> {
    routes: &'a Routes,
    redactor: &'a Redactor,
    recorder: &'a Recorder,
    metrics: &'a metrics::Shared,
    /// When its agent began.
    since: Mark,
    /// Until when its agent must have ended it, which sees to its time itself.
    until: Option<Instant>,
    figures: Vec<Figure>,
    ended: Option<Ended>,
    /// Whether its agent told something that is no evidence of this attempt.
    is_foreign: bool,
}

impl Attempt<'_> {
    /// Takes what is told, and says how the attempt ended once it has.
    fn hear(&mut self, told: Told<Word>) -> Option<Ending> {
        match told {
            Told::Given { agent, .. } => {
                self.since = self.recorder.mark();
                self.ended = None;
                self.figures.clear();
                self.is_foreign = false;
                self.recorder.placed(&self.routes.name(&agent));
                None
            }
            Told::Word { agent, word, .. } => {
                self.hear_word(&agent, *word);
                None
            }
            Told::Returned { .. } | Told::AgentLost { .. } => {
                self.until = None;
                None
            }
            Told::Ended { ending, agent, .. } => Some(self.end(ending, &agent)),
            Told::Lost { loss, .. } => Some(lost(&self.routes.loss(&loss))),
            Told::NotRun { .. } => Some(lost("no agent ran it before the run was stopped")),
        }
    }

    fn hear_word(&mut self, agent: &AgentId, word: Word) {
        match word {
            Word::Learned(secrets) => self.redactor.learn(&secrets),
            Word::Happened { at, kind } if is_of(&kind, self.recorder.source()) => {
                let at = self.here(agent, at);
                self.recorder.relay(self.since, at, *kind);
            }
            Word::Happened { .. } | Word::Share(_) => self.is_foreign = true,
            Word::Figure(figure) => self.figures.push(*figure),
            Word::Ended(ended) => self.ended = Some(*ended),
        }
    }

    fn end(&mut self, ending: ShardEnding, agent: &AgentId) -> Ending {
        if self.is_foreign {
            return lost("its agent told what is no evidence of it");
        }
        match (ending, self.ended.take()) {
            (ShardEnding::Finished, Some(Ended { ending, evidence })) => {
                self.recorder.adopt(evidence);
                for figure in std::mem::take(&mut self.figures) {
                    if let Err(bad) = self.metrics.absorb(figure) {
                        self.recorder.log(Level::Warn, &bad.to_string());
                    }
                }
                ending
            }
            (ShardEnding::Failed(reason), _) => {
                let agent = self.routes.name(agent);
                lost(&format!("the agent `{agent}` could not run it: {reason}"))
            }
            (ShardEnding::Finished, None) => lost("its agent told no end of it"),
            (ShardEnding::Stopped, _) => lost("its agent stopped it before its end"),
        }
    }

    /// A moment of an agent's clock. One that is not known, or lies ahead, is now.
    fn here(&self, agent: &AgentId, at: Moment) -> Instant {
        let now = Instant::now();
        let ago = self.routes.offset(agent).and_then(|offset| {
            let here = Moment(at.0.saturating_sub(offset.nanoseconds));
            u64::try_from(clock::now().since(here)).ok()
        });
        let then = ago.and_then(|ago| now.checked_sub(Duration::from_nanos(ago)));
        then.unwrap_or(now)
    }
}

/// It is nobody's fault but that of the machines: nothing is known of what was to be tested.
fn lost(message: &str) -> Ending {
    Ending::Lost(format!(
        "{message}\nsee the output of the agents and of NATS, and run it again"
    ))
}
