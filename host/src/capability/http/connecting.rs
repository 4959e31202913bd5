//! How long a request waited for a new connection.
//!
//! The client does not say whether it used a kept connection, so a layer around its connector watches. It runs inside the request's
//! own future, where a task-local names the stopwatch of that request. If the request gets a kept connection after all, the client
//! finishes the new one on a task of its own, where there is no stopwatch: such a connection is nobody's.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};

use tokio::time::Instant;
use tower_layer::Layer;
use tower_service::Service;

use super::exchange::nanoseconds;

tokio::task_local! {
    static STOPWATCH: Arc<Stopwatch>;
}

/// What is known of the connections of one request.
#[derive(Debug, Default)]
pub(super) struct Stopwatch {
    under_way: AtomicBool,
    made: AtomicBool,
    nanoseconds: AtomicU64,
}

impl Stopwatch {
    /// Runs a request so that its connections are measured here.
    pub(super) async fn watch<F: Future>(self: &Arc<Self>, request: F) -> F::Output {
        STOPWATCH.scope(Arc::clone(self), request).await
    }

    /// Nanoseconds spent on new connections, all steps of a redirect together; none if kept ones were used.
    pub(super) fn connect(&self) -> Option<u64> {
        let made = self.made.load(Ordering::Acquire);
        made.then(|| self.nanoseconds.load(Ordering::Acquire))
    }

    /// Whether a connection is being made right now.
    pub(super) fn under_way(&self) -> bool {
        self.under_way.load(Ordering::Acquire)
    }

    fn done(&self, since: Instant, good: bool) {
        self.under_way.store(false, Ordering::Release);
        if good {
            self.nanoseconds
                .fetch_add(nanoseconds(since.elapsed()), Ordering::AcqRel);
            self.made.store(true, Ordering::Release);
        }
    }
}

/// The layer around the client's connector.
#[derive(Clone, Copy, Debug)]
pub(super) struct MeasureConnects;

impl<S> Layer<S> for MeasureConnects {
    type Service = Measured<S>;

    fn layer(&self, connector: S) -> Measured<S> {
        Measured { connector }
    }
}

/// A connector that is watched.
#[derive(Clone, Debug)]
pub(super) struct Measured<S> {
    connector: S,
}

impl<S, R> Service<R> for Measured<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
    S::Response: 'static,
    S::Error: 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.connector.poll_ready(context)
    }

    fn call(&mut self, target: R) -> Self::Future {
        let since = Instant::now();
        let _ = STOPWATCH.try_with(|watch| watch.under_way.store(true, Ordering::Release));
        let connecting = self.connector.call(target);
        Box::pin(async move {
            let connected = connecting.await;
            let _ = STOPWATCH.try_with(|watch| watch.done(since, connected.is_ok()));
            connected
        })
    }
}
