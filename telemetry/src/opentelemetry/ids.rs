//! Ids of traces and spans: those that requests carry (W3C Trace Context), and those that are made here.
//!
//! What is made is derived from the run's id and from what the span is of. So a log that is sent twice gives the same spans again, and
//! not a second run; and a link can name a span that is sent later.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// A trace: 16 bytes, not all of them zero.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraceId([u8; 16]);

/// A span in a trace: 8 bytes, not all of them zero.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpanId([u8; 8]);

/// A span anywhere, as `traceparent` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraceContext {
    /// Its trace.
    pub trace: TraceId,
    /// The span.
    pub span: SpanId,
}

impl TraceId {
    /// As OTLP has it.
    pub fn bytes(self) -> Vec<u8> {
        self.0.to_vec()
    }
}

impl SpanId {
    /// As OTLP has it.
    pub fn bytes(self) -> Vec<u8> {
        self.0.to_vec()
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        hexadecimal(&self.0, formatter)
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        hexadecimal(&self.0, formatter)
    }
}

impl fmt::Debug for SpanId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

fn hexadecimal(bytes: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes
        .iter()
        .try_for_each(|byte| write!(formatter, "{byte:02x}"))
}

impl TraceContext {
    /// Reads a `traceparent` (<https://www.w3.org/TR/trace-context/#traceparent-header>, sections 3.2.2 and 4.3). None of what is none: a
    /// suite may send anything.
    pub fn parse(traceparent: &str) -> Option<Self> {
        let mut parts = traceparent.split('-');
        let [version, trace, span, flags] = [(); 4].map(|()| parts.next());
        let [version] = lower_hexadecimal(version?)?;
        let known = version == 0;
        // A later version may have more parts; `ff` is none.
        if version == u8::MAX || (known && parts.next().is_some()) {
            return None;
        }
        let [_flags] = lower_hexadecimal(flags?)?;
        Some(Self {
            trace: TraceId(not_zero(lower_hexadecimal(trace?)?)?),
            span: SpanId(not_zero(lower_hexadecimal(span?)?)?),
        })
    }
}

/// Exactly so many bytes, in lower case as the specification wants it.
fn lower_hexadecimal<const LENGTH: usize>(text: &str) -> Option<[u8; LENGTH]> {
    let is_digit = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
    if text.len() != 2 * LENGTH || !text.as_bytes().iter().all(is_digit) {
        return None;
    }
    let mut bytes = [0; LENGTH];
    for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
    }
    Some(bytes)
}

fn not_zero<const LENGTH: usize>(bytes: [u8; LENGTH]) -> Option<[u8; LENGTH]> {
    bytes.iter().any(|byte| *byte != 0).then_some(bytes)
}

/// Makes the ids of a run.
#[derive(Clone, Debug)]
pub(super) struct Ids {
    run: String,
}

impl Ids {
    pub(super) fn of(run_id: &str) -> Self {
        Self {
            run: run_id.to_owned(),
        }
    }

    /// The trace of something: of the run, of an attempt.
    pub(super) fn trace(&self, of: &[&str]) -> TraceId {
        TraceId(self.derive("trace", of))
    }

    /// The span of something.
    pub(super) fn span(&self, of: &[&str]) -> SpanId {
        SpanId(self.derive("span", of))
    }

    fn derive<const LENGTH: usize>(&self, kind: &str, of: &[&str]) -> [u8; LENGTH] {
        let mut hash = Sha256::new();
        for part in [kind, self.run.as_str()].iter().chain(of) {
            // With its length before it, no two lists of parts are the same bytes.
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let mut id = [0; LENGTH];
        for (byte, hashed) in id.iter_mut().zip(hash.finalize()) {
            *byte = hashed;
        }
        // All zeroes mean that there is none.
        not_zero(id).unwrap_or([1; LENGTH])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_traceparent_is_read_as_the_specification_has_it() {
        let context = TraceContext::parse(EXAMPLE).unwrap();
        assert_eq!(
            context.trace.to_string(),
            "4bf92f3577b34da6a3ce929d0e0e4736"
        );
        assert_eq!(context.span.to_string(), "00f067aa0ba902b7");
        let later = format!("cc{}-what-the-future-brings", &EXAMPLE[2..]);
        assert_eq!(TraceContext::parse(&later), Some(context));
    }

    #[test]
    fn what_is_no_traceparent_is_none() {
        for wrong in [
            "",
            "own",
            "00-own",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e47366-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
            "00-é4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
        ] {
            assert_eq!(TraceContext::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_same_thing_of_a_run_has_the_same_id_and_nothing_else_has_it() {
        let ids = Ids::of("20261125T132700Z-k3f9");
        assert_eq!(ids.span(&["case", "a"]), ids.span(&["case", "a"]));
        let others = [
            ids.span(&["case", "b"]),
            ids.span(&["casea"]),
            ids.span(&["case", "a", ""]),
            Ids::of("20261125T132700Z-zzzz").span(&["case", "a"]),
        ];
        assert!(!others.contains(&ids.span(&["case", "a"])));
    }
}
