//! Makes the document out of events. Pure: the same events give the same document, byte by byte, live or from a log.

use std::collections::BTreeMap;

use super::{
    budget::Budget,
    course::Course,
    document::{
        Cut, CutKind, DeadService, Environment, Judged, LostAgent, LostShard, Report, Run,
        SchemaVersion, Suite,
    },
    evidence::{Cuts, Ending, Running},
    notable::Notable,
    traffic::Traffic,
};
use crate::{
    analysis::Analyst,
    event::{
        Event, EventKind, Judgement, Outcome, PluginInfo, RegressionCheck, RunInfo, RunStats,
        ServiceInfo, Shard, Source,
    },
    verdict::Verdict,
};

/// Judgements of a baseline that are kept.
pub const MAX_JUDGEMENTS: usize = 1_000;

/// What is known so far.
#[derive(Clone, Debug, Default)]
pub struct Gatherer {
    complete: bool,
    run: Option<Run>,
    environment: Environment,
    suites: Vec<Gathering>,
    course: Course,
    analyst: Analyst,
    regressions: Option<RegressionCheck>,
    budget: Budget,
    cuts: Vec<Cut>,
}

/// A suite that has not ended.
#[derive(Clone, Debug)]
struct Gathering {
    suite: Suite,
    traffic: Traffic,
    notable: Notable,
    running: BTreeMap<(String, u32), Running>,
    cut_judgements: u64,
}

impl Gatherer {
    /// Takes in an event. Suites and cases are those that the first event names; the runner tells of no others.
    pub fn event(&mut self, event: &Event) {
        self.analyst.event(event);
        if let Some(run) = &mut self.run
            && !self.complete
        {
            run.duration_ns = event.at_ns;
        }
        self.course.event(event);
        match &event.kind {
            EventKind::RunStarted(info) => self.run_started(info),
            EventKind::EnvironmentReady {
                services,
                duration_ns,
            } => self.environment_ready(services, *duration_ns),
            EventKind::EnvironmentFailed { message } => self.environment_failed(message),
            EventKind::EnvironmentLeft { message } => self.environment.left.push(message.clone()),
            EventKind::EnvironmentAbandoned { message } => {
                self.environment.abandoned.push(message.clone());
            }
            EventKind::ServiceDied { service, message } => {
                self.service_died(service, event.at_ns, message);
            }
            EventKind::Compared(check) => self.regressions = Some(check.clone()),
            EventKind::ShardLost { shard, message } => self.shard_lost(*shard, message),
            EventKind::AgentLost { agent, message } => {
                self.agent_lost(agent, event.at_ns, message);
            }
            EventKind::Interrupted { reason } => {
                if let Some(run) = &mut self.run {
                    run.interrupted = Some(reason.clone());
                }
            }
            EventKind::CaseFinished {
                suite,
                case,
                outcome,
                duration_ns,
                ..
            } => self.case_finished(suite, case, outcome, *duration_ns),
            EventKind::SuiteFinished {
                suite,
                verdict,
                duration_ns,
                metrics,
                proposal,
            } => {
                if let Some(gathering) = self.suite(suite) {
                    gathering.suite.verdict = Some(*verdict);
                    gathering.suite.duration_ns = Some(*duration_ns);
                    gathering.suite.metrics.clone_from(metrics);
                    gathering.suite.proposal.clone_from(proposal);
                }
            }
            EventKind::RunFinished {
                verdict,
                stats,
                duration_ns,
                exit_code,
            } => self.run_finished(*verdict, *stats, *duration_ns, *exit_code),
            EventKind::AttemptFinished {
                source,
                outcome,
                duration_ns,
                counts,
            } => self.attempt_finished(
                source,
                Ending {
                    outcome: outcome.clone(),
                    duration_ns: *duration_ns,
                    counts: *counts,
                },
            ),
            EventKind::CaseStarted { .. }
            | EventKind::CaseStillRunning { .. }
            | EventKind::Measured { .. } => {}
            EventKind::AttemptStarted(source)
            | EventKind::AttemptPlaced { source, .. }
            | EventKind::Log { source, .. }
            | EventKind::Output { source, .. }
            | EventKind::Checked { source, .. }
            | EventKind::Judged { source, .. }
            | EventKind::Exchanged { source, .. }
            | EventKind::Streamed { source, .. }
            | EventKind::ExchangeRecalled { source, .. }
            | EventKind::StreamRecalled { source, .. }
            | EventKind::ServiceWrote { source, .. }
            | EventKind::Attached { source, .. }
            | EventKind::Refused { source, .. }
            | EventKind::FaultInjected { source, .. }
            | EventKind::FaultHealed { source, .. }
            | EventKind::FaultFailed { source, .. }
            | EventKind::LoadStarted { source, .. }
            | EventKind::LoadWent { source, .. }
            | EventKind::LoadEnded { source, .. }
            | EventKind::ServicesProbed { source, .. } => {
                if let Some(gathering) = self.suite(&source.suite) {
                    gathering.evidence(source, event);
                }
            }
        }
    }

