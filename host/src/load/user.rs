//! What a virtual user has of the host: the contract's interfaces, on the load's own connections and counted by the load.

mod alone;
mod chaos;
mod context;
mod errand;
mod events;
mod http;
mod metrics;
mod places;
mod recent;
mod stream;
mod turns;

use std::sync::{Arc, Mutex};

use assay_load::{samples::Shard, transport::Client};
use wasmtime::component::{HasData, Linker, Resource, ResourceTable};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use super::stage::Common;
use crate::{
    capability::recorder::Panic,
    plugin::{bindings::assay::suite, limits::Limits, output::Output},
};

use alone::{Answer, Order};
use errand::Errands;
pub(super) use places::{Place, Places, Users};
use recent::Recent;

/// Bytes of standard error of an instance that are kept, for what it says when it traps.
const STDERR_BYTES: usize = 4 << 10;

/// What the virtual users of one thread share.
#[derive(Debug)]
pub(super) struct Thread {
    /// What all threads share.
    pub(super) common: Arc<Common>,
    /// The connections of this thread.
    pub(super) client: Client,
    /// Where samples go.
    pub(super) shard: Arc<Shard>,
    recent: Mutex<Recent>,
}

impl Thread {
    /// One that has sent nothing.
    pub(super) fn new(common: Arc<Common>, client: Client, shard: Arc<Shard>) -> Self {
        Self {
            common,
            client,
            shard,
            recent: Mutex::default(),
        }
    }
}

/// What the store of a virtual user holds, or of all that share an instance.
pub(super) struct State {
    pub(super) limits: Limits,
    pub(super) users: Users,
    /// What the plugin said before it stopped with a panic.
    pub(super) panic: Option<Panic>,
    pub(super) stderr: Output,
    pub(super) errands: Errands<Order, Answer>,
    thread: Arc<Thread>,
    table: ResourceTable,
    wasi: WasiCtx,
}

impl State {
    /// Of WASI there is what every plugin gets.
    pub(super) fn new(thread: &Arc<Thread>, users: Users) -> Self {
        let stderr = Output::new(STDERR_BYTES);
        let wasi = WasiCtx::builder()
            .stderr(stderr.clone())
            .allow_tcp(false)
            .allow_udp(false)
            .build();
        Self {
            limits: Limits::new(thread.common.memory),
            users,
            panic: None,
            stderr,
            errands: Errands::default(),
            thread: Arc::clone(thread),
            table: ResourceTable::new(),
            wasi,
        }
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

/// Names the state to functions that outlive a borrow of the store.
#[derive(Debug)]
pub(super) struct User;

impl HasData for User {
    type Data<'a> = &'a mut State;
}

/// Everything that a plugin may import, as a virtual user has it.
pub(super) fn linker(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    suite::context::add_to_linker::<State, User>(&mut linker, |state| state)?;
    suite::http::add_to_linker::<State, User>(&mut linker, |state| state)?;
    suite::sse::add_to_linker::<State, User>(&mut linker, |state| state)?;
    suite::metrics::add_to_linker::<State, User>(&mut linker, |state| state)?;
    suite::chaos::add_to_linker::<State, User>(&mut linker, |state| state)?;
    suite::load::add_to_linker::<State, User>(&mut linker, |state| state)?;
    Ok(linker)
}

/// The contract's handle as one of what a virtual user has behind it: another type than in a case, in another table.
fn borrowed<Contract: 'static, Own: 'static>(handle: &Resource<Contract>) -> Resource<Own> {
    Resource::new_borrow(handle.rep())
}

/// The same for a handle that is given away.
fn owned<From: 'static, To: 'static>(handle: &Resource<From>) -> Resource<To> {
    Resource::new_own(handle.rep())
}
