//! For tests: the events of a run as the runner would tell them, and spans in words.

use std::collections::BTreeMap;

use assay_report::{
    event::{
        AttemptCounts, Event, EventKind, Exchange, LogVersion, Outcome, Phase, PluginInfo,
        Provenance, Reason, ReasonKind, RunInfo, RunStats, Source, StreamSummary,
    },
    verdict::Verdict,
};

use super::protocol::{KeyValue, Span, StatusCode, Value};

/// By how much each event is later than the one before.
pub(super) const STEP_NS: u64 = 100_000_000;
/// 2026-01-02T03:04:05Z.
pub(super) const START_NS: u64 = 1_767_323_045_000_000_000;

/// The events of a run so far.
pub(super) struct Recording {
    pub(super) events: Vec<Event>,
}

impl Recording {
    /// A run that has only begun.
    pub(super) fn begin() -> Self {
        let mut recording = Self { events: Vec::new() };
        recording.tell(EventKind::RunStarted(run_info()));
        recording
    }

    pub(super) fn tell(&mut self, kind: EventKind) -> &mut Self {
        let sequence = self.events.len() as u64;
        self.events.push(Event {
            sequence,
            at_ns: sequence * STEP_NS,
            phase: Phase::Baseline,
            of_shard: None,
            kind,
        });
        self
    }

    pub(super) fn start(&mut self, case: &str) -> &mut Self {
        self.tell(EventKind::CaseStarted {
            suite: "jobs".into(),
            case: case.into(),
            attempts: 1,
        })
    }

    pub(super) fn attempt(&mut self, entry: &str, attempt: u32) -> &mut Self {
        self.tell(EventKind::AttemptStarted(source(entry, attempt)))
    }

    pub(super) fn exchange(&mut self, entry: &str, exchange: Exchange) -> &mut Self {
        self.tell(EventKind::Exchanged {
            source: source(entry, 1),
            exchange,
        })
    }

    pub(super) fn end_attempt(
        &mut self,
        entry: &str,
        attempt: u32,
        outcome: &Outcome,
    ) -> &mut Self {
        self.tell(EventKind::AttemptFinished {
            source: source(entry, attempt),
            outcome: outcome.clone(),
            duration_ns: STEP_NS,
            counts: AttemptCounts::default(),
        })
    }

    pub(super) fn end_case(&mut self, case: &str, outcome: &Outcome) -> &mut Self {
        self.tell(EventKind::CaseFinished {
            suite: "jobs".into(),
            case: case.into(),
            outcome: outcome.clone(),
            attempts: 1,
            duration_ns: STEP_NS,
        })
    }

    pub(super) fn end_suite(&mut self, verdict: Verdict) -> &mut Self {
        self.tell(EventKind::SuiteFinished {
            suite: "jobs".into(),
            verdict,
            duration_ns: STEP_NS,
            metrics: Vec::new(),
            proposal: None,
        })
    }

    pub(super) fn end_run(&mut self, verdict: Verdict) -> &mut Self {
        self.tell(EventKind::RunFinished {
            verdict,
            stats: RunStats::default(),
            duration_ns: STEP_NS,
            exit_code: 0,
        })
    }

    /// A case with one attempt that passes, and whatever `evidence` adds to it.
    pub(super) fn case(&mut self, case: &str, evidence: impl FnOnce(&mut Self)) -> &mut Self {
        self.start(case).attempt(case, 1);
        evidence(self);
        self.end_attempt(case, 1, &passed())
            .end_case(case, &passed())
    }
}

pub(super) fn source(entry: &str, attempt: u32) -> Source {
    Source {
        suite: "jobs".into(),
        entry: entry.into(),
        attempt,
    }
}

pub(super) fn passed() -> Outcome {
    Outcome {
        verdict: Verdict::Passed,
        reason: None,
    }
}

