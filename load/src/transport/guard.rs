//! Where requests may go: asked of the host of each origin, and of each address that its name turns out to have.

use std::fmt::Debug;
use std::net::SocketAddr;
use std::sync::Arc;

use url::Url;

use super::error::Error;

/// Rules where requests may go. Whoever implements it says in each refusal why, and what would allow it.
pub trait Rules: Debug + Send + Sync {
    /// Whether a URL may be asked for at all. Asked once for each origin.
    fn may_ask(&self, url: &Url) -> Result<(), String>;
    /// Those of the addresses at which its host, as it is written in the URL, may be found; refused if none is. Asked before anything is
    /// sent there.
    fn allowed(&self, host: &str, addresses: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, String>;
}

/// Rules, if there are any. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Guard(Option<Arc<dyn Rules>>);

impl Guard {
    /// Lets everything pass.
    pub fn open() -> Self {
        Self::default()
    }

    /// Lets pass what these rules allow.
    pub fn new(rules: Arc<dyn Rules>) -> Self {
        Self(Some(rules))
    }

    pub(super) fn ask(&self, url: &Url) -> Result<(), Error> {
        match &self.0 {
            Some(rules) => rules.may_ask(url).map_err(Error::Denied),
            None => Ok(()),
        }
    }

    pub(super) fn allowed(
        &self,
        host: &str,
        addresses: Vec<SocketAddr>,
    ) -> Result<Vec<SocketAddr>, Error> {
        match &self.0 {
            Some(rules) => rules.allowed(host, addresses).map_err(Error::Denied),
            None => Ok(addresses),
        }
    }
}
