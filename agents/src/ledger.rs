//! Which shard is where: waiting, running at whom and until when that is believed, or settled. Pure: it is told what was heard and when, and
//! knows neither a clock nor a server. Times are since the run's start.
//!
//! An attempt whose agent was not heard of for too long is expired only after everything was read that the server had of it by then: what an
//! agent told before it was lost counts, and an attempt whose last word is on its way is no lost one.

mod agents;
mod commands;
mod entry;
mod judging;
#[cfg(test)]
mod tests;
mod wishes;

use std::{
    collections::{BTreeSet, VecDeque},
    time::Duration,
};

pub(crate) use self::commands::TooMuch;
use self::{
    agents::Agents,
    commands::Commands,
    entry::{End, Entry, Running, State},
};
use crate::{
    identity::AgentId,
    message::{Beat, Claim, Pulse, Verdict},
    settings::Settings,
    shard::{Ending, Fate, Kind, Loss, Shard, ShardNumber, Target},
    sink::Decision,
};

/// The books of a run.
#[derive(Debug)]
pub(crate) struct Ledger {
    lost_after: Duration,
    /// How long after it was told to stop a shard has ended.
    stopped_after: Duration,
    deliveries: u32,
    entries: Vec<Entry>,
    running: BTreeSet<ShardNumber>,
    unsettled: usize,
    agents: Agents,
    told: VecDeque<Decision>,
    commands: Commands,
    aborted: Option<String>,
    /// No shard is added any more but while something is told.
    complete: bool,
    over: bool,
    /// Since when shards wait and none runs.
    quiet: Option<Duration>,
}

