//! What the coordinator's host hears of a run.

use std::convert::Infallible;

use serde::de::DeserializeOwned;

use crate::{
    identity::AgentId,
    shard::{Ending, Loss, ShardNumber},
};

/// Something of a run, in the order in which it counts; `W` is what workers tell.
#[derive(Clone, Debug, PartialEq)]
pub enum Told<W> {
    /// An agent may run a shard now.
    Given {
        /// Which shard.
        shard: ShardNumber,
        /// From 1.
        attempt: u32,
        /// Which agent.
        agent: AgentId,
    },
    /// A word of a shard's worker. Those of one shard come in their order, each once.
    Word {
        /// Which shard.
        shard: ShardNumber,
        /// Which agent.
        agent: AgentId,
        /// What was told.
        word: Box<W>,
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
    /// A shard waits for another agent, because its agent was lost or gave it back.
    Returned {
        /// Which shard.
        shard: ShardNumber,
        /// The agent that had it.
        agent: AgentId,
    },
    /// Nobody runs a shard: it, or the run, was stopped before.
    NotRun {
        /// Which shard.
        shard: ShardNumber,
    },
    /// A shard was lost. No more of it is told. Whoever wants it run after all adds another one before it has taken this.
    Lost {
        /// Which shard.
        shard: ShardNumber,
        /// Why.
        loss: Loss,
    },
}

/// What a ledger decides, which is never a word.
pub(crate) type Decision = Told<Infallible>;

impl Decision {
    /// The same for a sink that hears words.
    pub(crate) fn told<W>(self) -> Told<W> {
        match self {
            Self::Given {
                shard,
                attempt,
                agent,
            } => Told::Given {
                shard,
                attempt,
                agent,
            },
            Self::Word { word, .. } => match *word {},
            Self::Ended {
                shard,
                agent,
                ending,
            } => Told::Ended {
                shard,
                agent,
                ending,
            },
            Self::AgentLost { agent, left } => Told::AgentLost { agent, left },
            Self::Returned { shard, agent } => Told::Returned { shard, agent },
            Self::NotRun { shard } => Told::NotRun { shard },
            Self::Lost { shard, loss } => Told::Lost { shard, loss },
        }
    }
}

/// Takes what is told of a run. While it does nothing more is fetched from the server, whose streams have limits, so that a slow one slows the
/// agents down.
pub trait Sink: Send {
    /// What workers tell. A shard whose worker tells something else is lost, and nothing of it is told if it is one of cases.
    type Word: DeserializeOwned + Send;

    /// Takes one thing; a problem ends the run with it.
    fn take(&mut self, told: Told<Self::Word>) -> impl Future<Output = Result<(), String>> + Send;
}
