//! The interface `http`: requests and prepared requests, on connections that belong to one attempt.
//!
//! A request goes through four hands: [`prepare`] checks it against the limits of the contract, [`exchange`] sends it and follows
//! redirects as [`redirect`] rules, [`failure`] puts a name to what went wrong, and the recorder of the attempt hears how it ended,
//! also when the suite drops the call.

mod client;
mod connecting;
mod draft;
mod exchange;
mod failure;
pub(crate) mod name;
mod prepare;
mod record;
mod redirect;
mod slots;
mod template;
#[cfg(test)]
pub(crate) mod tests;
mod trace;
mod trust;

use std::sync::{Arc, OnceLock};

use assay_load::transport::Names;
use wasmtime::component::{Accessor, HasData, Resource, ResourceTable};

use crate::access::Access;
use crate::capability::recorder::Recorder;
use crate::plugin::bindings::assay::suite::http;
use crate::redact::Redactor;

pub use client::ClientError;
pub(crate) use exchange::{deadline, head, nanoseconds};
pub(crate) use failure::{kind, message, of_body};
pub(crate) use prepare::Prepared;
pub(crate) use record::{Record, cut_text};
pub use template::Template;
use template::With;

/// What all attempts of a run have in common. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Shared {
    tls: Arc<rustls::ClientConfig>,
    /// Whether requests have a `traceparent`.
    traced: bool,
    /// Learns what requests carry that must not be told.
    redactor: Redactor,
    /// Who tells where the names of hosts lead, to suites that may not go anywhere.
    names: Names,
}

impl Shared {
    /// How connections are secured.
    pub fn tls(&self) -> &Arc<rustls::ClientConfig> {
        &self.tls
    }

    /// Once for each run. Fails if this build cannot speak TLS at all.
    pub fn new() -> Result<Self, ClientError> {
        Ok(Self {
            tls: Arc::new(client::tls()?),
            traced: true,
            redactor: Redactor::default(),
            names: Names::of_system(),
        })
    }

    /// Whether requests get a `traceparent` (W3C Trace Context) that their suite did not set. They do unless told otherwise.
    #[must_use]
    pub fn traced(self, traced: bool) -> Self {
        Self { traced, ..self }
    }

    /// Lets this one learn what requests carry that must not be told.
    #[must_use]
    pub fn redacting(self, redactor: Redactor) -> Self {
        Self { redactor, ..self }
    }

    /// Lets somebody else than the system tell where the names of hosts lead, to suites that may not go anywhere.
    #[must_use]
    pub fn named_by(self, names: Names) -> Self {
        Self { names, ..self }
    }
}

/// The HTTP client of one attempt. Cheap to clone: all clones share the connections, which close with the last clone.
#[derive(Clone, Debug)]
pub struct Context {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    shared: Shared,
    access: Access,
    /// The trace of the attempt, if its requests are to have one.
    trace: Option<trace::Trace>,
    /// Made by the first request, so that an attempt without requests pays nothing.
    client: OnceLock<Result<reqwest::Client, ClientError>>,
    /// What templates may still take.
    room: template::Room,
}

impl Context {
    /// For one attempt, which may go where `access` says.
    pub fn new(shared: &Shared, access: Access) -> Self {
        Self {
            inner: Arc::new(Inner {
                shared: shared.clone(),
                access,
                trace: shared.traced.then(trace::Trace::new),
                client: OnceLock::new(),
                room: template::Room::default(),
            }),
        }
    }

    /// Sends a request and takes the whole answer, as the contract says. For the suite itself and for other capabilities.
    pub async fn send(&self, request: http::Request) -> Result<http::Response, http::Error> {
        exchange::send(self, &Prepared::new(request)?).await
    }

    /// The attempt's client.
    fn client(&self) -> Result<&reqwest::Client, http::Error> {
        self.inner
            .client
            .get_or_init(|| {
                let Shared { tls, names, .. } = &self.inner.shared;
                client::client(tls, &self.inner.access, names)
            })
            .as_ref()
            .map_err(|error| http::Error::Unsupported(error.to_string()))
    }

