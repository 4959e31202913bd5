//! Making a connection: addresses, TCP, TLS.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use url::Host;

use super::error::Error;
use super::origin::Origin;
use super::stream::Stream;
use super::timer::Deadline;

/// A new connection, before `deadline`. A task of its own makes it, on the stack of the thread: a virtual user has a stack of its own, on which
/// the pages that a connection needs once would stay taken. Dropping the call ends the task.
pub(super) async fn dial(origin: &Arc<Origin>, deadline: Deadline) -> Result<Stream, Error> {
    let origin = Arc::clone(origin);
    let mut task = JoinSet::new();
    task.spawn(async move {
        timeout_at(deadline.at, connect(&origin, deadline))
            .await
            .unwrap_or_else(|_| Err(over(deadline)))
    });
    match task.join_next().await {
        Some(Ok(made)) => made,
        Some(Err(_)) | None => Err(Error::Connect(
            "making a connection was broken off, which is a mistake of the host; try it again"
                .to_owned(),
        )),
    }
}

fn over(deadline: Deadline) -> Error {
    deadline.over("making a connection")
}

async fn connect(origin: &Origin, deadline: Deadline) -> Result<Stream, Error> {
    let stream = tcp(origin, deadline).await?;
    // Without it the kernel may wait for more to send; a socket that refuses it still carries requests.
    let _ = stream.set_nodelay(true);
    let Some((tls, name)) = &origin.tls else {
        return Ok(Stream::Plain(stream));
    };
    let stream = TlsConnector::from(Arc::clone(tls))
        .connect(name.clone(), stream)
        .await
        .map_err(|error| Error::of_handshake(&error))?;
    Ok(Stream::Tls(Box::new(stream)))
}

/// Tries one address after the other, the one that answered last first. One that swallows everything leaves time for the others.
async fn tcp(origin: &Origin, deadline: Deadline) -> Result<TcpStream, Error> {
    let addresses = addresses(origin).await?;
    let first = origin.preferred.load(Ordering::Relaxed);
    let mut failure = None;
    for tried in 0..addresses.len() {
        let index = (first + tried) % addresses.len();
        let left = deadline.at.saturating_duration_since(Instant::now());
        let share = left / u32::try_from(addresses.len() - tried).unwrap_or(u32::MAX);
        match timeout_at(Instant::now() + share, TcpStream::connect(addresses[index])).await {
            Ok(Ok(stream)) => {
                origin.preferred.store(index, Ordering::Relaxed);
                return Ok(stream);
            }
            Ok(Err(error)) => failure = Some(Error::of_connect(&error)),
            Err(_) => failure = Some(over(deadline)),
        }
    }
    Err(failure.unwrap_or_else(|| Error::Resolve(format!("`{}` has no address", origin.host))))
}

async fn addresses(origin: &Origin) -> Result<&[SocketAddr], Error> {
    let port = origin.port;
    let addresses = origin.addresses.get_or_try_init(async || {
        let found: Vec<SocketAddr> = match &origin.host {
            Host::Ipv4(address) => vec![SocketAddr::from((*address, port))],
            Host::Ipv6(address) => vec![SocketAddr::from((*address, port))],
            Host::Domain(name) => match origin.options.names.look_up(name, port).await {
                Ok(addresses) => addresses,
                Err(error) => return Err(Error::Resolve(format!("`{name}`: {error}"))),
            },
        };
        // The name may be anybody's, and lead anywhere.
        let host = origin.host.to_string();
        origin.options.guard.allowed(&host, found)
    });
    Ok(addresses.await?)
}
