//! The trace of a run: the run itself, its environment, its suites and its cases.

use std::collections::BTreeMap;

use assay_report::{
    event::{
        Event, EventKind, Outcome, PluginInfo, RegressionCheck, RunInfo, RunStats, ServiceInfo,
        Source,
    },
    verdict::Verdict,
};

use super::{MAX_OPEN, Over, attempt::Attempt, outcome, used::Used};
use crate::{
    opentelemetry::{
        attributes::Attributes,
        clock::Start,
        conventions as names,
        draft::{Draft, error, of_verdict, unset},
        ids::{Ids, SpanId, TraceContext, TraceId},
        protocol::Status,
    },
    time::seconds,
};

/// The status of what was open when the run told nothing more.
const BROKEN_OFF: &str = "the run ended before this did";

/// A run that goes on.
#[derive(Debug)]
pub(super) struct Run {
    ids: Ids,
    start: Start,
    trace: TraceId,
    id: SpanId,
    span: Draft,
    plugins: BTreeMap<String, Attributes>,
    suites: BTreeMap<String, Draft>,
    cases: BTreeMap<(String, String), Draft>,
    attempts: BTreeMap<Source, Attempt>,
    used: Used,
    interrupted: bool,
    last: u64,
}

impl Run {
    pub(super) fn begin(
        info: &RunInfo,
        start: Start,
        at_ns: u64,
        parent: Option<TraceContext>,
    ) -> Self {
        let ids = Ids::of(&info.run_id);
        let id = ids.span(&["run"]);
        let draft = Draft::internal(id, "run", start.at(0));
        let trace = parent.map_or_else(|| ids.trace(&["run"]), |parent| parent.trace);
        let mut span = match parent {
            Some(parent) => draft.below_remote(parent),
            None => draft.in_trace(trace),
        };
        span.attributes(of_run(info));
        let plugins = info.plugins.iter();
        Self {
            ids,
            start,
            trace,
            id,
            span,
            plugins: plugins
                .map(|one| (one.suite.clone(), of_suite(one)))
                .collect(),
            suites: BTreeMap::new(),
            cases: BTreeMap::new(),
            attempts: BTreeMap::new(),
            used: Used::default(),
            interrupted: false,
            last: start.at(at_ns),
        }
    }

    pub(super) fn hear(&mut self, event: &Event, over: &mut Over) {
        let now = self.start.at(event.at_ns);
        self.last = now;
        match &event.kind {
            EventKind::EnvironmentReady {
                services,
                duration_ns,
            } => self.environment(services, *duration_ns, now, over),
            EventKind::EnvironmentFailed { message } => self.note("environment failed", message),
            EventKind::EnvironmentLeft { message } => self.note("environment left", message),
            EventKind::EnvironmentAbandoned { message } => {
                self.note("environment abandoned", message);
            }
            EventKind::ServiceDied { service, message } => {
                let what = Attributes::new()
                    .with(names::SERVICE, service)
                    .with(names::MESSAGE, message);
                self.span.event(now, "service died", what);
            }
            EventKind::AgentLost { message, .. } => self.note("agent lost", message),
            EventKind::ShardLost { message, .. } => self.note("shard lost", message),
            EventKind::Interrupted { reason } => {
                self.interrupted = true;
                self.note("interrupted", reason);
            }
            EventKind::Compared(check) => self.compared(check),
            EventKind::CaseStarted { suite, case, .. } => {
                self.suite(suite);
                self.case(suite, case);
            }
            EventKind::CaseFinished {
                suite,
                case,
                outcome,
                ..
            } => self.case_ends(suite, case, outcome, over),
            EventKind::SuiteFinished { suite, verdict, .. } => {
                self.suite_ends(suite, *verdict, over);
            }
            EventKind::AttemptStarted(source) => self.attempt(source, over),
            EventKind::AttemptFinished {
                source,
                outcome,
                counts,
                ..
            } => {
                if let Some(mut attempt) = self.attempts.remove(source) {
                    attempt.counted(*counts);
                    attempt.judged(outcome, now);
                    self.attempt_ends(source, attempt, Some(outcome), over);
                }
            }
            EventKind::Log { source, .. }
            | EventKind::Checked { source, .. }
            | EventKind::Judged { source, .. }
            | EventKind::Refused { source, .. }
            | EventKind::Exchanged { source, .. }
            | EventKind::Streamed { source, .. }
            | EventKind::FaultInjected { source, .. }
            | EventKind::FaultHealed { source, .. }
            | EventKind::FaultFailed { source, .. }
            | EventKind::LoadStarted { source, .. }
            | EventKind::LoadEnded { source, .. } => {
                if let Some(attempt) = self.attempts.get_mut(source) {
                    attempt.hear(event, now, &mut self.used, over);
                }
            }
            // The first two are heard by whoever holds the run; the others are for reports.
            EventKind::RunStarted(_)
            | EventKind::RunFinished { .. }
            | EventKind::CaseStillRunning { .. }
            | EventKind::AttemptPlaced { .. }
            | EventKind::Output { .. }
            | EventKind::ExchangeRecalled { .. }
            | EventKind::StreamRecalled { .. }
            | EventKind::ServiceWrote { .. }
            | EventKind::Attached { .. }
            | EventKind::LoadWent { .. }
            | EventKind::ServicesProbed { .. }
            | EventKind::Measured { .. } => {}
        }
    }

