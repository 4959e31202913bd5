//! What is not simply good, and what shows it: the reason, what was refused, expected against actual, the requests that went wrong, the faults,
//! what was said, what services wrote, and the plugin's frames.

use super::{Word, bytes_of, services::Services, traffic::Traffic};
use crate::{
    account,
    event::Reason,
    json::document::{Attempt, Report},
    outcomes::{Group, Item},
    verdict::Verdict,
    words::{clean, clip, duration},
};

/// Items that are told: the gravest.
const MAX_TOLD: usize = 200;
/// Items whose evidence is seen at first.
const MAX_OPEN: usize = 3;
/// Characters of a headline.
const MAX_HEADLINE: usize = 500;
/// Characters of an expected or an actual value, and of a message.
const MAX_VALUE: usize = 4_000;
/// Characters of a name.
const MAX_NAME: usize = 300;
/// Checks of an item.
const MAX_CHECKS: usize = 30;
/// Refusals of an item.
const MAX_REFUSALS: usize = 20;
/// Faults of an item.
const MAX_FAULTS: usize = 20;
/// Frames of an item.
const MAX_FRAMES: usize = 64;
/// Bytes of evidence in the page. What comes later is in `report.json`, and the page says so.
const MAX_EVIDENCE_BYTES: usize = 1 << 20;

/// Something that is not simply good.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    /// Where links lead.
    pub(super) id: String,
    pub(super) name: String,
    pub(super) verdict: Option<Word>,
    pub(super) headline: String,
    pub(super) duration: String,
    pub(super) evidence: Evidence,
    /// Whether its evidence is seen at first.
    pub(super) is_open: bool,
    /// Whether there was no room for what was sent and came, and what services wrote.
    pub(super) is_thinned: bool,
    pub(super) is_cut: bool,
}

/// What shows it.
#[derive(Clone, Debug, Default)]
pub(super) struct Evidence {
    /// The whole reason, if it says more than its headline.
    pub(super) message: String,
    pub(super) refused: Vec<String>,
    /// Refusals that are not shown.
    pub(super) hidden_refused: usize,
    pub(super) compared: Vec<Compared>,
    /// Failed checks that are not shown.
    pub(super) hidden_checks: usize,
    pub(super) traffic: Traffic,
    pub(super) faults: Vec<String>,
    pub(super) said: String,
    pub(super) complained: String,
    pub(super) services: Services,
    pub(super) frames: Vec<String>,
}

/// A check that failed.
#[derive(Clone, Debug, Default)]
pub(super) struct Compared {
    pub(super) name: String,
    pub(super) expected: Option<String>,
    pub(super) actual: Option<String>,
    pub(super) location: Option<String>,
}

/// The gravest first, with their evidence as long as there is room for it; and how many are left out.
pub(super) fn told(report: &Report, groups: &[Group<'_>]) -> (Vec<Told>, usize) {
    let mut notable: Vec<(&str, &Item<'_>)> = groups
        .iter()
        .flat_map(|group| group.items.iter().map(|item| (group.name, item)))
        .filter(|(_, item)| !item.is_baseline)
        .filter(|(_, item)| !matches!(item.verdict, Verdict::Passed | Verdict::Skipped))
        .collect();
    notable.sort_by_key(|(_, item)| std::cmp::Reverse(item.verdict));
    let hidden = notable.len().saturating_sub(MAX_TOLD);
    let mut room = MAX_EVIDENCE_BYTES;
    let mut open = MAX_OPEN;
    let told = notable.into_iter().take(MAX_TOLD).enumerate();
    let told = told.map(|(place, (group, item))| {
        let mut told = of_item(report, group, item);
        told.id = format!("bad-{}", place + 1);
        told.is_open = open > 0 && !told.evidence.is_empty();
        open -= usize::from(told.is_open);
        room = told.fit(room);
        told
    });
    (told.collect(), hidden)
}

impl Told {
    /// Leaves out what there is no room for, and gives the room that is left.
    fn fit(&mut self, room: usize) -> usize {
        if let Some(left) = room.checked_sub(self.evidence.bytes()) {
            return left;
        }
        self.evidence.traffic.forget_recalled();
        self.evidence.services.forget_lines();
        self.is_thinned = true;
        if let Some(left) = room.checked_sub(self.evidence.bytes()) {
            return left;
        }
        self.evidence = Evidence::default();
        self.is_cut = true;
        room
    }
}

fn of_item(report: &Report, group: &str, item: &Item<'_>) -> Told {
    let why = item.why.as_ref();
    let reason = reason(report, group, item);
    Told {
        name: clean(&format!("{group}/{}", item.name)),
        verdict: Some(Word(item.verdict.word())),
        headline: why
            .map(|why| clip(&why.headline, MAX_HEADLINE))
            .unwrap_or_default(),
        duration: match item.duration_ns {
            0 => String::new(),
            nanoseconds => duration(nanoseconds),
        },
        evidence: Evidence::new(item, reason),
        ..Told::default()
    }
}

/// The reason of a case or of a hook as the run told it. What broke of the run as a whole has only words.
fn reason<'a>(report: &'a Report, group: &str, item: &'a Item<'_>) -> Option<&'a Reason> {
    let suite = report.suites.iter().find(|suite| suite.name == group)?;
    let case = suite.cases.iter().find(|case| case.name == item.name);
    case.and_then(|case| case.reason.as_ref()).or_else(|| {
        let outcome = last_bad(item.attempts)?.outcome.as_ref()?;
        outcome.reason.as_ref()
    })
}

