//! Makes the events of a run as the runner would: numbered, timed, in order.

use assay_report::{
    event::{
        AttemptCounts, Baseline, CaseInfo, Check, Direction, Event, EventKind, Exchange,
        ExchangeError, Grade, Judgement, Level, LogVersion, Outcome, OutputStream, Phase,
        PluginInfo, Proposal, Provenance, Reason, ReasonKind, RegressionCheck, RunInfo, RunStats,
        ServiceInfo, Source, Stage,
    },
    exit::Exit,
    verdict::Verdict,
};

/// A tenth of a second, by which each event is later than the one before.
pub(crate) const STEP_NS: u64 = 100_000_000;

/// The events so far of a run of the suite `jobs`.
pub(crate) struct Recording {
    events: Vec<Event>,
    stats: RunStats,
    verdicts: Vec<Verdict>,
    proposal: Option<Proposal>,
}

impl Recording {
    /// A run of these cases, its environment ready.
    pub(crate) fn of(cases: &[&str]) -> Self {
        let mut recording = Self::before_environment(cases);
        recording.tell(EventKind::EnvironmentReady {
            services: ["project", "generation"].map(service).to_vec(),
            duration_ns: 812_000_000,
        });
        recording
    }

    /// A run of these cases that has only begun.
    pub(crate) fn before_environment(cases: &[&str]) -> Self {
        let mut recording = Self {
            events: Vec::new(),
            stats: RunStats::default(),
            verdicts: Vec::new(),
            proposal: None,
        };
        recording.tell(EventKind::RunStarted(run_info(cases)));
        recording
    }

    pub(crate) fn tell(&mut self, kind: EventKind) -> &mut Self {
        self.tell_in(Phase::Baseline, kind)
    }

    pub(crate) fn tell_in(&mut self, phase: Phase, kind: EventKind) -> &mut Self {
        let sequence = self.events.len() as u64;
        self.events.push(Event {
            sequence,
            at_ns: sequence * STEP_NS,
            phase,
            of_shard: None,
            kind,
        });
        self
    }

    pub(crate) fn start(&mut self, case: &str, attempts: u32) -> &mut Self {
        self.tell(EventKind::CaseStarted {
            suite: "jobs".into(),
            case: case.into(),
            attempts,
        })
    }

    pub(crate) fn attempt(&mut self, source: &Source) -> &mut Self {
        self.tell(EventKind::AttemptStarted(source.clone()))
    }

    pub(crate) fn check(&mut self, source: &Source, check: Check) -> &mut Self {
        let source = source.clone();
        self.tell(EventKind::Checked { source, check })
    }

    pub(crate) fn log(&mut self, source: &Source, level: Level, message: &str) -> &mut Self {
        self.tell(EventKind::Log {
            source: source.clone(),
            level,
            message: message.into(),
        })
    }

    pub(crate) fn output(
        &mut self,
        source: &Source,
        stream: OutputStream,
        text: &str,
    ) -> &mut Self {
        self.tell(EventKind::Output {
            source: source.clone(),
            stream,
            text: text.into(),
            truncated: false,
        })
    }

    pub(crate) fn exchange(&mut self, source: &Source, exchange: Exchange) -> &mut Self {
        let source = source.clone();
        self.tell(EventKind::Exchanged { source, exchange })
    }

    pub(crate) fn judge(
        &mut self,
        source: &Source,
        value: f64,
        samples: u64,
        grade: Grade,
    ) -> &mut Self {
        self.tell(EventKind::Judged {
            source: source.clone(),
            judgement: Judgement {
                baseline: baseline(),
                value,
                samples,
                grade,
            },
        })
    }

    pub(crate) fn end_attempt(&mut self, source: &Source, outcome: Outcome) -> &mut Self {
        let counts = self.counts(source);
        self.tell(EventKind::AttemptFinished {
            source: source.clone(),
            outcome,
            duration_ns: 123_400_000,
            counts,
        })
    }

    pub(crate) fn end_case(&mut self, case: &str, outcome: Outcome, attempts: u32) -> &mut Self {
        self.stats.count(outcome.verdict);
        self.verdicts.push(outcome.verdict);
        self.tell(EventKind::CaseFinished {
            suite: "jobs".into(),
            case: case.into(),
            outcome,
            attempts,
            duration_ns: u64::from(attempts) * 123_400_000,
        })
    }

    /// A case that passes with one check.
    pub(crate) fn pass(&mut self, case: &str) -> &mut Self {
        let source = source(case, 1);
        self.start(case, 1)
            .attempt(&source)
            .check(&source, check("it is so", true))
            .end_attempt(&source, passed())
            .end_case(case, passed(), 1)
    }

    /// A case with one attempt that ends like this, whatever `evidence` adds.
    pub(crate) fn case(
        &mut self,
        case: &str,
        outcome: &Outcome,
        evidence: impl FnOnce(&mut Self, &Source),
    ) -> &mut Self {
        let source = source(case, 1);
        self.start(case, 1).attempt(&source);
        evidence(self, &source);
        self.end_attempt(&source, outcome.clone())
            .end_case(case, outcome.clone(), 1)
    }

    /// The end of the suite and the run.
    /// What would grant all that the suite was refused, for its end.
    pub(crate) fn propose(&mut self, proposal: Proposal) -> &mut Self {
        self.proposal = Some(proposal);
        self
    }

    pub(crate) fn end(mut self, exit: Exit) -> Vec<Event> {
        self.end_suite();
        self.end_run(exit)
    }

