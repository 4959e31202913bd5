//! The client of one worker: what its templates have in common.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::ClientConfig;
use url::Url;

use super::error::Error;
use super::guard::Guard;
use super::names::Names;
use super::origin::{Key, Origin};
use super::request::{Checked, Parts};
use super::template::Template;

/// Origins that are held although no template needs them, for the sake of their kept connections.
const MAX_UNUSED_ORIGINS: usize = 256;

/// Whether to speak HTTP/2, where many requests share one connection to an origin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Http2 {
    /// Over TLS, if the server wants to (ALPN); plain connections speak HTTP/1.1.
    #[default]
    Negotiated,
    /// Always, plain connections too, without asking.
    PriorKnowledge,
    /// HTTP/1.1 alone.
    Never,
}

/// How a client treats its connections.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which HTTP is spoken.
    pub http2: Http2,
    /// Bytes that a connection reads at once to begin with. It doubles, to 64 KiB at most, while answers fill it.
    pub read_buffer: usize,
    /// How many connections to an origin are kept while nobody uses them. 0 keeps none.
    pub max_kept: usize,
    /// How long a connection is kept that nobody takes. Looked at when another one is given back.
    pub max_idle: Duration,
    /// Where its requests may go.
    pub guard: Guard,
    /// Who tells where the names of hosts lead.
    pub names: Names,
}

impl Default for Options {
    /// HTTP/2 where TLS agrees on it, 4 KiB, as many as were ever used at once, 90 s, and anywhere.
    fn default() -> Self {
        Self {
            http2: Http2::default(),
            read_buffer: 4 << 10,
            max_kept: usize::MAX,
            max_idle: Duration::from_secs(90),
            guard: Guard::open(),
            names: Names::of_system(),
        }
    }
}

/// Holds connections and addresses. Cheap to clone; the connections close with the last clone and the last template.
///
/// A client belongs to the runtime in which its first request is sent: connections are driven by that runtime alone. Several runtimes
/// (a worker each) have a client each, and share nothing.
#[derive(Clone, Debug)]
pub struct Client {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    tls: Arc<ClientConfig>,
    options: Options,
    origins: Mutex<HashMap<Key, Arc<Origin>>>,
}

impl Client {
    /// Connects to nothing yet. What `tls` says of ALPN is replaced by what `options` says of HTTP/2.
    pub fn new(tls: &Arc<ClientConfig>, options: Options) -> Self {
        let protocols: &[&[u8]] = match options.http2 {
            Http2::Negotiated => &[b"h2", b"http/1.1"],
            Http2::PriorKnowledge => &[b"h2"],
            Http2::Never => &[b"http/1.1"],
        };
        let mut tls = ClientConfig::clone(tls);
        tls.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        Self {
            inner: Arc::new(Inner {
                tls: Arc::new(tls),
                options,
                origins: Mutex::default(),
            }),
        }
    }

    /// Checks a request and writes it out, to be sent many times. Sends nothing. Fails with `invalid`, `denied` or `unsupported`.
    pub fn prepare(&self, parts: &Parts) -> Result<Template, Error> {
        let checked = Checked::new(parts)?;
        let origin = self.origin(&checked.url)?;
        Template::new(origin, checked, parts)
    }

    fn origin(&self, url: &Url) -> Result<Arc<Origin>, Error> {
        let inner = &self.inner;
        let mut origins = inner.origins.lock().unwrap_or_else(PoisonError::into_inner);
        let key = Key::new(url);
        if let Some(origin) = origins.get(&key) {
            return Ok(Arc::clone(origin));
        }
        if origins.len() >= MAX_UNUSED_ORIGINS {
            origins.retain(|_, origin| Arc::strong_count(origin) > 1);
        }
        let origin = Arc::new(Origin::new(url, &inner.tls, &inner.options)?);
        origins.insert(key, Arc::clone(&origin));
        Ok(origin)
    }

    /// How many origins are held.
    #[cfg(test)]
    pub(super) fn count_origins(&self) -> usize {
        self.inner.origins.lock().unwrap().len()
    }
}
