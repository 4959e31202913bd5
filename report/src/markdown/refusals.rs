//! What suites were refused, and of each suite the table that would grant it all.

use std::fmt::Write as _;

use super::{
    MAX_LISTED, MAX_REASON,
    escape::{block, code, text},
    more,
};
use crate::{
    event::Proposal,
    json::document::Report,
    proposed, refused,
    words::{clip, one_line},
};

/// Bytes of all tables that would grant something, which are for copying.
const MAX_TABLES: usize = 64 << 10;

/// Writes the section, unless nothing was refused.
pub(super) fn write(report: &Report, page: &mut String) {
    let refused = refused::by_suite(report);
    if refused.is_empty() {
        return;
    }
    page.push_str("## Refused\n\n");
    for one in refused.iter().take(MAX_LISTED) {
        let refusal = one.refusal;
        let line = |text: &str| clip(&one_line(text), MAX_REASON);
        let _ = writeln!(
            page,
            "- **{}** {}: {}. In {}.",
            text(&line(&refusal.capability)),
            code(&line(&refusal.subject)),
            text(&line(&refusal.message)),
            text(&line(&one.who())),
        );
    }
    more(refused.len(), "refusal", page);
    let mut room = MAX_TABLES;
    for (suite, proposal) in proposed::all(report).take(MAX_LISTED) {
        let table = proposed::table(proposal, room);
        room -= table.as_ref().map_or(0, String::len);
        page.push_str(&propose(suite, proposal, table));
    }
    page.push('\n');
}

fn propose(suite: &str, proposal: &Proposal, table: Option<String>) -> String {
    let suite = code(&clip(&one_line(suite), MAX_REASON));
    let notes = proposed::notes(proposal, table.is_some());
    let notes: Vec<_> = notes.iter().map(|note| text(note)).collect();
    let table = table.map(|table| format!("{}\n\n{}", proposed::IF_IT_MAY, block("toml", &table)));
    let told: Vec<_> = table.into_iter().chain(notes).collect();
    format!("\nWhat was refused to {suite}: {}\n", told.join("\n\n"))
}
