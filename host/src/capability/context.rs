//! `context`: what an entry knows about its run, and where it leaves its log, its checks and its evidence.

pub(crate) mod attachment;
mod settings;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use assay_report::event;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use wasmtime::component::{Accessor, HasData};

use super::recorder::Recorder;
use crate::access::Access;
use crate::plugin::bindings::assay::suite::context::{
    self, Check, Host, HostWithStore, Identity, Level,
};

/// What is the same for all attempts of a plugin's suite in one run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Shared {
    /// Unique for each run.
    pub run_id: String,
    /// The suite's name.
    pub suite: String,
    /// The profile's name.
    pub profile: String,
    /// The environment's name.
    pub environment: String,
    /// For random choices.
    pub seed: u64,
    /// `[settings]`, tables as nested objects.
    pub settings: Map<String, Value>,
    /// The base URL of each service of the environment, and of each over its link from the suites, without a slash at the end.
    pub services: BTreeMap<String, String>,
}

impl Shared {
    /// A setting as JSON text, if there is one and it may be read.
    pub(crate) fn setting(&self, access: &Access, name: &str) -> Option<String> {
        let setting = settings::find(&self.settings, name)?;
        access.read(name).ok()?;
        Some(setting.to_string())
    }

    /// The base URL of a service, without a slash at the end, if there is one and it may be known.
    pub(crate) fn service_url(&self, access: &Access, service: &str) -> Option<String> {
        let url = self.services.get(service)?;
        let known = access.look(service).ok();
        known.map(|()| url.trim_end_matches('/').to_owned())
    }
}

/// What one attempt has of it.
#[derive(Debug)]
pub struct Context {
    shared: Arc<Shared>,
    access: Access,
}

impl Context {
    /// For one attempt, which may know what `access` says.
    pub fn new(shared: Arc<Shared>, access: Access) -> Self {
        Self { shared, access }
    }

    fn recorder(&self) -> &Recorder {
        self.access.recorder()
    }
}

/// Names the view for functions that outlive a borrow of the store.
#[derive(Debug)]
pub struct Marker;

impl HasData for Marker {
    type Data<'a> = View<'a>;
}

/// A context, for the time of one call.
#[derive(Debug)]
pub struct View<'a> {
    context: &'a Context,
}

impl<'a> View<'a> {
    /// Borrows the attempt's context.
    pub fn new(context: &'a mut Context) -> Self {
        Self { context }
    }
}

impl Host for View<'_> {
    fn identify(&mut self) -> wasmtime::Result<Identity> {
        let shared = &self.context.shared;
        let source = self.context.recorder().source();
        Ok(Identity {
            run_id: shared.run_id.clone(),
            suite: shared.suite.clone(),
            entry: source.entry.clone(),
            attempt: source.attempt,
            profile: shared.profile.clone(),
            environment: shared.environment.clone(),
            seed: shared.seed,
        })
    }

    fn log(&mut self, level: Level, message: String) -> wasmtime::Result<()> {
        self.context.recorder().log(level.into(), &message);
        Ok(())
    }

    fn report(&mut self, check: Check) -> wasmtime::Result<()> {
        self.context.recorder().check(check.into());
        Ok(())
    }

    fn panicked(&mut self, message: String, location: Option<String>) -> wasmtime::Result<()> {
        self.context.recorder().panicked(&message, location);
        Ok(())
    }

    fn setting(&mut self, name: String) -> wasmtime::Result<Option<String>> {
        Ok(self.context.shared.setting(&self.context.access, &name))
    }

    fn service_url(&mut self, service: String) -> wasmtime::Result<Option<String>> {
        Ok(self
            .context
            .shared
            .service_url(&self.context.access, &service))
    }

    fn attach(&mut self, name: String, media_type: String, body: Vec<u8>) -> wasmtime::Result<()> {
        if self.context.access.attach(body.len()).is_ok() {
            let attachment = attachment::make(&name, &media_type, &body);
            self.context.recorder().attached(attachment);
        }
        Ok(())
    }
}

impl<T: Send> HostWithStore<T> for Marker {
    async fn sleep(_accessor: &Accessor<T, Self>, nanoseconds: u64) -> wasmtime::Result<()> {
        tokio::time::sleep(Duration::from_nanos(nanoseconds)).await;
        Ok(())
    }
}

impl From<context::Level> for event::Level {
    fn from(level: context::Level) -> Self {
        match level {
            context::Level::Debug => Self::Debug,
            context::Level::Info => Self::Info,
            context::Level::Warn => Self::Warn,
            context::Level::Error => Self::Error,
        }
    }
}

impl From<context::Check> for event::Check {
    fn from(check: context::Check) -> Self {
        Self {
            name: check.name,
            passed: check.passed,
            expected: check.expected,
            actual: check.actual,
            location: check.location,
        }
    }
}
