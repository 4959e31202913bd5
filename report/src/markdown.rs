//! The summary for those who decide, as Markdown: how the run was made, how it ended, each suite, the figures that were promised, and
//! what to do. It says nothing that the run did not show.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

mod advice;
mod causes;
mod escape;
mod refusals;

use self::escape::{code, text};
use crate::{
    exit::Exit,
    json::document::{JudgedBaseline, Report, Suite},
    outcomes::{self, Group, Item},
    verdict::Verdict,
    words::{clip, count, duration, figure},
};

/// Bad cases of a suite, and baselines, that are listed: as many as this each.
const MAX_LISTED: usize = 50;
/// Characters of a reason.
const MAX_REASON: usize = 300;

/// Writes the file.
pub(crate) fn write(report: &Report, writer: &mut dyn Write) -> io::Result<()> {
    let groups = outcomes::groups(report);
    let mut page = format!("# Assay: {}{}\n\n", verdict_of(report), shard_of(report));
    execution(report, &mut page);
    summary(report, &groups, &mut page);
    causes::write(report, &mut page);
    refusals::write(report, &mut page);
    suites(report, &groups, &mut page);
    key_metrics(report, &mut page);
    advice::write(report, &groups, &mut page);
    writer.write_all(page.as_bytes())
}

/// The verdict of the run in a word or two.
fn verdict_of(report: &Report) -> &'static str {
    let run = report.run.as_ref();
    match run.and_then(|run| run.verdict) {
        Some(_) if run.is_some_and(|run| run.interrupted.is_some()) => "interrupted",
        Some(verdict) => verdict.word(),
        None => "stopped before its end",
    }
}

/// Behind the verdict of a part of a plan: it is none of the whole.
fn shard_of(report: &Report) -> String {
    let shard = report.run.as_ref().and_then(|run| run.shard.as_ref());
    shard.map_or_else(String::new, |info| format!(" (shard {})", info.shard))
}

fn execution(report: &Report, page: &mut String) {
    page.push_str("## Execution\n\n");
    let Some(run) = &report.run else {
        page.push_str("The run ended before it began.\n\n");
        return;
    };
    let rows = [
        ("Run", code(&run.run_id)),
        ("Started", code(&run.started_at)),
        ("Duration", duration(run.duration_ns)),
        ("Environment", code(&report.environment.name)),
        ("Profile", code(&run.profile)),
        ("Host", code(&run.host_version)),
        ("Seed", run.seed.to_string()),
        ("Cases at once", run.jobs.to_string()),
    ];
    page.push_str("| | |\n|---|---|\n");
    let shard = run.shard.iter().map(|shard| ("Shard", shard.words()));
    let merged = Some(run.merged.len()).filter(|shards| *shards > 0);
    let merged = merged.map(|shards| ("Merged from", count(shards, "shard")));
    for (name, value) in rows.into_iter().chain(shard).chain(merged) {
        let _ = writeln!(page, "| {name} | {value} |");
    }
    page.push('\n');
}

fn summary(report: &Report, groups: &[Group<'_>], page: &mut String) {
    page.push_str("## Summary\n\n");
    if let Some(run) = &report.run {
        let stats = run.stats;
        page.push_str("| cases | passed | flaky | degraded | failed | errored | skipped |\n");
        page.push_str("|---:|---:|---:|---:|---:|---:|---:|\n");
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} | {} |\n",
            stats.total(),
            stats.passed,
            stats.flaky,
            stats.degraded,
            stats.failed,
            stats.errored,
            stats.skipped
        );
        let meaning = match run.exit_code {
            Some(code) => {
                let meaning = Exit::from_code(code).map_or("unknown", Exit::meaning);
                format!("Exit code {code}: {meaning}.")
            }
            None => {
                "The host was stopped before the run ended: what is missing is not known.".into()
            }
        };
        let _ = writeln!(page, "{meaning}\n");
    }
    if let Some(check) = &report.regressions {
        let _ = writeln!(page, "History: {}.\n", text(&check.words()));
    }
    for group in groups.iter().filter(|group| group.suite.is_none()) {
        bad_items(group, page);
    }
}

