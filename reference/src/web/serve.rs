//! Serves a router over HTTP/1.1 on hyper itself, because a service has to know its connections: who the peer is, and whether
//! a connection was used before.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Uri;
use axum::http::uri::PathAndQuery;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::pin;
use tokio::select;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::shutdown::Shutdown;

/// Open connections at once; more wait in the operating system's queue.
const CONNECTIONS: usize = 16_384;
/// The head of a request has to arrive, and the next request on a kept connection has to begin, within this time.
const HEAD_TIMEOUT: Duration = Duration::from_secs(75);
/// Bytes of a request's head; more is 431.
const HEAD_LIMIT: usize = 64 << 10;
/// How long requests under way may take to end once the end is asked for.
const DRAIN: Duration = Duration::from_secs(5);

/// What is known of the connection that a request came on.
#[derive(Clone, Copy, Debug)]
pub struct Connection {
    /// The other end.
    pub peer: SocketAddr,
    /// How many requests came on it before this one.
    pub earlier_requests: u32,
}

/// Serves until the end is asked for, then lets the requests under way finish, within a bound.
pub async fn serve(listener: TcpListener, router: Router, mut shutdown: Shutdown) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        select! {
            () = shutdown.requested() => break,
            (place, stream, peer) = next_connection(&listener, &places) => {
                let work = serve_connection(stream, peer, router.clone(), shutdown.clone());
                connections.spawn(async move {
                    work.await;
                    drop(place);
                });
            }
        }
    }
    drop(listener);
    // Whatever is left after the bound is dropped with the set.
    let _ = timeout(DRAIN, async {
        while connections.join_next().await.is_some() {}
    })
    .await;
}

async fn next_connection(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (
    Option<tokio::sync::OwnedSemaphorePermit>,
    TcpStream,
    SocketAddr,
) {
    // The semaphore is never closed, so there always is a place in the end.
    let place = Arc::clone(places).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (place, stream, peer),
            // Out of file descriptors, or the peer is gone already: neither may spin.
            Err(_) => sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn serve_connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    mut shutdown: Shutdown,
) {
    // Small answers must not wait for a full packet.
    let _ = stream.set_nodelay(true);
    let earlier = AtomicU32::new(0);
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        let earlier_requests = earlier.fetch_add(1, Ordering::Relaxed);
        request.extensions_mut().insert(Connection {
            peer,
            earlier_requests,
        });
        if let Some(uri) = without_last_slash(request.uri()) {
            *request.uri_mut() = uri;
        }
        router.call(request.map(Body::new))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD_LIMIT)
        .serve_connection(TokioIo::new(stream), service);
    pin!(connection);
    select! {
        // A broken connection is the client's to notice.
        _ = connection.as_mut() => return,
        () = shutdown.requested() => connection.as_mut().graceful_shutdown(),
    }
    let _ = timeout(DRAIN, connection).await;
}

/// The same address without the slash at the end of its path, if it has one and is more than that.
fn without_last_slash(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    let shorter = path.strip_suffix('/').filter(|path| !path.is_empty())?;
    let target = match uri.query() {
        Some(query) => format!("{shorter}?{query}"),
        None => shorter.to_owned(),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(target).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slash_at_the_end_of_a_path_is_dropped() {
        for (given, wanted) in [
            ("/projects/", Some("/projects")),
            ("/projects/?a=/", Some("/projects?a=/")),
            ("/projects", None),
            ("/", None),
            ("/projects?a=b/", None),
        ] {
            let shorter = without_last_slash(&given.parse().unwrap());
            assert_eq!(shorter.map(|uri| uri.to_string()).as_deref(), wanted);
        }
    }
}
