//! Which case of the contract's `error` something is. The client wraps its causes several times; the innermost ones decide.

use std::error::Error as StdError;
use std::io;

use assay_grants::Denied;
use assay_load::transport;

use crate::access::Leads;
use crate::plugin::bindings::assay::suite::http::Error;

/// Why there is no head of an answer.
pub(super) fn of_request(error: &reqwest::Error) -> Error {
    let text = text(error);
    if error.is_builder() {
        Error::Invalid(text)
    } else if error.is_dns() {
        Error::Resolve(format!("{text}; check the host name"))
    } else if find::<rustls::Error>(error).is_some() {
        Error::Tls(text)
    } else if error.is_connect() {
        of_connect(error, text)
    } else {
        of_transfer(error, text)
    }
}

/// That the host of a request led to no address that is granted, if that is why there is no answer.
pub(super) fn denied(error: &reqwest::Error) -> Option<&Denied> {
    match find::<Leads>(error)? {
        Leads::Nowhere(denied) => Some(denied),
        Leads::Unasked => None,
    }
}

/// Why there is no rest of a body.
pub(crate) fn of_body(error: &reqwest::Error) -> Error {
    of_transfer(error, text(error))
}

/// A server that hangs up in the middle of a handshake gives an end of file; everything else is about the connection itself.
fn of_connect(error: &reqwest::Error, text: String) -> Error {
    match find::<io::Error>(error).map(io::Error::kind) {
        Some(io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData) => Error::Tls(text),
        _ => Error::Connect(format!("{text}; check that the service is up")),
    }
}

fn of_transfer(error: &reqwest::Error, text: String) -> Error {
    if let Some(hyper) = find::<hyper::Error>(error) {
        if hyper.is_parse() {
            return Error::Protocol(text);
        }
        if hyper.is_incomplete_message()
            || hyper.is_closed()
            || hyper.is_canceled()
            || hyper.is_body_write_aborted()
        {
            return Error::Closed(text);
        }
    }
    match find::<io::Error>(error).map(io::Error::kind) {
        // The client says so of a chunk whose length or end is no such thing.
        None | Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput) => {
            Error::Protocol(text)
        }
        Some(_) => Error::Closed(text),
    }
}

/// What the transport of a load says has the same cases.
impl From<transport::Error> for Error {
    fn from(error: transport::Error) -> Self {
        match error {
            transport::Error::Denied(text) => Self::Denied(text),
            transport::Error::Invalid(text) => Self::Invalid(text),
            transport::Error::Resolve(_) => Self::Resolve(error.to_string()),
            transport::Error::Connect(text) => Self::Connect(text),
            transport::Error::Tls(text) => Self::Tls(text),
            transport::Error::Timeout(text) => Self::Timeout(text),
            transport::Error::Closed(text) => Self::Closed(text),
            transport::Error::TooLarge(limit) => Self::TooLarge(limit),
            transport::Error::Protocol(text) => Self::Protocol(text),
            transport::Error::Unsupported(text) => Self::Unsupported(text),
        }
    }
}

/// The name of the case, as the contract spells it.
pub(crate) fn kind(error: &Error) -> &'static str {
    match error {
        Error::Denied(_) => "denied",
        Error::Invalid(_) => "invalid",
        Error::Resolve(_) => "resolve",
        Error::Connect(_) => "connect",
        Error::Tls(_) => "tls",
        Error::Timeout(_) => "timeout",
        Error::Closed(_) => "closed",
        Error::TooLarge(_) => "too-large",
        Error::Protocol(_) => "protocol",
        Error::Unsupported(_) => "unsupported",
    }
}

/// What it says.
pub(crate) fn message(error: &Error) -> String {
    match error {
        Error::Denied(text)
        | Error::Invalid(text)
        | Error::Resolve(text)
        | Error::Connect(text)
        | Error::Tls(text)
        | Error::Timeout(text)
        | Error::Closed(text)
        | Error::Protocol(text)
        | Error::Unsupported(text) => text.clone(),
        Error::TooLarge(limit) => format!("more than {limit} bytes"),
    }
}

/// The causes, outermost first. What an I/O error carries is no `source` of it, but a cause all the same.
fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| {
        let carried = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        match carried {
            Some(inner) => Some(inner as &(dyn StdError + 'static)),
            None => error.source(),
        }
    })
}

fn find<E: StdError + 'static>(error: &reqwest::Error) -> Option<&E> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// The causes in one line, each said once: the client's own words only name the request, which the reader knows.
fn text(error: &reqwest::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    for cause in causes(error).skip(1) {
        let part = cause.to_string();
        let said = parts.iter().any(|earlier| earlier.contains(&part));
        if !said && !part.starts_with("client error (") {
            parts.push(part);
        }
    }
    if parts.is_empty() {
        error.to_string()
    } else {
        parts.join(": ")
    }
}
