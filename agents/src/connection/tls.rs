//! Why TLS did not come about: the client tells that as any other trouble with a connection. A server says whether it has TLS before anything else.

use std::{error::Error, time::Duration};

use async_nats::ServerAddr;
use serde::Deserialize;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    net::TcpStream,
    time::timeout,
};

use super::address::Addresses;

/// How long servers have to say what they are, all together.
const LOOKING: Duration = Duration::from_secs(2);
/// Bytes of what a server says of itself, at most.
const MAX_INFO_BYTES: u64 = 64 << 10;

/// What a server says of itself, as far as it is about TLS.
#[derive(Debug, Deserialize)]
struct Info {
    #[serde(default)]
    tls_required: bool,
    #[serde(default)]
    tls_available: bool,
}

/// Whether it is TLS that did not come about.
pub(super) fn is_cause(error: &(dyn Error + 'static)) -> bool {
    let causes = std::iter::successors(Some(error), |error| (*error).source());
    causes.into_iter().any(|error| {
        let inner = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        error.is::<rustls::Error>()
            || inner.is_some_and(<dyn Error + Send + Sync>::is::<rustls::Error>)
    })
}

/// Whether no address wants TLS, so that it was the server that did.
pub(super) fn is_wish_of_server(addresses: &Addresses) -> bool {
    !addresses.each().any(|(server, _)| server.tls_required())
}

/// The first address that wants TLS from a server that has none, as it may be shown.
pub(super) async fn missing(addresses: &Addresses) -> Option<String> {
    let look = async {
        for (server, shown) in addresses.each() {
            if server.tls_required() && lacks(server).await == Some(true) {
                return Some(shown.to_owned());
            }
        }
        None
    };
    timeout(LOOKING, look).await.ok().flatten()
}

/// Whether a server has no TLS; nothing if it is none or cannot be reached.
async fn lacks(server: &ServerAddr) -> Option<bool> {
    let address = (server.host(), server.port());
    let stream = TcpStream::connect(address).await.ok()?;
    let mut line = String::new();
    let mut reader = BufReader::new(stream.take(MAX_INFO_BYTES));
    reader.read_line(&mut line).await.ok()?;
    let info = line.strip_prefix("INFO ")?;
    let info: Info = serde_json::from_str(info.trim()).ok()?;
    Some(!info.tls_required && !info.tls_available)
}
