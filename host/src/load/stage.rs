//! What all threads of a load share, made once: the engine with its plugin, and what virtual users may know.

use std::sync::Arc;
use std::time::Duration;

use wasmtime::{Store, UpdateDeadline};

use super::{
    Refusal,
    findings::Findings,
    order::Order,
    user::{self, State},
};
use crate::{
    access::Access,
    capability::{context, metrics},
    ledger::Ledger,
    plugin::{
        bindings::{PluginPre, exports::assay::suite::suite::Entry},
        crash,
        engine::LoadEngine,
        instance::Kind,
    },
};

/// What virtual users have of the run and of their plan.
#[derive(Debug)]
pub(super) struct Common {
    pub(super) context: Arc<context::Shared>,
    pub(super) metrics: Arc<metrics::Shared>,
    pub(super) ledger: Ledger,
    pub(super) findings: Findings,
    /// What virtual users may do.
    pub(super) access: Access,
    pub(super) scenario: String,
    pub(super) parameter: String,
    /// From which gap on a stream stalls.
    pub(super) stall: Option<Duration>,
    /// Bytes of linear memory that each instance may have.
    pub(super) memory: usize,
    /// What the setup of the suite handed on.
    data: String,
}

/// Where virtual users run.
pub(super) struct Stage {
    pub(super) common: Arc<Common>,
    pub(super) pre: PluginPre<State>,
    engine: LoadEngine,
}

impl Common {
    fn new(order: &Order, plan: &assay_load::plan::Plan) -> Self {
        Self {
            context: Arc::clone(&order.context),
            metrics: Arc::clone(&order.metrics),
            ledger: order.recorder.attempt().ledger().clone(),
            findings: Findings::new(order.recorder.clone()),
            access: order.access.clone(),
            scenario: plan.scenario().to_owned(),
            parameter: plan.parameter().to_owned(),
            stall: plan.stall(),
            memory: order.memory,
            data: order.data.clone(),
        }
    }
}

impl Stage {
    /// Where the virtual users of a plan run.
    pub(super) fn of(order: &Order, plan: &assay_load::plan::Plan) -> Result<Self, Refusal> {
        Self::new(order, Common::new(order, plan)).map_err(|error| {
            Refusal::Limit(format!(
                "no engine for the virtual users can be made: {error}; this is a mistake of the host: report it"
            ))
        })
    }

    /// Makes the engine. The error is for a person.
    fn new(order: &Order, common: Common) -> Result<Self, String> {
        let make = || {
            let engine = order.engine.for_load(order.plugin.component())?;
            let linked = user::linker(&engine.wasmtime)?.instantiate_pre(&engine.component)?;
            Ok((PluginPre::new(linked)?, engine))
        };
        let (pre, engine) = make().map_err(|error: wasmtime::Error| crash::message_of(&error))?;
        Ok(Self {
            common: Arc::new(common),
            pre,
            engine,
        })
    }

    /// A store whose plugin lets others run at a tick of the clock, unless it has done so since the tick before: one that waits for answers
    /// all the time has nothing to give, and would only be looked at once more.
    pub(super) fn store(&self, state: State) -> Store<State> {
        let mut store = Store::new(&self.engine.wasmtime, state);
        store.limiter(|state| &mut state.limits);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|context| {
            Ok(if context.data().errands.was_resumed() {
                UpdateDeadline::Continue(1)
            } else {
                UpdateDeadline::Yield(1)
            })
        });
        store
    }

    /// The entry of a virtual user, or of all that share an instance: 0.
    pub(super) fn entry(&self, vu: u32) -> Entry {
        Entry {
            kind: Kind::VirtualUser,
            name: self.common.scenario.clone(),
            vu,
            data: self.common.data.clone(),
        }
    }
}
