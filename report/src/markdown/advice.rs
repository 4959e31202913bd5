//! What to do, from what the run showed and nothing else: each line names what it rests on.

use std::{collections::BTreeSet, fmt::Write as _};

use super::{
    MAX_LISTED,
    escape::{code, text},
};
use crate::{
    json::{document::Report, loads},
    outcomes::{Group, Item},
    refilled, refused,
    verdict::Verdict,
    words::headline,
};

/// Names that a line holds.
const MAX_NAMED: usize = 5;

/// Writes the section. There is one also if there is nothing to do: that is worth knowing.
pub(super) fn write(report: &Report, groups: &[Group<'_>], page: &mut String) {
    page.push_str("## Recommendations\n\n");
    let lines = lines(report, groups);
    if lines.is_empty() {
        page.push_str("None: nothing that was tested asks for anything.\n");
    }
    for line in lines.iter().take(MAX_LISTED) {
        let _ = writeln!(page, "- {line}");
    }
}

/// In the order in which they are to be done: what keeps others from being known comes first.
fn lines(report: &Report, groups: &[Group<'_>]) -> Vec<String> {
    let environment = &report.environment;
    let mut lines = Vec::new();
    if let Some(message) = &environment.failure {
        lines.push(format!("Bring the environment up: {}", told(message)));
    }
    for died in &environment.died {
        let service = code(&died.service);
        lines.push(format!(
            "Find out why {service} died: {}",
            told(&died.message)
        ));
    }
    for message in &environment.left {
        lines.push(format!("Take down what is left: {}", told(message)));
    }
    for message in &environment.abandoned {
        lines.push(format!(
            "Have the engine free what it keeps: {}",
            told(message)
        ));
    }
    for lost in report.run.iter().flat_map(|run| &run.lost_agents) {
        let agent = code(&lost.agent);
        lines.push(format!(
            "Find out why the agent {agent} was lost: {}",
            told(&lost.message)
        ));
    }
    lines.extend(holes(report));
    lines.extend(refused(report));
    if !report.complete {
        lines.push("Run it again: the host was stopped before the run ended.".to_owned());
    }
    for (verdict, is_baseline, advice) in [
        (
            Verdict::Errored,
            false,
            "Repair the suite or the environment; nothing is known about what these test",
        ),
        (
            Verdict::Failed,
            false,
            "Repair the system under test, or what these expect of it",
        ),
        (
            Verdict::Failed,
            true,
            "Bring these figures back within their critical level",
        ),
        (
            Verdict::Degraded,
            true,
            "Bring these figures to their target",
        ),
        (
            Verdict::Flaky,
            false,
            "Find out why these failed first and passed later",
        ),
        (
            Verdict::Skipped,
            true,
            "Have these judged: no case that ran did",
        ),
        (
            Verdict::Skipped,
            false,
            "Give these what they need; they tested nothing",
        ),
    ] {
        let named = named(groups, |item| {
            item.verdict == verdict && item.is_baseline == is_baseline
        });
        lines.extend(named.map(|names| format!("{advice}: {names}.")));
    }
    lines
}

/// The machines that were lost in loads and that others made up for: those loads were less than what was asked for, for a while.
fn holes(report: &Report) -> impl Iterator<Item = String> {
    let loads = loads::all(report);
    let holes = loads.flat_map(|(entry, load)| {
        let refilled = load.end.iter().flat_map(|end| &end.refilled);
        refilled.map(move |refill| (entry.clone(), refill))
    });
    holes.map(|(entry, refill)| {
        format!(
            "Look at the load of {} with its hole in mind, and at the machine: {} ({})",
            code(&entry),
            text(&refilled::line(refill)),
            told(&refill.lost.reason)
        )
    })
}

/// The suites that were refused something.
fn refused(report: &Report) -> Option<String> {
    let refused = refused::by_suite(report);
    let suites: BTreeSet<&str> = refused.iter().map(|refused| refused.suite).collect();
    let shown: Vec<String> = suites
        .iter()
        .take(MAX_NAMED)
        .map(|suite| code(suite))
        .collect();
    let further = match suites.len() - shown.len() {
        0 => String::new(),
        further => format!(" and {further} more"),
    };
    let names = shown.join(", ");
    let advice = "Decide whether these may have what they were refused";
    (!shown.is_empty()).then(|| format!("{advice}: {names}{further}."))
}

/// What is wrong, and what to do about it where the message says so.
fn told(message: &str) -> String {
    let hint = message.lines().find_map(|line| line.strip_prefix("hint: "));
    let headline = text(headline(message));
    match hint {
        Some(hint) => format!("{headline}; {}", text(hint)),
        None => headline,
    }
}

/// The names of those in the suites that are meant; none if there are none.
fn named(groups: &[Group<'_>], is_meant: impl Fn(&Item<'_>) -> bool) -> Option<String> {
    let meant: Vec<String> = groups
        .iter()
        .filter(|group| group.suite.is_some())
        .flat_map(|group| {
            let items = group.items.iter().filter(|item| is_meant(item));
            items.map(|item| code(&format!("{}/{}", group.name, item.name)))
        })
        .collect();
    if meant.is_empty() {
        return None;
    }
    let shown = &meant[..meant.len().min(MAX_NAMED)];
    let mut names = shown.join(", ");
    let further = meant.len() - shown.len();
    if further > 0 {
        let _ = write!(names, " and {further} more");
    }
    Some(names)
}
