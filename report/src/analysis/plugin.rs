//! Attempts that say nothing of the system under test: the plugin broke, or proved nothing.

use super::{
    judge::{Attempt, Finding, headline_of},
    shapes::{CauseKind, Evidence, EvidenceKind},
};
use crate::{
    event::{Reason, ReasonKind},
    words::clean,
};

/// Frames of the plugin that are named.
const MAX_FRAMES: usize = 3;

/// Of a plugin that broke, or proved nothing.
pub(super) fn judge(attempt: &Attempt<'_>, reason: &Reason) -> (CauseKind, Finding) {
    let kind = match reason.kind {
        ReasonKind::Panic => CauseKind::Panic,
        ReasonKind::Trap => CauseKind::Trap,
        ReasonKind::Limit => CauseKind::Limit,
        ReasonKind::Timeout => CauseKind::Spinning,
        ReasonKind::NoEvidence => CauseKind::NoEvidence,
        _ => CauseKind::Plugin,
    };
    let message = headline_of(&reason.message);
    let location = reason.location.as_deref().map(clean);
    let place = location
        .as_ref()
        .map_or_else(String::new, |location| format!(" ({location})"));
    let mut evidence = vec![Evidence {
        kind: EvidenceKind::Outcome,
        at_ns: Some(attempt.ended_ns),
        sequence: Some(attempt.sequence),
        text: format!("{message}{place}"),
    }];
    evidence.extend(
        reason
            .backtrace
            .iter()
            .take(MAX_FRAMES)
            .map(|frame| Evidence {
                kind: EvidenceKind::Outcome,
                at_ns: None,
                sequence: Some(attempt.sequence),
                text: format!("in {}", clean(frame)),
            }),
    );
    let finding = Finding {
        subject: Some(clean(&attempt.source.suite)),
        detail: location.unwrap_or_else(|| message.clone()),
        common: message,
        evidence,
        ..attempt.at_its_end()
    };
    (kind, finding)
}
