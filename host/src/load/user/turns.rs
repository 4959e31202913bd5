//! `load` in a virtual user: its turns. A load within a load is refused.

use assay_load::transport::With;
use wasmtime::component::{Accessor, Resource};

use super::{
    State, User,
    places::{Begun, Now},
};
use crate::{
    capability::http::Template,
    plugin::bindings::assay::suite::load::{
        Ending, Error, Host, HostWithStore, Opened, Outcome, Plan, Turn,
    },
};

impl Host for State {
    async fn next_now(
        &mut self,
        vu: u32,
        before: Option<Ending>,
    ) -> wasmtime::Result<Option<Turn>> {
        let begun = self.users.alone(vu)?.next(before.as_ref()).await;
        Ok(begun.map(|(turn, _)| turn))
    }

    fn parameter(&mut self) -> wasmtime::Result<String> {
        Ok(self.thread.common.parameter.clone())
    }

    fn open_with(&mut self, vu: u32, template: Resource<Template>) -> wasmtime::Result<()> {
        let opening = self.prepared(&template)?;
        self.users.place(vu)?.open_with(opening);
        Ok(())
    }

    async fn next_opened_now(
        &mut self,
        vu: u32,
        before: Option<Ending>,
    ) -> wasmtime::Result<Option<Opened>> {
        let place = self.users.alone(vu)?;
        let opening = place.opening()?.clone();
        let Some((turn, began)) = place.next(before.as_ref()).await else {
            return Ok(None);
        };
        let answer = self.open_alone(opening, began).await?;
        Ok(Some(Opened { turn, answer }))
    }
}

impl<T: Send> HostWithStore<T> for User {
    async fn run(
        _accessor: &Accessor<T, Self>,
        plan: Plan,
    ) -> wasmtime::Result<Result<Outcome, Error>> {
        Ok(Err(Error::Unsupported(format!(
            "a virtual user makes no load of its own, so `{}` was not run: make it in a case",
            plan.scenario
        ))))
    }

    async fn join(accessor: &Accessor<T, Self>) -> wasmtime::Result<Option<u32>> {
        Ok(accessor.with(|mut access| access.get().users.join()))
    }

    async fn next(
        accessor: &Accessor<T, Self>,
        vu: u32,
        before: Option<Ending>,
    ) -> wasmtime::Result<Option<Turn>> {
        let begun = next(accessor, vu, before).await?;
        Ok(begun.map(|(turn, _)| turn))
    }

    async fn next_opened(
        accessor: &Accessor<T, Self>,
        vu: u32,
        before: Option<Ending>,
    ) -> wasmtime::Result<Option<Opened>> {
        // Before a turn is taken that would begin with nothing.
        accessor.with(|mut access| access.get().users.place(vu)?.opening().map(drop))?;
        let Some((turn, began)) = next(accessor, vu, before).await? else {
            return Ok(None);
        };
        let (opening, thread) = accessor.with(|mut access| {
            let state = access.get();
            let opening = state.users.place(vu)?.opening()?.clone();
            Ok::<_, wasmtime::Error>((opening, state.thread.clone()))
        })?;
        // In a box of its own: whoever waits for a turn would have the room for it.
        let answer = Box::pin(thread.fire(&opening, With::Prepared, began)).await;
        Ok(Some(Opened { turn, answer }))
    }
}

async fn next<T: Send>(
    accessor: &Accessor<T, User>,
    vu: u32,
    mut before: Option<Ending>,
) -> wasmtime::Result<Option<Begun>> {
    loop {
        let now = accessor.with(|mut access| {
            let place = access.get().users.place(vu)?;
            Ok::<_, wasmtime::Error>(place.ask(before.take().as_ref()))
        })?;
        match now {
            Now::Turn(begun) => return Ok(Some(begun)),
            Now::Over => return Ok(None),
            Now::Wait(wait) => wait.await,
        }
    }
}
