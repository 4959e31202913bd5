//! The messages of OTLP that traces need, with the numbers of `opentelemetry-proto` 1.x
//! (<https://github.com/open-telemetry/opentelemetry-proto>: `trace/v1`, `common/v1`, `resource/v1` and `collector/trace/v1`).
//!
//! Binary protobuf, because that is what every receiver of OTLP/HTTP takes. Fields that nothing here sets are left out: a receiver takes
//! them as empty. Written by hand, so that no compiler of protobuf is needed to build Assay.

use prost::{Enumeration, Message, Oneof};

/// What is sent in one request.
#[derive(Clone, PartialEq, Message)]
pub struct ExportTraceServiceRequest {
    /// One for each producer; here there is one.
    #[prost(message, repeated, tag = "1")]
    pub resource_spans: Vec<ResourceSpans>,
}

/// The spans of one producer.
#[derive(Clone, PartialEq, Message)]
pub struct ResourceSpans {
    /// Who it is.
    #[prost(message, optional, tag = "1")]
    pub resource: Option<Resource>,
    /// One for each instrumentation; here there is one.
    #[prost(message, repeated, tag = "2")]
    pub scope_spans: Vec<ScopeSpans>,
    /// Which version of the semantic conventions the resource keeps to.
    #[prost(string, tag = "3")]
    pub schema_url: String,
}

/// The spans of one instrumentation.
#[derive(Clone, PartialEq, Message)]
pub struct ScopeSpans {
    /// What made them.
    #[prost(message, optional, tag = "1")]
    pub scope: Option<InstrumentationScope>,
    /// Each one a [`Span`], encoded. A message and its bytes are the same on the wire, and here they are what waits in the queue: so the
    /// limits of queue and request count what is sent.
    #[prost(bytes = "vec", repeated, tag = "2")]
    pub spans: Vec<Vec<u8>>,
    /// Which version of the semantic conventions they keep to.
    #[prost(string, tag = "3")]
    pub schema_url: String,
}

/// A producer of telemetry.
#[derive(Clone, PartialEq, Message)]
pub struct Resource {
    /// What it is.
    #[prost(message, repeated, tag = "1")]
    pub attributes: Vec<KeyValue>,
}

/// What made spans.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub struct InstrumentationScope {
    /// Its name.
    #[prost(string, tag = "1")]
    pub name: String,
    /// Its version.
    #[prost(string, tag = "2")]
    pub version: String,
}

/// Something that took time.
#[derive(Clone, PartialEq, Message)]
pub struct Span {
    /// 16 bytes.
    #[prost(bytes = "vec", tag = "1")]
    pub trace_id: Vec<u8>,
    /// 8 bytes.
    #[prost(bytes = "vec", tag = "2")]
    pub span_id: Vec<u8>,
    /// 8 bytes; empty for the root of a trace.
    #[prost(bytes = "vec", tag = "4")]
    pub parent_span_id: Vec<u8>,
    /// Its name, the same for what is the same.
    #[prost(string, tag = "5")]
    pub name: String,
    /// Which side of what.
    #[prost(enumeration = "SpanKind", tag = "6")]
    pub kind: i32,
    /// Nanoseconds since 1970, UTC.
    #[prost(fixed64, tag = "7")]
    pub start_time_unix_nano: u64,
    /// The same; not before the start.
    #[prost(fixed64, tag = "8")]
    pub end_time_unix_nano: u64,
    /// What is known of it.
    #[prost(message, repeated, tag = "9")]
    pub attributes: Vec<KeyValue>,
    /// What happened in it.
    #[prost(message, repeated, tag = "11")]
    pub events: Vec<SpanEvent>,
    /// How many of those a limit left out.
    #[prost(uint32, tag = "12")]
    pub dropped_events_count: u32,
    /// Spans that belong to it and are not above or below it.
    #[prost(message, repeated, tag = "13")]
    pub links: Vec<Link>,
    /// How many of those a limit left out.
    #[prost(uint32, tag = "14")]
    pub dropped_links_count: u32,
    /// How it ended.
    #[prost(message, optional, tag = "15")]
    pub status: Option<Status>,
    /// See [`flags`].
    #[prost(fixed32, tag = "16")]
    pub flags: u32,
}

