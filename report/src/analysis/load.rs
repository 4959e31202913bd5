//! Loads whose virtual users failed, or that broke.

use super::{
    behaviour::Symptom,
    judge::{Attempt, Finding, headline_of},
    reading,
    shapes::{Evidence, EvidenceKind},
    trail::{Ended, Load, Trail},
};
use crate::{
    event::Phase,
    words::{clean, clip},
};

/// Reasons, requests and checks of a load that are named: as many as this each.
const MAX_NAMED: usize = 3;
/// Characters of a reason.
const MAX_REASON: usize = 160;

/// The cause if a load was not good, and the attempt asked nobody itself after it.
pub(super) fn judge(attempt: &Attempt<'_>, symptom: &Symptom<'_>) -> Option<Finding> {
    let asked_ns = symptom.contact.map_or(0, |contact| contact.ended_ns);
    let (load, ended) =
        bad(attempt.trail).find(|(_, ended)| ended.at_ns >= asked_ns || is_told(symptom, ended))?;
    let scenario = clean(&load.scenario);
    let why = reasons(ended).into_iter().next();
    let why = why.map_or_else(|| symptom.words(), |why| clip(&why, MAX_REASON));
    // Their requests are not told one by one; the reason names whom they asked.
    let whom = reading::url(&why).map_or_else(String::new, |url| {
        format!(" at {}", attempt.system.whom(url))
    });
    let mut evidence = vec![symptom.evidence()];
    evidence.extend(self::evidence(attempt.trail));
    Some(Finding {
        common: format!("virtual users of `{scenario}` failed{whom}: {why}"),
        here: symptom.words(),
        subject: Some(scenario),
        from_ns: attempt.trail.started_at_ns,
        at_ns: symptom.at_ns,
        evidence,
        ..Finding::default()
    })
}

fn is_told(symptom: &Symptom<'_>, ended: &Ended) -> bool {
    reasons(ended).iter().any(|reason| symptom.tells_of(reason))
}

/// The loads that were not good.
fn bad(trail: &Trail) -> impl Iterator<Item = (&Load, &Ended)> {
    let ended = trail
        .loads
        .iter()
        .filter_map(|load| Some((load, load.end.as_ref()?)));
    ended.filter(|(_, ended)| !ended.is_good())
}

/// What shows that loads were not good.
pub(super) fn evidence(trail: &Trail) -> impl Iterator<Item = Evidence> {
    bad(trail).take(MAX_NAMED).map(|(load, ended)| {
        let counted = ended
            .end
            .outcome
            .as_ref()
            .map_or_else(String::new, |outcome| {
                format!(
                    ": {} of {} iterations failed, {} were cut off",
                    outcome.failed, outcome.iterations, outcome.interrupted
                )
            });
        let reasons: Vec<String> = reasons(ended)
            .iter()
            .take(MAX_NAMED)
            .map(|reason| clip(reason, MAX_REASON))
            .collect();
        let reasons = if reasons.is_empty() {
            String::new()
        } else {
            format!("; {}", reasons.join("; "))
        };
        Evidence {
            kind: EvidenceKind::Load,
            at_ns: Some(ended.at_ns),
            sequence: Some(ended.sequence),
            text: format!("the load `{}`{counted}{reasons}", clean(&load.scenario)),
        }
    })
}

/// Why it was not good, the most frequent first.
fn reasons(ended: &Ended) -> Vec<String> {
    let end = &ended.end;
    let message = end.message.iter().map(|message| headline_of(message));
    let failures = end
        .outcome
        .iter()
        .flat_map(|outcome| &outcome.latency.failures);
    let failures = failures
        .take(MAX_NAMED)
        .map(|failure| headline_of(&failure.name));
    let checks = end.failed_checks.iter().take(MAX_NAMED);
    let checks = checks.map(|check| headline_of(&check.name));
    message.chain(failures).chain(checks).collect()
}

/// How many requests of virtual users there were in each phase, and their time together, in nanoseconds.
pub(super) fn times(trail: &Trail) -> [(u64, u64); 3] {
    let mut times = [(0u64, 0u64); 3];
    let outcomes = trail
        .loads
        .iter()
        .filter_map(|load| load.end.as_ref()?.end.outcome.as_ref());
    for requests in outcomes.flat_map(|outcome| &outcome.requests) {
        if requests.by_phase.is_empty() {
            add(&mut times[0], &requests.latency);
        }
        for (phase, split) in &requests.by_phase {
            let place = Phase::ALL.iter().position(|known| known == phase);
            add(&mut times[place.unwrap_or(0)], split);
        }
    }
    times
}

fn add(to: &mut (u64, u64), split: &assay_load::outcome::Split) {
    for distribution in [&split.succeeded, &split.failed] {
        to.0 = to.0.saturating_add(distribution.count);
        to.1 = to.1.saturating_add(total_ns(distribution));
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of time needs no more than 52 bits, and no time is below 0"
)]
fn total_ns(distribution: &assay_load::outcome::Distribution) -> u64 {
    (distribution.mean * distribution.count as f64) as u64
}
