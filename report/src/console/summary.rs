//! The end of the console report: how many of each, what is wrong, how the baselines stand, where the rest is to be read.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use super::{
    baselines::{self, Judgements},
    detail::one_line,
    refusals::BySuite,
    text::{BAD, INDENT, PLAIN, STRONG, WARNING, below, line, style},
};
use crate::{
    event::{Judgement, Outcome, ReasonKind, RegressionCheck, RunStats, Shard},
    exit::Exit,
    verdict::Verdict,
    words::{clean, clip, count, duration, headline},
};

/// Bad cases that are named again, cases that were not run, and baselines that nobody judged: as many as this each.
const MAX_LISTED: usize = 30;
/// Slow cases that are named.
const MAX_SLOWEST: usize = 3;
/// A run with fewer cases is its own list of slow ones.
const FEW_CASES: usize = 10;
/// Baselines that are held.
const MAX_BASELINES: usize = 1_000;

/// What the end is made from.
#[derive(Debug, Default)]
pub(super) struct Summary {
    stats: RunStats,
    ran: usize,
    bad: Vec<(String, Outcome)>,
    bad_number: usize,
    /// By their reason in one line.
    not_run: BTreeMap<String, NotRun>,
    slowest: Vec<(u64, String)>,
    baselines: Judgements,
    not_judged: BTreeSet<String>,
    interrupted: Option<String>,
    /// What broke of the environment: a word, and a line.
    broken: Vec<(&'static str, String)>,
    compared: Option<RegressionCheck>,
    refused: BySuite,
    /// None if the run is a whole plan.
    shard: Option<Shard>,
}

/// Cases that never ran for the same reason.
#[derive(Debug, Default)]
struct NotRun {
    number: usize,
    ids: Vec<String>,
}

impl Summary {
    pub(super) fn case(&mut self, id: &str, outcome: &Outcome, duration_ns: u64) {
        self.stats.count(outcome.verdict);
        self.ran += 1;
        self.bad(id, outcome);
        self.slowest.push((duration_ns, id.to_owned()));
        self.slowest
            .sort_by(|left, right| right.0.cmp(&left.0).then_with(|| left.1.cmp(&right.1)));
        self.slowest.truncate(MAX_SLOWEST);
    }

    /// A setup or a teardown: no case, and yet it can break the suite.
    pub(super) fn hook(&mut self, id: &str, outcome: &Outcome) {
        self.bad(id, outcome);
    }

    fn bad(&mut self, id: &str, outcome: &Outcome) {
        if outcome.verdict.is_bad() {
            self.bad_number += 1;
            if self.bad.len() < MAX_LISTED {
                self.bad.push((id.to_owned(), outcome.clone()));
            }
        }
    }

    pub(super) fn not_run(&mut self, id: &str, outcome: &Outcome) {
        self.stats.count(outcome.verdict);
        let reason = outcome.reason.as_ref().map_or_else(String::new, one_line);
        let not_run = self.not_run.entry(reason).or_default();
        not_run.number += 1;
        if not_run.ids.len() < MAX_LISTED {
            not_run.ids.push(id.to_owned());
        }
    }

    /// Something of the environment broke: its headline is repeated at the end. There are no more of them than there are services.
    pub(super) fn broken(&mut self, word: &'static str, message: &str) {
        self.broken.push((word, clean(headline(message))));
    }

    /// What suites were refused.
    pub(super) fn refused(&mut self) -> &mut BySuite {
        &mut self.refused
    }

    /// How the run compares with former ones.
    pub(super) fn compared(&mut self, check: &RegressionCheck) {
        self.compared = Some(check.clone());
    }

    /// The run is a part of a plan, and says so at its end.
    pub(super) fn of_shard(&mut self, shard: Shard) {
        self.shard = Some(shard);
    }

    /// Every baseline is to be judged by some case; one that never is gets named at the end.
    pub(super) fn declared(&mut self, suite: &str, baseline: &str) {
        self.not_judged.insert(format!("{suite}/{baseline}"));
    }

