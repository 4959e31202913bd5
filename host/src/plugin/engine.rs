//! The engine: how plugins are compiled, what memory they get, what is linked to them, and the clock that interrupts them.
//!
//! It lives as long as a run. Cheap to clone.

mod load;
mod ticker;

use std::{num::NonZeroUsize, path::PathBuf, sync::Arc};

use wasmtime::{
    Config, InstanceAllocationStrategy, PoolingAllocationConfig, WasmBacktraceDetails,
    component::Linker,
};

use super::{
    cache::Cache,
    compiling::Compiling,
    error::{LoadError, Problem},
    state::{self, State},
};

pub(crate) use load::LoadEngine;
pub(super) use ticker::TICK;
use ticker::Ticker;

/// Bytes of call stack that a plugin may use.
pub(super) const PLUGIN_STACK: usize = 1 << 20;
/// Bytes of call stack with those for the host's functions, which run on the same stack.
const WHOLE_STACK: usize = 3 << 20;
/// Frames of a backtrace that are kept.
const MAX_FRAMES: NonZeroUsize = NonZeroUsize::new(64).expect("it is not zero");
/// The least address space that each memory reserves. Compiled code depends on the reservation, so it grows in large steps:
/// a changed limit rarely means that plugins have to be compiled anew.
const LEAST_RESERVATION: usize = 256 << 20;
/// The most that a memory of 32 bits can have.
const MOST_RESERVATION: usize = 4 << 30;
/// Core instances, memories and tables of one component. One that Rust builds has 4 core instances and 1 memory, one that
/// `componentize-py` builds 14 and 1.
const CORE_INSTANCES: u32 = 24;
const MEMORIES: u32 = 2;
const TABLES: u32 = 16;
/// Elements of a table, which are the functions whose address is taken.
pub(super) const TABLE_ELEMENTS: usize = 100_000;

/// What an engine is made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineOptions {
    /// How many attempts run at once.
    pub jobs: u32,
    /// Where compiled plugins are kept; none keeps nothing.
    pub cache_dir: Option<PathBuf>,
    /// The most bytes of linear memory that any attempt gets.
    pub memory: usize,
}

/// Compiles, links and interrupts plugins.
#[derive(Clone)]
pub struct Engine {
    pub(super) wasmtime: wasmtime::Engine,
    pub(super) linker: Arc<Linker<State>>,
    pub(super) cache: Option<Arc<Cache>>,
    pub(super) compiling: Compiling,
    options: EngineOptions,
    _ticker: Arc<Ticker>,
}

impl Engine {
    /// Makes an engine, and the thread that is its clock. The thread ends with the last clone of the engine.
    pub fn new(options: &EngineOptions) -> Result<Self, LoadError> {
        Self::make(options).map_err(|error| LoadError {
            file: None,
            problem: Problem::Engine(format!("{error:#}")),
        })
    }

    fn make(options: &EngineOptions) -> wasmtime::Result<Self> {
        let wasmtime = wasmtime::Engine::new(&pooled(options))?;
        let linker = Arc::new(state::linker(&wasmtime)?);
        let cache = options
            .cache_dir
            .as_ref()
            .map(|folder| Arc::new(Cache::new(folder.clone(), &wasmtime)));
        let ticker = Arc::new(Ticker::start(&wasmtime)?);
        Ok(Self {
            wasmtime,
            linker,
            cache,
            compiling: Compiling::default(),
            options: options.clone(),
            _ticker: ticker,
        })
    }
}

/// The cache of the engines that are made for this, without the cost of one: no pool, no linker, no clock.
pub(super) fn cache(options: &EngineOptions) -> Option<Cache> {
    let folder = options.cache_dir.clone()?;
    // Where memory comes from has no part in what is compiled, so this engine finds what one with a pool has kept.
    let wasmtime = wasmtime::Engine::new(&compilation(options)).ok()?;
    Some(Cache::new(folder, &wasmtime))
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Engine")
            .field("cache", &self.cache)
            .finish_non_exhaustive()
    }
}

/// The address space that each memory reserves.
fn reservation(options: &EngineOptions) -> usize {
    options
        .memory
        .next_power_of_two()
        .clamp(LEAST_RESERVATION, MOST_RESERVATION)
}

/// Everything that compiled code depends on.
fn compilation(options: &EngineOptions) -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .max_wasm_stack(PLUGIN_STACK)
        .async_stack_size(WHOLE_STACK)
        .memory_reservation(reservation(options) as u64)
        .memory_guard_size(64 << 10)
        .wasm_backtrace_max_frames(Some(MAX_FRAMES))
        .wasm_backtrace_details(WasmBacktraceDetails::Enable);
    config
}

/// With room for the instances of a run.
fn pooled(options: &EngineOptions) -> Config {
    let mut config = compilation(options);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(
        options.jobs,
        reservation(options),
    )));
    config
}

/// Room for every running attempt, for those that are being taken down, and for plugins that describe themselves.
fn pool(jobs: u32, reservation: usize) -> PoolingAllocationConfig {
    let components = jobs.saturating_mul(2).saturating_add(16);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(components)
        .total_core_instances(components.saturating_mul(CORE_INSTANCES))
        .total_memories(components.saturating_mul(MEMORIES))
        .total_tables(components.saturating_mul(TABLES))
        .total_stacks(components.saturating_mul(2))
        .max_core_instances_per_component(CORE_INSTANCES)
        .max_memories_per_component(MEMORIES)
        .max_tables_per_component(TABLES)
        .table_elements(TABLE_ELEMENTS)
        .max_memory_size(reservation);
    pool
}
