//! `sse` in a virtual user. A stream is read when its virtual user asks for the next item, without a task or a queue of its own: ten
//! thousand of them are to be small. So the times of its events are those of their reading.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::timeout;
use wasmtime::component::{Accessor, Resource};

use super::{State, User, borrowed, owned, stream};
use crate::{
    capability::sse::EventStream,
    plugin::bindings::assay::suite::{
        http::{Error, Request},
        sse::{Host, HostEventStream, HostEventStreamWithStore, HostWithStore, Item, Options},
    },
};

/// An open stream: what was answered, and what follows.
#[derive(Debug)]
struct Opened {
    head: stream::Head,
    reader: Arc<Mutex<stream::Reader>>,
}

impl Host for State {}

impl<T: Send> HostWithStore<T> for User {
    async fn open(
        accessor: &Accessor<T, Self>,
        request: Request,
        options: Options,
    ) -> wasmtime::Result<Result<Resource<EventStream>, Error>> {
        let thread = accessor.with(|mut access| access.get().thread.clone());
        let (head, reader) = match stream::open(&thread, request, &options).await {
            Ok(opened) => opened,
            Err(error) => return Ok(Err(error)),
        };
        let opened = Opened {
            head,
            reader: Arc::new(Mutex::new(reader)),
        };
        accessor.with(|mut access| Ok(Ok(owned(&access.get().table.push(opened)?))))
    }
}

impl State {
    fn opened(&self, stream: &Resource<EventStream>) -> wasmtime::Result<&Opened> {
        Ok(self.table.get(&borrowed(stream))?)
    }
}

impl HostEventStream for State {
    fn status(&mut self, stream: Resource<EventStream>) -> wasmtime::Result<u16> {
        Ok(self.opened(&stream)?.head.status)
    }

    fn header(
        &mut self,
        stream: Resource<EventStream>,
        name: String,
    ) -> wasmtime::Result<Option<String>> {
        let mut headers = self.opened(&stream)?.head.headers.iter();
        let found = headers.find(|(given, _)| given.eq_ignore_ascii_case(&name));
        Ok(found.map(|(_, value)| value.clone()))
    }

    fn body(&mut self, stream: Resource<EventStream>) -> wasmtime::Result<Vec<u8>> {
        Ok(self.opened(&stream)?.head.body.clone())
    }

    fn opened_after(&mut self, stream: Resource<EventStream>) -> wasmtime::Result<u64> {
        Ok(self.opened(&stream)?.head.opened_after)
    }

    fn last_event_id(&mut self, stream: Resource<EventStream>) -> wasmtime::Result<Option<String>> {
        // Whoever reads it now knows a newer one in a moment; nobody can tell which of the two is asked for.
        let reader = self.opened(&stream)?.reader.try_lock();
        Ok(reader.ok().and_then(|reader| reader.last_event_id()))
    }

    fn drop(&mut self, stream: Resource<EventStream>) -> wasmtime::Result<()> {
        self.table.delete(owned::<_, Opened>(&stream))?;
        Ok(())
    }
}

impl<T: Send> HostEventStreamWithStore<T> for User {
    async fn next(
        accessor: &Accessor<T, Self>,
        stream: Resource<EventStream>,
        timeout_ms: u32,
    ) -> wasmtime::Result<Result<Item, Error>> {
        let reader = accessor.with(|mut access| {
            let opened = access.get().opened(&stream);
            opened.map(|opened| Arc::clone(&opened.reader))
        })?;
        let wait = Duration::from_millis(timeout_ms.into());
        let next = async { reader.lock().await.next().await };
        Ok(timeout(wait, next).await.unwrap_or_else(|_| {
            Err(Error::Timeout(format!(
                "no item came within {timeout_ms} ms; the stream is still open"
            )))
        }))
    }
}