    fn environment_ready(&mut self, services: &[ServiceInfo], duration_ns: u64) {
        // Each shard of a merged run has one of its own; the services are the same in all of them.
        if self.environment.services.is_empty() {
            self.environment.services = services.to_vec();
        }
        let known = self.environment.ready_after_ns;
        self.environment.ready_after_ns = known.max(Some(duration_ns));
    }

    fn service_died(&mut self, service: &str, seen_at_ns: u64, message: &str) {
        self.environment.died.push(DeadService {
            service: service.to_owned(),
            seen_at_ns,
            message: message.to_owned(),
        });
    }

    fn shard_lost(&mut self, shard: Shard, message: &str) {
        if let Some(run) = &mut self.run {
            run.lost.push(LostShard {
                shard,
                message: message.to_owned(),
            });
        }
    }

    fn agent_lost(&mut self, agent: &str, seen_at_ns: u64, message: &str) {
        if let Some(run) = &mut self.run {
            run.lost_agents.push(LostAgent {
                agent: agent.to_owned(),
                seen_at_ns,
                message: message.to_owned(),
            });
        }
    }

    fn environment_failed(&mut self, message: &str) {
        match &mut self.environment.failure {
            Some(known) => {
                known.push('\n');
                known.push_str(message);
            }
            None => self.environment.failure = Some(message.to_owned()),
        }
    }

    /// The document of a run that goes on, as far as it is known: what still runs has no ending in it, and that is no failure.
    pub fn so_far(&self) -> Report {
        let mut gatherer = self.clone();
        gatherer.analyst.goes_on();
        gatherer.finish()
    }

    /// The document as it stands. What is still running has no ending in it.
    pub fn finish(mut self) -> Report {
        let mut suites = Vec::new();
        for mut gathering in std::mem::take(&mut self.suites) {
            while let Some(((entry, _), running)) = gathering.running.pop_first() {
                let (attempt, cuts) = running.close(None, &mut self.budget);
                self.cut_attempt(&gathering.suite.name, &entry, attempt.attempt, cuts);
                gathering.suite.add(&entry, attempt);
            }
            for (what, count) in gathering.cuts() {
                self.cuts.push(Cut {
                    suite: gathering.suite.name.clone(),
                    entry: None,
                    attempt: None,
                    what,
                    count,
                });
            }
            gathering.suite.requests = gathering.traffic.requests();
            gathering.suite.streams = gathering.traffic.streams();
            gathering.suite.notable_streams = gathering.notable.streams();
            suites.push(gathering.suite);
        }
        Report {
            schema: SchemaVersion::V1,
            complete: self.complete,
            run: self.run,
            environment: self.environment,
            suites,
            course: self.course.points(),
            analysis: self.analyst.finish(),
            regressions: self.regressions,
            cuts: self.cuts,
        }
    }

    fn suite(&mut self, name: &str) -> Option<&mut Gathering> {
        self.suites
            .iter_mut()
            .find(|gathering| gathering.suite.name == name)
    }