    /// The last judgement by a case counts: a later attempt replaces an earlier one, and one case never replaces another.
    pub(super) fn judged(&mut self, suite: &str, case: &str, judgement: &Judgement) {
        let id = format!("{suite}/{}", judgement.baseline.name);
        self.not_judged.remove(&id);
        let key = (id, case.to_owned());
        if self.baselines.len() < MAX_BASELINES || self.baselines.contains_key(&key) {
            self.baselines.insert(key, judgement.clone());
        }
    }

    /// The last wish to stop is the most urgent one.
    pub(super) fn interrupted(&mut self, reason: &str) {
        self.interrupted = Some(reason.to_owned());
    }

    pub(super) fn is_interrupted(&self) -> bool {
        self.interrupted.is_some()
    }

    /// Whether a case never ran for a reason that it shares with others, so that a line for each would say nothing.
    pub(super) fn is_not_run(outcome: &Outcome, attempts: u32) -> bool {
        let shared = outcome.reason.as_ref().is_some_and(|reason| {
            matches!(
                reason.kind,
                ReasonKind::Setup | ReasonKind::Environment | ReasonKind::Interrupted
            )
        });
        attempts == 0 && shared
    }

    /// How many cases have a verdict.
    pub(super) fn finished(&self) -> usize {
        self.ran
            + self
                .not_run
                .values()
                .map(|not_run| not_run.number)
                .sum::<usize>()
    }

    /// The whole end.
    pub(super) fn render(&self, ending: &Ending, width: usize) -> String {
        let mut text = String::from("\n");
        text.push_str(&baselines::render(&self.baselines, width));
        text.push_str(&self.render_unjudged(ending));
        text.push_str(&self.render_slowest());
        for (reason, not_run) in &self.not_run {
            text.push_str(&not_run.render(reason));
        }
        text.push_str(&self.render_bad(width));
        for (word, what) in &self.broken {
            text.push_str(&line(word, BAD, what));
        }
        text.push_str(&self.refused.render());
        text.push_str(&self.render_regressions());
        text.push_str(&ending.render_unfinished());
        text.push_str(&ending.causes);
        text.push_str(&self.render_counts(ending));
        for (index, path) in ending.reports.iter().enumerate() {
            let word = if index == 0 { "reports" } else { "" };
            text.push_str(&line(word, STRONG, &path.display().to_string()));
        }
        text.push_str(&ending.render_exit());
        text
    }

    /// What is slower than in former runs, and with which it was compared; also that nothing was.
    fn render_regressions(&self) -> String {
        let Some(check) = &self.compared else {
            return String::new();
        };
        let mut text = String::new();
        for regression in check.regressions.iter().take(MAX_LISTED) {
            text.push_str(&line("regressed", BAD, &regression.name()));
            text.push_str(&below(&regression.words()));
        }
        let shown = check.regressions.len().min(MAX_LISTED);
        let beyond = usize::try_from(check.beyond).unwrap_or(usize::MAX);
        if beyond > shown {
            let hidden = count(beyond - shown, "percentile");
            text.push_str(&below(&format!("and {hidden} more")));
        }
        let style = match check.not_judged {
            Some(_) => WARNING,
            None => PLAIN,
        };
        text + &line("history", style, &check.words())
    }

