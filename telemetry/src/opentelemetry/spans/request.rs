//! Requests and event streams as spans of a client, by the semantic conventions of HTTP
//! (<https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client-span>).

use assay_report::event::{Exchange, Phase, StreamSummary};
use url::Url;

use crate::{
    opentelemetry::{
        attributes::Attributes,
        conventions as names,
        draft::{Draft, error, unset},
        ids::SpanId,
        protocol::Status,
    },
    time::seconds,
};

/// The methods that the conventions know: those of RFC 9110, and `PATCH` (RFC 5789).
const METHODS: [&str; 9] = [
    "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
];

/// A request that ended now, and how.
pub(super) fn exchange(id: SpanId, exchange: &Exchange, phase: Phase, now: u64) -> (Draft, Status) {
    let start = now.saturating_sub(exchange.duration_ns);
    let name = span_name(&exchange.name, &exchange.method);
    let mut span = Draft::client(id, name, start);
    let status = exchange.status;
    let error_of = exchange.error.as_ref();
    let kind = error_of.map(|error| error.kind.clone());
    span.attributes(of_method(&exchange.method));
    span.attributes(of_url(&exchange.url, &exchange.name));
    span.attributes(
        Attributes::new()
            .with_some(names::HTTP_RESPONSE_STATUS_CODE, status)
            .with_some(names::ERROR_TYPE, kind.or_else(|| refusal(status)))
            .with(names::HTTP_REQUEST_BODY_SIZE, exchange.sent_bytes)
            .with(names::HTTP_RESPONSE_BODY_SIZE, exchange.received_bytes)
            .with(names::REQUEST_NAME, &exchange.name)
            .with(names::PHASE, phase.word())
            .with_some(names::REQUEST_CONNECT, exchange.connect_ns.map(seconds))
            .with_some(
                names::REQUEST_FIRST_BYTE,
                exchange.first_byte_ns.map(seconds),
            ),
    );
    let stage = error_of.and_then(|error| error.stage);
    if let Some(stage) = stage {
        span.attributes(Attributes::new().with(names::REQUEST_STAGE, stage.words()));
    }
    let status = match error_of {
        Some(because) => error(&because.message),
        None => of_status(status),
    };
    (span, status)
}

/// An event stream that ended now, and how.
pub(super) fn stream(
    id: SpanId,
    stream: &StreamSummary,
    phase: Phase,
    now: u64,
) -> (Draft, Status) {
    let start = now.saturating_sub(stream.duration_ns);
    let method = method_of(&stream.name);
    let mut span = Draft::client(id, span_name(&stream.name, "event stream"), start);
    let broken = stream.broke().then(|| "broken".to_owned());
    // Events do not say with which method it was asked for; its name may.
    span.attributes(method.map(of_method).unwrap_or_default());
    span.attributes(of_url(&stream.url, &stream.name));
    span.attributes(
        Attributes::new()
            .with(names::HTTP_RESPONSE_STATUS_CODE, stream.status)
            .with_some(
                names::ERROR_TYPE,
                refusal(Some(stream.status)).or_else(|| broken.clone()),
            )
            .with(names::REQUEST_NAME, &stream.name)
            .with(names::PHASE, phase.word())
            .with(names::REQUEST_FIRST_BYTE, seconds(stream.opened_after_ns))
            .with(names::STREAM_EVENTS, stream.events)
            .with(names::STREAM_RECONNECTS, stream.reconnects)
            .with_some(
                names::STREAM_LONGEST_GAP,
                stream.longest_gap_ns.map(seconds),
            )
            .with(names::STREAM_END, &stream.end),
    );
    if let Some(after) = stream.first_event_ns {
        span.event(
            start.saturating_add(after),
            "first event",
            Attributes::new(),
        );
    }
    let status = match of_status(Some(stream.status)) {
        good if good == unset() && broken.is_some() => error(&stream.end),
        told => told,
    };
    (span, status)
}

/// Requests of one name are one operation; where nothing named them, it is method and path already.
fn span_name<'a>(name: &'a str, otherwise: &'a str) -> &'a str {
    if name.is_empty() { otherwise } else { name }
}

/// The method with which a name begins.
fn method_of(name: &str) -> Option<&str> {
    let (method, _) = name.split_once(' ')?;
    METHODS.contains(&method).then_some(method)
}

fn of_method(method: &str) -> Attributes {
    if METHODS.contains(&method) {
        return Attributes::new().with(names::HTTP_REQUEST_METHOD, method);
    }
    Attributes::new()
        .with(names::HTTP_REQUEST_METHOD, "_OTHER")
        .with(names::HTTP_REQUEST_METHOD_ORIGINAL, method)
}

/// The URL without what lets somebody in. Its template is what the name has after the method, if that is a path.
fn of_url(url: &str, name: &str) -> Attributes {
    let template = method_of(name).map(|method| name[method.len()..].trim_start());
    let template = template.filter(|path| path.starts_with('/'));
    let parsed = Url::parse(url).ok();
    let Some(mut parsed) = parsed.filter(|url| matches!(url.scheme(), "http" | "https")) else {
        return Attributes::new().with_some(names::URL_TEMPLATE, template);
    };
    let host = parsed
        .host_str()
        .map(|host| host.trim_matches(['[', ']']).to_owned());
    let port = parsed.port_or_known_default();
    let has_credentials = !parsed.username().is_empty() || parsed.password().is_some();
    if has_credentials {
        // Neither fails for a URL that has a user already.
        let _ = parsed.set_username("REDACTED");
        let _ = parsed.set_password(Some("REDACTED"));
    }
    let full = if has_credentials {
        parsed.as_str()
    } else {
        url
    };
    Attributes::new()
        .with(names::URL_FULL, full)
        .with_some(names::URL_TEMPLATE, template)
        .with_some(names::SERVER_ADDRESS, host)
        .with_some(names::SERVER_PORT, port)
}

/// What a status is as `error.type`; none of one that is no error.
fn refusal(status: Option<u16>) -> Option<String> {
    status
        .filter(|status| *status >= 400)
        .map(|status| status.to_string())
}

/// The conventions have an error of each status from 400 on for a client, although it may be what a case is after. The attribute says why.
fn of_status(status: Option<u16>) -> Status {
    match refusal(status) {
        Some(_) => error(""),
        None => unset(),
    }
}
