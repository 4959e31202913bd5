//! How a run stands: its verdict, or what would be its verdict if it ended now, and how many cases have ended how.

use askama::Template;

use super::{
    super::{Before, Word, counts, facts, meaning},
    RUNNING,
};
use crate::{
    json::document::Report,
    verdict::Verdict,
    words::{count, whole_seconds},
};

/// The head of the page.
#[derive(Template)]
#[template(path = "live/verdict.html")]
pub(super) struct Standing {
    word: Word,
    /// The gravest verdict so far, which the head has its colour from.
    tone: Word,
    lead: String,
    ended: u32,
    planned: usize,
    counts: Vec<(Word, u32)>,
    facts: Vec<(&'static str, String)>,
}

impl Standing {
    pub(super) fn new(report: &Report, is_running: bool) -> Self {
        let stats = report.run.as_ref().map(|run| run.stats).unwrap_or_default();
        let planned = report.suites.iter().map(|suite| suite.cases.len()).sum();
        let gravest = gravest(report);
        let verdict = Word::of(report.run.as_ref().and_then(|run| run.verdict));
        let word = if is_running { RUNNING } else { verdict };
        Self {
            word,
            tone: match gravest {
                Some(gravest) if is_running && gravest.is_bad() => Word::of(Some(gravest)),
                _ => word,
            },
            lead: if is_running {
                lead(report, stats.total(), planned, gravest)
            } else {
                format!("The run is over. {}", meaning(report))
            },
            ended: stats.total(),
            planned,
            counts: counts(report),
            facts: shown_facts(report, is_running),
        }
    }
}

fn gravest(report: &Report) -> Option<Verdict> {
    let cases = report.suites.iter().flat_map(|suite| &suite.cases);
    cases.filter_map(|case| case.verdict).max()
}

fn lead(report: &Report, ended: u32, planned: usize, gravest: Option<Verdict>) -> String {
    let environment = &report.environment;
    if report.run.is_none() {
        return "The run has not begun.".to_owned();
    }
    if environment.failure.is_some() {
        return "The environment did not come up.".to_owned();
    }
    if environment.ready_after_ns.is_none() && ended == 0 {
        return "The environment comes up.".to_owned();
    }
    let gravest = gravest.map_or_else(String::new, |verdict| {
        format!("; the gravest so far is {}", verdict.word())
    });
    format!(
        "{ended} of {} have their verdict{gravest}.",
        count(planned, "case")
    )
}

/// Those of the report; while it goes on its time is told by the second.
fn shown_facts(report: &Report, is_running: bool) -> Vec<(&'static str, String)> {
    let mut facts = facts(report, &Before::Nothing);
    let Some(run) = report.run.as_ref().filter(|_| is_running) else {
        return facts;
    };
    for fact in &mut facts {
        if fact.0 == "Duration" {
            let running = std::time::Duration::from_nanos(run.duration_ns);
            *fact = ("Running for", whole_seconds(running));
        }
    }
    facts
}
