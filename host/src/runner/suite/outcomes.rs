//! What follows for a case from its attempts, from its setup, and from a stop before it began. Pure.

use assay_report::{
    event::{Outcome, Reason, ReasonKind},
    verdict::Verdict,
};

use crate::runner::judge::plain;

/// A case that passed only after it had failed is flaky, with the reason for which it failed. One that is degraded stays so.
/// A last attempt that tested nothing, skipped or cut off, takes nothing back: the case stays as bad as it was.
pub(super) fn over_attempts(last: Outcome, bad: Option<Outcome>) -> Outcome {
    match (last.verdict, bad) {
        (Verdict::Passed, Some(bad)) => Outcome {
            verdict: Verdict::Flaky,
            reason: bad.reason,
        },
        (Verdict::Skipped, Some(bad)) => bad,
        _ => last,
    }
}

pub(super) fn because_of_setup(setup: Outcome) -> Outcome {
    let interrupted = |reason: &Reason| reason.kind == ReasonKind::Interrupted;
    Outcome {
        verdict: setup.verdict,
        reason: setup.reason.map(|reason| {
            if interrupted(&reason) {
                return reason;
            }
            Reason {
                kind: ReasonKind::Setup,
                message: format!("the setup {}: {}", setup.verdict.word(), reason.message),
                ..reason
            }
        }),
    }
}

pub(super) fn not_begun(reason: &str) -> Outcome {
    plain(
        Verdict::Skipped,
        ReasonKind::Interrupted,
        format!("not begun: the run was stopped by {reason}"),
    )
}