impl Ledger {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            lost_after: settings.times.lost_after(),
            stopped_after: settings.times.stopped_after(),
            deliveries: settings.deliveries.max(1),
            entries: Vec::new(),
            running: BTreeSet::new(),
            unsettled: 0,
            agents: Agents::default(),
            told: VecDeque::new(),
            commands: Commands::default(),
            aborted: None,
            complete: false,
            over: false,
            quiet: None,
        }
    }

    /// How many shards were added.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// An agent takes part, and has to be heard of after this time at the latest.
    pub(crate) fn join(&mut self, agent: AgentId, from: Duration) {
        self.agents.join(agent, from + self.lost_after);
    }

    /// A shard was added, and waits. One that nobody may take any more is settled at once.
    pub(crate) fn add(&mut self, shard: &Shard) -> ShardNumber {
        let number = ShardNumber(u32::try_from(self.entries.len()).unwrap_or(u32::MAX));
        self.entries.push(Entry::new(shard));
        self.unsettled += 1;
        if self.aborted.is_some() {
            self.run_not(number);
        } else if !self.is_reachable(number) {
            self.lose(number, Loss::NobodyLeft);
        }
        number
    }

    /// What an agent hears that asks for a shard.
    pub(crate) fn claim(&mut self, claim: &Claim, now: Duration) -> Verdict {
        if self.aborted.is_some() || self.over || !self.agents.is_alive(&claim.agent) {
            return Verdict::Over;
        }
        let alive_until = now + self.lost_after;
        let Some(entry) = self.entry(claim.shard) else {
            return Verdict::Settled;
        };
        match &entry.state {
            State::Settled(_) => Verdict::Settled,
            State::Running(running) if running.is_of(claim) => Verdict::Given(entry.attempts),
            State::Running(_) => Verdict::Busy,
            State::Waiting => {
                let attempt = entry.give(claim, alive_until);
                self.running.insert(claim.shard);
                self.quiet = None;
                self.told.push_back(Decision::Given {
                    shard: claim.shard,
                    attempt,
                    agent: claim.agent.clone(),
                });
                Verdict::Given(attempt)
            }
        }
    }

    /// An agent is alive, and runs what it says.
    pub(crate) fn beat(&mut self, beat: &Beat, now: Duration) -> Pulse {
        if !self.agents.is_alive(&beat.agent) {
            return Pulse::Unknown;
        }
        let alive_until = now + self.lost_after;
        if beat.leaving {
            self.leave(&beat.agent);
        } else {
            self.agents.prolong(&beat.agent, alive_until);
            for (shard, attempt) in &beat.running {
                self.with_attempt(&beat.agent, *shard, *attempt, |running| {
                    running.prolong(now, alive_until);
                });
            }
            for (shard, attempt) in &beat.given_back {
                self.with_attempt(&beat.agent, *shard, *attempt, |running| {
                    running.end(End::GivenBack);
                });
            }
        }
        self.pulse()
    }

    /// How the run is.
    pub(crate) fn pulse(&self) -> Pulse {
        match &self.aborted {
            _ if self.over => Pulse::Over,
            Some(reason) => Pulse::Aborted(reason.clone()),
            None => Pulse::Running,
        }
    }

    /// Whether what is told of this attempt counts: it is the latest one, of this agent, and its shard is not settled.
    pub(crate) fn counts(&self, shard: ShardNumber, attempt: u32, agent: &AgentId) -> bool {
        let entry = self.entries.get(index(shard));
        entry.is_some_and(|entry| entry.counts(attempt, agent))
    }

    /// What becomes of a shard whose agent is lost.
    pub(crate) fn kind(&self, shard: ShardNumber) -> Option<Kind> {
        self.entries.get(index(shard)).map(|entry| entry.kind)
    }

    /// The attempt that counts has told how it ended, and all that it told was heard.
    pub(crate) fn end(&mut self, shard: ShardNumber, ending: Ending) {
        self.settle(shard, Fate::Ended(ending));
    }

    /// What the attempt that counts has told cannot be used. Its agent has acknowledged the shard, or will, so nobody would get it again.
    pub(crate) fn break_off(&mut self, shard: ShardNumber, reason: String) {
        self.lose(shard, Loss::Broken(reason));
    }

    /// All has been told, and agents may go.
    pub(crate) fn close(&mut self) {
        self.over = true;
    }

    /// The next thing to tell of what was decided.
    pub(crate) fn next_told(&mut self) -> Option<Decision> {
        self.told.pop_front()
    }

    /// What became of each shard, by its number. Those that are not settled were not run.
    pub(crate) fn fates(&self) -> Vec<Fate> {
        let fate = |entry: &Entry| match &entry.state {
            State::Settled(fate) => fate.clone(),
            State::Waiting | State::Running(_) => Fate::NotRun,
        };
        self.entries.iter().map(fate).collect()
    }

    fn leave(&mut self, agent: &AgentId) {
        self.tell_lost(agent, true);
        self.each_running(|running| {
            if running.agent == *agent {
                running.end(End::Left);
            }
        });
    }

    /// Does something with an attempt if it is the one that counts.
    fn with_attempt(
        &mut self,
        agent: &AgentId,
        shard: ShardNumber,
        attempt: u32,
        what: impl FnOnce(&mut Running),
    ) {
        if let Some(entry) = self.entry(shard)
            && entry.counts(attempt, agent)
            && let State::Running(running) = &mut entry.state
        {
            what(running);
        }
    }

    fn tell_lost(&mut self, agent: &AgentId, left: bool) {
        self.agents.lose(agent);
        let agent = agent.clone();
        self.told.push_back(Decision::AgentLost { agent, left });
    }

    fn lose(&mut self, number: ShardNumber, loss: Loss) {
        if self.settle(number, Fate::Lost(loss.clone())) {
            self.told.push_back(Decision::Lost {
                shard: number,
                loss,
            });
        }
    }

    fn run_not(&mut self, number: ShardNumber) {
        if self.settle(number, Fate::NotRun) {
            self.told.push_back(Decision::NotRun { shard: number });
        }
    }

    /// Whether it was not settled before.
    fn settle(&mut self, number: ShardNumber, fate: Fate) -> bool {
        self.running.remove(&number);
        let Some(entry) = self.entry(number).filter(|entry| !entry.is_settled()) else {
            return false;
        };
        entry.state = State::Settled(fate);
        self.unsettled -= 1;
        self.commands.forget(number);
        true
    }

    fn each_running(&mut self, mut what: impl FnMut(&mut Running)) {
        for number in &self.running {
            if let Some(State::Running(running)) = self
                .entries
                .get_mut(index(*number))
                .map(|entry| &mut entry.state)
            {
                what(running);
            }
        }
    }

    fn each_waiting(
        &mut self,
        wanted: impl Fn(&Self) -> bool,
        mut what: impl FnMut(&mut Self, ShardNumber),
    ) {
        if self.unsettled == self.running.len() || !wanted(self) {
            return;
        }
        for number in 0..self.entries.len() {
            if matches!(self.entries[number].state, State::Waiting) {
                what(self, ShardNumber(u32::try_from(number).unwrap_or(u32::MAX)));
            }
        }
    }

    fn is_reachable(&self, number: ShardNumber) -> bool {
        match self.entries.get(index(number)).map(|entry| &entry.target) {
            Some(Target::Agent(agent)) => self.agents.is_alive(agent),
            Some(Target::Anybody) => self.agents.is_any_alive(),
            None => false,
        }
    }

    fn entry(&mut self, number: ShardNumber) -> Option<&mut Entry> {
        self.entries.get_mut(index(number))
    }

    fn run_of(&self, number: ShardNumber) -> Option<&Running> {
        match &self.entries.get(index(number))?.state {
            State::Running(running) => Some(running),
            State::Waiting | State::Settled(_) => None,
        }
    }

    fn agent_of(&self, number: ShardNumber) -> Option<AgentId> {
        self.run_of(number).map(|running| running.agent.clone())
    }
}

fn index(number: ShardNumber) -> usize {
    usize::try_from(number.0).unwrap_or(usize::MAX)
}
