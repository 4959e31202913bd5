//! Hears the events of a run and remembers what says why something was not good.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    advice,
    judge::{Attempt, Found, headline_of, judge},
    shapes::{Analysis, Cause, CauseKind, Evidence, EvidenceKind, Failure},
    system::System,
    tally::Tally,
    trail::Trail,
};
use crate::{
    event::{Event, EventKind, Outcome, ReasonKind, Source},
    verdict::Verdict,
    words::clean,
};

/// A suite and a case of it.
type Id = (String, String);

/// Makes the analysis out of events, in bounded memory. Pure: the same events give the same analysis, live or from a log.
#[derive(Clone, Debug, Default)]
pub struct Analyst {
    environment: String,
    /// By the number of the shard that tells of it: each shard of a merged run has an environment of its own.
    systems: BTreeMap<Option<u32>, System>,
    running: BTreeMap<Source, Trail>,
    begun: BTreeSet<Id>,
    /// The last bad attempt of each case that is not over, and of each suite's setup.
    last_bad: BTreeMap<Id, Found>,
    tally: Tally,
    last_at_ns: u64,
    is_complete: bool,
}

impl Analyst {
    /// Takes in an event.
    pub fn event(&mut self, event: &Event) {
        self.last_at_ns = event.at_ns;
        match &event.kind {
            EventKind::RunStarted(info) => self.environment.clone_from(&info.environment),
            EventKind::EnvironmentReady { services, .. } => self.system(event).ready(services),
            EventKind::EnvironmentFailed { message } | EventKind::EnvironmentLeft { message } => {
                self.environment(event, message);
            }
            EventKind::ServiceDied { service, message } => self.died(event, service, message),
            EventKind::ShardLost { shard, message } => {
                let subject = format!("shard {shard}");
                let found = of_environment(event, CauseKind::Lost, &subject, message);
                self.tally.add(found);
            }
            EventKind::Interrupted { reason } => {
                self.system(event).stopped_by = Some(reason.clone());
            }
            EventKind::CaseStarted { suite, case, .. } => {
                self.begun.insert((suite.clone(), case.clone()));
            }
            EventKind::AttemptStarted(source) => {
                let trail = Trail::new(event.at_ns);
                self.running.insert(source.clone(), trail);
            }
            EventKind::FaultInjected {
                source,
                fault,
                confirmed_after_ns,
            } => self
                .system(event)
                .injected(event, source, fault, *confirmed_after_ns),
            EventKind::FaultHealed { healed, .. } => self.system(event).healed(*healed),
            EventKind::AttemptFinished {
                source, outcome, ..
            } => self.attempt_finished(event, source, outcome),
            EventKind::CaseFinished {
                suite,
                case,
                outcome,
                ..
            } => self.case_finished(event, suite, case, outcome),
            EventKind::RunFinished { .. } => self.is_complete = true,
            EventKind::AgentLost { agent, .. } => self.system(event).agent_lost(agent),
            EventKind::AttemptPlaced { source, .. }
            | EventKind::Checked { source, .. }
            | EventKind::Judged { source, .. }
            | EventKind::Exchanged { source, .. }
            | EventKind::Streamed { source, .. }
            | EventKind::Refused { source, .. }
            | EventKind::FaultFailed { source, .. }
            | EventKind::LoadStarted { source, .. }
            | EventKind::LoadEnded { source, .. }
            | EventKind::ServicesProbed { source, .. } => {
                if let Some(trail) = self.running.get_mut(source) {
                    trail.hear(event);
                }
            }
            EventKind::CaseStillRunning { .. }
            | EventKind::SuiteFinished { .. }
            | EventKind::Log { .. }
            | EventKind::Output { .. }
            | EventKind::Attached { .. }
            | EventKind::LoadWent { .. }
            | EventKind::ExchangeRecalled { .. }
            | EventKind::StreamRecalled { .. }
            | EventKind::ServiceWrote { .. }
            | EventKind::Measured { .. }
            | EventKind::EnvironmentAbandoned { .. }
            | EventKind::Compared(_) => {}
        }
    }

    /// More will be told: what has begun may still end, so that it told no end is no failure.
    pub(crate) fn goes_on(&mut self) {
        self.is_complete = true;
    }

    /// The analysis as it stands. What has begun and told no end did not get to it.
    pub fn finish(mut self) -> Analysis {
        if !self.is_complete {
            let hooks = self.running.keys().filter(|source| source.is_hook());
            let hooks = hooks.map(|source| (source.suite.clone(), source.entry.clone()));
            let unfinished: BTreeSet<Id> = hooks.chain(std::mem::take(&mut self.begun)).collect();
            for id in unfinished {
                let found = self.no_end(id);
                self.tally.add(found);
            }
        }
        self.tally.finish()
    }

    /// The system that an event is about.
    fn system(&mut self, event: &Event) -> &mut System {
        let environment = &self.environment;
        let system = self.systems.entry(event.of_shard);
        system.or_insert_with(|| System::of(environment))
    }

    fn environment(&mut self, event: &Event, message: &str) {
        let found = of_environment(event, CauseKind::Environment, &self.environment, message);
        self.tally.add(found);
    }

