//! Why what is not good is so: the causes, the first one in time first, each with what it rests on.

use std::fmt::Write as _;

use super::{
    MAX_LISTED, MAX_REASON,
    escape::{code, text},
    more,
};
use crate::{
    analysis::{CauseGroup, Failure},
    json::document::Report,
    words::{clip, count, duration},
};

/// Failures of a cause that are named.
const MAX_NAMED: usize = 5;
/// Lines of evidence of the first failure of a cause.
const MAX_EVIDENCE: usize = 4;

/// Writes the section, unless all is good.
pub(super) fn write(report: &Report, page: &mut String) {
    let causes = &report.analysis.causes;
    if causes.is_empty() {
        return;
    }
    page.push_str("## Causes\n\n");
    for group in causes.iter().take(MAX_LISTED) {
        write_group(group, page);
    }
    more(causes.len(), "cause", page);
    page.push('\n');
}

fn write_group(group: &CauseGroup, page: &mut String) {
    let number = usize::try_from(group.count).unwrap_or(usize::MAX);
    let cause = &group.cause;
    let _ = writeln!(
        page,
        "- **{}** {}: {}, first at {}. To do: {}.",
        cause.kind.words(),
        text(&clip(&cause.summary, MAX_REASON)),
        count(number, "failure"),
        duration(group.first_at_ns),
        text(&clip(&cause.advice, MAX_REASON)),
    );
    if !group.failures.is_empty() {
        let names = group.failures.iter().take(MAX_NAMED);
        let names: Vec<String> = names.map(|failure| code(&failure.name())).collect();
        let further = number.saturating_sub(names.len());
        let further = match further {
            0 => String::new(),
            _ => format!(" and {further} more"),
        };
        let _ = writeln!(page, "  - in {}{further}", names.join(", "));
    }
    if let Some(first) = group.failures.first() {
        write_evidence(first, page);
    }
}

fn write_evidence(failure: &Failure, page: &mut String) {
    for line in failure.evidence.iter().take(MAX_EVIDENCE) {
        let _ = writeln!(page, "  - {}", text(&clip(&line.text, MAX_REASON)));
    }
}
