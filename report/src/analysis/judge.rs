//! From what is remembered of an attempt to its cause. Pure: no clock, no input, no output.

use super::{
    advice, agent, baseline, behaviour,
    contact::Contact,
    grant,
    listener::hint,
    plugin,
    shapes::{Cause, CauseKind, Evidence, EvidenceKind, Failure, TimeShares},
    system::System,
    trail::Trail,
};
use crate::{
    event::{Outcome, Reason, ReasonKind, ServiceStatus, Source},
    verdict::Verdict,
    words::{clean, clip, count, duration, headline},
};

/// Characters of a summary or of a line of evidence.
pub(super) const MAX_LINE: usize = 300;
/// Lines of evidence of a failure.
const MAX_EVIDENCE: usize = 12;
/// Services that are not well, and faults, that are named: as many as this each.
const MAX_NAMED: usize = 5;

/// An attempt that was not good, as it stands at its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempt<'a> {
    pub(super) source: &'a Source,
    pub(super) outcome: &'a Outcome,
    pub(super) trail: &'a Trail,
    pub(super) system: &'a System,
    pub(super) ended_ns: u64,
    pub(super) sequence: u64,
}

/// A failure with its cause, before it is gathered with others.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) cause: Cause,
    /// What tells it from others of the same kind and subject.
    pub(super) detail: String,
    pub(super) failure: Failure,
}

/// What an attempt failed of, before what is common to all causes is added.
#[derive(Clone, Debug, Default)]
pub(super) struct Finding {
    pub(super) subject: Option<String>,
    pub(super) detail: String,
    /// What to do, if this finding says more of it than its kind does.
    pub(super) advice: Option<String>,
    /// Of all failures of this cause.
    pub(super) common: String,
    /// Of this one; the same if it is empty.
    pub(super) here: String,
    /// When it began to show, and was seen to be bad.
    pub(super) from_ns: u64,
    pub(super) at_ns: u64,
    pub(super) evidence: Vec<Evidence>,
    pub(super) time: Option<TimeShares>,
}

/// Why an attempt was not good.
pub(super) fn judge(attempt: &Attempt<'_>) -> Found {
    if let Some(finding) = grant::refused(attempt) {
        return attempt.found(CauseKind::Grant, finding);
    }
    let Some(reason) = &attempt.outcome.reason else {
        return attempt.found(CauseKind::Unknown, attempt.unknown());
    };
    let (kind, finding) = match reason.kind {
        ReasonKind::Check | ReasonKind::Failed => behaviour::judge(attempt, reason),
        ReasonKind::Timeout if attempt.outcome.verdict == Verdict::Failed => {
            if attempt.trail.check.is_some() {
                behaviour::judge(attempt, reason)
            } else {
                (CauseKind::Late, behaviour::over_its_time(attempt))
            }
        }
        ReasonKind::Baseline => (CauseKind::Baseline, baseline::missed(attempt)),
        ReasonKind::Died => (CauseKind::Died, died(attempt)),
        ReasonKind::Environment => environment(attempt, reason),
        ReasonKind::Interrupted => (CauseKind::Interrupted, interrupted(attempt, reason)),
        ReasonKind::Timeout
        | ReasonKind::NoEvidence
        | ReasonKind::Panic
        | ReasonKind::Trap
        | ReasonKind::Limit
        | ReasonKind::Plugin => plugin::judge(attempt, reason),
        // Neither is a failure of its own.
        ReasonKind::Skipped | ReasonKind::Setup => (CauseKind::Unknown, attempt.unknown()),
    };
    attempt.found(kind, finding)
}

