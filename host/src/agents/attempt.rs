//! One attempt at an agent, as the host hears it that conducts the run.

#[cfg(test)]
pub(super) mod tests;

use std::{sync::Arc, time::Duration};

use assay_agents::{
    clock,
    coordinator::Handle,
    identity::AgentId,
    shard::{Ending as ShardEnding, Kind, Loss, Shard, ShardNumber, Target},
    sink::Told,
};
use assay_load::clock::Moment;
use assay_report::{
    event::{EventKind, Level, Refusal, Source},
    hint,
};
use tokio::time::{Instant, sleep_until, timeout};

use super::{
    left::Left,
    routes::{ADVICE, Listening, Routes},
    work::{AttemptWork, Ended, MAX_OUTPUT, Stretch, Word, Work, is_of},
};
use crate::{
    access::Rights,
    capability::{
        metrics::{self, Figure, MAX_PARTS},
        recorder::{Recorder, Relay},
    },
    ledger::Span,
    plugin::ending::Ending,
    redact::Redactor,
};

/// How long after its time an attempt may go on until its agent is not believed any more. That an agent is dead is known sooner.
const PATIENCE: Duration = Duration::from_mins(1);

/// Runs an attempt at an agent. Dropping the call stops it there, and leaves it to be heard to its end.
pub(super) async fn run(handle: &Handle, left: &Left, work: AttemptWork, here: Here) -> Ending {
    let Source {
        suite,
        entry,
        attempt,
    } = &work.source;
    let name = format!("{suite}/{entry} {attempt}");
    let (time, output) = (work.timeout, work.output.min(MAX_OUTPUT));
    let work = Work::Attempt(Box::new(work));
    let shard = match Shard::new(&name, Kind::Cases, Target::Anybody, &work) {
        Ok(shard) => shard,
        Err(error) => return lost_by_nobody(&format!("it cannot be told to an agent: {error}")),
    };
    let (shard, told) = match here.routes.listen(|| handle.add(shard)) {
        Ok(added) => added,
        Err(error) => return Ending::Lost(hint::told(&error)),
    };
    let mut given = Given {
        handle,
        left,
        shard,
        attempt: Some(Attempt::new(here, told, time, output)),
    };
    given.follow().await
}

/// A shard that was added. Whoever drops it before its end was heard stops it.
struct Given<'a> {
    handle: &'a Handle,
    left: &'a Left,
    shard: ShardNumber,
    /// None once its end was heard.
    attempt: Option<Attempt>,
}

impl Given<'_> {
    async fn follow(&mut self) -> Ending {
        let Some(attempt) = &mut self.attempt else {
            return lost_by_nobody("it is over");
        };
        match attempt.follow().await {
            Ok(ending) => {
                self.attempt = None;
                ending
            }
            Err(Overdue) => lost(&format!(
                "{} has not ended it {} s after its time was over",
                attempt.its_agent(),
                PATIENCE.as_secs()
            )),
        }
    }
}

impl Drop for Given<'_> {
    fn drop(&mut self) {
        if let Some(mut attempt) = self.attempt.take() {
            // Its own time is over with it: how long it may take to stop is known to whoever hears it then.
            attempt.until = None;
            self.left.add(attempt);
            self.handle.stop(self.shard, "nobody waits for it any more");
        }
    }
}

/// Where what an agent tells of an attempt belongs on this host.
#[derive(Debug)]
pub(super) struct Here {
    pub(super) routes: Arc<Routes>,
    pub(super) redactor: Redactor,
    pub(super) recorder: Recorder,
    /// The figures of its suite.
    pub(super) metrics: Arc<metrics::Shared>,
    /// Where what it is refused is gathered.
    pub(super) rights: Rights,
}

/// An attempt at an agent, and what is known of it so far.
#[derive(Debug)]
pub(super) struct Attempt {
    here: Here,
    relay: Relay,
    told: Listening,
    /// Who has it, or had it last.
    agent: Option<AgentId>,
    /// How long its agent may take for it.
    patience: Duration,
    /// Until when its agent must have ended it, which sees to its time itself.
    until: Option<Instant>,
    /// How many parts of figures were told.
    figures: usize,
    ended: Option<Ended>,
    /// Whether its agent told something that is no evidence of this attempt.
    is_foreign: bool,
    /// Whether its agent has not ended it in time.
    is_overdue: bool,
    /// Whether all that was found is here, or nothing was.
    is_whole: bool,
}