fn last_bad(attempts: &[Attempt]) -> Option<&Attempt> {
    attempts.iter().rev().find(|attempt| {
        let outcome = attempt.outcome.as_ref();
        outcome.is_none_or(|outcome| outcome.verdict != Verdict::Passed)
    })
}

impl Evidence {
    fn new(item: &Item<'_>, reason: Option<&Reason>) -> Self {
        let message = match (reason, &item.why) {
            (Some(reason), _) => clean(&reason.message),
            (None, Some(why)) => why.text.clone(),
            (None, None) => String::new(),
        };
        let says_more = message.trim_end().contains('\n') || message.chars().count() > MAX_HEADLINE;
        let mut evidence = Self {
            message: if says_more {
                clip(message.trim_end(), MAX_VALUE)
            } else {
                String::new()
            },
            said: account::said(item.attempts),
            complained: account::complained(item.attempts),
            frames: reason.map(frames).unwrap_or_default(),
            ..Self::default()
        };
        evidence.compared = compared(reason, last_bad(item.attempts));
        if let Some(attempt) = last_bad(item.attempts) {
            evidence.hidden_checks = attempt.failed_checks.len().saturating_sub(MAX_CHECKS);
            evidence.take(attempt);
        }
        evidence
    }

    fn take(&mut self, attempt: &Attempt) {
        self.traffic = Traffic::new(attempt);
        self.services = Services::new(attempt);
        let refusals = attempt.refusals.iter().take(MAX_REFUSALS);
        self.refused = refusals
            .map(|report| clip(&account::refusal(report), MAX_VALUE))
            .collect();
        self.hidden_refused = attempt.refusals.len().saturating_sub(MAX_REFUSALS);
        let faults = attempt.faults.iter().take(MAX_FAULTS);
        self.faults = faults
            .map(|fault| account::told_fault(fault).trim_end().to_owned())
            .collect();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes() == 0
    }

    /// How many bytes of the page it takes.
    fn bytes(&self) -> usize {
        let compared = self.compared.iter().flat_map(|compared| {
            let values = [&compared.expected, &compared.actual, &compared.location];
            std::iter::once(&compared.name).chain(values.into_iter().flatten())
        });
        let lists = [&self.refused, &self.faults, &self.frames];
        let texts = [&self.message, &self.said, &self.complained];
        let all = compared.chain(lists.into_iter().flatten()).chain(texts);
        let texts: usize = all.map(|text| bytes_of(text)).sum();
        texts + self.traffic.bytes() + self.services.bytes()
    }
}

/// The failed checks; where there is none, what the reason itself compares.
fn compared(reason: Option<&Reason>, attempt: Option<&Attempt>) -> Vec<Compared> {
    let checks = attempt.map_or(&[][..], |attempt| &attempt.failed_checks);
    if checks.is_empty() {
        let compared = reason.map(|reason| Compared {
            name: String::new(),
            expected: value(reason.expected.as_deref()),
            actual: value(reason.actual.as_deref()),
            location: value(reason.location.as_deref()),
        });
        return compared
            .into_iter()
            .filter(Compared::says_something)
            .collect();
    }
    let checks = checks.iter().take(MAX_CHECKS).map(|check| Compared {
        name: clip(&clean(&check.name), MAX_NAME),
        expected: value(check.expected.as_deref()),
        actual: value(check.actual.as_deref()),
        location: value(check.location.as_deref()),
    });
    checks.collect()
}

impl Compared {
    fn says_something(&self) -> bool {
        self.expected.is_some() || self.actual.is_some() || self.location.is_some()
    }
}

fn value(given: Option<&str>) -> Option<String> {
    given.map(|given| clip(&clean(given), MAX_VALUE))
}

fn frames(reason: &Reason) -> Vec<String> {
    let frames = reason.backtrace.iter().take(MAX_FRAMES);
    frames.map(|frame| clip(&clean(frame), MAX_NAME)).collect()
}
