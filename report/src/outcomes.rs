//! What has a verdict, as CI systems count it: cases, baselines, setups and teardowns that broke, and what broke of the run as a
//! whole. So a file for a CI system is never greener than the run.

use std::{borrow::Cow, collections::BTreeMap};

use crate::{
    account,
    analysis::{Cause, Failure},
    event::{Grade, Reason},
    json::document::{Attempt, Case, Judged, JudgedBaseline, Report, Suite},
    verdict::Verdict,
    words::{clean, figure, headline},
};

/// What belongs to one suite, or to the run as a whole.
#[derive(Debug)]
pub(crate) struct Group<'a> {
    /// The suite's name.
    pub(crate) name: &'a str,
    /// None for the run as a whole.
    pub(crate) suite: Option<&'a Suite>,
    pub(crate) items: Vec<Item<'a>>,
}

/// The name of the group that holds what broke of the run as a whole. No suite has it: a name of a suite is one word in kebab-case.
pub(crate) const RUN: &str = "the run";

/// The kind of [`Why`] of what told no end.
pub(crate) const NO_END: &str = "no_end";

/// Something that has a verdict.
#[derive(Debug)]
pub(crate) struct Item<'a> {
    pub(crate) name: Cow<'a, str>,
    pub(crate) is_baseline: bool,
    pub(crate) verdict: Verdict,
    /// Why, unless it passed.
    pub(crate) why: Option<Why>,
    pub(crate) duration_ns: u64,
    pub(crate) attempts: &'a [Attempt],
}

/// Why something did not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Why {
    /// One word, for programs: that of [`crate::event::ReasonKind`], or one for what is no case.
    pub(crate) kind: &'static str,
    /// In one line.
    pub(crate) headline: String,
    /// All of it.
    pub(crate) text: String,
    /// `file:line` in the suite.
    pub(crate) location: Option<String>,
}

impl Why {
    pub(crate) fn of(reason: &Reason, attempt: Option<&Attempt>) -> Self {
        Self {
            kind: reason.kind.word(),
            headline: clean(headline(&reason.message)),
            text: account::why(Some(reason), attempt),
            location: reason.location.clone(),
        }
    }

    /// Of something that gave no reason.
    pub(crate) fn unknown(verdict: Verdict) -> Self {
        Self::told("unknown", &format!("{}, without a reason", verdict.word()))
    }

    fn told(kind: &'static str, message: &str) -> Self {
        let text = clean(message);
        Self {
            kind,
            headline: headline(&text).to_owned(),
            text,
            location: None,
        }
    }
}

/// All that has a verdict, suite by suite; what broke of the run as a whole comes last, if anything did.
pub(crate) fn groups(report: &Report) -> Vec<Group<'_>> {
    let causes = causes(report);
    let suites = report.suites.iter().map(|suite| {
        let mut group = of_suite(suite);
        for item in &mut group.items {
            item.add_cause(group.name, &causes);
        }
        group
    });
    let run = of_run(report);
    suites
        .chain((!run.items.is_empty()).then_some(run))
        .collect()
}

/// By the suite and by the case, setup or teardown.
type Causes<'a> = BTreeMap<(&'a str, &'a str), (&'a Cause, &'a Failure)>;

/// Why each failure that the analysis tells is so.
fn causes(report: &Report) -> Causes<'_> {
    let groups = report.analysis.causes.iter();
    let failures = groups.flat_map(|group| {
        let failures = group.failures.iter();
        failures.map(move |failure| (&group.cause, failure))
    });
    failures
        .filter_map(|(cause, failure)| {
            let (suite, entry) = (failure.suite.as_deref()?, failure.entry.as_deref()?);
            Some(((suite, entry), (cause, failure)))
        })
        .collect()
}

impl Item<'_> {
    fn add_cause(&mut self, suite: &str, causes: &Causes<'_>) {
        let found = causes
            .get(&(suite, &*self.name))
            .filter(|_| !self.is_baseline);
        if let (Some(why), Some((cause, failure))) = (&mut self.why, found) {
            why.text.push_str(&account::cause(cause, failure));
        }
    }
}

fn of_suite(suite: &Suite) -> Group<'_> {
    let setup = suite
        .setup
        .iter()
        .filter_map(|attempt| hook("setup", attempt));
    let cases = suite.cases.iter().map(of_case);
    let teardown = suite
        .teardown
        .iter()
        .filter_map(|attempt| hook("teardown", attempt));
    let baselines = suite.baselines.iter().map(of_baseline);
    Group {
        name: &suite.name,
        suite: Some(suite),
        items: setup
            .chain(cases)
            .chain(teardown)
            .chain(baselines)
            .collect(),
    }
}