    fn render_counts(&self, ending: &Ending) -> String {
        let RunStats {
            passed,
            degraded,
            failed,
            flaky,
            skipped,
            errored,
        } = self.stats;
        let parts: Vec<_> = [
            (passed, Verdict::Passed),
            (flaky, Verdict::Flaky),
            (degraded, Verdict::Degraded),
            (failed, Verdict::Failed),
            (errored, Verdict::Errored),
            (skipped, Verdict::Skipped),
        ]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, verdict)| {
            let style = style(verdict);
            format!("{number} {style}{}{style:#}", verdict.word())
        })
        .collect();
        let total = usize::try_from(self.stats.total()).unwrap_or(usize::MAX);
        let shard = self.shard.as_ref();
        let mut text = format!(
            "{}{} in {}",
            count(total, "case"),
            shard.map_or_else(String::new, |shard| format!(" of shard {shard}")),
            duration(ending.duration_ns)
        );
        if !parts.is_empty() {
            text = format!("{text}: {}", parts.join(", "));
        }
        if let Some(reason) = &self.interrupted {
            text = format!("{text}, interrupted by {}", clean(reason));
        }
        line("summary", STRONG, &text)
    }

    fn render_bad(&self, width: usize) -> String {
        let listed: String = self
            .bad
            .iter()
            .map(|(id, outcome)| {
                let reason = outcome.reason.as_ref().map_or_else(String::new, |reason| {
                    let room = width.saturating_sub(INDENT.len() + id.chars().count() + 2);
                    format!(
                        ": {}",
                        clip(&clean(headline(&reason.message)), room.max(20))
                    )
                });
                let text = format!("{id}{reason}");
                line(outcome.verdict.word(), style(outcome.verdict), &text)
            })
            .collect();
        let hidden = self.bad_number - self.bad.len();
        if hidden > 0 {
            listed + &below(&format!("and {} more", count(hidden, "bad case")))
        } else {
            listed
        }
    }

    fn render_slowest(&self) -> String {
        if self.ran < FEW_CASES {
            return String::new();
        }
        let parts: Vec<_> = self
            .slowest
            .iter()
            .map(|(nanoseconds, id)| format!("{id} {}", duration(*nanoseconds)))
            .collect();
        line("slowest", PLAIN, &parts.join(", "))
    }

    /// Baselines that no case judged, where nothing else explains it.
    fn render_unjudged(&self, ending: &Ending) -> String {
        let all_good = ending.exit_code == Some(Exit::Success.code())
            && self.stats.skipped == 0
            && self.not_run.is_empty();
        if !all_good || self.not_judged.is_empty() {
            return String::new();
        }
        let names = self.not_judged.iter().take(MAX_LISTED);
        let shown: Vec<String> = names.map(|id| clean(id)).collect();
        let mut text = line("unjudged", PLAIN, &shown.join(", "));
        let hidden = self.not_judged.len() - shown.len();
        if hidden > 0 {
            text.push_str(&below(&format!("and {} more", count(hidden, "baseline"))));
        }
        text
    }
}

impl NotRun {
    fn render(&self, reason: &str) -> String {
        let text = format!("{}, {reason}", count(self.number, "case"));
        let mut text = line("not run", WARNING, &text);
        for id in &self.ids {
            text.push_str(&below(&clean(id)));
        }
        let hidden = self.number - self.ids.len();
        if hidden > 0 {
            text.push_str(&below(&format!("and {} more", count(hidden, "case"))));
        }
        text
    }
}

/// What is known at the end of a run.
#[derive(Debug, Default)]
pub(super) struct Ending {
    pub(super) duration_ns: u64,
    /// None if the run told no end.
    pub(super) exit_code: Option<u8>,
    /// Cases that have begun and told no end.
    pub(super) unfinished: Vec<String>,
    /// How many cases told nothing at all.
    pub(super) untold: usize,
    /// Why what is not good is so, as it is shown.
    pub(super) causes: String,
    pub(super) reports: Vec<PathBuf>,
}

impl Ending {
    fn render_unfinished(&self) -> String {
        let begun: String = self
            .unfinished
            .iter()
            .map(|id| line("unfinished", WARNING, id))
            .collect();
        if self.untold == 0 {
            return begun;
        }
        let text = format!("{}, never reached", count(self.untold, "case"));
        begun + &line("not run", WARNING, &text)
    }

    fn render_exit(&self) -> String {
        match self.exit_code {
            Some(0) => String::new(),
            Some(code) => {
                let meaning = Exit::from_code(code).map_or("unknown", Exit::meaning);
                line("exit", BAD, &format!("{code}: {meaning}"))
            }
            None => line("exit", BAD, "the run was stopped before its end"),
        }
    }
}
