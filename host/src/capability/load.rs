//! `load`: many virtual users. This host makes no load yet, and says so to whoever asks.

use wasmtime::component::{Accessor, HasData};

use crate::plugin::bindings::assay::suite::load::{
    Ending, Error, Host, HostWithStore, Outcome, Plan, Turn,
};

/// Names the view for functions that outlive a borrow of the store.
#[derive(Debug)]
pub struct Load;

impl HasData for Load {
    type Data<'a> = View;
}

/// There is nothing to borrow yet.
#[derive(Debug)]
pub struct View;

/// An attempt is no virtual user, so it has no iterations.
impl Host for View {
    async fn next_now(
        &mut self,
        _vu: u32,
        _before: Option<Ending>,
    ) -> wasmtime::Result<Option<Turn>> {
        Ok(None)
    }

    fn parameter(&mut self) -> wasmtime::Result<String> {
        Ok(String::new())
    }
}

impl<T: Send> HostWithStore<T> for Load {
    async fn run(
        _accessor: &Accessor<T, Self>,
        plan: Plan,
    ) -> wasmtime::Result<Result<Outcome, Error>> {
        Ok(Err(Error::Unsupported(format!(
            "this host does not make load yet, so `{}` was not run",
            plan.scenario
        ))))
    }

    async fn join(_accessor: &Accessor<T, Self>) -> wasmtime::Result<Option<u32>> {
        Ok(None)
    }

    async fn next(
        _accessor: &Accessor<T, Self>,
        _vu: u32,
        _before: Option<Ending>,
    ) -> wasmtime::Result<Option<Turn>> {
        Ok(None)
    }
}
