//! `http` in a virtual user: on the connections of its thread, and counted by name.

use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use assay_load::{
    samples::{NameId, RequestSample},
    transport::{self, Parts, Response, With},
};
use tokio::time::Instant;
use wasmtime::component::{Accessor, Resource};

use super::{
    State, Thread, User,
    alone::Given,
    borrowed, owned,
    recent::{Look, Recent},
};
use crate::{
    capability::http::{Template, name},
    ledger::Mark,
    plugin::bindings::assay::suite::http::{
        self, Error, Host, HostTemplate, HostTemplateWithStore, HostWithStore, Payload, Request,
        Sample, Timings,
    },
};

/// For a request unless told otherwise.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes of an answer's body that are taken unless told otherwise.
const DEFAULT_BODY_BYTES: u64 = 16 << 20;
/// From which status on an answer is a failure.
const FIRST_FAILURE: u16 = 400;

/// A request that is written out once, and the name under which it is counted.
#[derive(Clone, Debug)]
pub(in crate::load) struct Prepared {
    pub(super) template: transport::Template,
    pub(super) name: NameId,
}

/// A request on its way.
struct Sent<'a> {
    thread: &'a Thread,
    name: NameId,
    since: Mark,
    started: Instant,
}

impl Thread {
    /// Checks a request and writes it out. Fails as the contract says, and with `unsupported` for what would keep time for the load.
    pub(super) fn prepare(&self, request: Request, slots: Vec<String>) -> Result<Prepared, Error> {
        if request.max_redirects > 0 {
            return Err(Error::Unsupported(
                "a virtual user follows no redirects: set `max-redirects` to 0, and ask for where they lead".to_owned(),
            ));
        }
        let body = match request.payload {
            Payload::None => None,
            Payload::Bytes(bytes) => Some(bytes.into()),
            Payload::Paced(_) => {
                return Err(Error::Unsupported(
                    "a virtual user sends no paced payload: send it at once, or in a case"
                        .to_owned(),
                ));
            }
        };
        let name = match &request.name {
            Some(name) => self.shard.name(name),
            None => self
                .shard
                .name(&name::of(&request.method, path(&request.url))),
        };
        let timeout = request.timeout_ms.map_or(DEFAULT_TIMEOUT, |milliseconds| {
            Duration::from_millis(milliseconds.into())
        });
        let parts = Parts {
            method: request.method,
            url: request.url,
            headers: request.headers,
            body,
            timeout,
            max_body: request.max_body.unwrap_or(DEFAULT_BODY_BYTES),
            slots,
        };
        let template = self.client.prepare(&parts)?;
        Ok(Prepared { template, name })
    }

    /// The same without slots, for a request that is likely to come again as it is.
    fn recall(&self, request: Request) -> Result<Prepared, Error> {
        let look = self.recent().look(&request);
        match look {
            Look::Kept(prepared) => Ok(prepared),
            Look::New => self.prepare(request, Vec::new()),
            Look::Known => {
                let prepared = self.prepare(request.clone(), Vec::new())?;
                self.recent().keep(request, prepared.clone());
                Ok(prepared)
            }
        }
    }

    /// Each place is written at once: a panic of another holder leaves nothing half-written.
    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sent(&self, name: NameId, started: Instant) -> Sent<'_> {
        Sent {
            thread: self,
            name,
            since: self.common.ledger.mark_at(started),
            started,
        }
    }

    /// Its times count from `started`.
    pub(super) async fn fire(
        &self,
        prepared: &Prepared,
        with: With<'_>,
        started: Instant,
    ) -> Result<Sample, Error> {
        let sent = self.sent(prepared.name, started);
        match prepared.template.fire(with, sent.started).await {
            Ok(sample) => {
                sent.answered(sample.status, sample.total, sample.received);
                Ok(Sample {
                    status: sample.status,
                    received: sample.received,
                    first_byte: sample.first_byte,
                    total: sample.total,
                })
            }
            Err(error) => Err(sent.failed(error)),
        }
    }

    pub(super) async fn send(&self, request: Request) -> Result<http::Response, Error> {
        let url = request.url.clone();
        let prepared = self.recall(request)?;
        let sent = self.sent(prepared.name, Instant::now());
        match prepared.template.send(With::Prepared, sent.started).await {
            Ok(response) => {
                let received = response.body.len() as u64;
                sent.answered(response.head.status, response.timings.total, received);
                Ok(whole(response, url))
            }
            Err(error) => Err(sent.failed(error)),
        }
    }
}

impl Sent<'_> {
    fn answered(self, status: u16, nanoseconds: u64, received: u64) {
        let shard = &self.thread.shard;
        let failure = (status >= FIRST_FAILURE).then(|| shard.failure(&format!("status {status}")));
        shard.record(RequestSample {
            name: self.name,
            phase: self.thread.common.ledger.phase_since(self.since),
            failure,
            nanoseconds,
            received,
        });
    }

    fn failed(self, error: transport::Error) -> Error {
        let shard = &self.thread.shard;
        let took = self.started.elapsed().as_nanos();
        shard.record(RequestSample {
            name: self.name,
            phase: self.thread.common.ledger.phase_since(self.since),
            failure: Some(shard.failure(error.kind())),
            nanoseconds: u64::try_from(took).unwrap_or(u64::MAX),
            received: 0,
        });
        error.into()
    }
}

