//! What the coordinator's host wants of shards that are there: orders to them, and that they or all of the run stop.

use std::time::Duration;

use serde_json::Value;

use super::{Ledger, TooMuch, entry::State, index};
use crate::{identity::AgentId, message::Said, shard::ShardNumber};

impl Ledger {
    /// An order to a shard, which has so many bytes as JSON. One that is settled needs none.
    pub(crate) fn order(
        &mut self,
        shard: ShardNumber,
        order: Value,
        bytes: usize,
    ) -> Result<(), TooMuch> {
        if self.is_settled(shard) {
            return Ok(());
        }
        self.commands.order(shard, order, bytes)
    }

    /// A shard has to stop. One that nobody runs is settled at once.
    pub(crate) fn stop(&mut self, shard: ShardNumber, reason: &str, now: Duration) {
        let stopped_by = now + self.stopped_after;
        match self.entry(shard).map(|entry| &mut entry.state) {
            Some(State::Waiting) => self.run_not(shard),
            Some(State::Running(running)) => {
                running.stop_by(stopped_by);
                self.commands.stop(shard, reason);
            }
            Some(State::Settled(_)) | None => {}
        }
    }

    /// Shards that run and have something to hear.
    pub(crate) fn to_command(&self) -> Vec<ShardNumber> {
        let shards = self.commands.shards();
        shards
            .filter(|shard| self.command(*shard).is_some())
            .collect()
    }

    /// What the agent that runs a shard has to hear next of it.
    pub(crate) fn command(&self, shard: ShardNumber) -> Option<(AgentId, Said)> {
        let agent = self.agent_of(shard)?;
        let attempt = self.entries.get(index(shard))?.attempts;
        let command = self.commands.next(shard, attempt)?;
        let said = Said {
            shard,
            attempt,
            command,
        };
        Some((agent, said))
    }

    /// It has heard that.
    pub(crate) fn heard(&mut self, said: &Said) {
        let Said {
            shard,
            attempt,
            command,
        } = said;
        self.commands.heard(*shard, *attempt, command);
    }

    /// No shard begins any more, those that wait are settled, and those that run have to stop.
    pub(crate) fn abort(&mut self, reason: &str, now: Duration) {
        if self.aborted.is_some() {
            return;
        }
        self.aborted = Some(reason.to_owned());
        self.each_waiting(|_| true, Self::run_not);
        let stopped_by = now + self.stopped_after;
        self.each_running(|running| running.stop_by(stopped_by));
    }

    /// No shard is added any more but while something is told.
    pub(crate) fn no_more(&mut self) {
        self.complete = true;
    }

    /// Whether every shard is settled, and nobody adds another one.
    pub(super) fn is_complete(&self) -> bool {
        self.unsettled == 0 && (self.complete || self.aborted.is_some())
    }

    /// Whether that is so, and all that was decided has been told.
    pub(crate) fn is_over(&self) -> bool {
        self.is_complete() && self.told.is_empty()
    }

    /// Whether there is such a shard.
    pub(crate) fn has(&self, shard: ShardNumber) -> bool {
        self.entries.get(index(shard)).is_some()
    }

    /// Whether nothing is to be done with a shard any more.
    pub(crate) fn is_settled(&self, shard: ShardNumber) -> bool {
        let entry = self.entries.get(index(shard));
        entry.is_none_or(super::Entry::is_settled)
    }
}
