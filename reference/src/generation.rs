//! `reference generation-service`: generates scripts, streams their progress, stores the result as an episode.

mod backoff;
mod events;
mod job_table;
mod model;
mod requests;
mod retry_routes;
mod routes;
mod runner;
mod save;
mod saving;
mod service;
mod stream;
mod tally;
mod writer;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use tokio::time::Instant;
use utoipa_axum::router::OpenApiRouter;

use crate::clients::cache::Cache;
use crate::clients::project_service::ProjectService;
use crate::defects::Defects;
use crate::service::{Running, StartError, listen};
use crate::shutdown;
use crate::store::Store;
use crate::web::error::ErrorCode;
use crate::web::health::{Operations, Probe};
use crate::web::kept::Kept;
use crate::web::metrics::Metrics;
use crate::web::observe::{method_not_allowed, observe, route_not_found};
use crate::web::rate_limit::RateLimiter;
use crate::web::serve::serve;
use crate::web::{Shell, documentation, health};
pub use backoff::Backoff;
use service::GenerationService;
use tally::Tally;

/// Its name.
pub const NAME: &str = "generation-service";

/// How a generation service is started.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where its state is.
    pub data: PathBuf,
    /// The cache: `redis://HOST:PORT`.
    pub cache_url: String,
    /// The project service: `http://HOST:PORT`.
    pub project_service_url: String,
    /// Requests a minute for each client.
    pub rate_limit: u32,
    /// The time for a whole body.
    pub body_timeout: Duration,
    /// The time for one call of the project service.
    pub dependency_timeout: Duration,
    /// The time of a generation.
    pub pace: Pace,
    /// The mistakes to make.
    pub defects: Defects,
}

/// How fast things go.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// The time of one of the 7 steps of a generation.
    pub step: Duration,
    /// The period of the heartbeat.
    pub heartbeat: Duration,
    /// How a save that fails for a passing reason is tried again.
    pub backoff: Backoff,
}

/// Starts a generation service.
///
/// # Errors
/// [`StartError`].
pub async fn start(options: Options) -> Result<Running, StartError> {
    let defects = options.defects;
    let store = Store::open(&options.data).await?;
    let cache = Arc::new(Cache::new(NAME, &options.cache_url, defects)?);
    let projects = ProjectService::new(
        &options.project_service_url,
        options.dependency_timeout,
        defects,
    )?;
    let (listener, address) = listen(options.listen)?;
    let mut metrics = Metrics::new(NAME, defects);
    let tally = Tally::new(metrics.registry());
    let shell = Arc::new(Shell {
        service: NAME,
        defects,
        body_timeout: options.body_timeout,
        limiter: RateLimiter::new(options.rate_limit),
        metrics,
        started: Instant::now(),
        address,
        kept: Kept::default(),
    });
    let probes = vec![
        Probe::cache(&cache, &options.cache_url),
        project_service_probe(&projects, &options.project_service_url),
    ];
    let (trigger, shutdown) = shutdown::channel();
    let parts = service::Parts {
        shell: Arc::clone(&shell),
        store,
        cache,
        projects,
        pace: options.pace,
        tally,
        shutdown: shutdown.clone(),
    };
    let service = GenerationService::new(parts).await?;
    service.resume().await?;
    let refreshed = Arc::clone(&service);
    let operations = Arc::new(Operations {
        shell: Arc::clone(&shell),
        probes,
        refresh: Box::new(move || {
            let service = Arc::clone(&refreshed);
            Box::pin(async move { service.refresh_gauges().await })
        }),
    });
    let router = router(&service, operations, shell);
    Ok(Running::spawn(address, trigger, async move {
        tokio::join!(serve(listener, router, shutdown), service.keep_up());
        service.wait_for_runners().await;
    }))
}

fn router(
    service: &Arc<GenerationService>,
    operations: Arc<Operations>,
    shell: Arc<Shell>,
) -> Router {
    let routes = OpenApiRouter::default()
        .merge(routes::router())
        .merge(retry_routes::router())
        .with_state(Arc::clone(service))
        .merge(health::router(operations));
    documentation::finish(
        "Generation service",
        "Generates scripts, streams their progress, stores the result as an episode. Every path is there with and without a slash at its end.",
        routes,
    )
    .fallback(route_not_found)
    .method_not_allowed_fallback(method_not_allowed)
    .layer(from_fn_with_state(shell, observe))
}

fn project_service_probe(projects: &ProjectService, url: &str) -> Probe {
    let projects = projects.clone();
    Probe {
        name: "project-service",
        url: url.to_owned(),
        required: Some(ErrorCode::ProjectServiceUnavailable),
        check: Box::new(move || {
            let projects = projects.clone();
            Box::pin(async move { projects.health().await })
        }),
    }
}
