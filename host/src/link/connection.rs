//! One connection through a link: two sockets, two ways, one task.
//!
//! Each round reads what is there, then looks at the faults, then writes what may go. In this order a fault is in force for
//! each byte that is sent after [`super::Link::apply`] has returned, and for none that is sent after the heal.

use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncWriteExt, Interest, Ready},
    net::TcpStream,
    sync::watch,
    time::{Instant, sleep_until, timeout},
};

use super::{
    Shared, Table,
    faced::{Ending, Faced},
    fault::Direction,
    traffic::add,
    way::{Wait, Way},
};

/// How long the target may take to accept a connection; then the one who connected is reset.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Carries a connection that was accepted until it ends.
pub(super) async fn carry(client: TcpStream, number: Option<u64>, shared: Arc<Shared>) {
    let mut table = shared.table.subscribe();
    let mut faced = Faced::new(Arc::clone(&shared), number, Instant::now());
    let target = match connect(shared.target, &mut faced, &mut table).await {
        Ok(target) => target,
        Err(Ending::Close) => return,
        Err(Ending::Reset) => return reset(&client),
    };
    // Small messages go on at once. A socket that refuses this is dead, and the first read says so.
    let _ = (client.set_nodelay(true), target.set_nodelay(true));
    let mut connection = Connection {
        client,
        target,
        upstream: Way::new(Direction::Upstream),
        downstream: Way::new(Direction::Downstream),
        is_counted: number.is_some(),
        faced,
        table,
        shared,
    };
    match connection.forward().await {
        Ending::Close => connection.close().await,
        Ending::Reset => {
            reset(&connection.client);
            reset(&connection.target);
        }
    }
}

/// Connects to the target; fails with how to end if it does not accept in time or a fault ends the connection before that.
async fn connect(
    target: SocketAddr,
    faced: &mut Faced,
    table: &mut watch::Receiver<Table>,
) -> Result<TcpStream, Ending> {
    let mut connecting = pin!(timeout(CONNECT_TIMEOUT, TcpStream::connect(target)));
    table.mark_changed();
    loop {
        tokio::select! {
            biased;
            changed = table.changed() => {
                changed.map_err(|_| Ending::Reset)?;
                faced.refresh(&table.borrow_and_update().active);
                if let Some(ending) = faced.ending(0, Instant::now()) {
                    return Err(ending);
                }
            }
            connected = &mut connecting => {
                return connected.ok().and_then(Result::ok).ok_or(Ending::Reset);
            }
        }
    }
}

/// Makes the socket end with a reset (RST) when it is dropped.
pub(super) fn reset(socket: &TcpStream) {
    // On a socket that is dead already there is nothing left to reset.
    let _ = socket.set_zero_linger();
}

struct Connection {
    client: TcpStream,
    target: TcpStream,
    upstream: Way,
    downstream: Way,
    is_counted: bool,
    faced: Faced,
    table: watch::Receiver<Table>,
    shared: Arc<Shared>,
}

impl Connection {
    async fn forward(&mut self) -> Ending {
        loop {
            self.upstream.read(&self.client);
            self.downstream.read(&self.target);
            let now = Instant::now();
            self.refresh(now);
            self.upstream.admit(&mut self.faced, now);
            self.downstream.admit(&mut self.faced, now);
            if let Some(ending) = self.ending(now) {
                return ending;
            }
            self.write(now);
            self.pass_ends(now).await;
            if let Some(ending) = self.ending(now) {
                return ending;
            }
            if self.wait().await.is_err() {
                return Ending::Reset;
            }
        }
    }

    fn refresh(&mut self, now: Instant) {
        if self.table.has_changed().unwrap_or(false) {
            self.faced.refresh(&self.table.borrow_and_update().active);
            self.upstream.adapt(&self.faced, now);
            self.downstream.adapt(&self.faced, now);
        }
    }

