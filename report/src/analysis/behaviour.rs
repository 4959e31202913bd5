//! Failed checks, and what cases themselves call a failure: what of the answers before was wrong.

use std::{
    collections::{BTreeSet, VecDeque},
    fmt::Write as _,
};

use super::{
    contact::Contact,
    judge::{Attempt, Finding, MAX_LINE, headline_of},
    load, reading,
    shapes::{CauseKind, Evidence, EvidenceKind},
    transport,
};
use crate::{
    event::Reason,
    words::{clean, clip},
};

/// Characters of an expected or an actual value.
const MAX_VALUE: usize = 80;

/// What shows that something is wrong: the first check that failed, or else what the case ended with.
#[derive(Clone, Debug)]
pub(super) struct Symptom<'a> {
    pub(super) text: &'a str,
    expected: Option<&'a str>,
    actual: Option<&'a str>,
    location: Option<&'a str>,
    kind: EvidenceKind,
    pub(super) at_ns: u64,
    sequence: u64,
    /// The request or the stream that it is about, as far as that is told: the one that it names, or the last one before.
    pub(super) contact: Option<&'a Contact>,
}

/// Of checks that failed, and of what a case called a failure.
pub(super) fn judge(attempt: &Attempt<'_>, reason: &Reason) -> (CauseKind, Finding) {
    let symptom = Symptom::of(attempt, reason);
    let Some(contact) = symptom.contact else {
        return match load::judge(attempt, &symptom) {
            Some(finding) => (CauseKind::Load, finding),
            None => (CauseKind::Unknown, unknown(attempt, &symptom)),
        };
    };
    if let Some(found) = transport::judge(attempt, &symptom, contact) {
        return found;
    }
    if let Some(finding) = load::judge(attempt, &symptom) {
        return (CauseKind::Load, finding);
    }
    if let Some(finding) = contract(attempt, &symptom, contact) {
        return (CauseKind::Contract, finding);
    }
    if let Some(finding) = status(attempt, &symptom, contact) {
        return (CauseKind::Status, finding);
    }
    let whom = attempt.system.subject(&contact.url);
    let name = clip(&clean(&contact.name), MAX_VALUE);
    if reading::is_late(symptom.text) {
        let common = format!("`{whom}` does not come to it in time: `{name}` was asked last");
        return (
            CauseKind::Late,
            symptom.finding(attempt, contact, name, common),
        );
    }
    let common = format!("what is found at `{whom}` is not as it must be: `{name}` was asked last");
    (
        CauseKind::Answer,
        symptom.finding(attempt, contact, name, common),
    )
}

/// An attempt whose time was over while it waited: for what nobody answered any more.
pub(super) fn over_its_time(attempt: &Attempt<'_>) -> Finding {
    let said = attempt.outcome.reason.as_ref();
    let said = said.map_or_else(String::new, |reason| headline_of(&reason.message));
    let mut contacts = attempt.trail.contacts.iter().rev();
    let Some(pending) = contacts.find(|contact| contact.is_dropped()) else {
        return Finding {
            common: format!("{said}, and no request or stream was under way"),
            detail: attempt.source.suite.clone(),
            ..attempt.at_its_end()
        };
    };
    let whom = attempt.system.subject(&pending.url);
    let name = clip(&clean(&pending.name), MAX_VALUE);
    Finding {
        common: format!("`{whom}` does not come to it in time: `{name}` was waited for"),
        here: format!("{said}; it waited for `{name}`"),
        subject: Some(whom),
        detail: name,
        from_ns: pending.began_ns,
        at_ns: attempt.ended_ns,
        evidence: vec![pending.evidence(&attempt.system.whom(&pending.url))],
        advice: None,
        time: None,
    }
}

fn contract(attempt: &Attempt<'_>, symptom: &Symptom<'_>, contact: &Contact) -> Option<Finding> {
    let texts = [Some(symptom.text), symptom.actual];
    let mut texts = texts.into_iter().flatten();
    let path = texts.clone().find_map(reading::path);
    if path.is_none() && !texts.any(reading::is_about_shape) {
        return None;
    }
    let whom = attempt.system.subject(&contact.url);
    let name = clip(&clean(&contact.name), MAX_VALUE);
    let place = match path {
        Some("" | ".") => " as a whole".to_owned(),
        Some(path) => format!(" at `{}`", clip(&clean(path), MAX_VALUE)),
        None => String::new(),
    };
    let common = format!("the answer of `{whom}` to `{name}` breaks its contract{place}");
    let detail = format!("{name}{place}");
    Some(symptom.finding(attempt, contact, detail, common))
}

fn status(attempt: &Attempt<'_>, symptom: &Symptom<'_>, contact: &Contact) -> Option<Finding> {
    let (expected, actual) = reading::statuses(symptom.expected?, symptom.actual?)?;
    // Another number that looks like one is no status.
    if contact.status != Some(actual) {
        return None;
    }
    let whom = attempt.system.subject(&contact.url);
    let common = format!("`{whom}` answers {actual} where {expected} is expected");
    let detail = format!("{actual} {expected}");
    let mut finding = symptom.finding(attempt, contact, detail, common);
    let name = clip(&clean(&contact.name), MAX_VALUE);
    finding.here = format!(
        "`{name}` is answered {actual} instead of {expected}: {}",
        symptom.words()
    );
    Some(finding)
}

fn unknown(attempt: &Attempt<'_>, symptom: &Symptom<'_>) -> Finding {
    let mut finding = attempt.unknown();
    finding.evidence.insert(0, symptom.evidence());
    finding.at_ns = symptom.at_ns;
    finding
}

