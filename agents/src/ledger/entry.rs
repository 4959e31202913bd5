//! What the ledger has of one shard.

use std::time::Duration;

use crate::{
    identity::AgentId,
    message::Claim,
    shard::{Fate, Kind, Shard, Target},
};

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) kind: Kind,
    pub(super) target: Target,
    /// How often it was given to an agent.
    pub(super) attempts: u32,
    /// Who had it last.
    latest: Option<AgentId>,
    pub(super) state: State,
}

#[derive(Debug)]
pub(super) enum State {
    Waiting,
    Running(Running),
    Settled(Fate),
}

/// An attempt that runs.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) agent: AgentId,
    nonce: u64,
    /// Until when it is believed to run.
    alive_until: Duration,
    /// Until when it has to have ended, if it was told to stop.
    stop_by: Option<Duration>,
    /// Why its agent runs it no longer, if it says so.
    end: Option<End>,
    /// Up to where has to be heard what the server has before it is expired; known once it is due.
    pub(super) barrier: Option<u64>,
}

/// Why an agent says that it runs something no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It takes part no longer.
    Left,
    /// Nobody answered for the coordinator, and so it was stopped.
    GivenBack,
}

/// Why an attempt is not waited for any longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overdue {
    Silent,
    Left,
    GivenBack,
    NotStopped,
}

impl Entry {
    pub(super) fn new(shard: &Shard) -> Self {
        Self {
            kind: shard.kind,
            target: shard.target.clone(),
            attempts: 0,
            latest: None,
            state: State::Waiting,
        }
    }

    /// Gives it to whoever asked; the number of this attempt.
    pub(super) fn give(&mut self, claim: &Claim, alive_until: Duration) -> u32 {
        self.attempts += 1;
        self.latest = Some(claim.agent.clone());
        self.state = State::Running(Running {
            agent: claim.agent.clone(),
            nonce: claim.nonce,
            alive_until,
            stop_by: None,
            end: None,
            barrier: None,
        });
        self.attempts
    }

    pub(super) fn is_settled(&self) -> bool {
        matches!(self.state, State::Settled(_))
    }

    /// Whether this attempt of this agent is the one whose word counts. It may have been expired, as long as nobody else has it.
    pub(super) fn counts(&self, attempt: u32, agent: &AgentId) -> bool {
        !self.is_settled() && self.attempts == attempt && self.latest.as_ref() == Some(agent)
    }

    /// Whether nobody may get it again after its agent was lost.
    pub(super) fn is_used_up(&self, deliveries: u32) -> bool {
        self.kind == Kind::Load || self.attempts >= deliveries || self.target != Target::Anybody
    }
}

impl Running {
    pub(super) fn is_of(&self, claim: &Claim) -> bool {
        self.agent == claim.agent && self.nonce == claim.nonce
    }

    /// Its agent says that it runs it.
    pub(super) fn prolong(&mut self, now: Duration, alive_until: Duration) {
        self.alive_until = alive_until;
        if self.overdue(now).is_none() {
            self.barrier = None;
        }
    }

    /// Its agent could not be heard, or could not hear.
    pub(super) fn forgive(&mut self, now: Duration, alive_until: Duration, stop_by: Duration) {
        self.stop_by = self.stop_by.map(|_| stop_by);
        self.prolong(now, alive_until);
    }

    /// It was told to stop. Only the first time counts.
    pub(super) fn stop_by(&mut self, time: Duration) {
        self.stop_by.get_or_insert(time);
    }

    /// Its agent says that it runs it no longer.
    pub(super) fn end(&mut self, end: End) {
        self.end.get_or_insert(end);
    }

    /// Whether it is not waited for any longer, and its barrier is to be set.
    pub(super) fn is_due(&self, now: Duration) -> bool {
        self.barrier.is_none() && self.overdue(now).is_some()
    }

    /// Why it is not waited for any longer, if all that the server had of it was heard.
    pub(super) fn expired(&self, now: Duration, heard: u64) -> Option<Overdue> {
        let overdue = self.overdue(now)?;
        self.barrier
            .is_some_and(|barrier| heard >= barrier)
            .then_some(overdue)
    }

    fn overdue(&self, now: Duration) -> Option<Overdue> {
        match self.end {
            Some(End::Left) => Some(Overdue::Left),
            Some(End::GivenBack) => Some(Overdue::GivenBack),
            None if self.alive_until < now => Some(Overdue::Silent),
            None => self
                .stop_by
                .is_some_and(|by| by < now)
                .then_some(Overdue::NotStopped),
        }
    }
}