/// Its agent has not ended it in time.
#[derive(Debug)]
pub(super) struct Overdue;

impl Attempt {
    /// One that nothing was heard of yet, which has so much time, and of each output of which so many bytes are kept.
    pub(super) fn new(here: Here, told: Listening, time: Duration, output: usize) -> Self {
        Self {
            told,
            agent: None,
            relay: Relay::new(here.recorder.clone(), output),
            patience: time.saturating_add(PATIENCE),
            here,
            until: None,
            figures: 0,
            ended: None,
            is_foreign: false,
            is_overdue: false,
            is_whole: false,
        }
    }

    /// Which one it is.
    pub(super) fn source(&self) -> &Source {
        self.here.recorder.source()
    }

    /// Whether it was given up because its agent had not ended it in time.
    pub(super) fn is_overdue(&self) -> bool {
        self.is_overdue
    }

    /// Hears what comes of it after it was stopped, for so long at most. How it ended is known to whoever stopped it. Whether all has come that was found by
    /// then; if not, its log says so.
    pub(super) async fn hear_out(&mut self, patience: Duration) -> bool {
        // The end may be one in which nothing was told, too.
        let _ = timeout(patience, self.follow()).await;
        if !self.is_whole {
            let agent = self.agent.as_ref().map_or_else(
                || "its agent".to_owned(),
                |agent| format!("the agent `{}`", self.here.routes.name(agent)),
            );
            let text = format!(
                "it was stopped, and {agent} was not heard to its end: what it had found by then may be missing here; see the output of that agent, and how its machine and its network are"
            );
            self.here.recorder.log(Level::Warn, &text);
        }
        self.is_whole
    }

    /// Hears it to its end. A call that is dropped loses nothing: another one goes on.
    pub(super) async fn follow(&mut self) -> Result<Ending, Overdue> {
        loop {
            let until = self.until;
            let told = tokio::select! {
                biased;
                told = self.told.recv() => told,
                () = sleep_until(until.unwrap_or_else(Instant::now)), if until.is_some() => {
                    self.is_overdue = true;
                    return Err(Overdue);
                }
            };
            let Some(told) = told else {
                let why = self.here.routes.why_ended();
                let message = format!("its agent was not heard to the end: {why}");
                return Ok(lost_by_nobody(&message));
            };
            if let Some(ending) = self.hear(told) {
                return Ok(ending);
            }
        }
    }

