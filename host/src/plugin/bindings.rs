//! The generated bindings of the contract, and nothing else.
#![expect(
    missing_docs,
    reason = "generated code; the contract in wit/ documents every item"
)]

wasmtime::component::bindgen!({
    path: "../wit/v0.1",
    world: "plugin",
    imports: {
        // They hold the whole instance while they wait, and cost less than what lets others run.
        "assay:suite/http.send-now": async | trappable,
        "assay:suite/http.[method]template.fire-now": async | trappable,
        "assay:suite/http.[method]template.fire-with-body-now": async | trappable,
        "assay:suite/http.[method]template.fire-with-now": async | trappable,
        "assay:suite/load.next-now": async | trappable,
        "assay:suite/load.next-opened-now": async | trappable,
        default: trappable,
    },
    exports: { default: async },
    with: {
        "assay:suite/chaos.fault": crate::capability::chaos::Fault,
        "assay:suite/http.template": crate::capability::http::Template,
        "assay:suite/sse.event-stream": crate::capability::sse::EventStream,
    },
});
