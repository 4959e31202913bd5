//! Why what is not good is so: the causes, the first one in time first, each with its failures and what they rest on.

use std::collections::BTreeMap;

use askama::{Template, filters::HtmlSafe};

use super::evidence::Told;
use crate::{
    analysis::{CauseGroup, Evidence, Failure},
    json::document::Report,
    words::{clean, clip, count, duration},
};

/// Causes that are shown: the first ones in time.
const MAX_CAUSES: usize = 40;
/// Failures of a cause that are shown.
const MAX_FAILURES: usize = 20;
/// Lines of evidence of a failure.
const MAX_EVIDENCE: usize = 12;
/// Characters of a summary, an advice or a line of evidence.
const MAX_TEXT: usize = 500;
/// Bytes of all failures in the page. What comes later is in `report.json`, and the page says so.
const MAX_BYTES: usize = 192 << 10;
/// Bytes that the page itself needs for a failure, and for a line of evidence.
const FAILURE_BYTES: usize = 160;
const LINE_BYTES: usize = 40;

/// What is shown.
#[derive(Clone, Debug, Template)]
#[template(path = "causes.html")]
pub(super) struct Causes {
    groups: Vec<Group>,
    /// Causes that are not shown.
    hidden: usize,
}

impl HtmlSafe for Causes {}

/// A cause and its failures.
#[derive(Clone, Debug)]
struct Group {
    kind: &'static str,
    summary: String,
    advice: String,
    /// How many failures, and since when, in words.
    when: String,
    failures: Vec<Shown>,
    /// Failures that are not shown.
    hidden: u64,
}

/// A failure.
#[derive(Clone, Debug)]
struct Shown {
    name: String,
    /// Where the page tells of it; empty if it does not.
    id: String,
    at: String,
    summary: String,
    lines: Vec<String>,
    hidden_lines: usize,
}

impl Causes {
    /// None if all is good.
    pub(super) fn new(report: &Report, told: &[Told]) -> Option<Self> {
        let causes = &report.analysis.causes;
        let places = told.iter();
        let places: BTreeMap<&str, &str> = places
            .map(|told| (told.name.as_str(), told.id.as_str()))
            .collect();
        let mut room = MAX_BYTES;
        let groups = causes.iter().take(MAX_CAUSES);
        let groups = groups.map(|group| Group::new(group, &places, &mut room));
        (!causes.is_empty()).then(|| Self {
            groups: groups.collect(),
            hidden: causes.len().saturating_sub(MAX_CAUSES),
        })
    }

    /// The first one in time, as a sentence for the first screen.
    pub(super) fn first(&self) -> Option<String> {
        let group = self.groups.first()?;
        let Group {
            kind,
            summary,
            when,
            ..
        } = group;
        Some(format!("{kind}: {summary} ({when})"))
    }
}

impl Group {
    fn new(group: &CauseGroup, places: &BTreeMap<&str, &str>, room: &mut usize) -> Self {
        let number = usize::try_from(group.count).unwrap_or(usize::MAX);
        let failures = group.failures.iter().take(MAX_FAILURES);
        let failures: Vec<Shown> = failures
            .map(|failure| Shown::new(failure, &group.cause.summary, places))
            .map_while(|failure| {
                *room = room.checked_sub(failure.bytes())?;
                Some(failure)
            })
            .collect();
        Self {
            kind: group.cause.kind.words(),
            summary: text(&group.cause.summary),
            advice: text(&group.cause.advice),
            when: format!(
                "{}, first at {}",
                count(number, "failure"),
                duration(group.first_at_ns)
            ),
            hidden: group.count.saturating_sub(failures.len() as u64),
            failures,
        }
    }
}

impl Shown {
    fn new(failure: &Failure, cause: &str, places: &BTreeMap<&str, &str>) -> Self {
        let name = clean(&failure.name());
        let during = failure.during.iter();
        let during = during.map(|fault| text(&format!("during the fault {fault}")));
        let evidence = failure.evidence.iter().map(line);
        // What the cause says already is not said again.
        let summary = if failure.summary == cause {
            String::new()
        } else {
            text(&failure.summary)
        };
        let all = failure.during.len() + failure.evidence.len();
        Self {
            id: places
                .get(name.as_str())
                .map_or_else(String::new, |id| (*id).to_owned()),
            name,
            at: duration(failure.at_ns),
            summary,
            lines: evidence.chain(during).take(MAX_EVIDENCE).collect(),
            hidden_lines: all.saturating_sub(MAX_EVIDENCE),
        }
    }

