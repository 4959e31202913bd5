//! Attempts that were refused something that their suite has no grant for. Whatever else is bad of them follows from that, as far as
//! anybody can know.

use super::{
    judge::{Attempt, Finding, MAX_LINE},
    shapes::{Evidence, EvidenceKind},
    trail::Refused,
};
use crate::{
    event::{Outcome, ReasonKind},
    words::{clean, clip, one_line},
};

/// Characters of the line that would grant what was refused: it is for copying, and so it is longer than others.
const MAX_GRANT: usize = 1_000;

/// What it was refused first, if it was refused anything and is bad. What the host itself saw to be otherwise is no consequence of it: that
/// somebody stopped the run, that a service died, that the environment is broken.
pub(super) fn refused(attempt: &Attempt<'_>) -> Option<Finding> {
    let first = attempt.trail.refusals.first()?;
    if !may_follow(attempt.outcome) {
        return None;
    }
    let grant = one_line(&first.refusal.grant);
    let evidence = attempt.trail.refusals.iter().map(evidence);
    Some(Finding {
        subject: Some(clean(&attempt.source.suite)),
        advice: advice(&grant),
        detail: grant,
        common: words(first),
        evidence: evidence.collect(),
        from_ns: first.at_ns,
        at_ns: first.at_ns,
        ..Finding::default()
    })
}

/// The line, whole: a part of it would be copied, and grant nothing. None where there is none; then the kind's own advice stands.
fn advice(grant: &str) -> Option<String> {
    let line = match grant.chars().count() {
        0 => return None,
        1..=MAX_GRANT => grant,
        _ => "the line is too long for here, `refusals` of `report.json` has it",
    };
    Some(format!("grant it in `assay.toml`, if it may: {line}"))
}

fn may_follow(outcome: &Outcome) -> bool {
    let kind = outcome.reason.as_ref().map(|reason| reason.kind);
    let is_seen = matches!(
        kind,
        Some(ReasonKind::Interrupted | ReasonKind::Died | ReasonKind::Environment)
    );
    outcome.verdict.is_bad() && !is_seen
}

fn words(refused: &Refused) -> String {
    let refusal = &refused.refusal;
    let words = one_line(&refusal.words());
    let message = one_line(&refusal.message);
    clip(&format!("refused {words}: {message}"), MAX_LINE)
}

fn evidence(refused: &Refused) -> Evidence {
    Evidence {
        kind: EvidenceKind::Refusal,
        at_ns: Some(refused.at_ns),
        sequence: Some(refused.sequence),
        text: words(refused),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_advised_whole_or_said_to_be_too_long() {
        let whole = "x".repeat(MAX_GRANT);
        assert!(advice(&whole).is_some_and(|advice| advice.ends_with(&whole)));
        let longer = advice(&format!("{whole}x")).unwrap();
        assert!(!longer.contains("xx") && longer.contains("too long for here"));
        assert_eq!(advice(""), None);
    }
}
