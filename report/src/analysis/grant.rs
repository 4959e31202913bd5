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

/// What it was refused first, if it was refused anything and is bad. What the host itself saw to be otherwise is no consequence of it: that
/// somebody stopped the run, that a service died, that the environment is broken.
pub(super) fn refused(attempt: &Attempt<'_>) -> Option<Finding> {
    let first = attempt.trail.refusals.first()?;
    if !may_follow(attempt.outcome) {
        return None;
    }
    let evidence = attempt.trail.refusals.iter().map(evidence);
    Some(Finding {
        subject: Some(clean(&attempt.source.suite)),
        detail: one_line(&first.refusal.grant),
        common: words(first),
        evidence: evidence.collect(),
        from_ns: first.at_ns,
        at_ns: first.at_ns,
        ..Finding::default()
    })
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
