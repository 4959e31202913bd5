//! What a coordinator and its agents say to each other: one line of JSON each, but for what agents tell, which has its words below its head.

pub(crate) mod chunk;
pub(crate) mod clock;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    identity::{AgentId, AgentInfo, RunId},
    plugin::{Offered, Refusal},
    settings::Times,
    shard::{Shard, ShardNumber},
};

/// The version of these messages. It grows whenever an older agent would misunderstand a newer coordinator, or the other way round.
pub(crate) const PROTOCOL: u32 = 2;

/// How a host speaks with others, for people: the version of these messages, and that of what workers are given and tell.
pub(crate) fn spoken(protocol: u32, words: u32) -> String {
    format!("{protocol}.{words}")
}

/// A coordinator asks who is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Call {
    pub(crate) protocol: u32,
    pub(crate) run: RunId,
}

/// An agent answers a call. Its version comes first in any protocol, so that an agent of another one can be named.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Hello {
    pub(crate) protocol: u32,
    #[serde(flatten)]
    pub(crate) agent: AgentInfo,
    /// The run that it takes part in.
    pub(crate) busy: Option<RunId>,
}

/// A coordinator offers an agent to take part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Offer {
    pub(crate) run: RunId,
    pub(crate) times: Times,
    pub(crate) plugins: Vec<Offered>,
}

/// What an agent answers to an offer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Answer {
    /// It takes part from now on.
    Ready,
    /// It takes part in another run.
    Busy(RunId),
    /// It may not or cannot use a plugin.
    Refused(Refusal),
}

/// An agent is alive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Beat {
    pub(crate) agent: AgentId,
    /// What it runs: shards, and which attempt at each.
    pub(crate) running: Vec<(ShardNumber, u32)>,
    /// What it has stopped because nobody answered.
    pub(crate) given_back: Vec<(ShardNumber, u32)>,
    /// Whether it takes part no longer.
    pub(crate) leaving: bool,
    /// Why it cannot tell what happens, if it cannot.
    pub(crate) trouble: Option<String>,
}

/// How the run is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Pulse {
    /// It goes on.
    Running,
    /// It was stopped for this reason.
    Aborted(String),
    /// It is over.
    Over,
    /// The coordinator does not know this agent, or knows it no more.
    Unknown,
}

/// An agent asks whether it may run a shard that it was delivered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Claim {
    pub(crate) agent: AgentId,
    pub(crate) shard: ShardNumber,
    /// The same for each repetition of one question, whose answer may have been lost.
    pub(crate) nonce: u64,
}

/// What the coordinator says to a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Verdict {
    /// It runs it, as this attempt.
    Given(u32),
    /// Somebody runs it. It may be free later.
    Busy,
    /// Nobody has to run it any more.
    Settled,
    /// The run is stopped, or the agent does not belong to it.
    Over,
}

/// The coordinator says something to the worker of a shard. The agent answers whether it was taken: `true`, or `false` if it does not run that.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Said {
    pub(crate) shard: ShardNumber,
    pub(crate) attempt: u32,
    pub(crate) command: Command,
}

/// What is said to a worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Command {
    /// An order; orders are numbered from 0.
    Order {
        /// Which one.
        number: usize,
        /// What its worker is given.
        order: Value,
    },
    /// It has to stop, for this reason.
    Stop(String),
}

/// A shard as it waits for an agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Waiting {
    pub(crate) number: ShardNumber,
    pub(crate) shard: Shard,
}

/// A message as bytes.
pub(crate) fn encode(message: &impl Serialize) -> bytes::Bytes {
    // Nothing of this module has a key that is no text, or a serializer that fails.
    serde_json::to_vec(message).unwrap_or_default().into()
}

/// Bytes as a message.
pub(crate) fn decode<M: DeserializeOwned>(bytes: &[u8]) -> Result<M, serde_json::Error> {
    serde_json::from_slice(bytes)
}
