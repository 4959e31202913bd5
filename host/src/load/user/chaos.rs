//! `chaos` in a virtual user: faults are a case's to make, beside the load.

use wasmtime::component::{Accessor, Resource};

use super::{State, User};
use crate::{
    capability::chaos::Fault,
    plugin::bindings::assay::suite::chaos::{
        self, Action, Error, HostFault, HostFaultWithStore, HostWithStore, Options, Target, Usage,
    },
};

fn refused() -> Error {
    Error::Unsupported(
        "a virtual user makes no faults and looks at no services: do it in the case that makes the load, beside it"
            .to_owned(),
    )
}

impl chaos::Host for State {}

/// There are none.
impl HostFault for State {
    fn first_success(&mut self, fault: Resource<Fault>) -> wasmtime::Result<Option<u64>> {
        self.table.get(&fault)?;
        Ok(None)
    }

    fn traffic(&mut self, fault: Resource<Fault>) -> wasmtime::Result<u64> {
        self.table.get(&fault)?;
        Ok(0)
    }

    fn drop(&mut self, fault: Resource<Fault>) -> wasmtime::Result<()> {
        self.table.delete(fault)?;
        Ok(())
    }
}

impl<T: Send> HostFaultWithStore<T> for User {
    async fn heal(
        _accessor: &Accessor<T, Self>,
        _fault: Resource<Fault>,
    ) -> wasmtime::Result<Result<Option<u64>, Error>> {
        Ok(Err(refused()))
    }
}

impl<T: Send> HostWithStore<T> for User {
    async fn inject(
        _accessor: &Accessor<T, Self>,
        _target: Target,
        _action: Action,
        _options: Options,
    ) -> wasmtime::Result<Result<Resource<Fault>, Error>> {
        Ok(Err(refused()))
    }

    async fn state_of(
        _accessor: &Accessor<T, Self>,
        _service: String,
    ) -> wasmtime::Result<Result<chaos::State, Error>> {
        Ok(Err(refused()))
    }

    async fn usage_of(
        _accessor: &Accessor<T, Self>,
        _service: String,
    ) -> wasmtime::Result<Result<Usage, Error>> {
        Ok(Err(refused()))
    }

    async fn logs(
        _accessor: &Accessor<T, Self>,
        _service: String,
        _last_lines: u32,
    ) -> wasmtime::Result<Result<String, Error>> {
        Ok(Err(refused()))
    }
}
