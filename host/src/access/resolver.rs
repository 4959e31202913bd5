//! Looks up the names of the hosts of requests, and lets only those addresses be connected to that are granted.
//!
//! A name may be anybody's and lead anywhere, and somewhere else with each look (DNS rebinding): so what is judged are the very addresses
//! that are connected to, and not those of an earlier look. An address in the place of a name is not looked up, and is judged with the URL.

use std::future::Future;

use assay_grants::Denied;
use assay_load::transport::Names;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::Access;

tokio::task_local! {
    /// The port of the request whose name is looked up: the client does not say it.
    static PORT: u16;
}

/// Sends a request to this port, so that the addresses of its host are judged with it.
pub(crate) async fn to_port<F: Future>(port: u16, request: F) -> F::Output {
    PORT.scope(port, request).await
}

/// The resolver of an attempt's client.
#[derive(Debug)]
pub(crate) struct Resolver {
    access: Access,
    names: Names,
}

impl Resolver {
    pub(crate) fn new(access: Access, names: Names) -> Self {
        Self { access, names }
    }
}

/// A name that leads to no address that is granted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Leads {
    /// Why the first of them is not.
    #[error("{0}")]
    Nowhere(Denied),
    /// A connection that no request waits for is not made.
    #[error("no request waits for it")]
    Unasked,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (access, names) = (self.access.clone(), self.names.clone());
        let port = PORT.try_with(|port| *port);
        Box::pin(async move {
            let Ok(port) = port else {
                return Err(Leads::Unasked.into());
            };
            let found = names.look_up(name.as_str(), port).await?;
            match access.allowed(name.as_str(), found) {
                Ok(granted) => Ok(Box::new(granted.into_iter()) as Addrs),
                Err(denied) => Err(Leads::Nowhere(denied).into()),
            }
        })
    }
}
