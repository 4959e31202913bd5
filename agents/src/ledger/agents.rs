//! Which agents are believed to be there, and until when.

use std::{collections::BTreeMap, time::Duration};

use crate::identity::AgentId;

/// The agents of a run. One that was lost is lost for good: it has stopped by itself, or will.
#[derive(Debug, Default)]
pub(super) struct Agents {
    /// Nothing for those that were lost.
    alive_until: BTreeMap<AgentId, Option<Duration>>,
}

impl Agents {
    pub(super) fn join(&mut self, agent: AgentId, alive_until: Duration) {
        self.alive_until.insert(agent, Some(alive_until));
    }

    pub(super) fn lose(&mut self, agent: &AgentId) {
        if let Some(until) = self.alive_until.get_mut(agent) {
            *until = None;
        }
    }

    pub(super) fn prolong(&mut self, agent: &AgentId, alive_until: Duration) {
        if let Some(Some(until)) = self.alive_until.get_mut(agent) {
            *until = alive_until;
        }
    }

    pub(super) fn prolong_all(&mut self, alive_until: Duration) {
        for until in self.alive_until.values_mut().flatten() {
            *until = alive_until;
        }
    }

    /// Those that were not heard of for too long, and are not lost yet.
    pub(super) fn silent(&self, now: Duration) -> Vec<AgentId> {
        let silent = |until: &Option<Duration>| until.is_some_and(|until| until < now);
        let agents = self.alive_until.iter().filter(|(_, until)| silent(until));
        agents.map(|(agent, _)| agent.clone()).collect()
    }

    pub(super) fn is_alive(&self, agent: &AgentId) -> bool {
        self.alive_until.get(agent).is_some_and(Option::is_some)
    }

    pub(super) fn is_any_alive(&self) -> bool {
        self.alive_until.values().any(Option::is_some)
    }

    pub(super) fn are_all_alive(&self) -> bool {
        self.alive_until.values().all(Option::is_some)
    }
}
