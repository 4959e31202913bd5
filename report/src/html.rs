//! The report for people, as one page that needs nothing else: no network, no scripts. Its first screen says how the run ended, how
//! the figures stand to what was promised, and what failed and why.

use std::{
    fmt,
    io::{self, Write},
};

use askama::Template;

mod bullet;

use self::bullet::Bullet;
use crate::{
    account,
    event::Grade,
    exit::Exit,
    json::document::{JudgedBaseline, Report, Suite},
    outcomes::{self, Group, Item},
    verdict::Verdict,
    words::{clean, clip, duration, figure, headline},
};

/// Items that are told in full: the first ones.
const MAX_TOLD: usize = 200;
/// Baselines that are shown.
const MAX_BASELINES: usize = 200;
/// Characters of a headline.
const MAX_HEADLINE: usize = 500;
/// Bytes of evidence in the page. What comes later is in `report.json`, and the page says so.
const MAX_EVIDENCE_BYTES: usize = 1 << 20;

/// Writes the page.
pub(crate) fn write(report: &Report, mut writer: &mut dyn Write) -> io::Result<()> {
    let groups = outcomes::groups(report);
    Page::new(report, &groups)
        .write_into(&mut writer)
        .map_err(io::Error::other)
}

/// What the page shows. Every text is escaped where it is put in.
#[derive(Template)]
#[template(path = "report.html")]
struct Page {
    verdict: Word,
    meaning: String,
    facts: Vec<(&'static str, String)>,
    counts: Vec<(Word, u32)>,
    baselines: Vec<Figure>,
    hidden_baselines: usize,
    bad: Vec<Told>,
    hidden_bad: usize,
    suites: Vec<SuiteRow>,
    cuts: usize,
}

/// A word for how something stands, which is also the name of its colour.
#[derive(Clone, Copy, Debug)]
struct Word(&'static str);

impl Word {
    /// None if nothing told how it ended.
    fn of(verdict: Option<Verdict>) -> Self {
        Self(verdict.map_or("no end", Verdict::word))
    }

    /// The name of the class in the style sheet.
    fn class(self) -> String {
        self.0.replace(' ', "-")
    }
}

impl fmt::Display for Word {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

/// A baseline and how it stands.
struct Figure {
    name: String,
    summary: String,
    value: String,
    levels: String,
    grade: Word,
    bullet: Option<Bullet>,
}

/// Something that is not simply good.
struct Told {
    name: String,
    verdict: Word,
    headline: String,
    text: String,
    said: String,
    complained: String,
    duration: String,
    is_cut: bool,
}

/// A suite in the table of all.
struct SuiteRow {
    name: String,
    summary: String,
    verdict: Word,
    duration: String,
    cases: Vec<CaseRow>,
}

/// A case in the table of its suite.
struct CaseRow {
    name: String,
    summary: String,
    verdict: Word,
    duration: String,
    attempts: usize,
}

impl Page {
    fn new(report: &Report, groups: &[Group<'_>]) -> Self {
        let mut figures: Vec<_> = report.suites.iter().flat_map(figures).collect();
        figures.sort_by_key(|(grade, _)| std::cmp::Reverse(*grade));
        let hidden_baselines = figures.len().saturating_sub(MAX_BASELINES);
        let baselines = figures.into_iter().take(MAX_BASELINES);
        let (bad, hidden_bad) = told(groups);
        Self {
            verdict: Word::of(report.run.as_ref().and_then(|run| run.verdict)),
            meaning: meaning(report),
            facts: facts(report),
            counts: counts(report),
            baselines: baselines.map(|(_, figure)| figure).collect(),
            hidden_baselines,
            bad,
            hidden_bad,
            suites: report.suites.iter().map(suite_row).collect(),
            cuts: report.cuts.len(),
        }
    }
}

fn meaning(report: &Report) -> String {
    let run = report.run.as_ref();
    let Some(code) = run.and_then(|run| run.exit_code) else {
        return "The host was stopped before the run ended: what is missing is not known.".into();
    };
    let meaning = Exit::from_code(code).map_or("unknown", Exit::meaning);
    let by = match run.and_then(|run| run.interrupted.as_ref()) {
        Some(by) => format!(" It was interrupted by {}.", clean(by)),
        None => String::new(),
    };
    format!("Exit code {code}: {meaning}.{by}")
}

fn facts(report: &Report) -> Vec<(&'static str, String)> {
    let Some(run) = &report.run else {
        return Vec::new();
    };
    let mut facts = vec![
        ("Run", clean(&run.run_id)),
        ("Started", clean(&run.started_at)),
        ("Duration", duration(run.duration_ns)),
        ("Environment", clean(&report.environment.name)),
        ("Profile", clean(&run.profile)),
        ("Seed", run.seed.to_string()),
        ("Cases at once", run.jobs.to_string()),
        ("Host", clean(&run.host_version)),
    ];
    let abandoned = report.environment.abandoned.iter();
    let told = |message: &String| clean(&clip(headline(message), MAX_HEADLINE));
    facts.extend(abandoned.map(|message| ("Abandoned", told(message))));
    facts
}

fn counts(report: &Report) -> Vec<(Word, u32)> {
    let stats = report.run.as_ref().map(|run| run.stats).unwrap_or_default();
    let counts = [
        (Verdict::Passed, stats.passed),
        (Verdict::Flaky, stats.flaky),
        (Verdict::Degraded, stats.degraded),
        (Verdict::Failed, stats.failed),
        (Verdict::Errored, stats.errored),
        (Verdict::Skipped, stats.skipped),
    ];
    let counts = counts.into_iter().filter(|(_, number)| *number > 0);
    counts
        .map(|(verdict, number)| (Word(verdict.word()), number))
        .collect()
}

/// Each baseline of a suite, by the judgement by which it stands.
fn figures(suite: &Suite) -> impl Iterator<Item = (Option<Grade>, Figure)> {
    suite
        .baselines
        .iter()
        .map(|judged| of_baseline(&suite.name, judged))
}

fn of_baseline(suite: &str, judged: &JudgedBaseline) -> (Option<Grade>, Figure) {
    let baseline = &judged.baseline;
    let level = |level| figure(level, &baseline.unit);
    let standing = outcomes::standing(judged);
    let figure = Figure {
        name: clean(&format!("{suite}/{}", baseline.name)),
        summary: clean(&baseline.summary),
        value: standing.map_or_else(|| "none".to_owned(), |standing| level(standing.value)),
        levels: format!(
            "{} {}, critical {}",
            baseline.direction.words(),
            level(baseline.target),
            level(baseline.critical)
        ),
        grade: Word(standing.map_or("not judged", |standing| standing.grade.word())),
        bullet: standing.and_then(|standing| Bullet::new(baseline, standing.value)),
    };
    (standing.map(|standing| standing.grade), figure)
}

/// What is not simply good, the gravest first, with its evidence as long as there is room for it; and how many are left out.
fn told(groups: &[Group<'_>]) -> (Vec<Told>, usize) {
    let mut notable: Vec<(&str, &Item<'_>)> = groups
        .iter()
        .flat_map(|group| group.items.iter().map(|item| (group.name, item)))
        .filter(|(_, item)| !item.is_baseline)
        .filter(|(_, item)| !matches!(item.verdict, Verdict::Passed | Verdict::Skipped))
        .collect();
    notable.sort_by_key(|(_, item)| std::cmp::Reverse(item.verdict));
    let hidden = notable.len().saturating_sub(MAX_TOLD);
    let mut room = MAX_EVIDENCE_BYTES;
    let told = notable.into_iter().take(MAX_TOLD).map(|(group, item)| {
        let mut told = of_item(group, item);
        let size = told.text.len() + told.said.len() + told.complained.len();
        match room.checked_sub(size) {
            Some(left) => room = left,
            None => told.cut(),
        }
        told
    });
    (told.collect(), hidden)
}

fn of_item(group: &str, item: &Item<'_>) -> Told {
    let why = item.why.as_ref();
    Told {
        name: clean(&format!("{group}/{}", item.name)),
        verdict: Word(item.verdict.word()),
        headline: why
            .map(|why| clip(&why.headline, MAX_HEADLINE))
            .unwrap_or_default(),
        text: why.map(|why| why.text.clone()).unwrap_or_default(),
        said: account::said(item.attempts),
        complained: account::complained(item.attempts),
        duration: duration(item.duration_ns),
        is_cut: false,
    }
}

impl Told {
    fn cut(&mut self) {
        self.text.clear();
        self.said.clear();
        self.complained.clear();
        self.is_cut = true;
    }
}

fn suite_row(suite: &Suite) -> SuiteRow {
    let cases = suite.cases.iter().map(|case| CaseRow {
        name: clean(&case.name),
        summary: clean(&case.summary),
        verdict: Word::of(case.verdict),
        duration: duration(case.duration_ns),
        attempts: case.attempts.len(),
    });
    SuiteRow {
        name: clean(&suite.name),
        summary: clean(&suite.summary),
        verdict: Word::of(suite.verdict),
        duration: suite
            .duration_ns
            .map_or_else(|| "none".to_owned(), duration),
        cases: cases.collect(),
    }
}
