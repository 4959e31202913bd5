//! Loads as spans, one each: their requests are far too many to be told one by one, and carry no `traceparent`.

use assay_load::outcome::Outcome;
use assay_report::{
    event::{LoadEnd, LoadInfo},
    words::headline,
};

use crate::{
    opentelemetry::{
        attributes::Attributes,
        conventions as names,
        draft::{Draft, error, unset},
        ids::SpanId,
        protocol::Span,
    },
    time::seconds,
};

/// One that begins now.
pub(super) fn begin(id: SpanId, load: &LoadInfo, now: u64) -> Draft {
    let mut span = Draft::internal(id, &format!("load {}", load.scenario), now);
    span.attributes(
        Attributes::new()
            .with(names::LOAD_SCENARIO, &load.scenario)
            .with(names::LOAD_EXECUTOR, &load.executor)
            .with(names::LOAD_VUS, load.vus),
    );
    span
}

/// One that could not begin: nobody has said what it was to be.
pub(super) fn never_begun(id: SpanId, now: u64) -> Draft {
    Draft::internal(id, "load", now)
}

/// It ended now.
pub(super) fn end(mut span: Draft, end: &LoadEnd, now: u64) -> Span {
    if let Some(outcome) = &end.outcome {
        span.attributes(of_outcome(outcome));
    }
    let status = match (&end.message, &end.outcome) {
        (Some(message), _) => error(headline(message)),
        (None, Some(_)) => unset(),
        (None, None) => error("it has no outcome"),
    };
    span.end(now, status)
}

fn of_outcome(outcome: &Outcome) -> Attributes {
    let latency = &outcome.latency.succeeded;
    let some = |nanoseconds| (latency.count > 0).then(|| seconds(nanoseconds));
    Attributes::new()
        .with(names::LOAD_ITERATIONS, outcome.iterations)
        .with(names::LOAD_FAILED, outcome.failed)
        .with(names::LOAD_DROPPED, outcome.dropped)
        .with(names::LOAD_INTERRUPTED, outcome.interrupted)
        .with(names::LOAD_RATE, outcome.per_second)
        .with_some(names::LOAD_INTENDED_RATE, outcome.intended_per_second)
        .with(names::LOAD_SATURATED, outcome.generator.saturated)
        .with_some(names::LOAD_P50, some(latency.p50))
        .with_some(names::LOAD_P95, some(latency.p95))
        .with_some(names::LOAD_P99, some(latency.p99))
        .with_some(names::LOAD_MAX, some(latency.max))
}
