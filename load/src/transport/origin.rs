//! Where requests go: the addresses behind a scheme, host and port, and the connections to them that are kept.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::sync::OnceCell;
use tokio::time::Instant;
use url::{Host, Url};

use super::client::{Http2, Options};
use super::error::Error;
use super::http1::Connection;
use super::http2::{self, Spoken};

/// What names an origin among others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    secure: bool,
    host: String,
    port: u16,
}

impl Key {
    /// Of a URL that was checked.
    pub(super) fn new(url: &Url) -> Self {
        Self {
            secure: url.scheme() == "https",
            host: url.host_str().unwrap_or_default().to_owned(),
            port: url.port_or_known_default().unwrap_or_default(),
        }
    }
}

/// One scheme, host and port.
#[derive(Debug)]
pub(super) struct Origin {
    pub(super) host: Host<String>,
    pub(super) port: u16,
    /// None for plain HTTP.
    pub(super) tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
    pub(super) options: Options,
    /// Resolved once; a failure is tried again by the next request.
    pub(super) addresses: OnceCell<Vec<SocketAddr>>,
    /// Which of the addresses answered last.
    pub(super) preferred: AtomicUsize,
    pub(super) http2: http2::Shared,
    /// The one used last is at the end, and is taken first: as few as possible are kept busy, and the others grow old.
    kept: Mutex<VecDeque<Kept>>,
}

#[derive(Debug)]
struct Kept {
    connection: Box<Connection>,
    since: Instant,
}

impl Origin {
    /// Fails with `invalid` for a host that TLS cannot name, and with `denied` for one that may not be asked.
    pub(super) fn new(
        url: &Url,
        tls: &Arc<ClientConfig>,
        options: &Options,
    ) -> Result<Self, Error> {
        options.guard.ask(url)?;
        let host = url
            .host()
            .map(|host| host.to_owned())
            .ok_or_else(|| Error::Invalid(format!("the URL `{url}` has no host")))?;
        let tls = match url.scheme() {
            "https" => Some((Arc::clone(tls), server_name(&host)?)),
            _ => None,
        };
        let spoken = match options.http2 {
            Http2::PriorKnowledge => Spoken::Http2,
            Http2::Negotiated if tls.is_some() => Spoken::Unknown,
            Http2::Negotiated | Http2::Never => Spoken::Http1,
        };
        Ok(Self {
            port: url.port_or_known_default().unwrap_or_default(),
            host,
            tls,
            options: options.clone(),
            addresses: OnceCell::new(),
            preferred: AtomicUsize::new(0),
            http2: http2::Shared::new(spoken),
            kept: Mutex::default(),
        })
    }

    /// A connection that is kept, and open as far as is known.
    pub(super) fn take(&self) -> Option<Box<Connection>> {
        loop {
            let mut kept = self.kept().pop_back()?;
            if kept.connection.is_quiet() {
                return Some(kept.connection);
            }
        }
    }

    /// Keeps a connection whose last answer was read to its end. One that nobody took for long enough is closed on this occasion.
    pub(super) fn put(&self, connection: Box<Connection>, since: Instant) {
        let mut kept = self.kept();
        let too_many = kept.len() >= self.options.max_kept;
        let oldest = kept.front().map(|oldest| oldest.since);
        let too_old =
            oldest.is_some_and(|oldest| since.duration_since(oldest) > self.options.max_idle);
        let dropped = if too_many || too_old {
            kept.pop_front()
        } else {
            None
        };
        if self.options.max_kept > 0 {
            kept.push_back(Kept { connection, since });
        }
        // Closing is a system call, which nobody should have to wait for.
        drop(kept);
        drop(dropped);
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many connections are kept.
    #[cfg(test)]
    pub(super) fn count_kept(&self) -> usize {
        self.kept().len()
    }
}

fn server_name(host: &Host<String>) -> Result<ServerName<'static>, Error> {
    match host {
        Host::Domain(name) => ServerName::try_from(name.clone())
            .map_err(|error| Error::Invalid(format!("the host `{name}` cannot have TLS: {error}"))),
        Host::Ipv4(address) => Ok(ServerName::from(std::net::IpAddr::from(*address))),
        Host::Ipv6(address) => Ok(ServerName::from(std::net::IpAddr::from(*address))),
    }
}