    /// It told its end.
    pub(super) fn end(
        mut self,
        now: u64,
        (verdict, stats, exit_code): (Verdict, RunStats, u8),
        over: &mut Over,
    ) {
        self.last = self.start.at(now);
        self.span.attributes(
            Attributes::new()
                .with(names::VERDICT, verdict.word())
                .with(names::RUN_EXIT_CODE, u32::from(exit_code)),
        );
        let why = format!("{} failed, {} errored", stats.failed, stats.errored);
        self.close(of_verdict(verdict, &why), over);
    }

    /// It tells nothing more.
    pub(super) fn break_off(self, over: &mut Over) {
        self.close(error(BROKEN_OFF), over);
    }

    /// Ends what is open, and the run with this status.
    fn close(mut self, status: Status, over: &mut Over) {
        for (source, attempt) in std::mem::take(&mut self.attempts) {
            self.attempt_ends(&source, attempt, None, over);
        }
        for open in self.cases.into_values().chain(self.suites.into_values()) {
            over.spans.push(open.end(self.last, error(BROKEN_OFF)));
        }
        over.spans.push(self.span.end(self.last, status));
    }

    fn note(&mut self, what: &str, message: &str) {
        let message = Attributes::new().with(names::MESSAGE, message);
        self.span.event(self.last, what, message);
    }

    fn compared(&mut self, check: &RegressionCheck) {
        for regression in &check.regressions {
            let what = Attributes::new()
                .with(names::REGRESSION_NAME, regression.name())
                .with(names::MESSAGE, regression.words());
            self.span.event(self.last, "regression", what);
        }
    }

    fn environment(&mut self, services: &[ServiceInfo], took: u64, now: u64, over: &mut Over) {
        let id = self.ids.span(&["environment"]);
        let start = now.saturating_sub(took).max(self.start.at(0));
        let mut span = Draft::internal(id, "environment", start)
            .in_trace(self.trace)
            .below(self.id);
        for service in services {
            let what = Attributes::new()
                .with(names::SERVICE, &service.name)
                .with(names::SERVICE_MANAGED, service.managed)
                .with(names::SERVICE_READY_AFTER, seconds(service.ready_after_ns));
            span.event(now, "service ready", what);
        }
        over.spans.push(span.end(now, unset()));
    }

    /// Opens a suite with its first event; nothing else tells that it begins.
    fn suite(&mut self, suite: &str) -> &mut Draft {
        let (id, parent, trace) = (self.ids.span(&["suite", suite]), self.id, self.trace);
        let (now, plugins) = (self.last, &self.plugins);
        self.suites.entry(suite.to_owned()).or_insert_with(|| {
            let mut span = Draft::internal(id, suite, now)
                .in_trace(trace)
                .below(parent);
            span.attributes(Attributes::new().with(names::TEST_SUITE_NAME, suite));
            span.attributes(plugins.get(suite).cloned().unwrap_or_default());
            span
        })
    }

    fn suite_ends(&mut self, suite: &str, verdict: Verdict, over: &mut Over) {
        self.suite(suite);
        let Some(mut span) = self.suites.remove(suite) else {
            return;
        };
        let status = match verdict {
            _ if self.interrupted && verdict != Verdict::Passed => "aborted",
            Verdict::Passed | Verdict::Flaky | Verdict::Degraded => "success",
            Verdict::Failed | Verdict::Errored => "failure",
            Verdict::Skipped => "skipped",
        };
        span.attributes(
            Attributes::new()
                .with(names::TEST_SUITE_RUN_STATUS, status)
                .with(names::VERDICT, verdict.word()),
        );
        over.spans
            .push(span.end(self.last, of_verdict(verdict, "")));
    }

