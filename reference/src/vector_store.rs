//! `reference vector-store`: collections of documents with embeddings, over the part of Chroma's HTTP API (`/api/v2`) that the
//! services use.

mod collections;
mod documents;
mod filter;
mod refusal;
mod routes;

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::service::{Running, StartError, listen};
use crate::shutdown;
use crate::store::Store;
use crate::web::serve::serve;

/// How a vector store is started.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where its state is.
    pub data: PathBuf,
}

/// Starts a vector store.
///
/// # Errors
/// [`StartError`].
pub async fn start(options: Options) -> Result<Running, StartError> {
    let store = Store::open(&options.data).await?;
    collections::prepare(&store).await?;
    let (listener, address) = listen(options.listen)?;
    let router = routes::router(store);
    let (trigger, shutdown) = shutdown::channel();
    Ok(Running::spawn(
        address,
        trigger,
        serve(listener, router, shutdown),
    ))
}
