//! Load: many virtual users (VUs) run a [`#[scenario]`](macro@crate::scenario) of the suite, on threads of the host's own.
//!
//! A scenario is a function that is one iteration. What a VU keeps from one iteration to the next, such as requests that are prepared once
//! and fired many times, is a `&mut` argument:
//!
//! ```no_run
//! # use assay_sdk::prelude::*;
//! struct Orders { create: http::Template }
//!
//! impl Orders {
//!     /// Runs once for each VU, before its first iteration.
//!     fn prepare(_vu: Vu, shop: &String) -> Result<Self> {
//!         let create = http::post(format!("{shop}/orders/{{number}}")).name("POST /orders/{number}");
//!         Ok(Self { create: create.prepare_with(&["number"])? })
//!     }
//! }
//!
//! #[scenario(state = Orders::prepare)]
//! /// An order is taken
//! async fn orders(vu: Vu, orders: &mut Orders, _shop: &String) -> Result<()> {
//!     let number = format!("{}-{}", vu.number, vu.iteration);
//!     let sample = orders.create.fire_with([number]).await?;
//!     ensure!(sample.status == 201);
//!     Ok(())
//! }
//!
//! #[case(timeout = "30s")]
//! /// Orders are taken fast while fifty customers order
//! async fn fifty_customers() -> Result<()> {
//!     let outcome = load::plan("orders")
//!         .constant_vus(50, Duration::from_secs(10))
//!         .warm_up(Duration::from_secs(1))
//!         .threshold("order-p95", Measure::request("POST /orders/{number}", Figure::P95))
//!         .run()
//!         .await?;
//!     check!(outcome.iterations > 1_000, "{} orders are taken", outcome.iterations);
//!     Ok(())
//! }
//! # fn main() {}
//! ```
//!
//! - **Sharing**: by default the VUs of a thread share one instance, at about 2 KB each. [`Plan::isolated`] gives each VU an instance of its
//!   own, which costs some 60 KB and is faster; a scenario that is a plain `fn` always gets one.
//! - **Speed**: in an isolated VU the functions that end in `_now` cost least: [`Template::fire_now`](crate::http::Template::fire_now),
//!   [`Request::send_now`](crate::http::Request::send_now). They stop the whole instance while they wait. A scenario whose iterations begin
//!   with the same prepared request names it with `opens_with` and takes its answer as an argument, which saves another call:
//!
//!   ```no_run
//!   # use assay_sdk::prelude::*;
//!   # struct Orders { list: http::Template }
//!   impl Orders {
//!       fn list(&self) -> &http::Template { &self.list }
//!   #   fn prepare(_vu: Vu) -> Result<Self> { Ok(Self { list: http::get("http://shop.test/orders").prepare()? }) }
//!   }
//!
//!   #[scenario(state = Orders::prepare, opens_with = Orders::list)]
//!   /// Orders are listed
//!   fn lists_orders(list: http::Sample, _orders: &mut Orders) -> Result<()> {
//!       ensure!(list.status == 200);
//!       Ok(())
//!   }
//!   # fn main() {}
//!   ```
//! - **Failures**: an iteration that ends in a problem, or in which a `check!` failed, is a failed one; the load goes on. Somebody has to
//!   judge that: a [threshold](Plan::threshold) on [`Figure::FailedPercent`], or the case
//!   ([`failures_judged_by_case`](Plan::failures_judged_by_case)). Where nobody does, the host checks that nothing failed.

mod error;
mod measure;
mod outcome;
mod plan;
mod vu;

pub use error::Error;
pub use measure::{Figure, Measure};
pub use outcome::{CheckCount, Counted, Distribution, Generator, Outcome, Requests, Streams};
pub use plan::{Plan, Scenario, plan};
pub use vu::Vu;
