//! Which annotations a run has: the gravest first, and no more than GitHub shows.

use super::command::{Annotation, Level, Place};
use crate::{
    account,
    event::Proposal,
    json::document::Report,
    outcomes::{Group, Item},
    proposed,
    verdict::Verdict,
    words::{clip, count},
};

/// Annotations of each level that GitHub shows for a step; it drops the others without a word.
/// <https://docs.github.com/rest/checks/runs#create-a-check-run>
const MAX_SHOWN: usize = 10;
/// Characters of a message, of which GitHub shows 64 KiB.
const MAX_MESSAGE: usize = 4_000;
/// Characters of a title, of which it shows 255.
const MAX_TITLE: usize = 200;

/// Errors before warnings, and of these first what would grant what was refused. Where there are too many, the last one says how many more
/// there are.
pub(super) fn all(report: &Report, groups: &[Group<'_>]) -> Vec<String> {
    let mut lines = Vec::new();
    let proposed: Vec<_> = proposed::all(report).map(propose).collect();
    let items = groups
        .iter()
        .flat_map(|group| group.items.iter().filter_map(|item| of(group, item)));
    let all: Vec<_> = proposed.into_iter().chain(items).collect();
    for level in [Level::Error, Level::Warning] {
        let of_level = all.iter().filter(|annotation| annotation.level == level);
        let annotations: Vec<_> = of_level.collect();
        let shown = if annotations.len() > MAX_SHOWN {
            MAX_SHOWN - 1
        } else {
            annotations.len()
        };
        lines.extend(annotations.iter().take(shown).map(|one| one.line()));
        if annotations.len() > shown {
            lines.push(further(level, annotations.len() - shown).line());
        }
    }
    lines
}

fn of(group: &Group<'_>, item: &Item<'_>) -> Option<Annotation> {
    let level = match item.verdict {
        Verdict::Passed | Verdict::Skipped => return refused(group, item),
        Verdict::Flaky | Verdict::Degraded => Level::Warning,
        Verdict::Failed | Verdict::Errored => Level::Error,
    };
    let title = format!("{}/{}: {}", group.name, item.name, item.verdict.word());
    let why = item.why.as_ref();
    Some(Annotation {
        level,
        title: clip(&title, MAX_TITLE),
        place: why
            .and_then(|why| why.location.as_deref())
            .and_then(Place::of),
        message: why.map_or_else(String::new, |why| clip(why.text.trim_end(), MAX_MESSAGE)),
    })
}

/// A plugin that tried what it may not do is worth a look, also where its case was cut off with the run.
fn refused(group: &Group<'_>, item: &Item<'_>) -> Option<Annotation> {
    let message = account::refused_and_yet_good(item.attempts);
    let title = format!("{}/{}: refused", group.name, item.name);
    (!message.is_empty()).then(|| Annotation {
        level: Level::Warning,
        title: clip(&title, MAX_TITLE),
        place: None,
        message: clip(message.trim_end(), MAX_MESSAGE),
    })
}

/// The table that would grant a suite all that it was refused.
fn propose((suite, proposal): (&str, &Proposal)) -> Annotation {
    let table = proposed::table(proposal, MAX_MESSAGE);
    let notes = proposed::notes(proposal, table.is_some());
    let table = table.map(|table| format!("{}\n{table}", proposed::IF_IT_MAY));
    let told: Vec<_> = table.into_iter().chain(notes).collect();
    Annotation {
        level: Level::Warning,
        title: clip(&format!("{suite}: what would grant it"), MAX_TITLE),
        place: None,
        message: told.join("\n"),
    }
}

fn further(level: Level, number: usize) -> Annotation {
    Annotation {
        level,
        title: format!("{} more", count(number, "finding")),
        place: None,
        message: "GitHub shows ten annotations of each kind for a step: the summary of the job and the report have all of them."
            .to_owned(),
    }
}
