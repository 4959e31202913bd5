//! The suite as a whole: its cases, its hooks, its baselines and its figures.

use assay_report::{
    event::{Grade, MetricSnapshot, MetricValue},
    json::document::{self, Attempt, Report},
    verdict::Verdict,
};

use crate::{
    case::{self, Difference, Looked},
    expected::{Figure, Level, Suite},
};

/// Everything that is not as it must be; none if all of it holds. A report without the suite differs, too.
pub fn differences(expected: &Suite, report: &Report) -> Vec<Difference> {
    let mut looked = Looked::at(&expected.suite);
    let names: Vec<&str> = report
        .suites
        .iter()
        .map(|suite| suite.name.as_str())
        .collect();
    let Some(suite) = report
        .suites
        .iter()
        .find(|suite| suite.name == expected.suite)
    else {
        looked.differs("suites", expected.suite.clone(), format!("{names:?}"));
        return looked.done();
    };
    if names.len() == 1 {
        let ended = report.run.as_ref().and_then(|run| run.exit_code);
        looked.same("exit code", &Some(expected.exit_code), &ended);
    }
    looked.same("setup", &expected.setup, &verdict(suite.setup.as_ref()));
    looked.same(
        "teardown",
        &expected.teardown,
        &verdict(suite.teardown.as_ref()),
    );
    looked.same("baselines", &expected.baselines, &levels(suite));
    figures(&mut looked, expected, suite);
    names_of_cases(&mut looked, expected, suite);
    let mut found = looked.done();
    for expected in &expected.cases {
        if let Some(actual) = suite.cases.iter().find(|case| case.name == expected.name) {
            found.extend(case::differences(
                expected,
                actual,
                &grades(suite, &expected.name),
            ));
        }
    }
    found
}

fn verdict(hook: Option<&Attempt>) -> Option<Verdict> {
    Some(hook?.outcome.as_ref()?.verdict)
}

fn names_of_cases(looked: &mut Looked, expected: &Suite, actual: &document::Suite) {
    let wanted: Vec<&str> = expected
        .cases
        .iter()
        .map(|case| case.name.as_str())
        .collect();
    let there: Vec<&str> = actual.cases.iter().map(|case| case.name.as_str()).collect();
    let without = |some: &[&str], others: &[&str]| -> Vec<String> {
        let missing = some.iter().filter(|name| !others.contains(name));
        missing.map(ToString::to_string).collect()
    };
    // Their order is that of the files of a suite in some languages: it is not looked at.
    looked.same(
        "cases that are missing",
        &Vec::new(),
        &without(&wanted, &there),
    );
    looked.same(
        "cases that are unknown",
        &Vec::new(),
        &without(&there, &wanted),
    );
}

fn levels(suite: &document::Suite) -> Vec<Level> {
    let baselines = suite.baselines.iter().map(|one| &one.baseline);
    baselines
        .map(|one| Level {
            name: one.name.clone(),
            unit: one.unit.clone(),
            direction: one.direction,
            target: one.target,
            critical: one.critical,
        })
        .collect()
}

fn grades(suite: &document::Suite, case: &str) -> Vec<(String, Grade)> {
    let judged = suite.baselines.iter().flat_map(|one| {
        let name = &one.baseline.name;
        one.judgements.iter().map(move |judged| (name, judged))
    });
    judged
        .filter(|(_, judged)| judged.entry == case)
        .map(|(name, judged)| (name.clone(), judged.grade))
        .collect()
}

/// Those that are expected have to be there; others may be.
fn figures(looked: &mut Looked, expected: &Suite, actual: &document::Suite) {
    for figure in &expected.figures {
        let found = actual
            .metrics
            .iter()
            .find(|one| one.name == figure.name && one.labels == figure.labels)
            .map(|one| told(one, figure));
        looked.same("figure", &Some(figure.clone()), &found);
    }
}

/// A figure as it is expected, with its unit only where that is looked at.
fn told(snapshot: &MetricSnapshot, expected: &Figure) -> Figure {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a handful of values is counted here"
    )]
    let (kind, value) = match &snapshot.value {
        MetricValue::Counter { value } => ("counter", *value),
        MetricValue::Gauge { value } => ("gauge", *value),
        MetricValue::Histogram(distribution) => ("histogram", distribution.count as f64),
    };
    Figure {
        name: snapshot.name.clone(),
        labels: snapshot.labels.clone(),
        kind: kind.to_owned(),
        unit: expected.unit.as_ref().map(|_| snapshot.unit.clone()),
        value,
    }
}
