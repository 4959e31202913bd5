//! The contract of `wit/v0.1` as Rust, made by `wit-bindgen`. The rest of the crate gives it the form that authors see.

#[expect(
    missing_docs,
    clippy::same_length_and_capacity,
    reason = "generated code: the contract itself is documented in wit/"
)]
mod generated {
    wit_bindgen::generate!({
        path: "../wit/v0.1",
        world: "assay:suite/plugin",
        pub_export_macro: true,
        export_macro_name: "export_component",
        default_bindings_module: "::assay_sdk::__private::bindings",
    });
}

pub use generated::assay::suite::{chaos, context, http, load, metrics, sse};
pub use generated::exports::assay::suite::suite;
pub use generated::*;
