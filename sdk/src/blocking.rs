//! The sync style: waiting for a future without `async`.

/// Gives every future a `wait`, for entries that are plain functions.
///
/// ```no_run
/// # use assay_sdk::prelude::*;
/// #[case]
/// fn the_service_is_healthy() -> Result<()> {
///     let response = http::get("http://127.0.0.1:8001/health").send().wait()?;
///     check!(response.status() == 200);
///     sleep(Duration::from_millis(10)).wait();
///     Ok(())
/// }
/// # fn main() {}
/// ```
///
/// It stops everything else in the instance. That is nothing to a case, which has its own; inside an `async fn` write `.await`.
pub trait Wait: Future + Sized {
    /// Waits until it is done.
    fn wait(self) -> Self::Output
    where
        Self::Output: 'static,
    {
        block_on(self)
    }
}

impl<F: Future> Wait for F {}

#[cfg(target_family = "wasm")]
fn block_on<F: Future<Output: 'static>>(work: F) -> F::Output {
    wit_bindgen::block_on(work)
}

/// Without a host nothing waits: time passes by sleeping, and requests are answered at once.
#[cfg(not(target_family = "wasm"))]
fn block_on<F: Future>(work: F) -> F::Output {
    match futures::FutureExt::now_or_never(work) {
        Some(value) => value,
        None => panic!("in a native build a future of this crate never waits, and this one does"),
    }
}
