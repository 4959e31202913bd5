//! Makes the events of a run as the runner would: numbered, timed, in order.

use assay_report::event::{
    AttemptCounts, CaseInfo, Event, EventKind, Exchange, ExchangeError, LogVersion, Outcome, Phase,
    PluginInfo, Provenance, Reason, ReasonKind, RunInfo, RunStats, ServiceInfo, Source, Stage,
};
use assay_report::verdict::Verdict;

pub(crate) const MILLISECOND: u64 = 1_000_000;
pub(crate) const SUITE: &str = "jobs";

/// The events so far.
#[derive(Default)]
pub(crate) struct Recording {
    events: Vec<Event>,
    sequence: u64,
}

impl Recording {
    /// A run of these cases, its environment ready.
    pub(crate) fn of(cases: &[&str]) -> Self {
        let mut recording = Self::default();
        recording.tell(EventKind::RunStarted(run_info(cases)));
        recording.tell(EventKind::EnvironmentReady {
            services: ["project", "generation"].map(service).to_vec(),
            duration_ns: 812 * MILLISECOND,
        });
        recording
    }

    pub(crate) fn tell(&mut self, kind: EventKind) {
        self.tell_in(Phase::Baseline, kind);
    }

    pub(crate) fn tell_in(&mut self, phase: Phase, kind: EventKind) {
        self.events.push(Event {
            sequence: self.sequence,
            at_ns: self.sequence * 100 * MILLISECOND,
            phase,
            of_shard: None,
            kind,
        });
        self.sequence += 1;
    }

    pub(crate) fn start(&mut self, case: &str) {
        self.tell(EventKind::CaseStarted {
            suite: SUITE.into(),
            case: case.into(),
            attempts: 2,
        });
        self.tell(EventKind::AttemptStarted(source(case, 1)));
    }

    pub(crate) fn end_attempt(&mut self, source: &Source, verdict: Verdict) {
        let failed = u64::from(verdict.is_bad());
        self.tell(EventKind::AttemptFinished {
            source: source.clone(),
            outcome: outcome(verdict),
            duration_ns: 120 * MILLISECOND,
            counts: AttemptCounts {
                checks_passed: 3,
                checks_failed: failed,
                ..AttemptCounts::default()
            },
        });
    }

    pub(crate) fn end_case(&mut self, case: &str, verdict: Verdict, attempts: u32) {
        self.tell(EventKind::CaseFinished {
            suite: SUITE.into(),
            case: case.into(),
            outcome: outcome(verdict),
            attempts,
            duration_ns: u64::from(attempts) * 120 * MILLISECOND,
        });
    }

    /// A case that ends like this after one attempt.
    pub(crate) fn case(&mut self, case: &str, verdict: Verdict) {
        self.start(case);
        self.end_attempt(&source(case, 1), verdict);
        self.end_case(case, verdict, 1);
    }

    pub(crate) fn end(&mut self, verdict: Verdict) {
        self.tell(EventKind::RunFinished {
            verdict,
            stats: RunStats::default(),
            duration_ns: 9_500 * MILLISECOND,
            exit_code: u8::from(verdict.is_bad()),
        });
    }

    /// What was told since this was last asked.
    pub(crate) fn take(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }
}

pub(crate) fn source(case: &str, attempt: u32) -> Source {
    Source {
        suite: SUITE.into(),
        entry: case.into(),
        attempt,
    }
}

pub(crate) fn outcome(verdict: Verdict) -> Outcome {
    let reason = Reason {
        kind: ReasonKind::Check,
        message: "it is not so".into(),
        expected: None,
        actual: None,
        location: None,
        backtrace: Vec::new(),
    };
    Outcome {
        verdict,
        reason: (verdict != Verdict::Passed).then_some(reason),
    }
}

pub(crate) fn exchange(name: &str, status: u16, milliseconds: u64) -> Exchange {
    Exchange {
        name: name.into(),
        method: "GET".into(),
        url: "http://127.0.0.1:8001/jobs?token=geheim".into(),
        status: Some(status),
        error: None,
        sent_bytes: 10,
        received_bytes: 2_000,
        connect_ns: Some(MILLISECOND / 5),
        first_byte_ns: Some(milliseconds * MILLISECOND / 2),
        duration_ns: milliseconds * MILLISECOND,
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
        connect_ns: None,
        first_byte_ns: None,
        ..exchange(name, 0, 1)
    }
}

fn service(name: &str) -> ServiceInfo {
    ServiceInfo {
        name: name.into(),
        url: "http://127.0.0.1:8001".into(),
        managed: true,
        ready_after_ns: 400 * MILLISECOND,
        links: Vec::new(),
    }
}

fn run_info(cases: &[&str]) -> RunInfo {
    let cases = cases.iter().map(|name| CaseInfo {
        name: (*name).into(),
        summary: "It is so.".into(),
        tags: Vec::new(),
        location: None,
    });
    RunInfo {
        schema: LogVersion::V1,
        run_id: "20260102-030405-abcd".into(),
        started_at: "2026-01-02T03:04:05Z".into(),
        host_version: "0.1.0".into(),
        contract: "assay:suite@0.1.0".into(),
        environment: "embedded".into(),
        profile: "default".into(),
        seed: 7,
        jobs: 4,
        provenance: Provenance::default(),
        shard: None,
        merged: Vec::new(),
        agents: Vec::new(),
        plugins: vec![PluginInfo {
            file: "plugins/jobs.wasm".into(),
            digest: "00".into(),
            size: 1,
            suite: SUITE.into(),
            version: "0.1.0".into(),
            summary: "Jobs.".into(),
            cases: cases.collect(),
            baselines: Vec::new(),
        }],
    }
}
