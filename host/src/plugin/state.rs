//! What the store of one attempt holds: a context of each capability, and what WASI may do. Wired once, in [`linker`].

use std::sync::Arc;

use wasmtime::component::{Linker, ResourceTable};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use super::{bindings::assay::suite, limits::Limits, output::Output};
use crate::{
    access::Access,
    capability::{chaos, context, http, load, metrics, recorder::Recorder, sse},
    chaos::Attempt,
    load::Order,
};

/// The service of an environment that answers queries.
const PROMETHEUS: &str = "prometheus";

/// What the capabilities share between attempts.
pub(super) struct Shared {
    pub(super) context: Arc<context::Shared>,
    pub(super) http: http::Shared,
    pub(super) metrics: Arc<metrics::Shared>,
    /// None where there is no environment.
    pub(super) chaos: Option<Arc<Attempt>>,
    /// None where there is no run.
    pub(super) load: Option<Order>,
    /// What the plugin may do.
    pub(super) access: Access,
}

/// What the capabilities keep for one attempt.
struct Contexts {
    context: context::Context,
    http: http::Context,
    sse: sse::Context,
    metrics: metrics::Context,
    chaos: chaos::Context,
    load: load::Context,
}

/// What one attempt has of the host.
pub(crate) struct State {
    pub(super) limits: Limits,
    contexts: Contexts,
    table: ResourceTable,
    wasi: WasiCtx,
}

impl Contexts {
    fn new(shared: Shared, recorder: &Recorder) -> Self {
        let access = shared.access;
        let http = http::Context::new(&shared.http, access.clone());
        let prometheus = shared.context.services.get(PROMETHEUS).cloned();
        Self {
            sse: sse::Context::new(&http, recorder.clone()),
            metrics: metrics::Context::new(
                shared.metrics,
                http.clone(),
                recorder.clone(),
                prometheus,
            ),
            context: context::Context::new(shared.context, access.clone()),
            chaos: chaos::Context::new(shared.chaos, access),
            load: load::Context::new(shared.load),
            http,
        }
    }
}

impl State {
    /// Of WASI there are clocks, random numbers and the two outputs. Files, sockets, variables and arguments are linked, since the
    /// standard libraries of languages import them, and there are none.
    pub(super) fn new(
        shared: Shared,
        recorder: &Recorder,
        limits: Limits,
        stdout: &Output,
        stderr: &Output,
    ) -> Self {
        let wasi = WasiCtx::builder()
            .stdout(stdout.clone())
            .stderr(stderr.clone())
            // Nothing may be connected anyway, but a socket by itself is a file of the host already.
            .allow_tcp(false)
            .allow_udp(false)
            .build();
        Self {
            limits,
            contexts: Contexts::new(shared, recorder),
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
        context::View::new(&mut state.contexts.context)
    })?;
    suite::http::add_to_linker::<State, http::Http>(&mut linker, |state| {
        http::View::new(&mut state.contexts.http, &mut state.table)
    })?;
    suite::sse::add_to_linker::<State, sse::Sse>(&mut linker, |state| {
        sse::View::new(&mut state.contexts.sse, &mut state.table)
    })?;
    suite::metrics::add_to_linker::<State, metrics::Metrics>(&mut linker, |state| {
        metrics::View::new(&mut state.contexts.metrics)
    })?;
    suite::chaos::add_to_linker::<State, chaos::Chaos>(&mut linker, |state| {
        chaos::View::new(&mut state.contexts.chaos, &mut state.table)
    })?;
    suite::load::add_to_linker::<State, load::Load>(&mut linker, |state| {
        load::View::new(&mut state.contexts.load)
    })?;
    Ok(linker)
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;
    use wasmtime_wasi::{
        p2::bindings::sockets::{
            network::IpAddressFamily, tcp_create_socket::Host as _, udp_create_socket::Host as _,
        },
        sockets::WasiSocketsView as _,
    };

    use assay_report::event::Source;

    use super::*;
    use crate::{access::Rights, ledger::Ledger};

    fn state() -> State {
        let source = Source {
            suite: "suite".into(),
            entry: "case".into(),
            attempt: 1,
        };
        let attempt = Ledger::default().attempt();
        let recorder = Recorder::new(source, mpsc::unbounded_channel().0, attempt.attempt());
        let shared = Shared {
            context: Arc::default(),
            http: http::Shared::new().unwrap(),
            metrics: Arc::default(),
            chaos: None,
            load: None,
            access: Access::new(Rights::nothing("suite"), recorder.clone()),
        };
        let output = Output::new(0);
        State::new(shared, &recorder, Limits::new(0), &output, &output)
    }

    #[tokio::test]
    async fn a_plugin_that_makes_sockets_does_not_use_up_the_files_of_the_host() {
        let mut state = state();
        let mut sockets = state.sockets();
        assert!(sockets.create_tcp_socket(IpAddressFamily::Ipv4).is_err());
        assert!(
            sockets
                .create_udp_socket(IpAddressFamily::Ipv4)
                .await
                .is_err()
        );
        assert!(state.table.is_empty());
    }
}
