//! Which connection a request goes over: a kept one, a shared one, or a new one.

use std::sync::Arc;

use tokio::time::{Instant, timeout_at};

use super::answer::nanoseconds_since;
use super::connect::dial;
use super::error::Error;
use super::http1::Connection;
use super::http2::{self, Spoken};
use super::origin::Origin;
use super::stream::Stream;
use super::timer::Deadline;

/// A connection for one request. `connect` is how long it took to make it, in nanoseconds; none for one that was there.
#[derive(Debug)]
pub(super) enum Route {
    Http1 {
        connection: Box<Connection>,
        connect: Option<u64>,
    },
    Http2 {
        sender: http2::Sender,
        connect: Option<u64>,
    },
}

/// The cheapest connection there is. With `not` a shared one that failed is not taken again, and kept ones are not either.
pub(super) async fn find(
    origin: &Arc<Origin>,
    deadline: Deadline,
    not: Option<Failed>,
) -> Result<Route, Error> {
    if origin.http2.spoken() == Spoken::Http1 {
        return one_of_many(origin, deadline, not).await;
    }
    // Until it is known what the server speaks one connection is made, and the others wait for what it finds out.
    let mut shared = timeout_at(deadline.at, origin.http2.lock())
        .await
        .map_err(|_| deadline.over("making a connection"))?;
    if origin.http2.spoken() == Spoken::Http1 {
        drop(shared);
        return one_of_many(origin, deadline, not).await;
    }
    let failed = match not {
        Some(Failed::Shared(number)) => Some(number),
        _ => None,
    };
    if let Some(sender) = shared.usable(failed) {
        return Ok(Route::Http2 {
            sender,
            connect: None,
        });
    }
    let start = Instant::now();
    let stream = dial(origin, deadline).await?;
    let connect = Some(nanoseconds_since(start));
    if origin.http2.is_spoken_over(&stream) {
        let sender = shared.begin(stream).await?;
        return Ok(Route::Http2 { sender, connect });
    }
    origin.http2.is_not_spoken();
    Ok(http1(origin, stream, connect))
}

/// What a retry is to stay away from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failed {
    /// A kept connection: the server may have closed the others with it.
    Kept,
    /// The shared connection of this number.
    Shared(u64),
}

async fn one_of_many(
    origin: &Arc<Origin>,
    deadline: Deadline,
    not: Option<Failed>,
) -> Result<Route, Error> {
    if not.is_none()
        && let Some(connection) = origin.take()
    {
        return Ok(Route::Http1 {
            connection,
            connect: None,
        });
    }
    let start = Instant::now();
    let stream = dial(origin, deadline).await?;
    Ok(http1(origin, stream, Some(nanoseconds_since(start))))
}

fn http1(origin: &Origin, stream: Stream, connect: Option<u64>) -> Route {
    Route::Http1 {
        connection: Box::new(Connection::new(stream, origin.options.read_buffer)),
        connect,
    }
}
