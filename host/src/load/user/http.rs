//! `http` in a virtual user: on the connections of its thread, and counted by name.

use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use assay_load::{
    samples::{NameId, RequestSample},
    transport::{self, Parts, Response, With},
};
use bytes::Bytes;
use tokio::time::Instant;
use wasmtime::component::{Accessor, Resource};

use super::{
    State, Thread, User, borrowed,
    errand::Carrier,
    owned,
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

/// What a template is fired with, kept for as long as that takes.
pub(in crate::load) enum Given {
    Nothing,
    Body(Bytes),
    Values(Vec<String>),
}

impl Given {
    fn with(&self) -> With<'_> {
        match self {
            Self::Nothing => With::Prepared,
            Self::Body(body) => With::Body(body.clone()),
            Self::Values(values) => With::Values(values),
        }
    }
}

/// What a virtual user that is alone in its instance has its thread do meanwhile.
pub(in crate::load) enum Order {
    Fire(Prepared, Given),
    Send(Box<Request>),
}

/// What comes of it. The larger one is boxed: every virtual user keeps room for either, and each answer is handed on some times.
pub(in crate::load) enum Answer {
    Fired(Result<Sample, Error>),
    Sent(Box<Result<http::Response, Error>>),
}

/// A request on its way.
struct Sent<'a> {
    thread: &'a Thread,
    name: NameId,
    since: Mark,
    started: Instant,
}

impl Carrier<Order, Answer> for Thread {
    async fn carry_out(&self, order: Order) -> Answer {
        match order {
            Order::Fire(prepared, given) => Answer::Fired(self.fire(&prepared, given.with()).await),
            // In a box of its own: it would take its room from every virtual user.
            Order::Send(request) => Answer::Sent(Box::new(Box::pin(self.send(*request)).await)),
        }
    }
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

    fn sent(&self, name: NameId) -> Sent<'_> {
        Sent {
            thread: self,
            name,
            since: self.common.ledger.mark(),
            started: Instant::now(),
        }
    }

    async fn fire(&self, prepared: &Prepared, with: With<'_>) -> Result<Sample, Error> {
        let sent = self.sent(prepared.name);
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

    async fn send(&self, request: Request) -> Result<http::Response, Error> {
        let url = request.url.clone();
        let prepared = self.recall(request)?;
        let sent = self.sent(prepared.name);
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

fn shared() -> Error {
    Error::Unsupported(
        "what stops the whole instance is for a virtual user that has it to itself: make the plan `isolated`, or wait with the others".to_owned(),
    )
}

/// An instance has one errand at a time, so its answer is that of the order.
fn mixed_up() -> wasmtime::Error {
    wasmtime::Error::msg("the host mixed up two answers, which is a mistake of the host")
}

/// What a template that is fired answers.
type Fired = wasmtime::Result<Result<Sample, Error>>;

impl State {
    async fn fire_alone(&mut self, template: &Resource<Template>, given: Given) -> Fired {
        if !self.users.is_alone() {
            return Ok(Err(shared()));
        }
        let prepared = self.table.get(&borrowed::<_, Prepared>(template))?.clone();
        match self.errands.wait_for(Order::Fire(prepared, given)).await {
            Answer::Fired(fired) => Ok(fired),
            Answer::Sent(_) => Err(mixed_up()),
        }
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
        if !self.users.is_alone() {
            return Ok(Err(shared()));
        }
        let order = Order::Send(Box::new(request));
        match self.errands.wait_for(order).await {
            Answer::Sent(sent) => Ok(*sent),
            Answer::Fired(_) => Err(mixed_up()),
        }
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
        let prepared = state.table.get(&borrowed::<_, Prepared>(template))?;
        Ok::<_, wasmtime::Error>((state.thread.clone(), prepared.clone()))
    })?;
    Ok(thread.fire(&prepared, given.with()).await)
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
