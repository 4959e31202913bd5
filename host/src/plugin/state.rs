//! What the store of one attempt holds: a context of each capability, and what WASI may do. Wired once, in [`linker`].

use wasmtime::component::{Linker, ResourceTable};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use super::{bindings::assay::suite, limits::Limits, output::Output};
use crate::capability::{chaos, context, load};

/// What one attempt has of the host.
pub(crate) struct State {
    pub(super) limits: Limits,
    pub(super) context: context::Context,
    table: ResourceTable,
    wasi: WasiCtx,
}

impl State {
    /// Of WASI there are clocks, random numbers and the two outputs. Files, sockets, variables and arguments are linked, since the
    /// standard libraries of languages import them, and there are none.
    pub(super) fn new(
        context: context::Context,
        limits: Limits,
        stdout: &Output,
        stderr: &Output,
    ) -> Self {
        let wasi = WasiCtx::builder()
            .stdout(stdout.clone())
            .stderr(stderr.clone())
            .build();
        Self {
            limits,
            context,
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

/// Everything that a plugin may import.
pub(super) fn linker(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    suite::context::add_to_linker::<State, context::Marker>(&mut linker, |state| {
        context::View::new(&mut state.context)
    })?;
    suite::chaos::add_to_linker::<State, chaos::Chaos>(&mut linker, |state| {
        chaos::View::new(&mut state.table)
    })?;
    suite::load::add_to_linker::<State, load::Load>(&mut linker, |_| load::View)?;
    Ok(linker)
}
