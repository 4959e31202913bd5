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
    pub(super) alive_until: Duration,
    /// Up to where has to be heard what the server has before it is expired; known once it is due.
    pub(super) barrier: Option<u64>,
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

    pub(super) fn prolong(&mut self, alive_until: Duration) {
        self.alive_until = alive_until;
        self.barrier = None;
    }

    /// Whether it was not heard of for too long, and its barrier is to be set.
    pub(super) fn is_due(&self, now: Duration) -> bool {
        self.alive_until < now && self.barrier.is_none()
    }

    /// Whether it was not heard of for too long, and all that the server had of it was heard.
    pub(super) fn is_expired(&self, now: Duration, heard: u64) -> bool {
        self.alive_until < now && self.barrier.is_some_and(|barrier| heard >= barrier)
    }
}
