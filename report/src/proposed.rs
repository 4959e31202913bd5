//! What would grant a suite all that it was refused, as reports for people tell it: once for each suite, the whole table of `assay.toml`, which
//! can be copied as it is.

use crate::{
    event::{AgentProposal, Proposal},
    json::document::Report,
    words::{clean, one_line},
};

/// What stands above a table.
pub(crate) const IF_IT_MAY: &str =
    "if it may have that, this belongs into assay.toml, in place of a table of that name:";

/// Bytes of a line that belongs into the `assay.toml` of an agent, which is told in a sentence.
const MAX_LINE: usize = 1 << 10;

/// The proposals of a run, each with its suite.
pub(crate) fn all(report: &Report) -> impl Iterator<Item = (&str, &Proposal)> {
    let suites = report.suites.iter();
    suites.filter_map(|suite| Some((suite.name.as_str(), suite.proposal.as_ref()?)))
}

/// The table, if it has at most `room` bytes: a part of it would be copied, and grant something else.
pub(crate) fn table(proposal: &Proposal, room: usize) -> Option<String> {
    let table = clean(&proposal.table);
    (!table.is_empty() && table.len() <= room).then_some(table)
}

/// What stands below the table, or in its place where there is no room for it, and what has to be granted elsewhere.
pub(crate) fn notes(proposal: &Proposal, is_shown: bool) -> Vec<String> {
    // Where only agents refused something there is no table anywhere.
    let is_told = is_shown || (proposal.table.is_empty() && !proposal.truncated);
    let own = match (is_told, proposal.truncated) {
        (true, false) => None,
        (true, true) => Some(
            "it was refused more than this table grants: each refusal has the line that would grant it",
        ),
        (false, _) => Some(
            "the table that would grant it is too long for here: report.json has it, or a line for each refusal",
        ),
    };
    let agents = proposal.at_agents.iter().map(at_agent);
    own.map(str::to_owned).into_iter().chain(agents).collect()
}

fn at_agent(AgentProposal { agent, grant }: &AgentProposal) -> String {
    let (agent, grant) = (one_line(agent), one_line(grant));
    let missing = if grant.is_empty() || grant.len() > MAX_LINE {
        "what each refusal has as its line".to_owned()
    } else {
        format!("`{grant}`")
    };
    format!(
        "the agent `{agent}` refused something by grants of its own: if it may have that, the assay.toml of that agent, and not this one, has to grant beside what it grants already {missing}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_shown_whole_or_said_to_be_elsewhere() {
        let proposal = Proposal::new("[grants.shop]".into(), false);
        assert_eq!(table(&proposal, 13).as_deref(), Some("[grants.shop]"));
        assert_eq!(table(&proposal, 12), None);
        let note = |proposal: &Proposal, is_shown| notes(proposal, is_shown).join("; ");
        assert_eq!(note(&proposal, true), "");
        assert!(note(&proposal, false).contains("too long"));
        let truncated = Proposal::new("[grants.shop]".into(), true);
        assert!(note(&truncated, true).contains("more"));
        let empty = Proposal::new(String::new(), true);
        assert_eq!(table(&empty, 12), None);
        assert!(note(&empty, false).contains("too long"));
    }

    #[test]
    fn what_only_an_agent_refused_is_no_table_of_this_project() {
        let agent = |grant: &str| AgentProposal::new("one\n".into(), grant.into());
        let agents = [
            agent("grants.shop.services = [\"store\"]"),
            agent(&"x[".repeat(MAX_LINE)),
        ];
        let proposal = Proposal::new(String::new(), false).with_agents(agents);
        assert_eq!(table(&proposal, 1 << 10), None);
        let notes = notes(&proposal, false);
        let [whole, long] = &*notes else {
            panic!("{notes:?}");
        };
        for note in [whole, long] {
            assert!(note.starts_with("the agent `one` refused"), "{note}");
            assert!(note.contains("the assay.toml of that agent"), "{note}");
        }
        assert!(
            whole.ends_with("`grants.shop.services = [\"store\"]`"),
            "{whole}"
        );
        assert!(
            !long.contains('[') && long.contains("each refusal"),
            "{long}"
        );
    }
}
