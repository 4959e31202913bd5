//! The report for people, as one page that needs nothing else: no network, no scripts. Its first screen says how the run ended, how
//! the figures stand to what was promised, and what failed and why; what comes below shows the run over its time.
//!
//! Constant size: every list has a limit and says what is beyond it, and every line of a plot is thinned so that its peaks stay.

use std::io::{self, Write};

use askama::Template;

mod baselines;
mod bullet;
mod causes;
mod comparison;
mod course;
mod distribution;
mod evidence;
mod fault;
mod latency;
pub mod live;
mod load;
mod plot;
mod recalled;
mod refusals;
mod regressions;
mod scale;
mod services;
mod streams;
mod strip;
mod timeline;
mod traffic;
mod word;

use self::{
    baselines::Figure, causes::Causes, comparison::Comparison, evidence::Told, latency::Latency,
    load::Load, refusals::Refusals, regressions::Regressions, streams::Streams, timeline::Timeline,
    word::Word,
};
use crate::{
    event::{Agent, Provenance},
    exit::Exit,
    former::Former,
    json::document::{Report, Suite},
    outcomes::{self, Group},
    verdict::Verdict,
    words::{clean, clip, count, duration, headline},
};

/// The file's name in the report folder.
pub const FILE_NAME: &str = "report.html";

/// Characters of a headline.
const MAX_HEADLINE: usize = 500;
/// Characters of a digest, which tell it from others as well as all of them; and of a commit.
const MAX_DIGEST: usize = 12;
const MAX_COMMIT: usize = 64;
/// Agents that the head names.
const MAX_AGENTS: usize = 12;
/// Cases of a suite in the table of all.
const MAX_CASES: usize = 500;

/// The run before this one.
#[derive(Debug)]
pub(crate) enum Before {
    /// There is none, or nobody asked.
    Nothing,
    /// This one.
    Run(Former),
    /// It cannot be read, for this reason.
    Unreadable(String),
}

/// Writes the page, beside a run before this one if there is one.
pub(crate) fn write(
    report: &Report,
    before: &Before,
    mut writer: &mut dyn Write,
) -> io::Result<()> {
    let groups = outcomes::groups(report);
    Page::new(report, before, &groups)
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
    /// The first cause, for the first screen.
    first_cause: Option<String>,
    causes: Option<Causes>,
    refusals: Option<Refusals>,
    regressions: Option<Regressions>,
    comparison: Option<Comparison>,
    timeline: Option<Timeline>,
    latency: Option<Latency>,
    loads: Vec<Load>,
    hidden_loads: usize,
    streams: Option<Streams>,
    suites: Vec<SuiteRow>,
    cuts: usize,
}

/// A suite in the table of all.
struct SuiteRow {
    name: String,
    summary: String,
    verdict: Word,
    duration: String,
    number: usize,
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
    fn new(report: &Report, before: &Before, groups: &[Group<'_>]) -> Self {
        let (baselines, hidden_baselines) = baselines::figures(report);
        let (bad, hidden_bad) = evidence::told(report, groups);
        let causes = Causes::new(report, &bad);
        let (loads, hidden_loads) = load::loads(report);
        Self {
            verdict: Word::of(report.run.as_ref().and_then(|run| run.verdict)),
            meaning: meaning(report),
            facts: facts(report, before),
            counts: counts(report),
            baselines,
            hidden_baselines,
            bad,
            hidden_bad,
            first_cause: causes.as_ref().and_then(Causes::first),
            causes,
            refusals: Refusals::new(report),
            regressions: report.regressions.as_ref().map(Regressions::new),
            comparison: match before {
                Before::Run(former) => Some(Comparison::new(former, report)),
                Before::Nothing | Before::Unreadable(_) => None,
            },
            timeline: Timeline::new(report),
            latency: Latency::new(report),
            loads,
            hidden_loads,
            streams: Streams::new(report),
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
    let shard = run.and_then(|run| run.shard.as_ref());
    let shard = shard.map_or_else(String::new, |shard| {
        format!(
            " It is shard {}, and says nothing of the others.",
            shard.words()
        )
    });
    format!("Exit code {code}: {meaning}.{by}{shard}")
}

fn facts(report: &Report, before: &Before) -> Vec<(&'static str, String)> {
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
    facts.extend(run.shard.iter().map(|shard| ("Shard", shard.words())));
    if !run.merged.is_empty() {
        facts.push(("Merged from", count(run.merged.len(), "shard")));
    }
    let Provenance {
        settings_digest,
        commit,
    } = &run.provenance;
    let short = |digest: &String| clean(&digest.chars().take(MAX_DIGEST).collect::<String>());
    facts.extend(
        commit
            .iter()
            .map(|commit| ("Commit", clean(&clip(commit, MAX_COMMIT)))),
    );
    facts.extend(
        settings_digest
            .iter()
            .map(|digest| ("Settings", short(digest))),
    );
    let abandoned = report.environment.abandoned.iter();
    let told = |message: &String| clean(&clip(headline(message), MAX_HEADLINE));
    facts.extend(abandoned.map(|message| ("Abandoned", told(message))));
    if !run.agents.is_empty() {
        facts.push(("Agents", agents(&run.agents)));
    }
    let lost = run.lost_agents.iter();
    facts.extend(lost.map(|lost| {
        let name = clean(&clip(&lost.agent, MAX_HEADLINE));
        ("Agent lost", format!("{name}: {}", told(&lost.message)))
    }));
    if let Before::Unreadable(reason) = before {
        facts.push(("Run before", told(reason)));
    }
    facts
}

/// Their names, as many as one line shows.
fn agents(agents: &[Agent]) -> String {
    let names = agents.iter().take(MAX_AGENTS);
    let mut names: Vec<_> = names.map(|agent| clean(&agent.name)).collect();
    if agents.len() > names.len() {
        names.push(format!("and {} more", agents.len() - names.len()));
    }
    clip(&names.join(", "), MAX_HEADLINE)
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

fn suite_row(suite: &Suite) -> SuiteRow {
    let cases = suite.cases.iter().take(MAX_CASES).map(|case| CaseRow {
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
        number: suite.cases.len(),
        cases: cases.collect(),
    }
}

/// Bytes of a text as HTML: five of them stand for each of the characters that mean something there.
fn bytes_of(text: &str) -> usize {
    let special = |byte: &u8| matches!(byte, b'<' | b'>' | b'&' | b'"' | b'\'');
    text.len() + 4 * text.bytes().filter(|byte| special(byte)).count()
}
