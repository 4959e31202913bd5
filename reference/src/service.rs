//! A started service: where it listens, and how it is ended.

use std::io;
use std::net::SocketAddr;

use thiserror::Error;
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::{JoinError, JoinHandle};

use crate::shutdown::Trigger;
use crate::store::StoreError;

/// Why a service did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error(
        "cannot listen on {address}: {source}; give another address with --listen, port 0 for any that is free"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The address of the cache cannot be used.
    #[error("the address of the cache is wrong: {0}; give --cache-url redis://HOST:PORT")]
    Cache(#[from] redis::RedisError),
    /// The client for other services cannot be made.
    #[error("cannot set up the HTTP client: {0}; this is a mistake of the build")]
    HttpClient(#[from] reqwest::Error),
}

/// A service at work. It ends when this is dropped.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    trigger: Trigger,
    work: JoinHandle<()>,
}

impl Running {
    /// Runs a service's work, which listens to this trigger.
    pub fn spawn(
        address: SocketAddr,
        trigger: Trigger,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> Self {
        Self {
            address,
            trigger,
            work: tokio::spawn(work),
        }
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its root: `http://127.0.0.1:8001`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Ends it in an orderly way, within bounds: open streams are closed, the store is flushed.
    ///
    /// # Errors
    /// When the service panicked.
    pub async fn stop(self) -> Result<(), JoinError> {
        self.trigger.ask();
        self.work.await
    }
}

/// Connections that wait to be accepted; the system may allow fewer. Beyond that a connection takes a second and more, as it is asked
/// for again: thousands that open their streams at once must not fall into that.
const WAITING: u32 = 16_384;

/// Listens; the address has the port that was picked.
///
/// # Errors
/// When the address cannot be listened on.
pub fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |source| StartError::Listen { address, source };
    let listener = bind(address).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    // For a service that is started again on its port.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(WAITING)
}
