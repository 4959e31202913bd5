//! What to look at or to do about each sort of cause.

use super::shapes::CauseKind;

/// As a sentence without a full stop. It says nothing that the cause does not show.
pub(super) fn of(kind: CauseKind, subject: Option<&str>) -> String {
    let whom = subject.map_or_else(|| "it".to_owned(), |subject| format!("`{subject}`"));
    match kind {
        CauseKind::Environment => "run `host doctor`, and look at the services' last lines".to_owned(),
        CauseKind::Died => format!("look at the last lines of {whom}, and at what it was asked before it died"),
        CauseKind::Unhealthy => format!("look at the log of {whom} and at what it depends on; nothing else can be judged before it is well"),
        CauseKind::FaultFailed => "look at the state of what the fault is on, and run `host heal`".to_owned(),
        CauseKind::Fault => "let the case expect what the fault does, or keep the two apart: a case that is `exclusive` meets no fault of another".to_owned(),
        CauseKind::Connection => format!("look whether {whom} was up then, and at its log of that moment"),
        CauseKind::Contract => format!("hold the answer of {whom} against its documented schema at that place"),
        CauseKind::Status => format!("look at how {whom} handles this request, and at its log of that moment"),
        CauseKind::Answer => format!("compare expected and actual, and look at who made what {whom} shows: itself, or who writes to it"),
        CauseKind::Late => format!("look at what {whom} did meanwhile: its log, its queues, what it waited for"),
        CauseKind::Load => "look at the failures of its requests and checks by name, and when in the load they begin".to_owned(),
        CauseKind::Baseline => "look at where the time went, and at what changed since it was last reached".to_owned(),
        CauseKind::Panic | CauseKind::Trap | CauseKind::Plugin => format!("repair the suite {whom} at that place; nothing is known of the system"),
        CauseKind::Limit => format!("let the suite {whom} need less, or raise the limit in `[limits]` of `assay.toml`"),
        CauseKind::Spinning => format!("look for a loop without an end in the suite {whom}, or give the case more time"),
        CauseKind::NoEvidence => "let the case check what it looks at, or skip it with a reason".to_owned(),
        CauseKind::Grant => format!("grant in `assay.toml` what the suite {whom} asks for, if it may have that"),
        CauseKind::Interrupted => "run it again: what was cut off is not known".to_owned(),
        CauseKind::NoEnd => "run it again, and look why the host was stopped".to_owned(),
        CauseKind::Lost => format!("name the whole log of {whom}, or run it again"),
        CauseKind::Unknown => "look at the reason and at the log of the attempt: no event shows more".to_owned(),
    }
}
