//! Where requests may go: asked of the host of each origin, and of each address that its name turns out to have.

use std::fmt::Debug;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use url::Url;

use super::error::Error;

/// Rules where requests may go. Whoever implements it says in each refusal why, and what would allow it.
pub trait Rules: Debug + Send + Sync {
    /// Whether a URL may be asked for at all. Asked once for each origin.
    fn may_ask(&self, url: &Url) -> Result<(), String>;
    /// Whether its host, as it is written in the URL, may be found at this address. Asked before anything is sent there.
    fn may_connect(&self, host: &str, address: IpAddr, port: u16) -> Result<(), String>;
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

    /// Those of the addresses that are allowed. Where none is, the first refusal says why.
    pub(super) fn allowed(
        &self,
        host: &str,
        addresses: impl Iterator<Item = SocketAddr>,
    ) -> Result<Vec<SocketAddr>, Error> {
        let Some(rules) = &self.0 else {
            return Ok(addresses.collect());
        };
        let (mut allowed, mut refusal) = (Vec::new(), None);
        for address in addresses {
            match rules.may_connect(host, address.ip(), address.port()) {
                Ok(()) => allowed.push(address),
                Err(text) => refusal = refusal.or(Some(Error::Denied(text))),
            }
        }
        match refusal {
            Some(refusal) if allowed.is_empty() => Err(refusal),
            _ => Ok(allowed),
        }
    }
}
