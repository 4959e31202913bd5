//! `context` in a virtual user: what it finds is counted by the load, and kept up to limits.

use std::time::Duration;

use wasmtime::component::Accessor;

use super::{State, User};
use crate::{
    capability::{
        context::attachment,
        recorder::{MAX_CHECK_VALUE_BYTES, MAX_LOG_BYTES, Panic, cut},
    },
    plugin::bindings::assay::suite::context::{Check, Host, HostWithStore, Identity, Level},
};

impl Host for State {
    fn identify(&mut self) -> wasmtime::Result<Identity> {
        let common = &self.thread.common;
        let shared = &common.context;
        Ok(Identity {
            run_id: shared.run_id.clone(),
            suite: shared.suite.clone(),
            entry: common.scenario.clone(),
            attempt: common.findings.recorder().source().attempt,
            profile: shared.profile.clone(),
            environment: shared.environment.clone(),
            seed: shared.seed,
        })
    }

    fn log(&mut self, level: Level, message: String) -> wasmtime::Result<()> {
        self.thread.common.findings.log(level.into(), &message);
        Ok(())
    }

    fn report(&mut self, check: Check) -> wasmtime::Result<()> {
        let shard = &self.thread.shard;
        shard.check(shard.check_id(&check.name), check.passed);
        if !check.passed {
            self.thread.common.findings.failed(check.into());
        }
        Ok(())
    }

    fn panicked(&mut self, message: String, location: Option<String>) -> wasmtime::Result<()> {
        self.panic.get_or_insert_with(|| Panic {
            message: cut(&message, MAX_LOG_BYTES).to_owned(),
            location: location.map(|place| cut(&place, MAX_CHECK_VALUE_BYTES).to_owned()),
        });
        Ok(())
    }

    fn setting(&mut self, name: String) -> wasmtime::Result<Option<String>> {
        let common = &self.thread.common;
        Ok(common.context.setting(&common.access, &name))
    }

    fn service_url(&mut self, service: String) -> wasmtime::Result<Option<String>> {
        let common = &self.thread.common;
        Ok(common.context.service_url(&common.access, &service))
    }

    fn attach(&mut self, name: String, media_type: String, body: Vec<u8>) -> wasmtime::Result<()> {
        let common = &self.thread.common;
        if common.access.attach(body.len()).is_ok() {
            let make = || attachment::make(&name, &media_type, &body);
            common.findings.attach(make);
        }
        Ok(())
    }
}

impl<T: Send> HostWithStore<T> for User {
    async fn sleep(_accessor: &Accessor<T, Self>, nanoseconds: u64) -> wasmtime::Result<()> {
        tokio::time::sleep(Duration::from_nanos(nanoseconds)).await;
        Ok(())
    }
}
