//! The open end of a link: accepts connections, turns away those that a fault or the limit forbids, and owns the others.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

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
            accepted = accept(&listener) => if let Ok((client, from)) = accepted {
                while open.try_join_next().is_some() {}
                let counted = (!shared.probes.is_probe(from)).then_some(number);
                if admit(&client, counted, open.len(), &shared) {
                    open.spawn(carry(client, counted, Arc::clone(&shared)));
                }
                number += u64::from(counted.is_some());
            },
            Some(_) = open.join_next() => {}
        }
    }
    drop(listener);
    open.shutdown().await;
}

async fn accept(listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    let accepted = listener.accept().await;
    if accepted.is_err() {
        sleep(PAUSE).await;
    }
    accepted
}

/// Whether the connection may go on; if not, it is reset when it is dropped. A probe has no number and is not counted.
fn admit(client: &TcpStream, number: Option<u64>, open: usize, shared: &Shared) -> bool {
    let counted = usize::from(number.is_some());
    if open >= shared.most {
        add(&shared.counters.turned_away, counted);
        reset(client);
        return false;
    }
    add(&shared.counters.connections, counted);
    let table = shared.table.borrow();
    let fault = table.active.iter().find(|fault| fault.turns_away(number));
    if let Some(fault) = fault {
        add(&fault.met.connections, counted);
        add(&shared.counters.met.connections, counted);
        reset(client);
    }
    fault.is_none()
}
