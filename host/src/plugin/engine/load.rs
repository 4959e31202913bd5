//! The engine of a load: its pool has room for as many instances as the load has, and their stacks are small.
//!
//! Where memory comes from has no part in what is compiled, so it runs the code that the ordinary engine has compiled.

use std::sync::Arc;

use wasmtime::{InstanceAllocationStrategy, PoolingAllocationConfig, component::Component};

use super::{CORE_INSTANCES, Engine, TABLE_ELEMENTS, compilation, reservation, ticker::Ticker};

/// Bytes of call stack that a virtual user may use. It is address space, which is taken page by page.
const USER_STACK: usize = 256 << 10;
/// Bytes of call stack with those for the host's functions, such as a TLS handshake.
const WHOLE_USER_STACK: usize = 768 << 10;
/// Instances that are being taken down while others take their place.
const SPARE: u32 = 16;
/// Stacks beside one for each instance: a plugin that waits for an `async` function without letting others run holds one for each wait.
const SPARE_STACKS: u32 = 128;

/// An engine with one plugin.
pub(crate) struct LoadEngine {
    /// Makes stores.
    pub(crate) wasmtime: wasmtime::Engine,
    /// The plugin.
    pub(crate) component: Component,
    _ticker: Arc<Ticker>,
}

impl Engine {
    /// With room for so many instances of this plugin at once.
    pub(crate) fn for_load(
        &self,
        component: &Component,
        instances: u32,
    ) -> wasmtime::Result<LoadEngine> {
        let mut config = compilation(&self.options);
        config
            .max_wasm_stack(USER_STACK)
            .async_stack_size(WHOLE_USER_STACK)
            .allocation_strategy(InstanceAllocationStrategy::Pooling(pool(
                component,
                instances.saturating_add(SPARE),
                reservation(&self.options),
            )));
        let wasmtime = wasmtime::Engine::new(&config)?;
        Ok(LoadEngine {
            component: again(&wasmtime, component)?,
            _ticker: Arc::new(Ticker::start(&wasmtime)?),
            wasmtime,
        })
    }
}

fn pool(component: &Component, instances: u32, reservation: usize) -> PoolingAllocationConfig {
    // None if it has components of its own inside, which the ordinary engine has refused.
    let needs = component.resources_required();
    let (memories, tables) = needs.map_or((1, CORE_INSTANCES), |needs| {
        (needs.num_memories.max(1), needs.num_tables.max(1))
    });
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(instances)
        .total_core_instances(instances.saturating_mul(CORE_INSTANCES))
        .total_memories(instances.saturating_mul(memories))
        .total_tables(instances.saturating_mul(tables))
        .total_stacks(instances.saturating_add(SPARE_STACKS))
        .max_core_instances_per_component(CORE_INSTANCES)
        .max_memories_per_component(memories)
        .max_tables_per_component(tables)
        .table_elements(TABLE_ELEMENTS)
        .max_memory_size(reservation);
    pool
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