fn of_case(case: &Case) -> Item<'_> {
    let last_bad = case.attempts.iter().rev().find(|attempt| {
        let outcome = attempt.outcome.as_ref();
        outcome.is_none_or(|outcome| outcome.verdict != Verdict::Passed)
    });
    let why = match case.verdict {
        Some(_) => case.reason.as_ref().map(|reason| Why::of(reason, last_bad)),
        None => Some(Why::told(
            NO_END,
            "the events end before this case did: the host was stopped",
        )),
    };
    Item {
        name: Cow::Borrowed(&case.name),
        is_baseline: false,
        verdict: case.verdict.unwrap_or(Verdict::Errored),
        why,
        duration_ns: case.duration_ns,
        attempts: &case.attempts,
    }
}

/// A setup or a teardown is no case, and only worth a line if it broke, or was refused something before it was cut off with the run.
fn hook<'a>(name: &'static str, attempt: &'a Attempt) -> Option<Item<'a>> {
    let outcome = attempt.outcome.as_ref();
    let verdict = outcome.map_or(Verdict::Errored, |outcome| outcome.verdict);
    let reason = outcome.and_then(|outcome| outcome.reason.as_ref());
    let why = match reason {
        Some(reason) => Some(Why::of(reason, Some(attempt))),
        None if verdict.is_bad() => Some(Why::told(
            NO_END,
            "the events end before it did: the host was stopped",
        )),
        None => None,
    };
    let is_worth_a_line = verdict.is_bad() || !attempt.refusals.is_empty();
    is_worth_a_line.then(|| Item {
        name: Cow::Borrowed(name),
        is_baseline: false,
        verdict,
        why,
        duration_ns: attempt.duration_ns,
        attempts: std::slice::from_ref(attempt),
    })
}

fn of_baseline(judged: &JudgedBaseline) -> Item<'_> {
    let standing = standing(judged);
    let verdict = standing.map_or(Verdict::Skipped, |judged| match judged.grade {
        Grade::Target => Verdict::Passed,
        Grade::Critical => Verdict::Degraded,
        Grade::Missed => Verdict::Failed,
    });
    let why = (verdict != Verdict::Passed).then(|| {
        let text = match standing {
            Some(standing) => measured(judged, standing),
            None => "no case that ran judged it".to_owned(),
        };
        Why::told("baseline", &text)
    });
    Item {
        name: Cow::Borrowed(&judged.baseline.name),
        is_baseline: true,
        verdict,
        why,
        duration_ns: 0,
        attempts: &[],
    }
}

/// The judgement by which a baseline stands: a later attempt of an entry replaces an earlier one, one entry never replaces another,
/// and of those that are left the worst counts.
pub(crate) fn standing(judged: &JudgedBaseline) -> Option<&Judged> {
    let mut last: BTreeMap<&str, &Judged> = BTreeMap::new();
    for judgement in &judged.judgements {
        last.insert(&judgement.entry, judgement);
    }
    last.into_values().reduce(|worst, other| {
        if other.grade > worst.grade {
            other
        } else {
            worst
        }
    })
}

/// What was measured against which levels, as a sentence.
pub(crate) fn measured(judged: &JudgedBaseline, standing: &Judged) -> String {
    let baseline = &judged.baseline;
    let levels = format!(
        "{} {}, target {}",
        baseline.direction.words(),
        figure(baseline.critical, &baseline.unit),
        figure(baseline.target, &baseline.unit),
    );
    match standing.samples {
        0 => format!("nothing was measured for `{}` ({levels})", baseline.name),
        samples => format!(
            "{} from {samples} samples ({levels}), judged by {}",
            figure(standing.value, &baseline.unit),
            standing.entry,
        ),
    }
}

/// What broke of the run as a whole.
fn of_run(report: &Report) -> Group<'_> {
    let environment = &report.environment;
    let mut items = Vec::new();
    let mut push = |verdict, name: Cow<'static, str>, kind, message: &str| {
        items.push(Item {
            name,
            is_baseline: false,
            verdict,
            why: Some(Why::told(kind, message)),
            duration_ns: 0,
            attempts: &[],
        });
    };
    for regression in report
        .regressions
        .iter()
        .flat_map(|check| &check.regressions)
    {
        let name = format!("{} is not slower than before", regression.name());
        push(
            Verdict::Failed,
            name.into(),
            "regression",
            &regression.words(),
        );
    }
    let mut add = |name, kind, message: &str| push(Verdict::Errored, name, kind, message);
    if let Some(message) = &environment.failure {
        add("the environment comes up".into(), "environment", message);
    }
    for died in &environment.died {
        let name = format!("`{}` stays alive", clean(&died.service));
        add(name.into(), "died", &died.message);
    }
    for message in &environment.left {
        add("the environment is taken down".into(), "left", message);
    }
    for lost in report.run.iter().flat_map(|run| &run.lost) {
        let name = format!("shard {} is there as a whole", lost.shard);
        add(name.into(), NO_END, &lost.message);
    }
    if let Some(run) = &report.run
        && let Some(by) = &run.interrupted
    {
        let message = format!("the run was interrupted by {by}");
        add("it runs to its end".into(), "interrupted", &message);
    } else if !report.complete {
        let message = "the events end before the run did: the host was stopped";
        add("it runs to its end".into(), NO_END, message);
    }
    Group {
        name: RUN,
        suite: None,
        items,
    }
}
