//! `chaos`: real faults on the services of the environment and on the links between them. What it does is in [`crate::chaos`];
//! here it meets the contract.

mod conversions;

use std::sync::Arc;

use wasmtime::component::{Accessor, HasData, Resource, ResourceTable};

use crate::{
    access::Access,
    chaos::{self, Attempt, Order},
    plugin::bindings::assay::suite::chaos::{
        Action, Error, Host, HostFault, HostFaultWithStore, HostWithStore, Options, State, Target,
        Usage,
    },
};

/// An active fault. Dropping it heals.
pub use crate::chaos::Handle as Fault;

/// What one attempt has of it.
#[derive(Debug)]
pub struct Context {
    /// None where a plugin only describes itself: there is no environment then.
    attempt: Option<Arc<Attempt>>,
    access: Access,
}

impl Context {
    /// For the faults of an attempt, which may make those that `access` says.
    pub fn new(attempt: Option<Arc<Attempt>>, access: Access) -> Self {
        Self { attempt, access }
    }
}

/// Names the view for functions that outlive a borrow of the store.
#[derive(Debug)]
pub struct Chaos;

impl HasData for Chaos {
    type Data<'a> = View<'a>;
}

/// The attempt's faults, for the time of one call.
#[derive(Debug)]
pub struct View<'a> {
    context: &'a Context,
    table: &'a mut ResourceTable,
}

impl<'a> View<'a> {
    /// Borrows the attempt's faults and resources.
    pub fn new(context: &'a mut Context, table: &'a mut ResourceTable) -> Self {
        Self { context, table }
    }

    /// An own handle, so that a call under way needs no borrow; if what it is for is granted.
    fn attempt(
        &self,
        granted: impl FnOnce(&Access) -> Result<(), String>,
    ) -> Result<Arc<Attempt>, Error> {
        granted(&self.context.access).map_err(Error::Denied)?;
        let attempt = self.context.attempt.clone();
        attempt.ok_or_else(|| {
            let text =
                "there is no environment here\nhint: make faults in a case, a setup or a teardown";
            Error::Unsupported(text.to_owned())
        })
    }
}

impl Host for View<'_> {}

impl HostFault for View<'_> {
    fn first_success(&mut self, fault: Resource<Fault>) -> wasmtime::Result<Option<u64>> {
        let first_success = self.table.get(&fault)?.first_success();
        Ok(first_success.map(conversions::nanoseconds))
    }

    fn traffic(&mut self, fault: Resource<Fault>) -> wasmtime::Result<u64> {
        Ok(self.table.get(&fault)?.traffic())
    }

    fn drop(&mut self, fault: Resource<Fault>) -> wasmtime::Result<()> {
        self.table.delete(fault)?;
        Ok(())
    }
}

impl<T: Send> HostFaultWithStore<T> for Chaos {
    async fn heal(
        accessor: &Accessor<T, Self>,
        fault: Resource<Fault>,
    ) -> wasmtime::Result<Result<Option<u64>, Error>> {
        let healing =
            accessor.with(|mut access| access.get().table.get(&fault).map(chaos::Handle::heal))?;
        let healthy = healing.await;
        Ok(answer(
            healthy.map(|healthy| healthy.map(conversions::nanoseconds)),
        ))
    }
}

impl<T: Send> HostWithStore<T> for Chaos {
    async fn inject(
        accessor: &Accessor<T, Self>,
        target: Target,
        action: Action,
        options: Options,
    ) -> wasmtime::Result<Result<Resource<Fault>, Error>> {
        let order = Order {
            target: target.into(),
            act: action.into(),
            options: options.into(),
        };
        let (kind, target) = (order.act.word(), order.target.clone());
        let made = match attempt(accessor, |access| access.fault(kind, asked(&target))) {
            Ok(attempt) => answer(attempt.inject(order).await),
            Err(error) => Err(error),
        };
        accessor.with(|mut access| match made {
            Ok(fault) => Ok(Ok(access.get().table.push(fault)?)),
            Err(error) => Ok(Err(error)),
        })
    }

    async fn state_of(
        accessor: &Accessor<T, Self>,
        service: String,
    ) -> wasmtime::Result<Result<State, Error>> {
        Ok(match attempt(accessor, |access| access.look(&service)) {
            Ok(attempt) => answer(attempt.state(&service).await.map(State::from)),
            Err(error) => Err(error),
        })
    }

    async fn usage_of(
        accessor: &Accessor<T, Self>,
        service: String,
    ) -> wasmtime::Result<Result<Usage, Error>> {
        Ok(match attempt(accessor, |access| access.look(&service)) {
            Ok(attempt) => answer(attempt.usage(&service).await.map(Usage::from)),
            Err(error) => Err(error),
        })
    }

    async fn logs(
        accessor: &Accessor<T, Self>,
        service: String,
        last_lines: u32,
    ) -> wasmtime::Result<Result<String, Error>> {
        Ok(match attempt(accessor, |access| access.look(&service)) {
            Ok(attempt) => answer(attempt.logs(&service, last_lines).await),
            Err(error) => Err(error),
        })
    }
}

fn attempt<T: Send>(
    accessor: &Accessor<T, Chaos>,
    granted: impl FnOnce(&Access) -> Result<(), String>,
) -> Result<Arc<Attempt>, Error> {
    accessor.with(|mut access| access.get().attempt(granted))
}

/// What is asked for, in the words of grants.
fn asked(target: &chaos::Target) -> assay_grants::Target<'_> {
    match target {
        chaos::Target::Service(name) => assay_grants::Target::Service(name),
        chaos::Target::Link(name) => assay_grants::Target::Link(name),
    }
}

fn answer<T>(outcome: Result<T, chaos::ChaosError>) -> Result<T, Error> {
    outcome.map_err(Error::from)
}
