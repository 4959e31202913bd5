//! What is wrong with a run, or with taking part in one.

use std::time::Duration;

use assay_report::hint::Hinted;
use thiserror::Error;

use super::{NatsError, seconds};
use crate::{
    identity::{AgentId, MAX_PROCESSORS, MAX_SLOTS, NoName, RunId},
    orders::{MAX_ALL_ORDER_BYTES, MAX_ORDER_BYTES, MAX_ORDERS, MAX_SHARD_ORDER_BYTES},
    plugin::{MAX_ALL_PLUGIN_BYTES, MAX_PLUGIN_BYTES, MAX_PLUGINS, Refusal},
    settings::MAX_TIME,
    shard::{MAX_OFFERED_BYTES, MAX_SHARD_BYTES, MAX_SHARDS, ShardNumber},
};

/// Why there is no run, or not all of one.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RunError {
    /// The server.
    #[error(transparent)]
    Nats(#[from] NatsError),
    /// Fewer agents than wanted.
    #[error("{found} of {wanted} agents answered within {}", seconds(*.within))]
    TooFewAgents {
        /// Free ones that answered.
        found: usize,
        /// As many as were wanted.
        wanted: usize,
        /// How long they had.
        within: Duration,
        /// Those that take part in another run, with its identity.
        busy: Vec<String>,
    },
    /// Agents with another contract.
    #[error("this run has contract {ours}, and these agents have another one: {}", .others.join(", "))]
    MixedContract {
        /// Ours.
        ours: String,
        /// Name, version and contract of each of the others.
        others: Vec<String>,
    },
    /// Agents that are older or newer than this coordinator can speak with.
    #[error(
        "this run speaks version {ours} of the protocol between hosts, and these agents do not: {}",
        .others.join(", ")
    )]
    OtherProtocol {
        /// Ours: of messages, and of what workers are given and tell.
        ours: String,
        /// Name, version and protocol of each of the others, as far as they can be read.
        others: Vec<String>,
    },
    /// An agent that was free is not.
    #[error("agent `{agent}` takes part in another run ({run})")]
    Busy {
        /// The agent's name.
        agent: String,
        /// That run.
        run: RunId,
    },
    /// An agent does not take part.
    #[error("agent `{agent}` refuses {}: {}", subject(.refusal), .refusal.reason)]
    Refused {
        /// The agent's name.
        agent: String,
        /// Why.
        refusal: Refusal,
    },
    /// An agent answered to the call and no more.
    #[error("agent `{agent}` did not get ready within {}", seconds(*.within))]
    NotReady {
        /// The agent's name.
        agent: String,
        /// How long it had.
        within: Duration,
    },
    /// An agent answered to the call, and is not there any more.
    #[error("agent `{agent}` is gone: it answered to the call, and nobody answers for it any more")]
    Vanished {
        /// The agent's name.
        agent: String,
    },
    /// A plugin that is too large, or too many of them.
    #[error(
        "{0} is more than agents take: {MAX_PLUGINS} plugins of {MAX_PLUGIN_BYTES} bytes each, and of {MAX_ALL_PLUGIN_BYTES} together"
    )]
    TooManyPlugins(String),
    /// Times that no agent can keep.
    #[error(
        "the times of the run cannot be kept: one is zero or longer than {}, or agents beat less often than an outage lasts",
        seconds(MAX_TIME)
    )]
    Times,
    /// A shard that is too large.
    #[error("shard `{name}` has {bytes} bytes, and may have {MAX_SHARD_BYTES}")]
    ShardTooLarge {
        /// The shard's name.
        name: String,
        /// Bytes that it has.
        bytes: usize,
    },
    /// Too many shards.
    #[error("a run may have {MAX_SHARDS} shards")]
    TooManyShards,
    /// Too many shards wait for room on the server.
    #[error("shards of {MAX_OFFERED_BYTES} bytes wait for room on the NATS server")]
    TooManyShardsWait,
    /// There is no such shard.
    #[error("this run has no shard {shard}")]
    NoShard {
        /// Its number.
        shard: ShardNumber,
    },
    /// An order that cannot be written.
    #[error("an order to shard {shard} cannot be written as JSON: {reason}")]
    Order {
        /// The shard.
        shard: ShardNumber,
        /// Why.
        reason: String,
    },
    /// An order that is too large.
    #[error("an order to shard {shard} has {bytes} bytes, and may have {MAX_ORDER_BYTES}")]
    OrderTooLarge {
        /// The shard.
        shard: ShardNumber,
        /// Bytes that it has.
        bytes: usize,
    },
    /// Too many orders to one shard.
    #[error(
        "shard {shard} may be given {MAX_ORDERS} orders of {MAX_SHARD_ORDER_BYTES} bytes together"
    )]
    TooManyOrders {
        /// The shard.
        shard: ShardNumber,
    },
    /// Too many orders to all shards together.
    #[error("the shards that run may be given {MAX_ALL_ORDER_BYTES} bytes of orders together")]
    TooManyOrdersOfAll,
    /// Agents are there, shards wait, and nobody takes them.
    #[error("no agent has taken any shard for {}", seconds(*.0))]
    Stalled(Duration),
    /// An agent cannot tell what happens.
    #[error("agent `{agent}` cannot tell what happens: {reason}")]
    Trouble {
        /// Which agent.
        agent: AgentId,
        /// Why.
        reason: String,
    },
    /// The run is older than anything of it may be on the server.
    #[error("the run took longer than {}, which is as long as the server keeps anything of it", seconds(*.0))]
    TooLong(Duration),
    /// A message on the stream of events is none of ours.
    #[error("something on the stream of events is no message of an agent: {0}")]
    Foreign(String),
    /// Whoever hears of the run has a problem.
    #[error("{0}")]
    Sink(String),
}

