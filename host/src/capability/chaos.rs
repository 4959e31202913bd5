//! `chaos`: real faults. This host makes none yet, and says so to whoever asks: a suite that needs one does not pass by accident.

use wasmtime::component::{Accessor, HasData, Resource, ResourceTable};

use crate::plugin::bindings::assay::suite::chaos::{
    Action, Error, Host, HostFault, HostFaultWithStore, HostWithStore, Options, State, Target,
    Usage,
};

/// An active fault. Dropping it heals.
#[derive(Debug)]
pub struct Fault {
    /// Connections or requests that met it.
    traffic: u64,
    /// Nanoseconds from its heal to the first successful request.
    first_success: Option<u64>,
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
    table: &'a mut ResourceTable,
}

impl<'a> View<'a> {
    /// Borrows the attempt's resources.
    pub fn new(table: &'a mut ResourceTable) -> Self {
        Self { table }
    }
}

impl Host for View<'_> {}

impl HostFault for View<'_> {
    fn first_success(&mut self, fault: Resource<Fault>) -> wasmtime::Result<Option<u64>> {
        Ok(self.table.get(&fault)?.first_success)
    }

    fn traffic(&mut self, fault: Resource<Fault>) -> wasmtime::Result<u64> {
        Ok(self.table.get(&fault)?.traffic)
    }

    fn drop(&mut self, fault: Resource<Fault>) -> wasmtime::Result<()> {
        self.table.delete(fault)?;
        Ok(())
    }
}

impl<T: Send> HostFaultWithStore<T> for Chaos {
    async fn heal(
        _accessor: &Accessor<T, Self>,
        _fault: Resource<Fault>,
    ) -> wasmtime::Result<Result<u64, Error>> {
        Ok(Err(unsupported("healing")))
    }
}

impl<T: Send> HostWithStore<T> for Chaos {
    async fn inject(
        _accessor: &Accessor<T, Self>,
        _target: Target,
        _action: Action,
        _options: Options,
    ) -> wasmtime::Result<Result<Resource<Fault>, Error>> {
        Ok(Err(unsupported("faults")))
    }

    async fn state_of(
        _accessor: &Accessor<T, Self>,
        _service: String,
    ) -> wasmtime::Result<Result<State, Error>> {
        Ok(Err(unsupported("the state of a service")))
    }

    async fn usage_of(
        _accessor: &Accessor<T, Self>,
        _service: String,
    ) -> wasmtime::Result<Result<Usage, Error>> {
        Ok(Err(unsupported("the usage of a service")))
    }

    async fn logs(
        _accessor: &Accessor<T, Self>,
        _service: String,
        _last_lines: u32,
    ) -> wasmtime::Result<Result<String, Error>> {
        Ok(Err(unsupported("the log of a service")))
    }
}

fn unsupported(what: &str) -> Error {
    Error::Unsupported(format!("this host's chaos does not have {what} yet"))
}
