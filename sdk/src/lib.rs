//! What the author of an Assay suite uses. A complete suite:
//!
//! ```no_run
//! use assay_sdk::prelude::*;
//!
//! suite! {
//!     name: "shop",
//!     summary: "Orders arrive",
//!     baselines: [Baseline::at_most("health-response", "ms", 100.0, 500.0)],
//!     wants: { services: ["shop"] },
//! }
//!
//! #[setup]
//! async fn shop() -> Result<String> {
//!     context::service_url("shop")
//! }
//!
//! #[case(tags = ["smoke"], timeout = "20s", needs = ["shop"])]
//! /// An order is confirmed over its stream of events
//! async fn an_order_is_confirmed(shop: String) -> Result<()> {
//!     let order = serde_json::json!({"item": "tea"});
//!     let response = http::post(format!("{shop}/orders/7")).json(&order).send().await?;
//!     check!(response.status() == 201, "the order is taken");
//!     cleanup(async move { http::delete(format!("{shop}/orders/7")).send().await.map(drop) });
//!     let mut events = sse::get(format!("{}/events", response.url())).open().await?;
//!     let first = events.next_event(Duration::from_secs(5)).await?.context("first event")?;
//!     ensure_eq!(first.name, "confirmed");
//!     metrics::judge("health-response", first.at.as_secs_f64() * 1e3, 1)?;
//!     Ok(())
//! }
//! # fn main() {}
//! ```
//!
//! Build it as a `cdylib` for `wasm32-wasip2`; `host run` takes the `.wasm` file as it is.
//!
//! - **Cases** are functions with [`#[case]`](macro@case), listed in the order in which they are written; see there for names and options.
//! - **Checks**: [`check!`] and [`check_eq!`] go on when they fail, [`ensure!`] and [`ensure_eq!`] end the case. A case that checks
//!   nothing does not pass. [`skip!`] ends a case that cannot test anything here.
//! - **Errors**: `?` makes a [`Problem`] of any error, with the place of the `?`, and knows which errors are the suite's own fault.
//! - **Waiting**: [`eventually`] repeats with a bound, [`join_all`] does many things at a time, [`sleep`] waits. Never use
//!   `std::thread::sleep`, which stops all of them.
//! - **Clean-up**: [`cleanup`] runs at the end of the case, also when it fails.
//! - **Grants**: a project that did not build the suite itself grants it nothing until its `assay.toml` does. [`suite!`] says with `wants` what
//!   the suite needs, so that what is missing is told before it runs.
//! - **Sync style**: an entry may be a plain `fn`; [`Wait`] gives futures a `.wait()`.
//!
//! Natively the crate builds for tests of a suite's own helpers: checks are recorded, sleeping moves a clock of its own, requests and
//! streams answer `unsupported`. Templates, metrics, chaos and load need a host and panic without one.

extern crate self as assay_sdk;

mod baseline;
#[doc(hidden)]
pub mod bindings;
mod blocking;
pub mod chaos;
mod component;
pub mod context;
mod finding;
mod host;
pub mod http;
pub mod load;
pub mod metrics;
pub mod prelude;
mod problem;
mod register;
mod registry;
mod scope;
mod show;
pub mod sse;
mod time;
mod user;
mod validate;

#[cfg(doctest)]
mod refusals;

pub use assay_sdk_macros::{
    case, check, check_eq, ensure, ensure_eq, scenario, setup, suite, teardown,
};
pub use baseline::Baseline;
pub use blocking::Wait;
pub use futures::future::{join, join_all, join3, try_join, try_join_all, try_join3};
pub use load::Vu;
pub use problem::{Kind, Problem, Result, ResultExt, located};
pub use scope::{Cleanup, cleanup};
pub use time::{eventually, sleep, within};

/// What the macros write; nothing here is for people.
#[doc(hidden)]
pub mod __private {
    pub use crate::bindings::export_component;
    pub use crate::component::{Component, outcome, setup_value, shared, succeeded};
    pub use crate::finding::{Finding, check, ensure};
    pub use crate::register::{Register, register};
    pub use crate::registry::{Body, Case, Hook, HookKind, Place, Scenario, SuiteInfo};
    pub use crate::user::User;
    pub use crate::validate::validate_suite;
    pub use crate::{
        __export_suite as export_suite, __location as location, __place as place,
        __register as register, bindings,
    };
}

/// Where this is written, for entries.
#[doc(hidden)]
#[macro_export]
macro_rules! __place {
    () => {
        $crate::__private::Place {
            file: ::core::file!(),
            line: ::core::line!(),
            column: ::core::column!(),
        }
    };
}

/// Where this is written, for checks.
#[doc(hidden)]
#[macro_export]
macro_rules! __location {
    () => {
        ::core::concat!(::core::file!(), ":", ::core::line!())
    };
}

/// The exports of the component.
#[doc(hidden)]
#[macro_export]
macro_rules! __export_suite {
    () => {
        #[expect(unsafe_code, reason = "the exports of a component have names that the linker must keep")]
        mod assay_exports {
            use $crate::__private::{Component, bindings, export_component};
            export_component!(Component with_types_in bindings);
        }
    };
}
