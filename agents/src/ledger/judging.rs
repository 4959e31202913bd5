//! Who is lost, and what becomes of what it had.

use std::time::Duration;

use super::{
    Ledger,
    entry::{Overdue, State},
};
use crate::{
    shard::{Loss, ShardNumber},
    sink::Decision,
};

impl Ledger {
    /// Whether an attempt has to be expired as soon as it is known what the server has of it.
    pub(crate) fn is_due(&self, now: Duration) -> bool {
        let runs = self
            .running
            .iter()
            .filter_map(|number| self.run_of(*number));
        runs.into_iter().any(|running| running.is_due(now))
    }

    /// What the server has by now ends with this number.
    pub(crate) fn set_barrier(&mut self, now: Duration, last_sequence: u64) {
        self.each_running(|running| {
            if running.is_due(now) {
                running.barrier = Some(last_sequence);
            }
        });
    }

    /// Finds out who is lost, after everything up to this number was heard.
    pub(crate) fn judge(&mut self, now: Duration, heard: u64) {
        for agent in self.agents.silent(now) {
            self.tell_lost(&agent, false);
        }
        for number in self.running.clone() {
            let expired = |running: &super::Running| running.expired(now, heard);
            if let Some(overdue) = self.run_of(number).and_then(expired) {
                self.expire(number, overdue);
            }
        }
        self.each_waiting(
            |ledger| !ledger.agents.are_all_alive(),
            |ledger, number| {
                if !ledger.is_reachable(number) {
                    ledger.lose(number, Loss::NobodyLeft);
                }
            },
        );
        let quiet = self.running.is_empty() && self.unsettled > 0;
        self.quiet = quiet.then(|| self.quiet.unwrap_or(now));
    }

    /// For how long shards have waited while none ran.
    pub(crate) fn quiet_for(&self, now: Duration) -> Duration {
        self.quiet
            .map_or(Duration::ZERO, |since| now.saturating_sub(since))
    }

    /// For so long nobody looked, because what had been told was not taken: shards that waited meanwhile did not wait in vain.
    pub(crate) fn excuse(&mut self, time: Duration) {
        self.quiet = self.quiet.map(|since| since + time);
    }

    /// Nobody could be heard for a while, which is nobody's fault: all that is believed is believed anew.
    pub(crate) fn forgive(&mut self, now: Duration) {
        let (alive_until, stopped_by) = (now + self.lost_after, now + self.stopped_after);
        self.agents.prolong_all(alive_until);
        self.each_running(|running| running.forgive(now, alive_until, stopped_by));
        self.quiet = None;
    }

    fn expire(&mut self, number: ShardNumber, overdue: Overdue) {
        let Some(agent) = self.agent_of(number) else {
            return;
        };
        let may_return = self.aborted.is_none() && !self.commands.is_stopped(number);
        let deliveries = self.deliveries;
        let Some(entry) = self.entry(number) else {
            return;
        };
        let attempts = entry.attempts;
        if may_return && overdue != Overdue::NotStopped && !entry.is_used_up(deliveries) {
            entry.state = State::Waiting;
            self.running.remove(&number);
            let shard = number;
            return self.told.push_back(Decision::Returned { shard, agent });
        }
        let loss = match overdue {
            Overdue::Silent | Overdue::Left => Loss::AgentLost {
                agent,
                attempts,
                left: overdue == Overdue::Left,
            },
            Overdue::GivenBack => Loss::GivenBack { agent },
            Overdue::NotStopped => Loss::NotStopped { agent },
        };
        self.lose(number, loss);
    }
}
