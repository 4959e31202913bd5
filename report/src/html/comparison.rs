//! A run beside the one before it: which cases ended otherwise, and which figures moved.

use std::collections::BTreeSet;

use askama::{Template, filters::HtmlSafe};

use super::Word;
use crate::{
    former::{Former, Key},
    json::document::{Report, Suite},
    outcomes,
    verdict::Verdict,
    words::{clean, clip, count, duration, figure, time},
};

/// Rows of each table.
const MAX_ROWS: usize = 60;
/// Characters of a name.
const MAX_NAME: usize = 160;
/// By how much the time of a request must differ to be shown: what differs less is noise in most runs.
const NOTABLE: f64 = 0.2;

/// What is shown.
#[derive(Clone, Debug, Template)]
#[template(path = "comparison.html")]
pub(super) struct Comparison {
    run: String,
    started: String,
    verdict: Word,
    duration: String,
    /// How the two runs were not made alike; empty if they were.
    unlike: Vec<String>,
    cases: Vec<Changed>,
    /// How many cases ended as they did then.
    same: usize,
    /// How many ran in one of them alone, in words.
    alone: String,
    baselines: Vec<Moved>,
    requests: Vec<Moved>,
    hidden: usize,
}

impl HtmlSafe for Comparison {}

/// A case that ended otherwise.
#[derive(Clone, Debug)]
struct Changed {
    name: String,
    before: Word,
    now: Word,
    /// `worse` or `better`.
    how: &'static str,
}

/// A figure of both runs.
#[derive(Clone, Debug)]
struct Moved {
    name: String,
    before: String,
    now: String,
    by: String,
}

impl Comparison {
    pub(super) fn new(former: &Former, report: &Report) -> Self {
        let cases = changed(former, report);
        let baselines = baselines(former, report);
        let requests = requests(former, report);
        let hidden = [cases.len(), baselines.len(), requests.len()]
            .map(|rows| rows.saturating_sub(MAX_ROWS))
            .iter()
            .sum();
        let same = self::cases(report).filter(|(key, now)| {
            let before = former.cases.get(key);
            before.is_some_and(|before| before.verdict == *now)
        });
        Self {
            run: clean(&former.run_id),
            started: clean(&former.started_at),
            verdict: Word::of(former.verdict),
            duration: duration(former.duration_ns),
            unlike: unlike(former, report),
            same: same.count(),
            alone: in_one_alone(former, report),
            cases: cases.into_iter().take(MAX_ROWS).collect(),
            baselines: baselines.into_iter().take(MAX_ROWS).collect(),
            requests: requests.into_iter().take(MAX_ROWS).collect(),
            hidden,
        }
    }
}

fn unlike(former: &Former, report: &Report) -> Vec<String> {
    let profile = report.run.as_ref().map_or("", |run| run.profile.as_str());
    let pairs = [
        (
            "environment",
            former.environment.as_str(),
            report.environment.name.as_str(),
        ),
        ("profile", former.profile.as_str(), profile),
    ];
    let differ = pairs.into_iter().filter(|(_, before, now)| before != now);
    differ
        .map(|(what, before, now)| clean(&format!("its {what} was `{before}`, and is `{now}` now")))
        .collect()
}

/// What got worse first. Cases that are not in both runs are only counted: which of them run is everybody's own choice.
fn changed(former: &Former, report: &Report) -> Vec<Changed> {
    let mut changed = Vec::new();
    for (key, now) in cases(report) {
        let Some(before) = former.cases.get(&key) else {
            continue;
        };
        if before.verdict != now && !is_skipped(before.verdict) && !is_skipped(now) {
            changed.push(Changed {
                name: name(&key),
                before: Word::of(before.verdict),
                now: Word::of(now),
                how: direction(before.verdict, now),
            });
        }
    }
    changed.sort_by_key(|case| case.how != "worse");
    changed
}

fn is_skipped(verdict: Option<Verdict>) -> bool {
    verdict == Some(Verdict::Skipped)
}

/// Every case with its verdict.
fn cases(report: &Report) -> impl Iterator<Item = (Key, Option<Verdict>)> {
    report.suites.iter().flat_map(|suite| {
        let cases = suite.cases.iter();
        cases.map(|case| ((suite.name.clone(), case.name.clone()), case.verdict))
    })
}

/// How many cases tested something in one of the runs alone, in words; empty if none did.
fn in_one_alone(former: &Former, report: &Report) -> String {
    let now: BTreeSet<Key> = tested(cases(report)).collect();
    let then = former
        .cases
        .iter()
        .map(|(key, case)| (key.clone(), case.verdict));
    let then: BTreeSet<Key> = tested(then).collect();
    let parts = [
        (now.difference(&then).count(), "in this one alone"),
        (then.difference(&now).count(), "in that one alone"),
    ];
    let parts = parts.into_iter().filter(|(number, _)| *number > 0);
    let parts: Vec<_> = parts
        .map(|(number, which)| format!("{} ran {which}", count(number, "case")))
        .collect();
    parts.join(", ")
}

