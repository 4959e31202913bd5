//! The generated bindings of the contract, and nothing else.
#![expect(
    missing_docs,
    reason = "generated code; the contract in wit/ documents every item"
)]

wasmtime::component::bindgen!({
    path: "../wit/v0.1",
    world: "plugin",
    imports: { default: trappable },
    exports: { default: async },
    with: {
        "assay:suite/chaos.fault": crate::capability::chaos::Fault,
        "assay:suite/http.template": crate::capability::http::Template,
        "assay:suite/sse.event-stream": crate::capability::sse::EventStream,
    },
});
