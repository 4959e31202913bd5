//! How something ended, as attributes and as a status.

use assay_report::{
    event::{Outcome, Source},
    verdict::Verdict,
    words::headline,
};

use crate::opentelemetry::{
    attributes::Attributes, conventions as names, draft::of_verdict, protocol::Status,
};

/// Whether it is a setup or a teardown: no case can have these names.
pub(super) fn is_hook(source: &Source) -> bool {
    matches!(&*source.entry, "setup" | "teardown")
}

/// The status of an attempt, or of a case.
pub(super) fn status(outcome: &Outcome) -> Status {
    let why = outcome
        .reason
        .as_ref()
        .map(|reason| headline(&reason.message));
    of_verdict(outcome.verdict, why.unwrap_or_default())
}

/// What is told of an attempt, or of a case.
pub(super) fn of_case(outcome: &Outcome) -> Attributes {
    let result = match outcome.verdict {
        Verdict::Passed | Verdict::Flaky | Verdict::Degraded => "pass",
        Verdict::Failed | Verdict::Errored => "fail",
        Verdict::Skipped => "skipped",
    };
    Attributes::new()
        .with(names::TEST_CASE_RESULT_STATUS, result)
        .and(of_hook(outcome))
}

/// What is told of a setup or a teardown, which is no case.
pub(super) fn of_hook(outcome: &Outcome) -> Attributes {
    let kind = outcome.reason.as_ref().map(|reason| reason.kind.word());
    let kind = kind.filter(|_| outcome.verdict.is_bad());
    Attributes::new()
        .with(names::VERDICT, outcome.verdict.word())
        .with_some(names::ERROR_TYPE, kind)
}

/// `file:line`, as the conventions have it.
pub(super) fn of_location(location: Option<&str>) -> Attributes {
    let Some(location) = location else {
        return Attributes::new();
    };
    let line = location
        .rsplit_once(':')
        .and_then(|(file, line)| Some((file, line.parse::<u32>().ok()?)));
    match line {
        Some((file, line)) => Attributes::new()
            .with(names::CODE_FILE_PATH, file)
            .with(names::CODE_LINE_NUMBER, line),
        None => Attributes::new().with(names::CODE_FILE_PATH, location),
    }
}