pub(super) fn outcome(verdict: Verdict, kind: ReasonKind, message: &str) -> Outcome {
    Outcome {
        verdict,
        reason: Some(Reason {
            kind,
            message: message.into(),
            expected: None,
            actual: None,
            location: None,
            backtrace: Vec::new(),
        }),
    }
}

/// A `traceparent`, by two digits.
pub(super) fn traceparent(trace: u8, span: u8) -> String {
    format!("00-{trace:032x}-{span:016x}-01")
}

/// A good request of 20 ms.
pub(super) fn exchange(traceparent: Option<String>) -> Exchange {
    Exchange {
        name: "GET /jobs/{id}".into(),
        method: "GET".into(),
        url: "http://127.0.0.1:8001/jobs/7".into(),
        status: Some(200),
        error: None,
        sent_bytes: 0,
        received_bytes: 15,
        connect_ns: None,
        first_byte_ns: Some(10_000_000),
        duration_ns: 20_000_000,
        number: 1,
        traceparent,
        detail: None,
    }
}

/// A good stream of 90 ms.
pub(super) fn stream(traceparent: Option<String>) -> StreamSummary {
    StreamSummary {
        name: "GET /events".into(),
        url: "http://127.0.0.1:8001/events".into(),
        status: 200,
        events: 3,
        comments: 0,
        reconnects: 1,
        opened_after_ns: 5_000_000,
        first_event_ns: Some(30_000_000),
        longest_gap_ns: Some(40_000_000),
        duration_ns: 90_000_000,
        end: "ended".into(),
        number: 1,
        traceparent,
        detail: None,
        last_events: Vec::new(),
    }
}

fn run_info() -> RunInfo {
    RunInfo {
        schema: LogVersion::default(),
        run_id: "20260102T030405Z-abcd".into(),
        started_at: "2026-01-02T03:04:05Z".into(),
        host_version: "0.1.0".into(),
        contract: "assay:suite@0.1.0".into(),
        environment: "embedded".into(),
        profile: "quick".into(),
        seed: 42,
        jobs: 4,
        provenance: Provenance {
            settings_digest: None,
            commit: Some("0123abc-dirty".into()),
        },
        shard: None,
        merged: Vec::new(),
        agents: Vec::new(),
        plugins: vec![PluginInfo {
            file: "plugins/jobs.wasm".into(),
            digest: "ab".repeat(32),
            size: 123_456,
            suite: "jobs".into(),
            version: "0.2.0".into(),
            summary: "Jobs".into(),
            cases: Vec::new(),
            baselines: Vec::new(),
        }],
    }
}

/// The span of that name; there is exactly one.
pub(super) fn named<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    let found: Vec<_> = spans.iter().filter(|span| span.name == name).collect();
    let [span] = found[..] else {
        panic!("{} spans are named `{name}`", found.len());
    };
    span
}

/// Attributes in words.
pub(super) fn told(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    let count = attributes.len();
    let told: BTreeMap<_, _> = attributes.iter().map(in_words).collect();
    assert_eq!(told.len(), count, "each name comes once: {attributes:?}");
    told
}

fn in_words(attribute: &KeyValue) -> (String, String) {
    let value = attribute
        .value
        .as_ref()
        .and_then(|value| value.value.as_ref());
    let value = match value {
        Some(Value::Text(text)) => text.clone(),
        Some(Value::Flag(flag)) => flag.to_string(),
        Some(Value::Integer(count)) => count.to_string(),
        Some(Value::Figure(figure)) => figure.to_string(),
        None => panic!("{attribute:?} has no value"),
    };
    (attribute.key.clone(), value)
}

/// A status in words: `ok`, `unset`, `error: why`.
pub(super) fn status(span: &Span) -> String {
    let status = span.status.clone().unwrap_or_default();
    match status.code() {
        StatusCode::Unset => "unset".to_owned(),
        StatusCode::Ok => "ok".to_owned(),
        StatusCode::Error => format!("error: {}", status.message),
    }
}