/// Bits of [`Span::flags`] and [`Link::flags`].
pub mod flags {
    /// It is recorded (W3C Trace Context, section 3.2.2.5).
    pub const SAMPLED: u32 = 1;
    /// It is known whether the parent, or what is linked, is of another process.
    pub const HAS_IS_REMOTE: u32 = 1 << 8;
    /// It is of another process.
    pub const IS_REMOTE: u32 = 1 << 9;
}

/// Which side of what a span is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enumeration)]
#[repr(i32)]
pub enum SpanKind {
    /// Nobody said.
    Unspecified = 0,
    /// Something inside.
    Internal = 1,
    /// A request that was answered.
    Server = 2,
    /// A request that was sent.
    Client = 3,
    /// A message that was handed over.
    Producer = 4,
    /// A message that was taken.
    Consumer = 5,
}

/// Something that happened in a span.
#[derive(Clone, PartialEq, Message)]
pub struct SpanEvent {
    /// Nanoseconds since 1970, UTC.
    #[prost(fixed64, tag = "1")]
    pub time_unix_nano: u64,
    /// What.
    #[prost(string, tag = "2")]
    pub name: String,
    /// What is known of it.
    #[prost(message, repeated, tag = "3")]
    pub attributes: Vec<KeyValue>,
}

/// A pointer to a span of this trace or of another one.
#[derive(Clone, PartialEq, Message)]
pub struct Link {
    /// Its trace.
    #[prost(bytes = "vec", tag = "1")]
    pub trace_id: Vec<u8>,
    /// The span.
    #[prost(bytes = "vec", tag = "2")]
    pub span_id: Vec<u8>,
    /// What it is to this one.
    #[prost(message, repeated, tag = "4")]
    pub attributes: Vec<KeyValue>,
    /// See [`flags`].
    #[prost(fixed32, tag = "6")]
    pub flags: u32,
}

/// How a span ended.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub struct Status {
    /// Why, for people; only of an error.
    #[prost(string, tag = "2")]
    pub message: String,
    /// How.
    #[prost(enumeration = "StatusCode", tag = "3")]
    pub code: i32,
}

/// How a span ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enumeration)]
#[repr(i32)]
pub enum StatusCode {
    /// Nobody said.
    Unset = 0,
    /// Well, as somebody says who knows.
    Ok = 1,
    /// Badly.
    Error = 2,
}

/// An attribute.
#[derive(Clone, PartialEq, Message)]
pub struct KeyValue {
    /// Its name.
    #[prost(string, tag = "1")]
    pub key: String,
    /// What it holds.
    #[prost(message, optional, tag = "2")]
    pub value: Option<AnyValue>,
}

/// What an attribute holds.
#[derive(Clone, PartialEq, Message)]
pub struct AnyValue {
    /// One of these.
    #[prost(oneof = "Value", tags = "1, 2, 3, 4")]
    pub value: Option<Value>,
}

/// What an attribute holds. OTLP has lists, maps and bytes, too.
#[derive(Clone, PartialEq, Oneof)]
pub enum Value {
    /// Text.
    #[prost(string, tag = "1")]
    Text(String),
    /// Whether something is so.
    #[prost(bool, tag = "2")]
    Flag(bool),
    /// A count.
    #[prost(int64, tag = "3")]
    Integer(i64),
    /// A figure.
    #[prost(double, tag = "4")]
    Figure(f64),
}

/// The answer to a request that was taken.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub struct ExportTraceServiceResponse {
    /// What was not; none if all of it was.
    #[prost(message, optional, tag = "1")]
    pub partial_success: Option<ExportTracePartialSuccess>,
}

/// What was not taken of a request.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub struct ExportTracePartialSuccess {
    /// How many spans; 0 where all were taken and there is something to be said.
    #[prost(int64, tag = "1")]
    pub rejected_spans: i64,
    /// Why.
    #[prost(string, tag = "2")]
    pub error_message: String,
}

/// The answer to a request that was not taken: `google.rpc.Status`, of which OTLP uses the message.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub struct Refusal {
    /// Why.
    #[prost(string, tag = "2")]
    pub message: String,
}