    /// Takes what is told, and says how the attempt ended once it has.
    fn hear(&mut self, told: Told<Word>) -> Option<Ending> {
        match told {
            // One that had it before has told nothing: the words of an attempt come with its end.
            Told::Given { agent, .. } => {
                self.until = Some(Instant::now() + self.patience);
                self.here.recorder.placed(&self.here.routes.name(&agent));
                self.agent = Some(agent);
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
            Told::Lost { loss, .. } => Some(self.lost(&loss)),
            Told::NotRun { .. } => {
                self.is_whole = true;
                Some(lost_by_nobody("no agent ran it before the run was stopped"))
            }
        }
    }

    fn hear_word(&mut self, agent: &AgentId, word: Word) {
        match word {
            Word::Learned(words) => {
                let suite = &self.here.recorder.source().suite;
                self.here.redactor.learn_of_agent(suite, &words);
            }
            Word::Happened {
                at,
                during,
                mut kind,
            } if is_of(&kind, self.source()) => {
                if let EventKind::Refused { refusal, .. } = &mut *kind {
                    *refusal = self.here.told_by(agent, refusal);
                }
                let at = self.here.moment(agent, at);
                let during = during.map(|during| self.here.span(agent, during));
                let uncertainty = self.here.uncertainty(agent);
                self.relay.happened(at, during, uncertainty, *kind);
            }
            Word::Figure { during, figure } if self.figures < MAX_PARTS => {
                self.figures += 1;
                self.here.absorb(agent, during, *figure);
            }
            Word::Happened { .. } | Word::Figure { .. } | Word::Share(_) => self.is_foreign = true,
            Word::Wanted(wanted) => {
                let agent = self.here.routes.name(agent);
                self.here.rights.refused_at(&agent, &wanted);
            }
            Word::Ended(ended) => self.ended = Some(*ended),
        }
    }

    fn end(&mut self, ending: ShardEnding, agent: &AgentId) -> Ending {
        if self.is_foreign {
            let its_agent = self.its_agent();
            return lost(&format!("{its_agent} told what is no evidence of it"));
        }
        self.is_whole = self.ended.is_some() || matches!(ending, ShardEnding::Failed(_));
        // Also of one that was stopped: what was found by then counts.
        let own = self.ended.take().and_then(|ended| self.adopt(ended));
        match (ending, own) {
            (ShardEnding::Finished, Some(ending)) => ending,
            (ShardEnding::Failed(reason), _) => {
                let agent = self.here.routes.name(agent);
                lost(&format!("the agent `{agent}` could not run it: {reason}"))
            }
            (ShardEnding::Finished, None) => {
                lost(&format!("{} told no end of it", self.its_agent()))
            }
            (ShardEnding::Stopped, _) => {
                lost(&format!("{} stopped it before its end", self.its_agent()))
            }
        }
    }

    fn lost(&self, loss: &Loss) -> Ending {
        match loss {
            Loss::Broken(reason) => {
                let its_agent = self.its_agent();
                lost(&format!("what {its_agent} told cannot be used: {reason}"))
            }
            _ => lost(&self.here.routes.loss(loss)),
        }
    }

    /// Who is to be looked at, by name if it is known.
    fn its_agent(&self) -> String {
        self.agent.as_ref().map_or_else(
            || "its agent".to_owned(),
            |agent| format!("its agent `{}`", self.here.routes.name(agent)),
        )
    }

    /// Takes over what was found.
    fn adopt(&self, Ended { ending, evidence }: Ended) -> Option<Ending> {
        self.relay.found(evidence);
        ending.map(Ending::within_limits)
    }
}

impl Here {
    /// Takes a part of a figure, in the phase in which it was recorded.
    fn absorb(&self, agent: &AgentId, during: Stretch, figure: Figure) {
        let (during, uncertainty) = (self.span(agent, during), self.uncertainty(agent));
        let ledger = self.recorder.attempt().ledger();
        let phase = ledger.phase_about(during, uncertainty);
        if let Err(bad) = self.metrics.absorb_as_of(phase, figure) {
            self.recorder.log(Level::Warn, &bad.to_string());
        }
    }

    fn told_by(&self, agent: &AgentId, refusal: &Refusal) -> Refusal {
        self.rights.told_by(&self.routes.name(agent), refusal)
    }

    fn span(&self, agent: &AgentId, Stretch { from, until }: Stretch) -> Span {
        Span {
            from: self.moment(agent, from),
            until: self.moment(agent, until),
        }
    }

    /// How exactly a moment of an agent's clock is known here.
    fn uncertainty(&self, agent: &AgentId) -> Duration {
        let offset = self.routes.offset(agent);
        offset.map_or(Duration::ZERO, |offset| offset.uncertainty)
    }

    /// A moment of an agent's clock. One that is not known, or lies ahead, is now.
    fn moment(&self, agent: &AgentId, at: Moment) -> Instant {
        let now = Instant::now();
        let ago = self.routes.offset(agent).and_then(|offset| {
            let here = Moment(at.0.saturating_sub(offset.nanoseconds));
            u64::try_from(clock::now().since(here)).ok()
        });
        let then = ago.and_then(|ago| now.checked_sub(Duration::from_nanos(ago)));
        then.unwrap_or(now)
    }
}

/// It is nobody's fault but that of the machines: nothing is known of what was to be tested. Reports know better what to do about an agent that the
/// message names, so this is no hint.
fn lost(message: &str) -> Ending {
    Ending::Lost(format!("{message}\n{ADVICE}"))
}

/// The same where no agent needs to have to do with it.
fn lost_by_nobody(message: &str) -> Ending {
    let mut lines = message.lines();
    Ending::Lost(if lines.any(|line| line.starts_with("hint: ")) {
        message.to_owned()
    } else {
        format!("{message}\nhint: {ADVICE}")
    })
}
