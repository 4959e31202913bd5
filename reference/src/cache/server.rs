//! Connections of the cache: each reads commands and writes replies in order, many in one go if they came so.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::select;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::commands::run;
use super::entries::Entries;
use super::resp::{Reply, command};
use crate::service::{Running, StartError, listen};
use crate::shutdown::{self, Shutdown};

/// Open connections at once; more wait in the operating system's queue.
const CONNECTIONS: usize = 1_024;
/// How often entries whose time is over are looked for.
const SWEEP: Duration = Duration::from_secs(1);
/// Replies are written at the latest when there are so many bytes of them.
const FLUSH: usize = 64 << 10;

/// How a cache is started.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Where to listen.
    pub listen: SocketAddr,
}

/// Starts a cache.
///
/// # Errors
/// When the address cannot be listened on.
pub fn start(options: Options) -> Result<Running, StartError> {
    let (listener, address) = listen(options.listen)?;
    let (trigger, shutdown) = shutdown::channel();
    Ok(Running::spawn(address, trigger, serve(listener, shutdown)))
}

async fn serve(listener: TcpListener, mut shutdown: Shutdown) {
    let entries = Arc::new(Mutex::new(Entries::default()));
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    let mut sweeps = interval(SWEEP);
    sweeps.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        while connections.try_join_next().is_some() {}
        select! {
            () = shutdown.requested() => break,
            _ = sweeps.tick() => lock(&entries).sweep(),
            (stream, place) = accept(&listener, &places) => {
                let entries = Arc::clone(&entries);
                connections.spawn(async move {
                    // A broken connection is the client's to notice.
                    let _ = converse(stream, &entries).await;
                    drop(place);
                });
            }
        }
    }
    // A cache has nothing to finish: the connections end with the set.
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, Option<tokio::sync::OwnedSemaphorePermit>) {
    // The semaphore is never closed, so there always is a place in the end.
    let place = Arc::clone(places).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, place),
            // Out of file descriptors, or the peer is gone already: neither may spin.
            Err(_) => sleep(Duration::from_millis(10)).await,
        }
    }
}

fn lock(entries: &Mutex<Entries>) -> std::sync::MutexGuard<'_, Entries> {
    entries.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn converse(mut stream: TcpStream, entries: &Mutex<Entries>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut input = BytesMut::new();
    let mut output = Vec::new();
    loop {
        loop {
            match command(&mut input) {
                Ok(None) => break,
                Ok(Some(parts)) if parts.is_empty() => {}
                Ok(Some(parts)) => {
                    run(&mut lock(entries), &parts).write(&mut output);
                    if is_quit(&parts) {
                        return stream.write_all(&output).await;
                    }
                }
                Err(error) => {
                    Reply::Error(format!("ERR {error}")).write(&mut output);
                    return stream.write_all(&output).await;
                }
            }
            if output.len() >= FLUSH {
                stream.write_all(&output).await?;
                output.clear();
            }
        }
        stream.write_all(&output).await?;
        output.clear();
        if stream.read_buf(&mut input).await? == 0 {
            return Ok(());
        }
    }
}

fn is_quit(parts: &[Bytes]) -> bool {
    parts[0].eq_ignore_ascii_case(b"QUIT")
}