impl<'a> Symptom<'a> {
    fn of(attempt: &'a Attempt<'_>, reason: &'a Reason) -> Self {
        let trail = attempt.trail;
        let Some(first) = &trail.check else {
            let mut symptom = Self {
                text: &reason.message,
                expected: reason.expected.as_deref(),
                actual: reason.actual.as_deref(),
                location: reason.location.as_deref(),
                kind: EvidenceKind::Outcome,
                at_ns: attempt.ended_ns,
                sequence: attempt.sequence,
                contact: None,
            };
            symptom.contact = symptom.about(attempt, &before_clean_up(&trail.contacts));
            return symptom;
        };
        let check = &first.check;
        let mut symptom = Self {
            text: &check.name,
            expected: check.expected.as_deref(),
            actual: check.actual.as_deref(),
            location: check.location.as_deref(),
            kind: EvidenceKind::Check,
            at_ns: first.at_ns,
            sequence: first.sequence,
            contact: None,
        };
        symptom.contact = symptom.about(attempt, &first.after.iter().collect::<Vec<_>>());
        symptom
    }

    /// Which of these it is about: what it names, or else what had the status that it tells of, or else the last one. A removal that
    /// was answered is not what a value was read from.
    fn about(&self, attempt: &Attempt<'_>, contacts: &[&'a Contact]) -> Option<&'a Contact> {
        let status = self
            .expected
            .zip(self.actual)
            .and_then(|(expected, actual)| reading::statuses(expected, actual));
        let with_status = || {
            let (_, status) = status.as_ref()?;
            let mut latest = contacts.iter().rev();
            latest.find(|contact| contact.status == Some(*status))
        };
        let last = || {
            let last = contacts.last()?;
            let mut latest = contacts.iter().rev();
            let read = latest.find(|contact| !contact.removes);
            Some(if last.failure().is_some() {
                last
            } else {
                read.unwrap_or(last)
            })
        };
        let named = named(attempt, self.text, contacts);
        named.or_else(|| with_status().or_else(last).copied())
    }

    /// What was found, in one line.
    pub(super) fn words(&self) -> String {
        let mut words = headline_of(self.text);
        for (word, value) in [("expected", self.expected), ("actual", self.actual)] {
            if let Some(value) = value {
                let value = clean(value.lines().next().unwrap_or_default());
                let _ = write!(words, ", {word} {}", clip(&value, MAX_VALUE));
            }
        }
        clip(&words, MAX_LINE)
    }

    /// It as evidence.
    pub(super) fn evidence(&self) -> Evidence {
        let location = self.location.map_or_else(String::new, |location| {
            format!(" ({})", clip(&clean(location), MAX_VALUE))
        });
        let what = match self.kind {
            EvidenceKind::Check => "failed check: ",
            _ => "",
        };
        Evidence {
            kind: self.kind,
            at_ns: Some(self.at_ns),
            sequence: Some(self.sequence),
            text: format!("{what}{}{location}", self.words()),
        }
    }

    /// A finding about the service that was asked.
    pub(super) fn finding(
        &self,
        attempt: &Attempt<'_>,
        contact: &Contact,
        detail: String,
        common: String,
    ) -> Finding {
        Finding {
            subject: Some(attempt.system.subject(&contact.url)),
            detail,
            common,
            here: self.words(),
            from_ns: contact.began_ns,
            at_ns: self.at_ns,
            evidence: vec![
                self.evidence(),
                contact.evidence(&attempt.system.whom(&contact.url)),
            ],
            advice: None,
            time: None,
        }
    }

    /// Whether it tells of how a request broke off.
    pub(super) fn tells_of(&self, message: &str) -> bool {
        let line = message.lines().next().unwrap_or_default();
        !line.is_empty() && self.text.contains(line)
    }
}

/// The last request or stream whose URL or whose name a message has, or at least one to the service of that URL.
fn named<'a>(
    attempt: &Attempt<'_>,
    message: &str,
    contacts: &[&'a Contact],
) -> Option<&'a Contact> {
    let Some(url) = reading::url(message) else {
        let mut latest = contacts.iter().rev();
        let found = latest.find(|contact| has_name(message, &contact.name));
        return found.copied();
    };
    let subject = attempt.system.subject(url);
    let exact = contacts.iter().rev().find(|contact| contact.url == url);
    let of_service = || {
        let mut latest = contacts.iter().rev();
        latest.find(|contact| attempt.system.subject(&contact.url) == subject)
    };
    exact.or_else(of_service).copied()
}

/// A case that ends with a failure has its clean-up behind it: what it removed at last, and whether that is gone.
fn before_clean_up(contacts: &VecDeque<Contact>) -> Vec<&Contact> {
    let removed: BTreeSet<&str> = contacts
        .iter()
        .filter(|contact| contact.removes)
        .map(|contact| contact.url.as_str())
        .collect();
    let mut before: Vec<&Contact> = contacts.iter().collect();
    while let Some(last) = before.last()
        && (last.removes || removed.contains(last.url.as_str()))
    {
        before.pop();
    }
    before
}

/// Whether a message has a name somewhere, as a whole: `GET /items` is not in `GET /items/recent`.
fn has_name(message: &str, name: &str) -> bool {
    let ends_at = |(at, _): (usize, &str)| {
        let after = message[at + name.len()..].chars().next();
        after.is_none_or(|next| !(next.is_alphanumeric() || "/_-{".contains(next)))
    };
    name.contains(' ') && message.match_indices(name).any(ends_at)
}