/// The path of a URL, for a name; whether it is one at all is looked at elsewhere.
fn path(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    rest.find('/').map_or("/", |at| &rest[at..])
}

fn whole(response: Response, url: String) -> http::Response {
    http::Response {
        status: response.head.status,
        version: response.head.version.to_owned(),
        headers: response.head.headers,
        body: response.body,
        url,
        redirects: 0,
        timings: Timings {
            connect: response.timings.connect,
            first_byte: response.timings.first_byte,
            receive: response.timings.receive,
            total: response.timings.total,
        },
    }
}

/// What a template that is fired answers.
pub(super) type Fired = wasmtime::Result<Result<Sample, Error>>;

impl State {
    /// What is behind the contract's handle.
    pub(super) fn prepared(&self, template: &Resource<Template>) -> wasmtime::Result<Prepared> {
        Ok(self.table.get(&borrowed::<_, Prepared>(template))?.clone())
    }

    fn push(
        &mut self,
        request: Request,
        slots: Vec<String>,
    ) -> wasmtime::Result<Result<Resource<Template>, Error>> {
        // Virtual users that prepare the same share it: what they share stays near, and takes its room once.
        let prepared = if slots.is_empty() {
            self.thread.recall(request)
        } else {
            self.thread.prepare(request, slots)
        };
        match prepared {
            Ok(prepared) => Ok(Ok(owned(&self.table.push(prepared)?))),
            Err(error) => Ok(Err(error)),
        }
    }
}

impl Host for State {
    async fn send_now(
        &mut self,
        request: Request,
    ) -> wasmtime::Result<Result<http::Response, Error>> {
        self.send_alone(request).await
    }
}

impl<T: Send> HostWithStore<T> for User {
    async fn send(
        accessor: &Accessor<T, Self>,
        request: Request,
    ) -> wasmtime::Result<Result<http::Response, Error>> {
        let thread = accessor.with(|mut access| access.get().thread.clone());
        Ok(thread.send(request).await)
    }
}

impl HostTemplate for State {
    fn prepare(&mut self, request: Request) -> wasmtime::Result<Result<Resource<Template>, Error>> {
        self.push(request, Vec::new())
    }

    fn prepare_with(
        &mut self,
        request: Request,
        slots: Vec<String>,
    ) -> wasmtime::Result<Result<Resource<Template>, Error>> {
        self.push(request, slots)
    }

    async fn fire_now(&mut self, template: Resource<Template>) -> Fired {
        self.fire_alone(&template, Given::Nothing).await
    }

    async fn fire_with_body_now(&mut self, template: Resource<Template>, body: Vec<u8>) -> Fired {
        self.fire_alone(&template, Given::Body(body.into())).await
    }

    async fn fire_with_now(&mut self, template: Resource<Template>, values: Vec<String>) -> Fired {
        self.fire_alone(&template, Given::Values(values)).await
    }

    fn drop(&mut self, template: Resource<Template>) -> wasmtime::Result<()> {
        self.table.delete(owned::<_, Prepared>(&template))?;
        Ok(())
    }
}

impl<T: Send> HostTemplateWithStore<T> for User {
    async fn fire(accessor: &Accessor<T, Self>, template: Resource<Template>) -> Fired {
        fire(accessor, &template, Given::Nothing).await
    }

    async fn fire_with_body(
        accessor: &Accessor<T, Self>,
        template: Resource<Template>,
        body: Vec<u8>,
    ) -> Fired {
        fire(accessor, &template, Given::Body(body.into())).await
    }

    async fn fire_with(
        accessor: &Accessor<T, Self>,
        template: Resource<Template>,
        values: Vec<String>,
    ) -> Fired {
        fire(accessor, &template, Given::Values(values)).await
    }
}

/// With own handles, so that a call under way goes on when the suite drops the template.
async fn fire<T: Send>(
    accessor: &Accessor<T, User>,
    template: &Resource<Template>,
    given: Given,
) -> Fired {
    let (thread, prepared) = accessor.with(|mut access| {
        let state = access.get();
        Ok::<_, wasmtime::Error>((state.thread.clone(), state.prepared(template)?))
    })?;
    let answer = thread.fire(&prepared, given.with(), Instant::now());
    Ok(answer.await)
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn a_path_is_found_in_whatever_was_asked_for() {
        for (url, found) in [
            ("http://127.0.0.1:80/a/b?c#d", "/a/b"),
            ("http://h", "/"),
            ("http://h?q=/x", "/"),
            ("/relative", "/relative"),
            ("", "/"),
        ] {
            assert_eq!(path(url), found, "{url}");
        }
    }
}
