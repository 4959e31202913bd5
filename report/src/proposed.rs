//! What would grant a suite all that it was refused, as reports for people tell it: once for each suite, the whole table of `assay.toml`, which
//! can be copied as it is.

use crate::{event::Proposal, json::document::Report, words::clean};

/// What stands above a table.
pub(crate) const IF_IT_MAY: &str =
    "if it may have that, this belongs into assay.toml, in place of a table of that name:";

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

/// What stands below the table, or in its place where there is no room for it. None if it is all there is.
pub(crate) fn note(proposal: &Proposal, is_shown: bool) -> Option<&'static str> {
    match (is_shown, proposal.truncated) {
        (true, false) => None,
        (true, true) => Some(
            "it was refused more than this table grants: each refusal has the line that would grant it",
        ),
        (false, _) => Some(
            "the table that would grant it is too long for here: report.json has it, or a line for each refusal",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_shown_whole_or_said_to_be_elsewhere() {
        let proposal = Proposal::new("[grants.shop]".into(), false);
        assert_eq!(table(&proposal, 13).as_deref(), Some("[grants.shop]"));
        assert_eq!(table(&proposal, 12), None);
        assert_eq!(note(&proposal, true), None);
        assert!(note(&proposal, false).is_some_and(|note| note.contains("too long")));
        let truncated = Proposal::new("[grants.shop]".into(), true);
        assert!(note(&truncated, true).is_some_and(|note| note.contains("more")));
        let empty = Proposal::new(String::new(), true);
        assert_eq!(table(&empty, 12), None);
    }
}
