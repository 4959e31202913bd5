//! `load`: many virtual users. This host makes no load yet, and says so to whoever asks.

use wasmtime::component::{Accessor, HasData};

use crate::plugin::bindings::assay::suite::load::{Error, Host, HostWithStore, Outcome, Plan};

/// Names the view for functions that outlive a borrow of the store.
#[derive(Debug)]
pub struct Load;

impl HasData for Load {
    type Data<'a> = View;
}

/// There is nothing to borrow yet.
#[derive(Debug)]
pub struct View;

impl Host for View {}

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
}
