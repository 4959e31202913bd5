//! What the coordinator's host hears of a run.

use assay_report::event::Event;

use crate::{
    identity::AgentId,
    shard::{Ending, Loss, ShardNumber},
};

/// Something of a run, in the order in which it counts.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// An agent may run a shard now.
    Given {
        /// Which shard.
        shard: ShardNumber,
        /// From 1.
        attempt: u32,
        /// Which agent.
        agent: AgentId,
    },
    /// An event of a shard. Those of one shard come in their order, each once; `sequence` and `at_ns` are those of its agent.
    Event {
        /// Which shard.
        shard: ShardNumber,
        /// Which agent.
        agent: AgentId,
        /// What happened.
        event: Box<Event>,
    },
    /// A shard has ended. No more of it is told.
    Ended {
        /// Which shard.
        shard: ShardNumber,
        /// Which agent.
        agent: AgentId,
        /// How.
        ending: Ending,
    },
    /// An agent was lost.
    AgentLost {
        /// Which agent.
        agent: AgentId,
        /// Whether it said that it goes; otherwise nothing was heard of it for too long.
        left: bool,
    },
    /// A shard of a lost agent waits for another one.
    Returned {
        /// Which shard.
        shard: ShardNumber,
        /// The lost agent.
        agent: AgentId,
    },
    /// A shard was lost. No more of it is told. Whoever wants it run after all adds another one before it has taken this.
    Lost {
        /// Which shard.
        shard: ShardNumber,
        /// Why.
        loss: Loss,
    },
}

/// Takes what is told of a run. While it does nothing more is fetched from the server, whose streams have limits, so that a slow one slows the
/// agents down.
pub trait Sink: Send {
    /// Takes one thing; a problem ends the run with it.
    fn take(&mut self, told: Told) -> impl Future<Output = Result<(), String>> + Send;
}