    fn run_started(&mut self, info: &RunInfo) {
        self.environment.name.clone_from(&info.environment);
        self.suites = info.plugins.iter().map(Gathering::new).collect();
        self.run = Some(Run {
            run_id: info.run_id.clone(),
            started_at: info.started_at.clone(),
            duration_ns: 0,
            host_version: info.host_version.clone(),
            contract: info.contract.clone(),
            profile: info.profile.clone(),
            seed: info.seed,
            jobs: info.jobs,
            provenance: info.provenance.clone(),
            shard: info.shard.clone(),
            merged: info.merged.clone(),
            lost: Vec::new(),
            agents: info.agents.clone(),
            lost_agents: Vec::new(),
            interrupted: None,
            verdict: None,
            stats: RunStats::default(),
            exit_code: None,
        });
    }

    fn run_finished(&mut self, verdict: Verdict, stats: RunStats, duration_ns: u64, exit_code: u8) {
        if let Some(run) = &mut self.run {
            run.verdict = Some(verdict);
            run.stats = stats;
            run.duration_ns = duration_ns;
            run.exit_code = Some(exit_code);
            self.complete = true;
        }
    }

    fn case_finished(&mut self, suite: &str, case: &str, outcome: &Outcome, duration_ns: u64) {
        if let Some(run) = &mut self.run {
            run.stats.count(outcome.verdict);
        }
        let case = self
            .suite(suite)
            .and_then(|gathering| gathering.suite.case(case));
        if let Some(case) = case {
            case.verdict = Some(outcome.verdict);
            case.reason.clone_from(&outcome.reason);
            case.duration_ns = duration_ns;
        }
    }

    fn attempt_finished(&mut self, source: &Source, ending: Ending) {
        let Some(running) = self
            .suite(&source.suite)
            .and_then(|gathering| gathering.running.remove(&key(source)))
        else {
            return;
        };
        let (attempt, cuts) = running.close(Some(ending), &mut self.budget);
        self.cut_attempt(&source.suite, &source.entry, source.attempt, cuts);
        if let Some(gathering) = self.suite(&source.suite) {
            gathering.suite.add(&source.entry, attempt);
        }
    }

    fn cut_attempt(&mut self, suite: &str, entry: &str, attempt: u32, cuts: Cuts) {
        for (what, count) in cuts {
            self.cuts.push(Cut {
                suite: suite.to_owned(),
                entry: Some(entry.to_owned()),
                attempt: Some(attempt),
                what,
                count,
            });
        }
    }
}

impl Gathering {
    fn new(info: &PluginInfo) -> Self {
        Self {
            suite: Suite::planned(info),
            traffic: Traffic::default(),
            notable: Notable::default(),
            running: BTreeMap::new(),
            cut_judgements: 0,
        }
    }

    fn evidence(&mut self, source: &Source, event: &Event) {
        match &event.kind {
            EventKind::AttemptStarted(_) => {
                let running = Running::new(source.attempt, event.at_ns);
                self.running.insert(key(source), running);
                return;
            }
            EventKind::Exchanged { exchange, .. } => self.traffic.exchanged(event.phase, exchange),
            EventKind::Streamed { stream, .. } => {
                self.traffic.streamed(stream);
                self.notable.streamed(event.at_ns, source, stream);
            }
            EventKind::Judged { judgement, .. } => self.judged(source, judgement),
            _ => {}
        }
        if let Some(running) = self.running.get_mut(&key(source)) {
            running.hear(event);
        }
    }

    fn judged(&mut self, source: &Source, judgement: &Judgement) {
        let found = self
            .suite
            .baselines
            .iter_mut()
            .find(|judged| judged.baseline.name == judgement.baseline.name);
        match found {
            Some(judged) if judged.judgements.len() < MAX_JUDGEMENTS => {
                judged.judgements.push(Judged {
                    entry: source.entry.clone(),
                    attempt: source.attempt,
                    value: judgement.value,
                    samples: judgement.samples,
                    grade: judgement.grade,
                });
            }
            _ => self.cut_judgements += 1,
        }
    }

    fn cuts(&self) -> impl Iterator<Item = (CutKind, u64)> {
        [
            (CutKind::Judgements, self.cut_judgements),
            (CutKind::RequestNames, self.traffic.unnamed_requests),
            (CutKind::StreamNames, self.traffic.unnamed_streams),
        ]
        .into_iter()
        .filter(|(_, count)| *count > 0)
    }
}

fn key(source: &Source) -> (String, u32) {
    (source.entry.clone(), source.attempt)
}