impl Hinted for RunError {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Nats(error) => return error.hint(),
            Self::Refused { refusal, .. } => return refusal.hint.clone(),
            Self::Sink(_) => return None,
            Self::TooFewAgents { busy, .. } if !busy.is_empty() => {
                return Some(format!(
                    "wait for what they are in, or start more agents: {} (a run says its name when it begins)",
                    busy.join(", ")
                ));
            }
            Self::TooFewAgents { .. } => {
                "start `host agent --nats URL` with the same URL on more machines, or, for those that are still starting, wait longer with `--agents-within`"
            }
            Self::MixedContract { .. } | Self::OtherProtocol { .. } => {
                "install the same version everywhere, or end those agents"
            }
            Self::Busy { .. } => {
                "wait for that run, which has said its name when it began, or start more agents"
            }
            Self::NotReady { .. } => {
                "see that agent's output; it may be fetching or compiling plugins, or be overloaded"
            }
            Self::Vanished { .. } => {
                "see that agent's output, and how its machine and its network are; start it again, or run with fewer agents"
            }
            Self::Times => "give each a length within that, and let `beat` be far below `outage`",
            Self::TooManyPlugins(_) => "name fewer plugins, or build them for size",
            Self::ShardTooLarge { .. } | Self::TooManyShards => "divide the plan in another way",
            Self::TooManyShardsWait => {
                "add shards as others end, or give the stream of shards more room"
            }
            Self::NoShard { .. } => "give orders to a shard that was added to this run",
            Self::Order { .. } => "let its keys be texts",
            Self::OrderTooLarge { .. } | Self::TooManyOrders { .. } | Self::TooManyOrdersOfAll => {
                "say less to it, or let it have in its work what is known before"
            }
            Self::Stalled(_) => "see the output of the agents",
            Self::Trouble { .. } => {
                "see the server's log: its disk may be full, or its streams removed"
            }
            Self::TooLong(_) => "divide the run, or keep its streams for longer",
            Self::Foreign(_) => "let nobody but agents publish to `assay.>`",
        };
        Some(hint.to_owned())
    }
}

/// Why an agent has ended.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AgentError {
    /// The server.
    #[error(transparent)]
    Nats(#[from] NatsError),
    /// A name that is none.
    #[error(transparent)]
    Name(#[from] NoName),
    /// A number of slots that is none.
    #[error("an agent may have 1 to {MAX_SLOTS} slots, and not {0}")]
    Slots(u32),
    /// A number of processors that is none.
    #[error("an agent may have 1 to {MAX_PROCESSORS} processors, and not {0}")]
    Processors(u32),
}

impl Hinted for AgentError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Nats(error) => error.hint(),
            Self::Slots(_) => {
                Some("as many as the machine has processors is a good number".to_owned())
            }
            Self::Processors(_) => Some("say how many the machine has".to_owned()),
            Self::Name(_) => Some("give it another one with `--name`".to_owned()),
        }
    }
}

fn subject(refusal: &Refusal) -> String {
    match &refusal.plugin {
        Some(plugin) => format!("plugin `{plugin}`"),
        None => "the run".to_owned(),
    }
}
