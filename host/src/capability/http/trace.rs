//! W3C Trace Context: each request names the trace of its attempt and a span of its own, so that what a system's own traces say of a
//! failing request can be found from the report (<https://www.w3.org/TR/trace-context/>).

use std::num::{NonZeroU64, NonZeroU128};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

/// The header that names both.
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// The trace of an attempt. Random, so that no two of any run are the same.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trace(NonZeroU128);

impl Trace {
    /// Another one each time.
    pub(super) fn new() -> Self {
        // All zeroes mean that there is none (section 3.2.2.3).
        Self(NonZeroU128::new(fastrand::u128(..)).unwrap_or(NonZeroU128::MIN))
    }

    /// The header's value for a request, with a new span. The last part says that it is to be recorded (section 3.2.2.5).
    fn traceparent(self) -> String {
        let span = NonZeroU64::new(fastrand::u64(..)).unwrap_or(NonZeroU64::MIN);
        format!("00-{:032x}-{span:016x}-01", self.0)
    }
}

/// What a request is sent with: what its suite set, or else a new span of the trace; none without one.
pub(super) fn traceparent(headers: &HeaderMap, trace: Option<Trace>) -> Option<String> {
    match headers.get(TRACEPARENT) {
        Some(value) => Some(String::from_utf8_lossy(value.as_bytes()).into_owned()),
        None => trace.map(Trace::traceparent),
    }
}

/// Sets the header, unless the suite did.
pub(super) fn set(headers: &mut HeaderMap, traceparent: Option<&str>) {
    let value = traceparent.and_then(|text| HeaderValue::from_str(text).ok());
    if let Some(value) = value {
        headers.entry(TRACEPARENT).or_insert(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_the_same_for_all_requests_and_their_spans_differ() {
        let trace = Some(Trace::new());
        let none = HeaderMap::new();
        let [first, second] = [(); 2].map(|()| traceparent(&none, trace).unwrap());
        let parts: Vec<_> = first.split('-').collect();
        let lengths: Vec<_> = parts.iter().map(|part| part.len()).collect();
        assert_eq!(
            (parts[0], parts[3], lengths),
            ("00", "01", vec![2, 32, 16, 2])
        );
        assert_eq!(first[..35], second[..35]);
        assert_ne!(first, second);
        assert_ne!(
            traceparent(&none, Some(Trace::new())).unwrap()[..35],
            first[..35]
        );
    }

    #[test]
    fn what_the_suite_set_stays_and_is_told() {
        let own = HeaderMap::from_iter([(TRACEPARENT, HeaderValue::from_static("own"))]);
        let told = traceparent(&own, Some(Trace::new()));
        assert_eq!(told.as_deref(), Some("own"));
        let mut sent = own.clone();
        set(&mut sent, Some("other"));
        assert_eq!(sent, own);
        assert_eq!(traceparent(&HeaderMap::new(), None), None);
    }
}
