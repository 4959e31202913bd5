//! Links under the HTTP API of [Toxiproxy](https://github.com/Shopify/toxiproxy) (2.12), so that its clients work unchanged:
//! `/proxies`, `/proxies/{name}/toxics`, `/populate`, `/reset`, `/version`.
//!
//! A proxy is a [`Link`](crate::link::Link) and a toxic one or two of its faults. What differs, each refused with a reason: a proxy
//! listens on loopback only, `slicer` does not exist, `reset_peer` resets at once, `bandwidth` is at least 1 KB/s.

mod proxies;
mod proxy;
mod refusal;
mod routes;
mod toxic;

use std::{io, net::SocketAddr};

use axum::Router;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use self::proxies::Proxies;

/// Where Toxiproxy's clients look for it.
pub const DEFAULT_ADDRESS: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8_474);

/// The API, served. Dropping it ends the API and closes every proxy soon; [`Toxiproxy::close`] also waits for that.
#[derive(Debug)]
pub struct Toxiproxy {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

/// Why the API is not served.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Whoever reaches the API may open ports and connect from here, and it asks for no password.
    #[error("{0} is reachable from other machines, and the API knows no password")]
    NotLoopback(SocketAddr),
    /// The address is taken, or is not one of this machine.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
}

impl assay_report::hint::Hinted for StartError {
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NotLoopback(address) => {
                format!("listen on 127.0.0.1:{}", address.port())
            }
            Self::Listen { .. } => {
                "give another address with --listen; port 0 takes a free one".to_owned()
            }
        })
    }
}

impl Toxiproxy {
    /// Serves the API on a loopback address; port 0 takes a free one. There are no proxies at first.
    pub async fn start(address: SocketAddr) -> Result<Self, StartError> {
        if !address.ip().is_loopback() {
            return Err(StartError::NotLoopback(address));
        }
        let listen = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let (stop, stopped) = oneshot::channel();
        let proxies = Proxies::default();
        let router = routes::router(proxies.clone());
        let task = tokio::spawn(serve(listener, router, proxies, stopped));
        Ok(Self {
            address,
            stop: Some(stop),
            task,
        })
    }

    /// Where the API answers.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends the API, closes every proxy, and returns once they are closed.
    pub async fn close(mut self) {
        self.stop = None; // wakes the task: it ends
        // It fails only if the task panicked or the runtime ends; then everything is closed as well.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Toxiproxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Until `stop` resolves. Requests under way are cut: what they change is closed anyway.
async fn serve(
    listener: TcpListener,
    router: Router,
    proxies: Proxies,
    stop: oneshot::Receiver<()>,
) {
    tokio::select! {
        // It never ends by itself, and never fails.
        _ = axum::serve(listener, router) => {}
        _ = stop => {}
    }
    proxies.close().await;
}
