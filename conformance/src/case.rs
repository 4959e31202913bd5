//! One case: what its report has against what it must have.

use std::fmt;

use assay_report::{
    event::Reason,
    json::document::{self, Attempt},
};

use crate::expected::{Case, Load};

/// Something that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The case; the suite's name for what belongs to no case.
    pub place: String,
    /// What was looked at.
    pub what: &'static str,
    /// What must be there.
    pub expected: String,
    /// What is there.
    pub actual: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            place,
            what,
            expected,
            actual,
        } = self;
        write!(formatter, "{place}: {what}: {actual} instead of {expected}")
    }
}

/// Where differences of one place come together.
pub(crate) struct Looked {
    place: String,
    found: Vec<Difference>,
}

impl Looked {
    pub(crate) fn at(place: &str) -> Self {
        Self {
            place: place.to_owned(),
            found: Vec::new(),
        }
    }

    /// Both must be the same.
    pub(crate) fn same<T: PartialEq + fmt::Debug>(
        &mut self,
        what: &'static str,
        expected: &T,
        actual: &T,
    ) {
        if expected != actual {
            self.differs(what, format!("{expected:?}"), format!("{actual:?}"));
        }
    }

    /// Both must be the same, if something is expected at all.
    fn wanted<T: PartialEq + fmt::Debug>(
        &mut self,
        what: &'static str,
        expected: Option<&T>,
        actual: &T,
    ) {
        if let Some(expected) = expected {
            self.same(what, expected, actual);
        }
    }

    pub(crate) fn differs(&mut self, what: &'static str, expected: String, actual: String) {
        self.found.push(Difference {
            place: self.place.clone(),
            what,
            expected,
            actual,
        });
    }

    pub(crate) fn done(self) -> Vec<Difference> {
        self.found
    }
}

/// All that differs. `grades` are the judgements of this case, in order.
pub(crate) fn differences(
    expected: &Case,
    actual: &document::Case,
    grades: &[(String, assay_report::event::Grade)],
) -> Vec<Difference> {
    let mut looked = Looked::at(&expected.name);
    looked.same("verdict", &Some(expected.verdict), &actual.verdict);
    reason(&mut looked, expected, actual.reason.as_ref());
    looked.wanted(
        "judged baselines",
        expected.grades.as_ref(),
        &grades.to_vec(),
    );
    match &actual.attempts[..] {
        [one] => evidence(&mut looked, expected, one),
        [] => evidence(&mut looked, expected, &Attempt::default()),
        many => looked.differs(
            "attempts",
            "one (run it with `--retries 0`)".to_owned(),
            many.len().to_string(),
        ),
    }
    looked.done()
}

fn reason(looked: &mut Looked, expected: &Case, actual: Option<&Reason>) {
    let kind = actual.map(|reason| reason.kind);
    if !expected.kind.is_empty() && !kind.is_some_and(|kind| expected.kind.contains(&kind)) {
        let expected = format!("one of {:?}", expected.kind);
        looked.differs("kind of reason", expected, format!("{kind:?}"));
    }
    let message = actual.map_or("", |reason| &reason.message);
    for part in &expected.message {
        if !message.contains(part) {
            let expected = format!("a text with {part:?}");
            looked.differs("message", expected, format!("{message:?}"));
        }
    }
    let values = actual.map(|reason| (&reason.expected, &reason.actual));
    if expected.expected.is_some() {
        let shown = values.and_then(|(expected, _)| expected.clone());
        looked.same("expected value", &expected.expected, &shown);
    }
    if expected.actual.is_some() {
        let shown = values.and_then(|(_, actual)| actual.clone());
        looked.same("actual value", &expected.actual, &shown);
    }
}

fn evidence(looked: &mut Looked, expected: &Case, actual: &Attempt) {
    looked.wanted(
        "checks that passed",
        expected.passed.as_ref(),
        &actual.passed_checks,
    );
    let failed: Vec<String> = actual
        .failed_checks
        .iter()
        .map(|c| c.name.clone())
        .collect();
    looked.wanted("checks that failed", expected.failed.as_ref(), &failed);
    if let Some(expected) = &expected.logs {
        logs(looked, expected, actual);
    }
    looked.wanted(
        "requests",
        expected.requests.as_ref(),
        &actual.counts.requests,
    );
    looked.wanted(
        "event streams",
        expected.streams.as_ref(),
        &actual.counts.streams,
    );
    let attachments: Vec<(String, String)> = actual
        .attachments
        .iter()
        .map(|one| (one.name.clone(), one.media_type.clone()))
        .collect();
    looked.wanted("attachments", expected.attachments.as_ref(), &attachments);
    if let Some(expected) = &expected.faults {
        faults(looked, expected, actual);
    }
    if let Some(expected) = &expected.loads {
        loads(looked, expected, actual);
    }
}

/// Each text is in a line after the one before it.
fn logs(looked: &mut Looked, expected: &[String], actual: &Attempt) {
    let lines: Vec<&String> = actual.logs.iter().map(|line| &line.message).collect();
    let mut rest = lines.iter();
    let all = expected
        .iter()
        .all(|part| rest.any(|line| line.contains(part)));
    if !all || (expected.is_empty() && !lines.is_empty()) {
        looked.differs("log", format!("{expected:?}"), format!("{lines:?}"));
    }
}

fn faults(looked: &mut Looked, expected: &Vec<(String, String)>, actual: &Attempt) {
    let made: Vec<(String, String)> = actual
        .faults
        .iter()
        .map(|one| (one.fault.action.clone(), one.fault.target.clone()))
        .collect();
    looked.same("faults", expected, &made);
    for one in &actual.faults {
        if one.confirmed_after_ns.is_none() || one.healed.is_none() {
            let actual = format!("{:?}", one.failure);
            let expected = format!("{} confirmed and healed", one.fault.words());
            looked.differs("fault", expected, actual);
        }
    }
}

fn loads(looked: &mut Looked, expected: &Vec<Load>, actual: &Attempt) {
    let made: Vec<Load> = actual.loads.iter().map(told).collect();
    looked.same("loads", expected, &made);
}

/// A load as it is expected. One that has no outcome has no iterations.
fn told(load: &assay_report::json::loads::LoadReport) -> Load {
    let outcome = load.end.as_ref().and_then(|end| end.outcome.as_deref());
    let reasons = outcome.map_or_else(Vec::new, |outcome| {
        let counted = outcome.latency.failures.iter();
        counted.map(|one| (one.name.clone(), one.count)).collect()
    });
    Load {
        scenario: load.plan.scenario.clone(),
        isolated: load.plan.isolated,
        iterations: outcome.map_or(0, |outcome| outcome.iterations),
        failed: outcome.map_or(0, |outcome| outcome.failed),
        reasons,
    }
}