    /// How many bytes of the page it takes.
    fn bytes(&self) -> usize {
        let lines = self.lines.iter();
        let lines = lines.map(|line| LINE_BYTES + super::bytes_of(line));
        FAILURE_BYTES
            + super::bytes_of(&self.name)
            + super::bytes_of(&self.summary)
            + lines.sum::<usize>()
    }
}

/// When it was, if it was a moment, and what it shows.
fn line(evidence: &Evidence) -> String {
    let shown = text(&evidence.text);
    match evidence.at_ns {
        Some(at_ns) => format!("at {}: {shown}", duration(at_ns)),
        None => shown,
    }
}

fn text(text: &str) -> String {
    clip(&clean(text), MAX_TEXT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        analysis::{Analysis, Cause, CauseKind, EvidenceKind},
        json::Gatherer,
        verdict::Verdict,
    };

    fn failure(text: &str, lines: usize) -> Failure {
        let evidence = Evidence {
            kind: EvidenceKind::Check,
            at_ns: Some(2_000_000_000),
            sequence: None,
            text: text.to_owned(),
        };
        Failure {
            suite: Some("jobs".to_owned()),
            entry: Some("a".to_owned()),
            attempt: Some(1),
            verdict: Verdict::Failed,
            at_ns: 1_000_000_000,
            summary: "it is so".to_owned(),
            during: Vec::new(),
            evidence: vec![evidence; lines],
            time: None,
        }
    }

    fn shown(causes: usize, failures: &[Failure]) -> Causes {
        let group = CauseGroup {
            cause: Cause {
                kind: CauseKind::Answer,
                subject: None,
                summary: "it is so".to_owned(),
                advice: "look".to_owned(),
            },
            first_at_ns: 1_000_000_000,
            count: failures.len() as u64,
            failures: failures.to_vec(),
        };
        let mut report = Gatherer::default().finish();
        report.analysis = Analysis {
            causes: vec![group; causes],
            unlisted: 0,
        };
        Causes::new(&report, &[]).unwrap()
    }

    #[test]
    fn what_is_beyond_a_limit_is_counted() {
        let one = failure("no", MAX_EVIDENCE);
        let whole = shown(MAX_CAUSES, &vec![one.clone(); MAX_FAILURES]);
        assert_eq!((whole.hidden, whole.groups[0].hidden), (0, 0));
        assert_eq!(whole.groups[0].failures[0].hidden_lines, 0);
        let more = shown(MAX_CAUSES + 1, &vec![one; MAX_FAILURES + 1]);
        assert_eq!((more.hidden, more.groups[0].hidden), (1, 1));
        let longer = shown(1, &[failure("no", MAX_EVIDENCE + 1)]);
        assert_eq!(longer.groups[0].failures[0].hidden_lines, 1);
    }

    #[test]
    fn long_texts_do_not_make_the_part_long_and_no_cause_is_lost() {
        let long = failure(&"<".repeat(10_000), MAX_EVIDENCE);
        let causes = shown(MAX_CAUSES, &vec![long; MAX_FAILURES]);
        let html = causes.render().unwrap();
        assert!(
            html.len() < MAX_BYTES + MAX_CAUSES * 1_024,
            "{}",
            html.len()
        );
        assert_eq!(causes.groups.len(), MAX_CAUSES);
        let last = &causes.groups[MAX_CAUSES - 1];
        assert_eq!(last.hidden, MAX_FAILURES as u64);
    }

    #[test]
    fn the_first_one_is_a_sentence() {
        let causes = shown(1, &[failure("no", 1)]);
        let first = causes.first();
        assert_eq!(
            first.as_deref(),
            Some("answer: it is so (1 failure, first at 1.000 s)")
        );
        let line = &causes.groups[0].failures[0].lines[0];
        assert_eq!(line, "at 2.000 s: no");
    }
}
