//! The calls of a suite's two exports, each on a store that is made for it and dropped with it.

use std::panic::AssertUnwindSafe;

use futures::FutureExt as _;
use wasmtime::Store;

use super::{Engine, Entry};
use crate::plugin::{
    bindings::{
        PluginPre,
        exports::assay::suite::suite::{Description, Problem},
    },
    clock::{Clock, Stopped},
    state::State,
};

/// Calls `run`.
pub(in crate::plugin) async fn run(
    engine: &Engine,
    clock: &Clock,
    state: State,
    pre: &PluginPre<State>,
    entry: Entry,
) -> Result<Result<String, Problem>, Stopped> {
    let mut store = store(engine, clock, state);
    let call = async {
        let plugin = pre.instantiate_async(&mut store).await?;
        store
            .run_concurrent(async |accessor| {
                plugin.assay_suite_suite().call_run(accessor, entry).await
            })
            .await?
    };
    clock.limit(guarded(call)).await
}

/// Calls `describe`.
pub(in crate::plugin) async fn describe(
    engine: &Engine,
    clock: &Clock,
    state: State,
    pre: &PluginPre<State>,
) -> Result<Description, Stopped> {
    let mut store = store(engine, clock, state);
    let call = async {
        let plugin = pre.instantiate_async(&mut store).await?;
        plugin.assay_suite_suite().call_describe(&mut store).await
    };
    clock.limit(guarded(call)).await
}

fn store(engine: &Engine, clock: &Clock, state: State) -> Store<State> {
    let mut store = Store::new(&engine.wasmtime, state);
    store.limiter(|state| &mut state.limits);
    clock.watch(&mut store);
    store
}

/// A panic of the host in the middle of a call is a mistake of the host, and still ends this attempt only.
async fn guarded<T>(call: impl Future<Output = wasmtime::Result<T>>) -> wasmtime::Result<T> {
    let outcome = AssertUnwindSafe(call).catch_unwind().await;
    outcome.unwrap_or_else(|panic| {
        let said = panic
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("without a message");
        Err(wasmtime::Error::msg(format!(
            "the host panicked while it served the plugin, which is a mistake of the host: {said}"
        )))
    })
}
