//! Requests and event streams of cases, by the name under which a suite gathers them: never by URL, of which there may be any number.

use assay_report::event::{Exchange, Phase, Source, StreamSummary};

use super::{
    super::{
        catalogue::{
            HTTP_CONNECT, HTTP_DURATION, HTTP_FIRST_BYTE, HTTP_RECEIVED, HTTP_REQUESTS, HTTP_SENT,
            SSE_EVENTS, SSE_FIRST_EVENT, SSE_LONGEST_GAP, SSE_RECONNECTS, SSE_STREAMS,
        },
        histogram::as_f64,
        labels::Labels,
        metric::Metric,
        registry::Registry,
    },
    seconds,
};

pub(super) fn exchange(
    registry: &mut Registry,
    source: &Source,
    exchange: &Exchange,
    phase: Phase,
) {
    let by_name = [("suite", &*source.suite), ("name", &exchange.name)];
    let of_call = [("method", &*exchange.method), ("phase", phase.word())];
    let outcome = match &exchange.error {
        Some(error) => error.kind.as_str(),
        None => "answered",
    };
    let ending = [
        ("status_class", status_class(exchange.status)),
        ("outcome", outcome),
    ];
    let every = by_name.into_iter().chain(of_call).chain(ending);
    registry.add(&HTTP_REQUESTS, Labels::new(every), 1.0);
    let took = Labels::new(by_name.into_iter().chain(of_call));
    registry.observe(&HTTP_DURATION, took, seconds(exchange.duration_ns), 1);
    for (metric, bytes) in [
        (&HTTP_SENT, exchange.sent_bytes),
        (&HTTP_RECEIVED, exchange.received_bytes),
    ] {
        registry.add(metric, Labels::new(by_name), as_f64(bytes));
    }
    observe(registry, &HTTP_FIRST_BYTE, by_name, exchange.first_byte_ns);
    observe(registry, &HTTP_CONNECT, by_name, exchange.connect_ns);
}

pub(super) fn stream(registry: &mut Registry, source: &Source, stream: &StreamSummary) {
    let by_name = [("suite", &*source.suite), ("name", &stream.name)];
    let end = if stream.broke() {
        "broken"
    } else {
        &stream.end
    };
    let ended = by_name.into_iter().chain([("end", end)]);
    registry.add(&SSE_STREAMS, Labels::new(ended), 1.0);
    for (metric, count) in [
        (&SSE_EVENTS, stream.events),
        (&SSE_RECONNECTS, u64::from(stream.reconnects)),
    ] {
        registry.add(metric, Labels::new(by_name), as_f64(count));
    }
    observe(registry, &SSE_FIRST_EVENT, by_name, stream.first_event_ns);
    observe(registry, &SSE_LONGEST_GAP, by_name, stream.longest_gap_ns);
}

fn observe(
    registry: &mut Registry,
    metric: &Metric,
    labels: [(&'static str, &str); 2],
    nanoseconds: Option<u64>,
) {
    if let Some(nanoseconds) = nanoseconds {
        registry.observe(metric, Labels::new(labels), seconds(nanoseconds), 1);
    }
}

fn status_class(status: Option<u16>) -> &'static str {
    match status.map(|status| status / 100) {
        Some(1) => "1xx",
        Some(2) => "2xx",
        Some(3) => "3xx",
        Some(4) => "4xx",
        Some(5) => "5xx",
        Some(_) => "invalid",
        None => "none",
    }
}
