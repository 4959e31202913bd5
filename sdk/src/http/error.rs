//! Why there is no answer.

use std::fmt;

use crate::bindings::http as contract;

/// What kind of error it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The plugin has no grant for this; the text names the line of `assay.toml` that would give it.
    Denied,
    /// The request itself is wrong.
    Invalid,
    /// The host name has no address.
    Resolve,
    /// No connection: refused, reset, unreachable.
    Connect,
    /// The TLS handshake or the certificate failed.
    Tls,
    /// The time was over.
    Timeout,
    /// The connection ended before the answer did.
    Closed,
    /// The body is larger than was allowed.
    TooLarge,
    /// The answer is not HTTP, or breaks it; also more redirects than allowed.
    Protocol,
    /// This host does not do it.
    Unsupported,
}

/// Why there is no answer, and what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    text: String,
    request: String,
}

impl Error {
    pub(crate) fn new(
        kind: ErrorKind,
        text: impl Into<String>,
        request: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            text: text.into(),
            request: request.into(),
        }
    }

    pub(crate) fn of(error: contract::Error, request: &str) -> Self {
        let (kind, text) = match error {
            contract::Error::Denied(text) => (ErrorKind::Denied, text),
            contract::Error::Invalid(text) => (ErrorKind::Invalid, text),
            contract::Error::Resolve(text) => (ErrorKind::Resolve, text),
            contract::Error::Connect(text) => (ErrorKind::Connect, text),
            contract::Error::Tls(text) => (ErrorKind::Tls, text),
            contract::Error::Timeout(text) => (ErrorKind::Timeout, text),
            contract::Error::Closed(text) => (ErrorKind::Closed, text),
            contract::Error::TooLarge(limit) => (
                ErrorKind::TooLarge,
                format!("the body is over {limit} bytes: allow more with `max_body`"),
            ),
            contract::Error::Protocol(text) => (ErrorKind::Protocol, text),
            contract::Error::Unsupported(text) => (ErrorKind::Unsupported, text),
        };
        Self::new(kind, text, request)
    }

    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What the host says about it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the suite brought it about itself.
    pub(crate) fn is_own_fault(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::Denied | ErrorKind::Invalid | ErrorKind::Unsupported
        )
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            ErrorKind::Denied => "denied",
            ErrorKind::Invalid => "invalid request",
            ErrorKind::Resolve => "no address",
            ErrorKind::Connect => "no connection",
            ErrorKind::Tls => "no secure connection",
            ErrorKind::Timeout => "timeout",
            ErrorKind::Closed => "closed early",
            ErrorKind::TooLarge => "too large",
            ErrorKind::Protocol => "bad answer",
            ErrorKind::Unsupported => "unsupported",
        };
        write!(formatter, "{}: {what}: {}", self.request, self.text)
    }
}

impl std::error::Error for Error {}
