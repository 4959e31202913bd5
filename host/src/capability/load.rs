//! `load`: many virtual users, for a case. What they have of the host themselves is in [`crate::load`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::time::timeout;
use wasmtime::component::{Accessor, HasData, Resource};

use crate::{
    capability::http::Template,
    load::Order,
    plugin::bindings::assay::suite::load::{
        Ending, Error, Host, HostWithStore, Opened, Outcome, Plan, Turn,
    },
};

/// What one attempt has of it.
#[derive(Clone, Debug)]
pub struct Context {
    /// None where a plugin only describes itself: there is no run then.
    order: Option<Order>,
    /// How many loads were asked for.
    loads: Arc<AtomicU32>,
}

impl Context {
    /// For the loads of an attempt.
    pub fn new(order: Option<Order>) -> Self {
        Self {
            order,
            loads: Arc::default(),
        }
    }

    async fn run(&self, plan: Plan) -> Result<Outcome, Error> {
        let Some(order) = self.order.clone() else {
            return Err(Error::Unsupported(
                "there is no run here: make load in a case, a setup or a teardown".to_owned(),
            ));
        };
        let number = self.loads.fetch_add(1, Ordering::Relaxed) + 1;
        let access = order.access.clone();
        let (running, granted) = order.start(number, plan)?;
        let made = running.made();
        let Some(ceiling) = granted.ceiling() else {
            return Ok(made.await?.into());
        };
        if let Ok(made) = timeout(ceiling, made).await {
            return Ok(made?.into());
        }
        // It has just been stopped.
        Err(Error::Denied(access.went_on_too_long(ceiling)))
    }
}

/// Names the view for functions that outlive a borrow of the store.
#[derive(Debug)]
pub struct Load;

impl HasData for Load {
    type Data<'a> = View<'a>;
}

/// The attempt's loads, for the time of one call.
#[derive(Debug)]
pub struct View<'a> {
    context: &'a Context,
}

impl<'a> View<'a> {
    /// Borrows the attempt's loads.
    pub fn new(context: &'a mut Context) -> Self {
        Self { context }
    }
}

/// An attempt is no virtual user, so it has no iterations.
impl Host for View<'_> {
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

    fn open_with(&mut self, _vu: u32, _template: Resource<Template>) -> wasmtime::Result<()> {
        Ok(())
    }

    async fn next_opened_now(
        &mut self,
        _vu: u32,
        _before: Option<Ending>,
    ) -> wasmtime::Result<Option<Opened>> {
        Ok(None)
    }
}

impl<T: Send> HostWithStore<T> for Load {
    async fn run(
        accessor: &Accessor<T, Self>,
        plan: Plan,
    ) -> wasmtime::Result<Result<Outcome, Error>> {
        let context = accessor.with(|mut access| access.get().context.clone());
        Ok(context.run(plan).await)
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

    async fn next_opened(
        _accessor: &Accessor<T, Self>,
        _vu: u32,
        _before: Option<Ending>,
    ) -> wasmtime::Result<Option<Opened>> {
        Ok(None)
    }
}
