//! The engine of a load: its instances have small stacks, and no pool.
//!
//! A pool makes instances fast and gives each table pages of its own. A virtual user's instance is made once and kept, and its tables
//! have some hundreds of elements: without a pool they lie among everything else that it has, and thousands of virtual users take less
//! memory. How much each may have is told by the limits of its store.
//!
//! Where memory comes from has no part in what is compiled, so it runs the code that the ordinary engine has compiled.

use std::sync::Arc;

use wasmtime::{InstanceAllocationStrategy, component::Component};

use super::{Engine, compilation, ticker::Ticker};

/// Bytes of call stack that a virtual user may use. It is address space, which is taken page by page.
const USER_STACK: usize = 256 << 10;
/// Bytes of call stack with those for the host's functions, such as a TLS handshake.
const WHOLE_USER_STACK: usize = 768 << 10;

/// An engine with one plugin.
pub(crate) struct LoadEngine {
    /// Makes stores.
    pub(crate) wasmtime: wasmtime::Engine,
    /// The plugin.
    pub(crate) component: Component,
    _ticker: Arc<Ticker>,
}

impl Engine {
    /// For instances of this plugin.
    pub(crate) fn for_load(&self, component: &Component) -> wasmtime::Result<LoadEngine> {
        let mut config = compilation(&self.options);
        config
            .max_wasm_stack(USER_STACK)
            .async_stack_size(WHOLE_USER_STACK)
            .allocation_strategy(InstanceAllocationStrategy::OnDemand);
        let wasmtime = wasmtime::Engine::new(&config)?;
        Ok(LoadEngine {
            component: again(&wasmtime, component)?,
            _ticker: Arc::new(Ticker::start(&wasmtime)?),
            wasmtime,
        })
    }
}

/// The same code for another engine.
#[expect(
    unsafe_code,
    reason = "compiled code is run as it is, so only code that this process itself has compiled may get here"
)]
fn again(engine: &wasmtime::Engine, component: &Component) -> wasmtime::Result<Component> {
    let code = component.serialize()?;
    // SAFETY: `code` is what `serialize` answered just now for a component that an engine of this process runs; nobody else had it in hand.
    // That its configuration fits this engine is checked by the engine.
    unsafe { Component::deserialize(engine, code) }
}
