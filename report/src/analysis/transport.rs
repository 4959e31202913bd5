//! Requests and streams that broke off: who was asked, in which manner, how far it had come, and whether a fault was on it.

use super::{
    behaviour::Symptom,
    contact::{Broken, Contact},
    judge::{Attempt, Finding},
    shapes::CauseKind,
};
use crate::words::{clean, clip};

/// Characters of the name of a request.
const MAX_NAME: usize = 80;

/// The cause if what a symptom is about broke off, and that is what it is about.
///
/// In the time of a fault of its own a case may expect that: then only a symptom that tells of it is about it.
pub(super) fn judge(
    attempt: &Attempt<'_>,
    symptom: &Symptom<'_>,
    contact: &Contact,
) -> Option<(CauseKind, Finding)> {
    let broken = contact.failure()?;
    let fault = attempt.system.fault_on(contact);
    let own = fault.is_some_and(|window| window.source == *attempt.source);
    if own && !symptom.tells_of(&broken.message) {
        return None;
    }
    if let Some(window) = fault {
        let words = &window.words;
        let target = clean(&window.target);
        let common = format!("`{words}` was active, and nobody expected what it does");
        let mut finding = symptom.finding(attempt, contact, words.clone(), common);
        finding.subject = Some(target);
        finding.evidence.insert(0, window.evidence(attempt.source));
        return Some((CauseKind::Fault, finding));
    }
    if let Some((why, evidence)) = attempt.unwell(contact) {
        let whom = attempt.system.subject(&contact.url);
        let common = format!("`{whom}` {why}");
        let mut finding = symptom.finding(attempt, contact, String::new(), common);
        finding.evidence.insert(0, evidence);
        return Some((CauseKind::Unhealthy, finding));
    }
    Some((
        CauseKind::Connection,
        connection(attempt, symptom, contact, broken),
    ))
}

fn connection(
    attempt: &Attempt<'_>,
    symptom: &Symptom<'_>,
    contact: &Contact,
    broken: &Broken,
) -> Finding {
    let whom = attempt.system.subject(&contact.url);
    let manner = broken.manner.words();
    let stage = broken
        .stage
        .map_or_else(String::new, |stage| format!(", {}", stage.words()));
    let common = format!("`{whom}` {manner}{stage}");
    let detail = format!("{manner}{stage}");
    let mut finding = symptom.finding(attempt, contact, detail, common);
    let name = clip(&clean(&contact.name), MAX_NAME);
    finding.here = format!("`{whom}` {manner}{stage}: `{name}`");
    // The request itself is what it rests on.
    finding.evidence.reverse();
    finding
}
