//! A link between two services, or between a suite and a service, that can be disturbed: a TCP proxy, mostly on a loopback port.
//!
//! Without a fault it forwards bytes untouched, ends (FIN) and resets (RST) too. Faults are applied and healed at any time
//! and meet open connections as well as new ones. What it holds is bounded: see the constants below.

use std::{io, net::SocketAddr, sync::Arc};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::{oneshot, watch},
    task::JoinHandle,
};

mod active;
mod connection;
mod faced;
mod fault;
mod listener;
mod pace;
mod probe;
mod ring;
mod traffic;
mod way;

#[cfg(test)]
mod tests;

pub use active::FaultId;
pub use fault::{Action, Delay, Direction, Fault, FaultError, MAX_FAULTS};
pub use traffic::{Met, Traffic};

use active::Active;
use probe::Probes;
use traffic::Counters;

/// Connections that are open at the same time; further ones are reset at once and counted.
pub const MAX_CONNECTIONS: usize = 2_048;
/// Bytes that are held in each direction of a connection, beside what the kernel holds for its sockets.
pub const MAX_HELD_BYTES: usize = 128 << 10;

/// A link. Dropping it closes the port and all connections soon; [`Link::close`] also waits for that.
#[derive(Debug)]
pub struct Link {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

/// What all connections of a link share.
#[derive(Debug)]
struct Shared {
    target: SocketAddr,
    /// Connections that may be open at the same time.
    most: usize,
    table: watch::Sender<Table>,
    counters: Counters,
    probes: Probes,
}

/// The faults that are active.
#[derive(Debug, Default)]
struct Table {
    active: Vec<Arc<Active>>,
    applied: u64,
}

impl Link {
    /// Opens a free loopback port (IPv4) and forwards what connects to it to `target`, which need not be there yet: a
    /// connection that the target does not accept within 10 s is reset. Needs a tokio runtime.
    ///
    /// Fails if no port can be had.
    pub async fn open(target: SocketAddr) -> io::Result<Self> {
        Self::open_at(SocketAddr::from(([127, 0, 0, 1], 0)), target).await
    }

    /// The same on an address of one's own choice; port 0 is a free one.
    pub async fn open_at(listen: SocketAddr, target: SocketAddr) -> io::Result<Self> {
        Self::on(TcpListener::bind(listen).await?, target)
    }

    /// The same on a port that was opened before: what connected since then was kept waiting by the kernel, and is forwarded too.
    pub fn on(listener: TcpListener, target: SocketAddr) -> io::Result<Self> {
        Self::with_limit(listener, target, MAX_CONNECTIONS)
    }

    fn with_limit(listener: TcpListener, target: SocketAddr, most: usize) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            target,
            most,
            table: watch::Sender::default(),
            counters: Counters::default(),
            probes: Probes::default(),
        });
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(listener::listen(listener, Arc::clone(&shared), stopped));
        Ok(Self {
            address,
            shared,
            stop: Some(stop),
            task,
        })
    }

    /// Where to connect to instead of to the target.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Makes a fault. It is in force for each byte that is sent and each connection that is begun after this returns.
    /// Several faults act together.
    ///
    /// Fails if the fault means nothing, or if [`MAX_FAULTS`] are active.
    pub fn apply(&self, fault: impl Into<Fault>) -> Result<FaultId, FaultError> {
        let fault = fault.into();
        fault.validate()?;
        let mut applied = Err(FaultError::TooMany);
        self.shared.table.send_if_modified(|table| {
            let taken = table.active.iter().filter(|active| !active.only_looks());
            if fault.action == Action::Observe || taken.count() < MAX_FAULTS {
                let id = FaultId(table.applied);
                table.applied += 1;
                table.active.push(Arc::new(Active::new(id, fault)));
                applied = Ok(id);
            }
            applied.is_ok()
        });
        applied
    }

    /// Heals a fault and tells what met it; none if it is not active. What the fault held back goes on at once.
    pub fn heal(&self, id: FaultId) -> Option<Met> {
        let mut healed = None;
        self.shared.table.send_if_modified(|table| {
            let place = table.active.iter().position(|active| active.id == id);
            healed = place.map(|place| table.active.remove(place));
            healed.is_some()
        });
        healed.map(|active| active.met.read())
    }

    /// What met an active fault so far; none if it is not active.
    pub fn met(&self, id: FaultId) -> Option<Met> {
        let table = self.shared.table.borrow();
        let active = table.active.iter().find(|active| active.id == id);
        active.map(|active| active.met.read())
    }

    /// Whether a fault is active that does more than look.
    pub fn is_disturbed(&self) -> bool {
        let table = self.shared.table.borrow();
        table.active.iter().any(|active| !active.only_looks())
    }

    /// Whether a fault is active with which no connection that meets it is answered.
    pub fn is_silenced(&self) -> bool {
        let table = self.shared.table.borrow();
        table.active.iter().any(|active| active.silences())
    }

    /// Connects as the users of the link do, to see what they see. It is counted nowhere, changes no count of a fault (the first
    /// connections that are still to be dropped, the ones that belong to a share), and meets every fault whose share is above 0.
    ///
    /// Fails as connecting does.
    pub async fn probe(&self) -> io::Result<TcpStream> {
        self.shared.probes.connect(self.address).await
    }

    /// What the link has carried so far.
    pub fn traffic(&self) -> Traffic {
        self.shared.counters.read()
    }

    /// Closes the port and all connections, and returns once they are closed.
    pub async fn close(mut self) -> Traffic {
        self.stop = None; // wakes the task: it ends
        // It fails only if the task panicked or the runtime ends; then everything is closed as well.
        let _ = (&mut self.task).await;
        self.traffic()
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.task.abort();
    }
}