    fn ending(&mut self, now: Instant) -> Option<Ending> {
        let ways = [&self.upstream, &self.downstream];
        let held = ways.iter().map(|way| way.held()).sum();
        if let Some(ending) = self.faced.ending(held, now) {
            return Some(ending);
        }
        let is_broken = ways.iter().any(|way| way.broken && way.is_over());
        if is_broken || ways.iter().any(|way| way.cannot_go_on(&self.faced)) {
            return Some(Ending::Reset);
        }
        ways.iter()
            .all(|way| way.is_over())
            .then_some(Ending::Close)
    }

    fn write(&mut self, now: Instant) {
        let counters = &self.shared.counters;
        let counted = |bytes| if self.is_counted { bytes } else { 0 };
        match self.upstream.write(&self.target, &mut self.faced, now) {
            Ok(bytes) => add(&counters.upstream_bytes, counted(bytes)),
            Err(_) => abandon(&mut self.upstream, &mut self.downstream),
        }
        match self.downstream.write(&self.client, &mut self.faced, now) {
            Ok(bytes) => add(&counters.downstream_bytes, counted(bytes)),
            Err(_) => abandon(&mut self.downstream, &mut self.upstream),
        }
    }

    async fn pass_ends(&mut self, now: Instant) {
        if self.upstream.end_is_due(&mut self.faced, now) {
            let ended = pass_end(&mut self.upstream, &mut self.target).await;
            self.downstream.broken |= ended.is_err();
        }
        if self.downstream.end_is_due(&mut self.faced, now) {
            let ended = pass_end(&mut self.downstream, &mut self.client).await;
            self.upstream.broken |= ended.is_err();
        }
    }

    /// Waits until there is something to do.
    async fn wait(&mut self) -> io::Result<()> {
        let client = interest(&self.upstream, &self.downstream);
        let target = interest(&self.downstream, &self.upstream);
        let times = [self.upstream.wait(), self.downstream.wait()].map(|wait| match wait {
            Wait::Until(time) => Some(time),
            Wait::Nothing | Wait::Room => None,
        });
        let time = times.into_iter().chain([self.faced.ends_at()]).flatten();
        let time = time.min();
        tokio::select! {
            changed = self.table.changed() => {
                self.table.mark_changed(); // the next round is to see it
                changed.map_err(io::Error::other)
            }
            ready = ready(&self.client, client) => {
                self.upstream.broken |= ready?.is_error();
                Ok(())
            }
            ready = ready(&self.target, target) => {
                self.downstream.broken |= ready?.is_error();
                Ok(())
            }
            () = sleep_until(time.unwrap_or_else(Instant::now)), if time.is_some() => Ok(()),
        }
    }

    async fn close(&mut self) {
        // A side that is gone already needs no end.
        let _ = self.target.shutdown().await;
        let _ = self.client.shutdown().await;
    }
}

/// What a socket has to be ready for: `from` is the way that reads it, `to` the one that writes it.
fn interest(from: &Way, to: &Way) -> Option<Interest> {
    let read = from.wants_to_read().then_some(Interest::READABLE);
    let error = from.listens_for_reset().then_some(Interest::ERROR);
    let write = (to.wait() == Wait::Room).then_some(Interest::WRITABLE);
    let wanted = [read, error, write].into_iter().flatten();
    wanted.reduce(Interest::add)
}

async fn ready(socket: &TcpStream, interest: Option<Interest>) -> io::Result<Ready> {
    match interest {
        Some(interest) => socket.ready(interest).await,
        None => std::future::pending().await,
    }
}

/// The socket that `way` writes to takes nothing any more. What it still sends is read through the `other` way first.
fn abandon(way: &mut Way, other: &mut Way) {
    way.finish();
    other.broken = true;
}

/// Ends one direction of the other side too; after a reset the whole connection ends instead.
async fn pass_end(way: &mut Way, to: &mut TcpStream) -> io::Result<()> {
    way.finish();
    if way.broken {
        return Ok(());
    }
    to.shutdown().await
}
