//! Why there is no answer, in the cases of the contract's `http.error`, and which case the failures of the layers below are.

use std::error::Error as StdError;
use std::io;

/// Why there is no answer. Each text ends in what can be known of the cause; [`Error::kind`] is for counting.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It may not go there; the text says what would allow it.
    #[error("{0}")]
    Denied(String),
    /// The request itself is wrong: method, URL, header, a limit, a value for a slot.
    #[error("{0}")]
    Invalid(String),
    /// The host name has no address.
    #[error("{0}; check the host name")]
    Resolve(String),
    /// No connection: refused, reset, unreachable, or a limit of this machine.
    #[error("{0}")]
    Connect(String),
    /// The TLS handshake or the certificate failed.
    #[error("{0}")]
    Tls(String),
    /// The time was over; the text says in which part.
    #[error("{0}")]
    Timeout(String),
    /// The connection ended before the answer did.
    #[error("{0}")]
    Closed(String),
    /// The body of the answer is over this limit, in bytes.
    #[error("more than {0} bytes")]
    TooLarge(u64),
    /// The answer is not HTTP, or breaks it.
    #[error("{0}")]
    Protocol(String),
    /// This transport does not do it; the text says what.
    #[error("{0}")]
    Unsupported(String),
}

/// What the system says when all local ports towards one address are taken.
const NO_PORT_LEFT: io::ErrorKind = io::ErrorKind::AddrNotAvailable;

impl Error {
    /// The name of the case, as the contract spells it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Denied(_) => "denied",
            Self::Invalid(_) => "invalid",
            Self::Resolve(_) => "resolve",
            Self::Connect(_) => "connect",
            Self::Tls(_) => "tls",
            Self::Timeout(_) => "timeout",
            Self::Closed(_) => "closed",
            Self::TooLarge(_) => "too-large",
            Self::Protocol(_) => "protocol",
            Self::Unsupported(_) => "unsupported",
        }
    }

    /// Of making a TCP connection, with what to do about it.
    pub(super) fn of_connect(error: &io::Error) -> Self {
        let advice = match error.kind() {
            NO_PORT_LEFT => {
                "no local port is left; keep connections alive, or widen `net.ipv4.ip_local_port_range`"
            }
            _ if is_out_of_descriptors(error) => {
                "raise the limit of open files (`ulimit -n`), or use fewer virtual users"
            }
            _ => "check that the service is up",
        };
        Self::Connect(format!("{error}; {advice}"))
    }

    /// Of a TLS handshake. A server that hangs up in the middle gives an end of file; other failures are about the connection itself.
    pub(super) fn of_handshake(error: &io::Error) -> Self {
        let breaks_tls = matches!(
            error.kind(),
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData
        );
        if breaks_tls || find::<rustls::Error>(error).is_some() {
            Self::Tls(error.to_string())
        } else {
            Self::of_connect(error)
        }
    }

    /// Of a connection while the head of the answer is awaited. TLS 1.3 tells of a refused handshake this late.
    pub(super) fn of_head(error: &io::Error) -> Self {
        if find::<rustls::Error>(error).is_some() {
            Self::Tls(error.to_string())
        } else {
            Self::of_transfer(error)
        }
    }

    /// Of a connection in the middle of an answer.
    pub(super) fn of_transfer(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
                Self::Protocol(error.to_string())
            }
            _ => Self::Closed(error.to_string()),
        }
    }

    /// Of HTTP/2, as hyper tells it.
    pub(super) fn of_hyper(error: &hyper::Error) -> Self {
        let text = text(error);
        let cut = error.is_incomplete_message()
            || error.is_closed()
            || error.is_canceled()
            || error.is_body_write_aborted();
        if find::<rustls::Error>(error).is_some() {
            return Self::Tls(text);
        }
        match find::<io::Error>(error).map(io::Error::kind) {
            _ if cut => Self::Closed(text),
            None | Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput) => {
                Self::Protocol(text)
            }
            Some(_) => Self::Closed(text),
        }
    }
}

/// `EMFILE` and `ENFILE` have no kind of their own.
fn is_out_of_descriptors(error: &io::Error) -> bool {
    let full = [rustix::io::Errno::MFILE, rustix::io::Errno::NFILE];
    full.iter()
        .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
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

fn find<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// The causes in one line, each said once.
fn text(error: &hyper::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    for cause in causes(error) {
        let part = cause.to_string();
        if !parts.iter().any(|earlier| earlier.contains(&part)) {
            parts.push(part);
        }
    }
    parts.join(": ")
}
