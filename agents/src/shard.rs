//! A part of a plan that one agent runs by itself.

use std::fmt;

use assay_report::words::{NOBODY_LEFT, clean};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::identity::AgentId;

/// Shards of one run, at most.
pub const MAX_SHARDS: usize = 100_000;
/// Bytes of one shard as JSON, at most: it has to fit into a message of the server.
pub const MAX_SHARD_BYTES: usize = 512 << 10;
/// Bytes of shards that wait for room on the server, at most.
pub const MAX_OFFERED_BYTES: usize = 256 << 20;
/// Bytes of what a worker says of a shard that it could not run, at most. The rest is cut off.
pub const MAX_PROBLEM_BYTES: usize = 2 << 10;

/// Which shard of its run it is: the first one that was added is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ShardNumber(pub u32);

impl fmt::Display for ShardNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

/// What becomes of a shard whose agent is lost, and when its words are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Cases. Another agent runs them again, from their beginning. Their words are told once they have all come, so nothing is told of an
    /// attempt that was lost.
    Cases,
    /// A share of a load. It is lost with its agent; what it did until then was done, so its words are told as they come.
    Load,
}

/// Who may run a shard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// Whoever has a free slot.
    Anybody,
    /// This agent and nobody else. It begins as soon as the shard arrives, as long as fewer than [`crate::identity::MAX_ADDRESSED`] run there.
    Agent(AgentId),
}

/// A part of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shard {
    /// What people call it.
    pub name: String,
    /// What becomes of it when its agent is lost.
    pub kind: Kind,
    /// Who may run it.
    pub target: Target,
    work: Value,
}

impl Shard {
    /// A shard whose worker is given `work`, as JSON.
    pub fn new(
        name: &str,
        kind: Kind,
        target: Target,
        work: &impl Serialize,
    ) -> serde_json::Result<Self> {
        Ok(Self {
            name: name.to_owned(),
            kind,
            target,
            work: serde_json::to_value(work)?,
        })
    }

    /// What a worker is given.
    pub fn work<W: DeserializeOwned>(&self) -> serde_json::Result<W> {
        W::deserialize(&self.work)
    }
}

/// How an attempt at a shard ended, as its agent says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// It ran to its end. What that was is in its words.
    Finished,
    /// It was stopped before its end.
    Stopped,
    /// Its worker could not run it, for this reason.
    Failed(String),
}

impl Ending {
    /// The same as somebody else said it: a problem no longer than it may be, and all of it seen.
    pub(crate) fn bounded(self) -> Self {
        let Self::Failed(mut problem) = self else {
            return self;
        };
        problem.truncate(problem.floor_char_boundary(MAX_PROBLEM_BYTES));
        Self::Failed(clean(&problem))
    }
}

/// What became of a shard in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// An agent ended it.
    Ended(Ending),
    /// It was lost.
    Lost(Loss),
    /// It, or the run, was stopped before anybody ran it.
    NotRun,
}

/// Why a shard was lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Each agent that had it was lost; these are the last one, and how many there were.
    AgentLost {
        /// The last agent.
        agent: AgentId,
        /// Times it was given to an agent.
        attempts: u32,
        /// Whether the last one said that it goes.
        left: bool,
    },
    /// No agent is left that could take it.
    NobodyLeft,
    /// What its agent told cannot be used, for this reason.
    Broken(String),
    /// Its agent stopped it, because nobody answered for the coordinator for longer than [`crate::settings::Times::absence`].
    GivenBack {
        /// The agent that had it.
        agent: AgentId,
    },
    /// It did not end in time after it, or the run, was stopped.
    NotStopped {
        /// The agent that has it.
        agent: AgentId,
    },
}

impl fmt::Display for Loss {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AgentLost {
                agent,
                attempts,
                left,
            } => {
                match attempts {
                    1 if *left => write!(formatter, "its agent {agent} left"),
                    1 => write!(formatter, "its agent {agent} was lost"),
                    _ => write!(
                        formatter,
                        "{attempts} agents that had it were lost, {agent} at last"
                    ),
                }?;
                formatter.write_str(if *left { ": it was ended there" } else { "" })
            }
            Self::NobodyLeft => formatter.write_str(NOBODY_LEFT),
            Self::Broken(reason) => {
                write!(formatter, "what its agent told cannot be used: {reason}")
            }
            Self::GivenBack { agent } => write!(
                formatter,
                "its agent {agent} stopped it, because nobody answered for the coordinator"
            ),
            Self::NotStopped { agent } => {
                write!(formatter, "its agent {agent} did not end it in time")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Ending, Loss, MAX_PROBLEM_BYTES};

    #[test]
    fn an_agent_that_left_is_told_apart_from_one_that_is_gone() {
        let told = |attempts, left| {
            let agent = "a1".parse().unwrap();
            let loss = Loss::AgentLost {
                agent,
                attempts,
                left,
            };
            loss.to_string()
        };
        let several = "3 agents that had it were lost, a1 at last";
        assert_eq!(told(1, false), "its agent a1 was lost");
        assert_eq!(told(1, true), "its agent a1 left: it was ended there");
        assert_eq!(told(3, false), several);
        assert_eq!(told(3, true), format!("{several}: it was ended there"));
    }

    #[test]
    fn why_an_agent_could_not_run_a_shard_is_bounded_and_seen() {
        let long = "x".repeat(MAX_PROBLEM_BYTES + 1);
        for (said, heard) in [
            ("no\nhint: so", "no\nhint: so"),
            ("no\u{1b}[2J", "no\\u{1b}[2J"),
            (&long, &long[1..]),
        ] {
            let heard = Ending::Failed(heard.to_owned());
            assert_eq!(Ending::Failed(said.to_owned()).bounded(), heard);
        }
        assert_eq!(Ending::Stopped.bounded(), Ending::Stopped);
    }
}