    fn died(&mut self, event: &Event, service: &str, message: &str) {
        let found = of_environment(event, CauseKind::Died, service, message);
        self.tally.add(found);
        self.system(event).died(event, service, message);
    }

    fn attempt_finished(&mut self, event: &Event, source: &Source, outcome: &Outcome) {
        self.system(event).attempt_over(source, event.at_ns);
        let Some(trail) = self.running.remove(source) else {
            return;
        };
        if !is_failure(outcome) {
            return;
        }
        let found = judge(&Attempt {
            source,
            outcome,
            trail: &trail,
            system: self.system(event),
            ended_ns: event.at_ns,
            sequence: event.sequence,
        });
        if source.is_hook() {
            self.tally.add(found.clone());
        }
        let id = (source.suite.clone(), source.entry.clone());
        self.last_bad.insert(id, found);
    }

    fn case_finished(&mut self, event: &Event, suite: &str, case: &str, outcome: &Outcome) {
        let id = (suite.to_owned(), case.to_owned());
        self.begun.remove(&id);
        let bad = self.last_bad.remove(&id);
        if !is_failure(outcome) {
            return;
        }
        let mut found = bad.unwrap_or_else(|| self.never_run(event, suite, outcome));
        found.failure.suite = Some(id.0);
        found.failure.entry = Some(id.1);
        found.failure.verdict = outcome.verdict;
        self.tally.add(found);
    }

    /// A case of which no attempt tells why: what kept it from running does.
    fn never_run(&mut self, event: &Event, suite: &str, outcome: &Outcome) -> Found {
        let reason = outcome.reason.as_ref();
        let message = reason.map_or("", |reason| reason.message.as_str());
        let setup = self.last_bad.get(&(suite.to_owned(), "setup".to_owned()));
        let (kind, subject) = match (reason.map(|reason| reason.kind), setup) {
            (Some(ReasonKind::Setup), Some(setup)) => {
                let mut found = setup.clone();
                found.failure.attempt = None;
                found.failure.summary = headline_of(message);
                return found;
            }
            (Some(ReasonKind::Environment), _) => {
                (CauseKind::Environment, Some(self.environment.clone()))
            }
            (Some(ReasonKind::Interrupted), _) => {
                let stopped_by = self.system(event).stopped_by.clone();
                (CauseKind::Interrupted, stopped_by)
            }
            _ => (CauseKind::Unknown, None),
        };
        let subject = subject.as_deref().map(clean);
        let evidence = Evidence {
            kind: EvidenceKind::Outcome,
            at_ns: Some(event.at_ns),
            sequence: Some(event.sequence),
            text: headline_of(message),
        };
        bare(kind, subject, message, event.at_ns, vec![evidence])
    }

    fn no_end(&self, (suite, entry): Id) -> Found {
        let message = "the events end before it did: the host was stopped";
        let looked = Evidence {
            kind: EvidenceKind::Looked,
            at_ns: Some(self.last_at_ns),
            sequence: None,
            text: "the last event is not the end of the run".to_owned(),
        };
        let mut found = bare(
            CauseKind::NoEnd,
            None,
            message,
            self.last_at_ns,
            vec![looked],
        );
        found.failure.suite = Some(suite);
        found.failure.entry = Some(entry);
        found
    }
}

/// What a person has to know the cause of. Who is skipped for what it needs has said so.
fn is_failure(outcome: &Outcome) -> bool {
    let reason = outcome.reason.as_ref();
    match outcome.verdict {
        Verdict::Passed => false,
        Verdict::Skipped => reason.is_some_and(|reason| reason.kind == ReasonKind::Interrupted),
        Verdict::Flaky | Verdict::Degraded | Verdict::Failed | Verdict::Errored => true,
    }
}

/// Of something that is no attempt's own.
fn of_environment(event: &Event, kind: CauseKind, subject: &str, message: &str) -> Found {
    let evidence = Evidence {
        kind: EvidenceKind::Service,
        at_ns: Some(event.at_ns),
        sequence: Some(event.sequence),
        text: headline_of(message),
    };
    bare(
        kind,
        Some(clean(subject)),
        message,
        event.at_ns,
        vec![evidence],
    )
}

/// A failure that is told by one event.
fn bare(
    kind: CauseKind,
    subject: Option<String>,
    message: &str,
    at_ns: u64,
    evidence: Vec<Evidence>,
) -> Found {
    let summary = headline_of(message);
    Found {
        cause: Cause {
            kind,
            advice: hint(message).unwrap_or_else(|| advice::of(kind, subject.as_deref())),
            subject,
            summary: summary.clone(),
        },
        detail: String::new(),
        failure: Failure {
            suite: None,
            entry: None,
            attempt: None,
            verdict: Verdict::Errored,
            at_ns,
            summary,
            during: Vec::new(),
            evidence,
            time: None,
        },
    }
}

/// What to do, where the message says so itself.
pub(super) fn hint(message: &str) -> Option<String> {
    let hint = message.lines().find_map(|line| line.strip_prefix("hint: "));
    hint.map(headline_of)
}