/// A fault that could not be healed leaves a system of which nothing is known; without one a service was dead before, an agent was lost, or the
/// environment is not there.
fn environment(attempt: &Attempt<'_>, reason: &Reason) -> (CauseKind, Finding) {
    let Some(failed) = &attempt.trail.unhealed else {
        if !attempt.system.died.is_empty() {
            return (CauseKind::Died, died(attempt));
        }
        let hint = hint(&reason.message);
        // What the message says to do itself is known better than by who had the attempt.
        let of_agent = match hint {
            Some(_) => None,
            None => agent::judge(attempt, reason),
        };
        let finding = of_agent.unwrap_or_else(|| Finding {
            subject: Some(clean(&attempt.system.environment)),
            advice: hint,
            common: headline_of(&reason.message),
            ..attempt.at_its_end()
        });
        return (CauseKind::Environment, finding);
    };
    let words = clean(&failed.fault.words());
    let finding = Finding {
        subject: Some(words.clone()),
        common: format!("`{words}`: {}", headline_of(&failed.message)),
        from_ns: failed.at_ns,
        at_ns: failed.at_ns,
        evidence: vec![Evidence {
            kind: EvidenceKind::Fault,
            at_ns: Some(failed.at_ns),
            sequence: Some(failed.sequence),
            text: format!("`{words}`: {}", headline_of(&failed.message)),
        }],
        ..Finding::default()
    };
    (CauseKind::FaultFailed, finding)
}

/// The first that died is the cause, whoever died after it.
fn died(attempt: &Attempt<'_>) -> Finding {
    let Some(first) = attempt.system.died.first() else {
        return attempt.unknown();
    };
    Finding {
        subject: Some(clean(&first.service)),
        common: first.message.clone(),
        evidence: attempt
            .system
            .died
            .iter()
            .take(MAX_NAMED)
            .map(|death| Evidence {
                kind: EvidenceKind::Service,
                at_ns: Some(death.at_ns),
                sequence: Some(death.sequence),
                text: death.message.clone(),
            })
            .collect(),
        ..attempt.at_its_end()
    }
}

fn interrupted(attempt: &Attempt<'_>, reason: &Reason) -> Finding {
    Finding {
        subject: attempt.system.stopped_by.as_deref().map(clean),
        common: headline_of(&reason.message),
        ..attempt.at_its_end()
    }
}

