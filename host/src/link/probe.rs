//! Connections of the host itself, which look at a link and leave no trace in what is counted of it.

use std::{
    collections::HashSet,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::net::{TcpSocket, TcpStream};

/// Where probes come from that the link has not accepted yet.
#[derive(Debug, Default)]
pub(super) struct Probes {
    expected: Mutex<HashSet<SocketAddr>>,
}

impl Probes {
    /// Connects to the link at this address.
    pub(super) async fn connect(&self, link: SocketAddr) -> io::Result<TcpStream> {
        let socket = TcpSocket::new_v4()?;
        // It has to be known where it comes from before the link can accept it.
        socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        let from = socket.local_addr()?;
        self.lock().insert(from);
        let mut expected = Expected {
            probes: self,
            from: Some(from),
        };
        let connection = socket.connect(link).await?;
        expected.from = None; // the link will accept it, and forget it then
        Ok(connection)
    }

    /// Whether a connection that was accepted from there is a probe.
    pub(super) fn is_probe(&self, from: SocketAddr) -> bool {
        self.lock().remove(&from)
    }

    /// No change of it can stop half-way.
    fn lock(&self) -> MutexGuard<'_, HashSet<SocketAddr>> {
        self.expected.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A probe that is not connected yet. If it never is, its address may be another one's later.
struct Expected<'a> {
    probes: &'a Probes,
    from: Option<SocketAddr>,
}

impl Drop for Expected<'_> {
    fn drop(&mut self) {
        if let Some(from) = self.from {
            self.probes.lock().remove(&from);
        }
    }
}
