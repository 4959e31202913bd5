//! Where traces are sent: a URL that is never shown with what lets somebody in.

use std::fmt;

use url::Url;

/// What follows the base that all signals share (<https://opentelemetry.io/docs/specs/otel/protocol/exporter/#endpoint-urls-for-otlphttp>).
const TRACES: [&str; 2] = ["v1", "traces"];

/// A receiver of OTLP/HTTP. Shown without user, password and query.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint(Url);

impl Endpoint {
    /// The receiver of traces below a base, as `OTEL_EXPORTER_OTLP_ENDPOINT` has it: `http://127.0.0.1:4318`. None of what is no URL of
    /// `http` or `https`.
    pub fn of_base(base: &str) -> Option<Self> {
        let mut url = url(base)?;
        // A URL of these schemes has a path.
        url.path_segments_mut().ok()?.pop_if_empty().extend(TRACES);
        Some(Self(url))
    }

    /// Exactly this receiver, as `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` has it.
    pub fn of_traces(receiver: &str) -> Option<Self> {
        url(receiver).map(Self)
    }

    /// All of it.
    pub(super) fn url(&self) -> &Url {
        &self.0
    }
}

fn url(text: &str) -> Option<Url> {
    let url = Url::parse(text.trim()).ok()?;
    matches!(url.scheme(), "http" | "https").then_some(url)
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = self.0.origin().ascii_serialization();
        write!(formatter, "{origin}{}", self.0.path())
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_is_completed_and_a_receiver_is_taken_as_it_is() {
        for (base, complete) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
            ("http://127.0.0.1:4318/", "http://127.0.0.1:4318/v1/traces"),
            (
                "https://example.com/otlp/",
                "https://example.com/otlp/v1/traces",
            ),
            (
                "https://example.com/otlp",
                "https://example.com/otlp/v1/traces",
            ),
        ] {
            assert_eq!(Endpoint::of_base(base).unwrap().url().as_str(), complete);
        }
        for receiver in ["http://127.0.0.1:4318/", "https://example.com/otlp?key=1"] {
            assert_eq!(
                Endpoint::of_traces(receiver).unwrap().url().as_str(),
                receiver
            );
        }
    }

    #[test]
    fn what_is_no_url_of_http_is_none() {
        for wrong in ["", "127.0.0.1:4318", "localhost:4318", "ftp://a", "http://"] {
            assert_eq!(Endpoint::of_base(wrong), None, "{wrong}");
            assert_eq!(Endpoint::of_traces(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_lets_somebody_in_is_not_shown() {
        let endpoint = Endpoint::of_traces("https://me:pass@example.com/x?key=pass").unwrap();
        for shown in [endpoint.to_string(), format!("{endpoint:?}")] {
            assert_eq!(shown, "https://example.com/x");
        }
    }
}
