//! What runs shards at an agent. The host has one; tests have scripted ones.

use crate::{
    agent::Teller,
    identity::RunId,
    orders::Orders,
    plugin::{Plugin, Refusal},
    shard::Shard,
    stop::Stop,
};

/// Which attempt at which shard it is.
#[derive(Debug)]
pub struct Assignment {
    /// The run.
    pub run: RunId,
    /// What to run.
    pub shard: Shard,
    /// From 1; more than that if it was given to an agent before that was lost.
    pub attempt: u32,
    /// What the coordinator says to it while it runs.
    pub orders: Orders,
}

/// Runs shards.
pub trait Worker: Send + Sync + 'static {
    /// Makes plugins ready, each of which the agent's policy lets in. No shard of the run comes before that.
    fn prepare(
        &self,
        run: &RunId,
        plugins: Vec<Plugin>,
    ) -> impl Future<Output = Result<(), Refusal>> + Send;

    /// Runs one shard, and tells what happens. When `stop` is told it has to end at once, and has [`crate::settings::Times::grace`] for what must be undone; after
    /// that it is dropped. An error is why it could not be run, not that what it ran has failed: that is in its words.
    fn run(
        &self,
        assignment: Assignment,
        teller: Teller,
        stop: Stop,
    ) -> impl Future<Output = Result<(), String>> + Send;

    /// Forgets what it has of the run, none of whose shards runs any more, also if preparing failed or was broken off.
    fn finish(&self, run: &RunId) -> impl Future<Output = ()> + Send;
}
