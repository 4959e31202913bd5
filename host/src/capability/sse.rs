//! The interface `sse`: event streams, each read by a task of its own so that the times of its events are those of their arrival.

pub(crate) mod backoff;

mod account;
mod opening;
mod queue;
mod reader;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName};
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use wasmtime::component::{Accessor, HasData, Resource, ResourceTable};

use self::account::Account;
use crate::capability::http;
use crate::capability::recorder::Recorder;
use crate::plugin::bindings::assay::suite::http::{Error, Request};
use crate::plugin::bindings::assay::suite::sse::{self, Item, Options};

/// Streams of an attempt that may be open at once.
pub const MAX_OPEN_STREAMS: usize = 10_000;
/// Where a stream goes on after an event.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// The streams of one attempt. Cheap to clone: all clones count the same streams.
#[derive(Clone, Debug)]
pub struct Context {
    http: http::Context,
    recorder: Recorder,
    free: Arc<Semaphore>,
}

impl Context {
    /// For one attempt, whose requests go through `http` and whose evidence goes to `recorder`.
    pub fn new(http: &http::Context, recorder: Recorder) -> Self {
        Self {
            http: http.clone(),
            recorder,
            free: Arc::new(Semaphore::new(MAX_OPEN_STREAMS)),
        }
    }

    /// Asks for a stream, as the contract says.
    pub async fn open(&self, request: Request, options: Options) -> Result<EventStream, Error> {
        opening::open(self, request, options).await
    }
}

/// One call's borrow of the streams and the resources.
#[derive(Debug)]
pub struct View<'a> {
    context: &'a mut Context,
    table: &'a mut ResourceTable,
}

impl<'a> View<'a> {
    /// For one call.
    pub fn new(context: &'a mut Context, table: &'a mut ResourceTable) -> Self {
        Self { context, table }
    }
}

/// Names [`View`] to the linker.
#[derive(Debug)]
pub struct Sse;

impl HasData for Sse {
    type Data<'a> = View<'a>;
}

/// The items of a stream, as they come. Several calls may wait at once: each item goes to one of them.
type Items = Arc<Mutex<queue::Receiver>>;

/// The host's side of the resource. Dropping it closes the connection.
#[derive(Debug)]
pub struct EventStream {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
    opened_after: u64,
    account: Arc<Account>,
    items: Items,
    /// None if the answer was no stream.
    reader: Option<JoinHandle<()>>,
    _open: OwnedSemaphorePermit,
}

impl EventStream {
    /// The next item, as the contract says.
    pub async fn next(&self, wait: Duration) -> Result<Item, Error> {
        next(&self.items, wait).await
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        if let Some(reader) = &self.reader {
            reader.abort();
        }
        self.account.end("dropped");
    }
}

async fn next(items: &Items, wait: Duration) -> Result<Item, Error> {
    match timeout(wait, async { items.lock().await.next().await }).await {
        Ok(Some(item)) => item,
        // The reader is gone: what ended the stream was told before.
        Ok(None) => Ok(Item::End),
        Err(_) => Err(Error::Timeout(format!(
            "no item came within {} ms; the stream is still open",
            wait.as_millis()
        ))),
    }
}

/// Whether an answer is a stream at all (WHATWG HTML section 9.2.3).
fn is_event_stream(response: &reqwest::Response) -> bool {
    response.status() == reqwest::StatusCode::OK
        && content_type(response.headers()).eq_ignore_ascii_case("text/event-stream")
}

/// Without its parameters; empty if there is none.
fn content_type(headers: &HeaderMap) -> &str {
    headers
        .get(reqwest::header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map_or("", str::trim)
}

impl sse::Host for View<'_> {}

impl<T: Send> sse::HostWithStore<T> for Sse {
    async fn open(
        accessor: &Accessor<T, Self>,
        request: Request,
        options: Options,
    ) -> wasmtime::Result<Result<Resource<EventStream>, Error>> {
        let context = accessor.with(|mut access| access.get().context.clone());
        match context.open(request, options).await {
            Ok(stream) => Ok(Ok(
                accessor.with(|mut access| access.get().table.push(stream))?
            )),
            Err(error) => Ok(Err(error)),
        }
    }
}

impl sse::HostEventStream for View<'_> {
    fn status(&mut self, stream: Resource<EventStream>) -> wasmtime::Result<u16> {
        Ok(self.table.get(&stream)?.status)
    }

    fn header(
        &mut self,
        stream: Resource<EventStream>,
        name: String,
    ) -> wasmtime::Result<Option<String>> {
        let value = self.table.get(&stream)?.headers.get(&name);
        Ok(value.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()))
    }

    fn body(&mut self, stream: Resource<EventStream>) -> wasmtime::Result<Vec<u8>> {
        Ok(self.table.get(&stream)?.body.clone())
    }

    fn opened_after(&mut self, stream: Resource<EventStream>) -> wasmtime::Result<u64> {
        Ok(self.table.get(&stream)?.opened_after)
    }

    fn last_event_id(&mut self, stream: Resource<EventStream>) -> wasmtime::Result<Option<String>> {
        Ok(self.table.get(&stream)?.account.last_event_id())
    }

    fn drop(&mut self, stream: Resource<EventStream>) -> wasmtime::Result<()> {
        self.table.delete(stream)?;
        Ok(())
    }
}

impl<T: Send> sse::HostEventStreamWithStore<T> for Sse {
    async fn next(
        accessor: &Accessor<T, Self>,
        stream: Resource<EventStream>,
        timeout_ms: u32,
    ) -> wasmtime::Result<Result<Item, Error>> {
        let items = accessor.with(|mut access| {
            let stream = access.get().table.get(&stream);
            stream.map(|stream| Arc::clone(&stream.items))
        })?;
        Ok(next(&items, Duration::from_millis(timeout_ms.into())).await)
    }
}