impl Attempt<'_> {
    /// A finding that shows when the attempt ends.
    pub(super) fn at_its_end(&self) -> Finding {
        Finding {
            from_ns: self.trail.started_at_ns,
            at_ns: self.ended_ns,
            ..Finding::default()
        }
    }

    /// What was looked at, where nothing of it says why.
    pub(super) fn unknown(&self) -> Finding {
        let reason = self.outcome.reason.as_ref();
        let said = reason.map_or_else(
            || format!("{}, without a reason", self.outcome.verdict.word()),
            |reason| headline_of(&reason.message),
        );
        let Trail {
            requests,
            failed_checks,
            loads,
            services,
            ..
        } = self.trail;
        let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let faults = self
            .system
            .faults_in(self.trail.started_at_ns, self.ended_ns);
        let services = services.as_ref().map_or_else(
            || "the services were not looked at".to_owned(),
            |probed| {
                let well = probed.services.iter().filter(|state| {
                    state.problem.is_none() && state.status == ServiceStatus::Running
                });
                let all = count(probed.services.len(), "service");
                format!("{} of {all} well", well.count())
            },
        );
        let looked = format!(
            "looked at: {}, {}, {}, {}, {services}",
            count(number(*failed_checks), "failed check"),
            count(number(*requests), "request"),
            count(loads.len(), "load"),
            count(faults.count(), "fault"),
        );
        Finding {
            detail: said.clone(),
            common: said,
            evidence: vec![Evidence {
                kind: EvidenceKind::Looked,
                at_ns: None,
                sequence: None,
                text: looked,
            }],
            ..self.at_its_end()
        }
    }

    /// The service at a URL if it was found down or unwell and no fault is to blame; with why.
    pub(super) fn unwell(&self, contact: &Contact) -> Option<(String, Evidence)> {
        let service = self.system.service_at(&contact.url)?;
        let probed = self.trail.services.as_ref()?;
        let mut services = probed.services.iter();
        let state = services.find(|state| state.service == service && !state.disturbed)?;
        let why = unwell(state)?;
        let evidence = Evidence {
            kind: EvidenceKind::Service,
            at_ns: Some(probed.at_ns),
            sequence: Some(probed.sequence),
            text: format!("`{}` {why}", clean(service)),
        };
        Some((why, evidence))
    }

    /// Puts what is common to all causes around a finding.
    pub(super) fn found(&self, kind: CauseKind, finding: Finding) -> Found {
        let Finding {
            subject,
            detail,
            advice,
            common,
            here,
            from_ns,
            at_ns,
            mut evidence,
            time,
        } = finding;
        let mut during: Vec<String> = Vec::new();
        for window in self.system.faults_in(from_ns, at_ns).take(MAX_NAMED) {
            during.push(format!("while `{}` was active", window.words));
            push_new(&mut evidence, window.evidence(self.source));
        }
        if during.is_empty()
            && let Some(window) = self.system.healed_before(self.source, from_ns)
        {
            during.push(format!("after `{}` was healed", window.words));
            push_new(&mut evidence, window.evidence(self.source));
        }
        for other in self.others_unwell() {
            push_new(&mut evidence, other);
        }
        if evidence.is_empty() {
            evidence.push(self.ending());
        }
        evidence.truncate(MAX_EVIDENCE);
        for line in &mut evidence {
            line.text = clip(&line.text, MAX_LINE);
        }
        let summary = clip(if here.is_empty() { &common } else { &here }, MAX_LINE);
        Found {
            cause: Cause {
                kind,
                advice: advice.unwrap_or_else(|| advice::of(kind, subject.as_deref())),
                subject,
                summary: clip(&common, MAX_LINE),
            },
            detail,
            failure: Failure {
                suite: Some(self.source.suite.clone()),
                entry: Some(self.source.entry.clone()),
                attempt: Some(self.source.attempt),
                verdict: self.outcome.verdict,
                at_ns,
                summary,
                during,
                evidence,
                time,
            },
        }
    }

    /// The services that were found unwell, whoever they are.
    fn others_unwell(&self) -> impl Iterator<Item = Evidence> {
        let probed = self.trail.services.iter();
        let states = probed.flat_map(|probed| {
            let services = probed.services.iter();
            services.map(move |state| (probed, state))
        });
        states
            .filter_map(|(probed, state)| {
                let why = unwell(state)?;
                let fault = if state.disturbed {
                    ", with a fault on it"
                } else {
                    ""
                };
                Some(Evidence {
                    kind: EvidenceKind::Service,
                    at_ns: Some(probed.at_ns),
                    sequence: Some(probed.sequence),
                    text: format!("`{}` {why}{fault}", clean(&state.service)),
                })
            })
            .take(MAX_NAMED)
    }

    fn ending(&self) -> Evidence {
        let reason = self.outcome.reason.as_ref();
        let message = reason.map_or_else(String::new, |reason| headline_of(&reason.message));
        Evidence {
            kind: EvidenceKind::Outcome,
            at_ns: Some(self.ended_ns),
            sequence: Some(self.sequence),
            text: format!(
                "it {} at {}: {message}",
                self.outcome.verdict.word(),
                duration(self.ended_ns)
            ),
        }
    }
}

/// Why a service is not well; none if it is.
fn unwell(state: &crate::event::ServiceState) -> Option<String> {
    let problem = state.problem.as_deref().map(headline_of);
    match (state.status, problem) {
        (ServiceStatus::Running, None) => None,
        (ServiceStatus::Running, Some(problem)) => Some(format!("is not healthy: {problem}")),
        (status, None) => Some(format!("is {}", status.word())),
        (status, Some(problem)) => Some(format!("is {}: {problem}", status.word())),
    }
}

fn push_new(evidence: &mut Vec<Evidence>, one: Evidence) {
    if !evidence.contains(&one) {
        evidence.push(one);
    }
}

/// The first line, for people.
pub(super) fn headline_of(message: &str) -> String {
    clip(&clean(headline(message)), MAX_LINE)
}
