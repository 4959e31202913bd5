//! What suites were refused, each with the line that would grant it.

use std::fmt::Write as _;

use super::{
    MAX_LISTED, MAX_REASON,
    escape::{code, text},
    more,
};
use crate::{
    json::document::Report,
    refused,
    words::{clip, one_line},
};

/// Characters of the line that would grant it, which is for copying.
const MAX_GRANT: usize = 1_000;

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
        let grant = one_line(&refusal.grant);
        // No grant lifts some of them. A part of a line would be copied, and grant nothing.
        if grant.chars().count() > MAX_GRANT {
            page.push_str(
                "  - The line that would grant it is too long for here: `report.json` has it.\n",
            );
        } else if !grant.is_empty() {
            let _ = writeln!(page, "  - To grant it: {}", code(&grant));
        }
    }
    more(refused.len(), "refusal", page);
    page.push('\n');
}