fn suites(report: &Report, groups: &[Group<'_>], page: &mut String) {
    if report.suites.is_empty() {
        return;
    }
    page.push_str("## Suite results\n\n");
    page.push_str("| suite | verdict | cases | bad | duration |\n|---|---|---:|---:|---:|\n");
    for group in groups {
        let Some(suite) = group.suite else { continue };
        let bad = cases_of(group).filter(|item| item.verdict.is_bad()).count();
        let _ = writeln!(
            page,
            "| {} | {} | {} | {bad} | {} |",
            code(&suite.name),
            suite.verdict.map_or("no end", Verdict::word),
            suite.cases.len(),
            suite.duration_ns.map_or_else(|| "none".into(), duration),
        );
    }
    page.push('\n');
    for group in groups.iter().filter(|group| group.suite.is_some()) {
        bad_items(group, page);
    }
}

/// All but baselines, which have a table of their own.
fn cases_of<'a>(group: &'a Group<'a>) -> impl Iterator<Item = &'a Item<'a>> {
    group.items.iter().filter(|item| !item.is_baseline)
}

/// What is not simply good, with the reason.
fn bad_items(group: &Group<'_>, page: &mut String) {
    let notable: Vec<_> = cases_of(group)
        .filter(|item| !matches!(item.verdict, Verdict::Passed | Verdict::Skipped))
        .collect();
    if notable.is_empty() {
        return;
    }
    let _ = writeln!(page, "### {}\n", code(group.name));
    for item in notable.iter().take(MAX_LISTED) {
        let reason = item.why.as_ref().map_or_else(String::new, |why| {
            format!(": {}", text(&clip(&why.headline, MAX_REASON)))
        });
        let word = item.verdict.word();
        let _ = writeln!(page, "- **{word}** {}{reason}", code(&item.name));
    }
    more(notable.len(), "case", page);
    page.push('\n');
}

/// Each baseline by the judgement by which it stands, the worst first.
fn key_metrics(report: &Report, page: &mut String) {
    let mut rows: Vec<_> = report.suites.iter().flat_map(of_suite).collect();
    if rows.is_empty() {
        return;
    }
    rows.sort_by_key(|(grade, ..)| std::cmp::Reverse(*grade));
    page.push_str("## Key metrics\n\n");
    page.push_str("| baseline | value | target | critical | grade |\n|---|---:|---:|---:|---|\n");
    for (_, suite, judged) in rows.iter().take(MAX_LISTED) {
        let _ = writeln!(page, "{}", metric_row(suite, judged));
    }
    page.push('\n');
    more(rows.len(), "baseline", page);
    page.push('\n');
}

type Standing<'a> = (Option<crate::event::Grade>, &'a Suite, &'a JudgedBaseline);

fn of_suite(suite: &Suite) -> impl Iterator<Item = Standing<'_>> {
    suite.baselines.iter().map(move |judged| {
        let grade = outcomes::standing(judged).map(|standing| standing.grade);
        (grade, suite, judged)
    })
}

fn metric_row(suite: &Suite, judged: &JudgedBaseline) -> String {
    let baseline = &judged.baseline;
    let level = |level| {
        let words = baseline.direction.words();
        text(&format!("{words} {}", figure(level, &baseline.unit)))
    };
    let (value, grade) = match outcomes::standing(judged) {
        Some(standing) => (
            text(&figure(standing.value, &baseline.unit)),
            standing.grade.word(),
        ),
        None => ("none".to_owned(), "not judged"),
    };
    format!(
        "| {} | {value} | {} | {} | {grade} |",
        code(&format!("{}/{}", suite.name, baseline.name)),
        level(baseline.target),
        level(baseline.critical),
    )
}

fn more(number: usize, thing: &str, page: &mut String) {
    if number > MAX_LISTED {
        let further = count(number - MAX_LISTED, thing);
        let _ = writeln!(page, "- and {further} more");
    }
}
