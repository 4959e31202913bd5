//! The functions of the contract that never fail, in one place: in a component they are the host's, in a native build a recorder
//! stands in, so that a suite's own helpers can be unit-tested without a host.

pub(crate) use crate::bindings::context::{Check, Identity, Level};

#[cfg(not(target_family = "wasm"))]
pub(crate) mod native;
#[cfg(not(target_family = "wasm"))]
pub(crate) use native::{
    attach, identity, log, now, panicked, report, service_url, setting, sleep,
};

#[cfg(target_family = "wasm")]
mod component;
#[cfg(target_family = "wasm")]
pub(crate) use component::{
    attach, identity, log, now, panicked, report, service_url, setting, sleep,
};
