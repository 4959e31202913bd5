//! The open end of a link: accepts connections, turns away those that a fault or the limit forbids, and owns the others.

use std::{
    io,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinSet,
    time::sleep,
};

use super::{
    Shared,
    connection::{carry, reset},
    traffic::add,
};

/// How long to wait after a connection could not be accepted: mostly there are too many open files.
const PAUSE: Duration = Duration::from_millis(20);

/// Accepts until `stop` resolves, then closes everything and returns when it is closed.
pub(super) async fn listen(
    listener: TcpListener,
    shared: Arc<Shared>,
    mut stop: oneshot::Receiver<()>,
) {
    let mut open = JoinSet::new();
    let mut number = 0;
    loop {
        tokio::select! {
            _ = &mut stop => break,
            accepted = accept(&listener) => if let Ok(client) = accepted {
                while open.try_join_next().is_some() {}
                if admit(&client, number, open.len(), &shared) {
                    open.spawn(carry(client, number, Arc::clone(&shared)));
                }
                number += 1;
            },
            Some(_) = open.join_next() => {}
        }
    }
    drop(listener);
    open.shutdown().await;
}

async fn accept(listener: &TcpListener) -> io::Result<TcpStream> {
    let accepted = listener.accept().await;
    if accepted.is_err() {
        sleep(PAUSE).await;
    }
    accepted.map(|(client, _)| client)
}

/// Whether the connection may go on; if not, it is reset when it is dropped.
fn admit(client: &TcpStream, number: u64, open: usize, shared: &Shared) -> bool {
    if open >= shared.most {
        add(&shared.counters.turned_away, 1);
        reset(client);
        return false;
    }
    add(&shared.counters.connections, 1);
    let table = shared.table.borrow();
    let fault = table.active.iter().find(|fault| fault.turns_away(number));
    if let Some(fault) = fault {
        fault.met.connections.fetch_add(1, Relaxed);
        add(&shared.counters.met.connections, 1);
        reset(client);
    }
    fault.is_none()
}