fn tested(cases: impl Iterator<Item = (Key, Option<Verdict>)>) -> impl Iterator<Item = Key> {
    let tested = cases.filter(|(_, verdict)| !is_skipped(*verdict));
    tested.map(|(key, _)| key)
}

/// A case without an end is worse than any with one.
fn direction(before: Option<Verdict>, now: Option<Verdict>) -> &'static str {
    let rank = |verdict: Option<Verdict>| (verdict.is_none(), verdict);
    if rank(now) > rank(before) {
        "worse"
    } else {
        "better"
    }
}

/// Each baseline that was judged in both runs, those that moved most first.
fn baselines(former: &Former, report: &Report) -> Vec<Moved> {
    let mut moved = Vec::new();
    for suite in &report.suites {
        for judged in &suite.baselines {
            let key = (suite.name.clone(), judged.baseline.name.clone());
            let (Some(now), Some(before)) =
                (outcomes::standing(judged), former.baselines.get(&key))
            else {
                continue;
            };
            let unit = &judged.baseline.unit;
            let told = |value, grade: crate::event::Grade| {
                format!("{} ({})", figure(value, unit), grade.word())
            };
            moved.push((
                change(before.value, now.value),
                Moved {
                    name: name(&key),
                    before: told(before.value, before.grade),
                    now: told(now.value, now.grade),
                    by: by(before.value, now.value),
                },
            ));
        }
    }
    greatest_first(moved)
}

/// Requests whose time within which 95 of 100 are answered moved.
fn requests(former: &Former, report: &Report) -> Vec<Moved> {
    let of_suite = |suite: &Suite| -> Vec<(f64, Moved)> {
        let pairs = suite.requests.iter().filter_map(|requests| {
            let key = (suite.name.clone(), requests.name.clone());
            let before = *former.requests.get(&key)?;
            Some((key, before, requests.duration?.p95_ns))
        });
        let moved = pairs.map(|(key, before, now)| {
            let (was, is) = (
                super::distribution::as_figure(before),
                super::distribution::as_figure(now),
            );
            (
                change(was, is),
                Moved {
                    name: name(&key),
                    before: time(before),
                    now: time(now),
                    by: by(was, is),
                },
            )
        });
        moved.filter(|(change, _)| *change >= NOTABLE).collect()
    };
    greatest_first(report.suites.iter().flat_map(of_suite).collect())
}

fn greatest_first(mut moved: Vec<(f64, Moved)>) -> Vec<Moved> {
    moved.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    moved.into_iter().map(|(_, moved)| moved).collect()
}

/// By which share a figure moved; of 0 it cannot be told, and is as much as can be.
fn change(before: f64, now: f64) -> f64 {
    let change = ((now - before) / before).abs();
    if before.total_cmp(&now).is_eq() {
        0.0
    } else if change.is_finite() {
        change
    } else {
        f64::MAX
    }
}

/// In words: `+12 %`, `−3 %`, `3.1 times`.
fn by(before: f64, now: f64) -> String {
    let share = (now - before) / before;
    if before.total_cmp(&now).is_eq() {
        "the same".to_owned()
    } else if !share.is_finite() {
        "other".to_owned()
    } else if share >= 1.0 {
        format!("{:.1} times", now / before)
    } else {
        let sign = if share < 0.0 { "−" } else { "+" };
        format!("{sign}{:.0} %", share.abs() * 100.0)
    }
}

fn name((suite, name): &Key) -> String {
    clip(&clean(&format!("{suite}/{name}")), MAX_NAME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_move_is_told_in_words_and_none_is_invented() {
        for (before, now, said) in [
            (100.0, 112.0, "+12 %"),
            (100.0, 97.0, "−3 %"),
            (1.0, 3.1, "3.1 times"),
            (5.0, 5.0, "the same"),
            (0.0, 5.0, "other"),
            (f64::NAN, 5.0, "other"),
        ] {
            assert_eq!(by(before, now), said);
        }
    }

    #[test]
    fn a_graver_verdict_is_worse_and_no_end_is_the_worst() {
        let (passed, failed) = (Some(Verdict::Passed), Some(Verdict::Failed));
        assert_eq!(direction(passed, failed), "worse");
        assert_eq!(direction(failed, passed), "better");
        assert_eq!(direction(failed, None), "worse");
    }
}