    /// Where too many are open, one is told once it ends.
    fn case(&mut self, suite: &str, case: &str) {
        if self.cases.len() < MAX_OPEN {
            let span = self.case_that_begins(suite, case);
            self.cases.insert((suite.to_owned(), case.to_owned()), span);
        }
    }

    fn case_that_begins(&self, suite: &str, case: &str) -> Draft {
        let id = case_id(&self.ids, suite, case);
        let mut span = Draft::internal(id, case, self.last)
            .in_trace(self.trace)
            .below(self.ids.span(&["suite", suite]));
        span.attributes(of_case(suite, case));
        span
    }

    /// One whose beginning was not told, or not kept, is told with its verdict alone.
    fn case_ends(&mut self, suite: &str, case: &str, outcome: &Outcome, over: &mut Over) {
        self.suite(suite);
        let open = self.cases.remove(&(suite.to_owned(), case.to_owned()));
        let mut span = open.unwrap_or_else(|| self.case_that_begins(suite, case));
        span.attributes(outcome::of_case(outcome));
        over.spans
            .push(span.end(self.last, outcome::status(outcome)));
    }

    fn attempt(&mut self, source: &Source, over: &mut Over) {
        self.suite(&source.suite);
        if self.attempts.len() == MAX_OPEN {
            over.left_out += 1;
            return;
        }
        let belongs_to = self.owner(source);
        let attempt = Attempt::begin(&self.ids, source, belongs_to, self.last);
        self.attempts.insert(source.clone(), attempt);
    }

    /// Ends an attempt, and links its case to it; of a setup or teardown, its suite.
    fn attempt_ends(
        &mut self,
        source: &Source,
        attempt: Attempt,
        outcome: Option<&Outcome>,
        over: &mut Over,
    ) {
        let status = match outcome {
            Some(outcome) => outcome::status(outcome),
            None => error(BROKEN_OFF),
        };
        let place = attempt.end(self.last, status, over);
        let verdict = outcome.map(|outcome| outcome.verdict.word());
        let what = Attributes::new()
            .with(names::ATTEMPT, source.attempt)
            .with_some(names::VERDICT, verdict);
        let case = (source.suite.clone(), source.entry.clone());
        let owner = match self.cases.get_mut(&case) {
            Some(case) => Some(case),
            None if outcome::is_hook(source) => self.suites.get_mut(&source.suite),
            None => None,
        };
        if let Some(owner) = owner {
            owner.link(place, what);
        }
    }

    /// The span in the run's trace that an attempt belongs to.
    fn owner(&self, source: &Source) -> TraceContext {
        let span = if outcome::is_hook(source) {
            self.ids.span(&["suite", &source.suite])
        } else {
            case_id(&self.ids, &source.suite, &source.entry)
        };
        TraceContext {
            trace: self.trace,
            span,
        }
    }
}

fn case_id(ids: &Ids, suite: &str, case: &str) -> SpanId {
    ids.span(&["case", suite, case])
}

fn of_case(suite: &str, case: &str) -> Attributes {
    Attributes::new()
        .with(names::TEST_SUITE_NAME, suite)
        .with(names::TEST_CASE_NAME, format!("{suite}/{case}"))
}

fn of_run(info: &RunInfo) -> Attributes {
    let commit = info.provenance.commit.as_deref();
    let clean = commit.map(|commit| commit.strip_suffix("-dirty").unwrap_or(commit));
    Attributes::new()
        .with(names::RUN_ID, &info.run_id)
        .with(names::DEPLOYMENT_ENVIRONMENT_NAME, &info.environment)
        .with(names::RUN_PROFILE, &info.profile)
        .with(names::RUN_SEED, info.seed.to_string())
        .with(names::RUN_JOBS, info.jobs)
        .with_some(names::VCS_REF_HEAD_REVISION, clean)
        .with_some(names::RUN_DIRTY, commit.map(|commit| clean != Some(commit)))
}

fn of_suite(plugin: &PluginInfo) -> Attributes {
    Attributes::new()
        .with(names::SUITE_VERSION, &plugin.version)
        .with(names::SUITE_DIGEST, &plugin.digest)
}