    /// The same of a run that was compared with former ones, or was to be.
    pub(crate) fn compared(mut self, check: RegressionCheck, exit: Exit) -> Vec<Event> {
        self.end_suite();
        if check.beyond > 0 {
            self.verdicts.push(Verdict::Failed);
        }
        self.tell(EventKind::Compared(check));
        self.end_run(exit)
    }

    /// The end of a run without a suite.
    pub(crate) fn nothing(mut self) -> Vec<Event> {
        if let EventKind::RunStarted(info) = &mut self.events[0].kind {
            info.plugins.clear();
        }
        self.end_run(Exit::Success)
    }

    /// The end of a run of which something is lost.
    pub(crate) fn lost(mut self, exit: Exit) -> Vec<Event> {
        self.end_suite();
        self.verdicts.push(Verdict::Errored);
        self.end_run(exit)
    }

    fn end_suite(&mut self) {
        self.tell(EventKind::SuiteFinished {
            suite: "jobs".into(),
            verdict: Verdict::of_all(self.verdicts.clone()),
            duration_ns: 2_000_000_000,
            metrics: Vec::new(),
            proposal: self.proposal.clone(),
        });
    }

    fn end_run(mut self, exit: Exit) -> Vec<Event> {
        self.tell(EventKind::RunFinished {
            verdict: Verdict::of_all(self.verdicts.clone()),
            stats: self.stats,
            duration_ns: 3_204_000_000,
            exit_code: exit.code(),
        });
        self.events
    }

    /// As it is, without an end.
    pub(crate) fn cut(self) -> Vec<Event> {
        self.events
    }

    fn counts(&self, source: &Source) -> AttemptCounts {
        let mut counts = AttemptCounts::default();
        for event in &self.events {
            match &event.kind {
                EventKind::Checked { source: of, check } if of == source => {
                    counts.checks_passed += u64::from(check.passed);
                    counts.checks_failed += u64::from(!check.passed);
                }
                EventKind::Judged { source: of, .. } if of == source => counts.baselines += 1,
                EventKind::Exchanged { source: of, .. } if of == source => counts.requests += 1,
                EventKind::Streamed { source: of, .. } if of == source => counts.streams += 1,
                _ => {}
            }
        }
        counts
    }
}

pub(crate) fn source(entry: &str, attempt: u32) -> Source {
    Source {
        suite: "jobs".into(),
        entry: entry.into(),
        attempt,
    }
}

pub(crate) fn passed() -> Outcome {
    Outcome {
        verdict: Verdict::Passed,
        reason: None,
    }
}

pub(crate) fn outcome(verdict: Verdict, reason: Reason) -> Outcome {
    Outcome {
        verdict,
        reason: Some(reason),
    }
}

pub(crate) fn reason(kind: ReasonKind, message: &str) -> Reason {
    Reason {
        kind,
        message: message.into(),
        expected: None,
        actual: None,
        location: None,
        backtrace: Vec::new(),
    }
}

pub(crate) fn check(name: &str, passed: bool) -> Check {
    Check {
        name: name.into(),
        passed,
        expected: None,
        actual: None,
        location: None,
    }
}

pub(crate) fn exchange(name: &str, milliseconds: u64) -> Exchange {
    Exchange {
        name: name.into(),
        method: "GET".into(),
        url: "http://127.0.0.1:8001/health".into(),
        status: Some(200),
        error: None,
        sent_bytes: 0,
        received_bytes: 15,
        connect_ns: None,
        first_byte_ns: Some(milliseconds * 500_000),
        duration_ns: milliseconds * 1_000_000,
        number: 0,
        traceparent: None,
        detail: None,
    }
}

pub(crate) fn refused(name: &str) -> Exchange {
    Exchange {
        status: None,
        error: Some(ExchangeError {
            kind: "connect".into(),
            message: "connection refused".into(),
            stage: Some(Stage::Connect),
        }),
        received_bytes: 0,
        first_byte_ns: None,
        ..exchange(name, 1)
    }
}

pub(crate) fn baseline() -> Baseline {
    Baseline {
        name: "event-latency".into(),
        summary: "how late an event is".into(),
        unit: "ms".into(),
        direction: Direction::AtMost,
        target: 50.0,
        critical: 200.0,
    }
}

fn service(name: &str) -> ServiceInfo {
    ServiceInfo {
        name: name.into(),
        url: format!("http://127.0.0.1/{name}"),
        managed: true,
        ready_after_ns: 400_000_000,
        links: Vec::new(),
    }
}

fn run_info(cases: &[&str]) -> RunInfo {
    RunInfo {
        schema: LogVersion::default(),
        run_id: "20260102-030405-abcd".into(),
        started_at: "2026-01-02T03:04:05Z".into(),
        host_version: "0.1.0".into(),
        contract: "assay:suite@0.1.0".into(),
        environment: "embedded".into(),
        profile: "quick".into(),
        seed: 42,
        jobs: 4,
        provenance: Provenance::default(),
        shard: None,
        merged: Vec::new(),
        agents: Vec::new(),
        plugins: vec![PluginInfo {
            file: "plugins/jobs.wasm".into(),
            digest: "ab".repeat(32),
            size: 123_456,
            suite: "jobs".into(),
            version: "0.1.0".into(),
            summary: "Jobs".into(),
            cases: cases.iter().map(|name| case_info(name)).collect(),
            baselines: vec![baseline()],
        }],
    }
}

fn case_info(name: &str) -> CaseInfo {
    CaseInfo {
        name: name.into(),
        summary: format!("proves {name}"),
        tags: vec!["smoke".into()],
        location: Some("src/lib.rs:12".into()),
    }
}
