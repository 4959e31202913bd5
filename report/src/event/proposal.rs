//! What a suite would have to be granted if it were to have all that it was refused.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::MAX_GRANT_BYTES;

/// Bytes of the table.
pub const MAX_TABLE_BYTES: usize = 64 << 10;
/// Agents that are told of a suite which they refused something by grants of their own.
pub const MAX_REFUSING_AGENTS: usize = 10;

/// The table of `assay.toml` that would grant a suite all that it was refused in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Proposal {
    /// The whole table, `[grants.NAME]` and its keys, with what is granted already: TOML that takes the place of such a table. At most 64 KiB;
    /// empty if it would be longer, or if only agents refused something by grants of their own.
    pub table: String,
    /// Whether more was refused than the table has room for.
    pub truncated: bool,
    /// What agents refused by grants of their own where this project grants everything: it belongs into their `assay.toml`, and not into this one.
    /// The first 10 agents by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub at_agents: Vec<AgentProposal>,
}

/// What would have to be granted at an agent beside what is granted there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AgentProposal {
    /// The agent's name.
    pub agent: String,
    /// One line that is TOML by itself, as that of a [`Refusal`](super::Refusal), of all that is missing there. At most 4 KiB; empty if it would be longer.
    pub grant: String,
}

impl AgentProposal {
    /// As it is told: a line whole, or not at all.
    pub fn new(agent: String, grant: String) -> Self {
        let fits = grant.len() <= MAX_GRANT_BYTES;
        let grant = if fits { grant } else { String::new() };
        Self { agent, grant }
    }
}

impl Proposal {
    /// As it is told: a table whole, or not at all.
    pub fn new(table: String, truncated: bool) -> Self {
        let fits = table.len() <= MAX_TABLE_BYTES;
        Self {
            table: if fits { table } else { String::new() },
            truncated: truncated || !fits,
            at_agents: Vec::new(),
        }
    }

    /// The same with what agents refused by grants of their own, each agent once and in the order of their names, as far as they are told.
    #[must_use]
    pub fn with_agents(mut self, agents: impl IntoIterator<Item = AgentProposal>) -> Self {
        self.at_agents = agents.into_iter().take(MAX_REFUSING_AGENTS).collect();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_told_whole_or_not_at_all() {
        let told = |bytes| Proposal::new("x".repeat(bytes), false);
        let whole = told(MAX_TABLE_BYTES);
        assert_eq!((whole.table.len(), whole.truncated), (65_536, false));
        let longer = told(MAX_TABLE_BYTES + 1);
        assert_eq!((longer.table.len(), longer.truncated), (0, true));
    }

    #[test]
    fn of_agents_the_first_are_told_and_a_line_whole_or_not_at_all() {
        let agent = |number: usize| {
            let bytes = MAX_GRANT_BYTES - 1 + number;
            AgentProposal::new(format!("agent {number}"), "x".repeat(bytes))
        };
        let agents = (0..=MAX_REFUSING_AGENTS).map(agent);
        let told = Proposal::new(String::new(), false).with_agents(agents);
        let lengths = told.at_agents.iter().map(|told| told.grant.len());
        assert_eq!(lengths.collect::<Vec<_>>()[..3], [4_095, 4_096, 0]);
        assert_eq!(told.at_agents.len(), MAX_REFUSING_AGENTS);
    }
}