    /// Where the attempt's evidence goes.
    pub(crate) fn recorder(&self) -> &Recorder {
        self.inner.access.recorder()
    }

    /// Where the attempt may go.
    pub(crate) fn access(&self) -> &Access {
        &self.inner.access
    }
}

/// One call's borrow of the client and the resources.
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
pub struct Http;

impl HasData for Http {
    type Data<'a> = View<'a>;
}

impl http::Host for View<'_> {
    async fn send_now(
        &mut self,
        request: http::Request,
    ) -> wasmtime::Result<Result<http::Response, http::Error>> {
        Ok(self.context.send(request).await)
    }
}

impl<T: Send> http::HostWithStore<T> for Http {
    async fn send(
        accessor: &Accessor<T, Self>,
        request: http::Request,
    ) -> wasmtime::Result<Result<http::Response, http::Error>> {
        let context = accessor.with(|mut access| access.get().context.clone());
        Ok(context.send(request).await)
    }
}

/// What a template that is fired answers.
type Fired = wasmtime::Result<Result<http::Sample, http::Error>>;

impl View<'_> {
    fn push(
        &mut self,
        template: Result<Template, http::Error>,
    ) -> wasmtime::Result<Result<Resource<Template>, http::Error>> {
        let granted = template.and_then(|template| {
            let asked = self.context.access().ask(template.url());
            asked.map(|()| template).map_err(http::Error::Denied)
        });
        match granted {
            Ok(template) => Ok(Ok(self.table.push(template)?)),
            Err(error) => Ok(Err(error)),
        }
    }

    async fn fire_and_wait(&mut self, template: Resource<Template>, with: With) -> Fired {
        let template = self.table.get(&template)?.clone();
        Ok(template.fire(self.context, with).await)
    }
}

impl http::HostTemplate for View<'_> {
    fn prepare(
        &mut self,
        request: http::Request,
    ) -> wasmtime::Result<Result<Resource<Template>, http::Error>> {
        self.push(Template::new(&self.context.inner.room, request))
    }

    fn prepare_with(
        &mut self,
        request: http::Request,
        slots: Vec<String>,
    ) -> wasmtime::Result<Result<Resource<Template>, http::Error>> {
        let room = &self.context.inner.room;
        self.push(Template::with_slots(room, request, &slots))
    }

    async fn fire_now(&mut self, template: Resource<Template>) -> Fired {
        self.fire_and_wait(template, With::Prepared).await
    }

    async fn fire_with_body_now(&mut self, template: Resource<Template>, body: Vec<u8>) -> Fired {
        self.fire_and_wait(template, With::Body(body)).await
    }

    async fn fire_with_now(&mut self, template: Resource<Template>, values: Vec<String>) -> Fired {
        self.fire_and_wait(template, With::Values(values)).await
    }

    fn drop(&mut self, template: Resource<Template>) -> wasmtime::Result<()> {
        self.table.delete(template)?;
        Ok(())
    }
}

impl<T: Send> http::HostTemplateWithStore<T> for Http {
    async fn fire(accessor: &Accessor<T, Self>, template: Resource<Template>) -> Fired {
        fire(accessor, &template, With::Prepared).await
    }

    async fn fire_with_body(
        accessor: &Accessor<T, Self>,
        template: Resource<Template>,
        body: Vec<u8>,
    ) -> Fired {
        fire(accessor, &template, With::Body(body)).await
    }

    async fn fire_with(
        accessor: &Accessor<T, Self>,
        template: Resource<Template>,
        values: Vec<String>,
    ) -> Fired {
        fire(accessor, &template, With::Values(values)).await
    }
}

/// With own handles, so that a call under way goes on when the suite drops the template.
async fn fire<T: Send>(
    accessor: &Accessor<T, Http>,
    template: &Resource<Template>,
    with: With,
) -> Fired {
    let (context, template) = accessor.with(|mut access| {
        let view = access.get();
        Ok::<_, wasmtime::Error>((view.context.clone(), view.table.get(template)?.clone()))
    })?;
    Ok(template.fire(&context, with).await)
}
