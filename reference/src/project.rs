//! `reference project-service`: projects and their numbered episodes.

mod agreement;
mod episode_routes;
mod episode_table;
mod episodes;
mod gauges;
mod hooks;
pub mod model;
pub mod monitoring;
mod numbering;
mod project_routes;
mod project_table;
mod projects;
mod requests;
mod retired_table;
mod service;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use reqwest::redirect::Policy;
use tokio::time::Instant;
use utoipa_axum::router::OpenApiRouter;

use crate::clients::cache::Cache;
use crate::clients::http_client;
use crate::clients::vectors::Vectors;
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
use gauges::Gauges;
use monitoring::Monitoring;
use service::ProjectService;

/// Its name.
pub const NAME: &str = "project-service";

/// How a project service is started.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where its state is.
    pub data: PathBuf,
    /// The cache: `redis://HOST:PORT`.
    pub cache_url: String,
    /// The vector store: `http://HOST:PORT`.
    pub vector_store_url: String,
    /// Requests a minute for each client.
    pub rate_limit: u32,
    /// The time for a whole body.
    pub body_timeout: Duration,
    /// The time for one call of the vector store.
    pub dependency_timeout: Duration,
    /// Whether tests may do what only they may.
    pub test_hooks: bool,
    /// How the episodes are watched.
    pub monitoring: monitoring::Settings,
    /// The mistakes to make.
    pub defects: Defects,
}

/// Starts a project service.
///
/// # Errors
/// [`StartError`].
pub async fn start(options: Options) -> Result<Running, StartError> {
    let defects = options.defects;
    let store = Store::open(&options.data).await?;
    let cache = Arc::new(Cache::new(NAME, &options.cache_url, defects)?);
    let client = http_client(Policy::none(), options.dependency_timeout)?;
    let vectors = Arc::new(Vectors::new(client, &options.vector_store_url, defects));
    let (listener, address) = listen(options.listen)?;
    let mut metrics = Metrics::new(NAME, defects);
    let gauges = Gauges::new(metrics.registry(), defects);
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
        vector_store_probe(&vectors, &options.vector_store_url),
    ];
    let (trigger, shutdown) = shutdown::channel();
    let monitoring = Monitoring::new(options.monitoring, shutdown.clone());
    let service = ProjectService::new(
        Arc::clone(&shell),
        store,
        cache,
        vectors,
        gauges,
        monitoring,
    );
    let service = Arc::new(service.await?);
    let refreshed = Arc::clone(&service);
    let operations = Arc::new(Operations {
        shell: Arc::clone(&shell),
        probes,
        refresh: Box::new(move || {
            let service = Arc::clone(&refreshed);
            Box::pin(async move { service.refresh_gauges().await })
        }),
    });
    let router = router(&service, operations, shell, options.test_hooks);
    Ok(Running::spawn(address, trigger, async move {
        tokio::join!(
            serve(listener, router, shutdown.clone()),
            service.keep_up(shutdown)
        );
    }))
}

fn router(
    service: &Arc<ProjectService>,
    operations: Arc<Operations>,
    shell: Arc<Shell>,
    test_hooks: bool,
) -> Router {
    let mut routes: OpenApiRouter<Arc<ProjectService>> = OpenApiRouter::default()
        .merge(project_routes::router())
        .merge(episode_routes::router())
        .merge(monitoring::router());
    if test_hooks {
        routes = routes.merge(hooks::router());
    }
    let routes = routes
        .with_state(Arc::clone(service))
        .merge(health::router(operations));
    documentation::finish(
        "Project service",
        "Projects and their numbered episodes. Every path is there with and without a slash at its end.",
        routes,
    )
    .fallback(route_not_found)
    .method_not_allowed_fallback(method_not_allowed)
    .layer(from_fn_with_state(shell, observe))
}

fn vector_store_probe(vectors: &Arc<Vectors>, url: &str) -> Probe {
    let vectors = Arc::clone(vectors);
    Probe {
        name: "vector-store",
        url: url.to_owned(),
        required: Some(ErrorCode::VectorStoreUnavailable),
        check: Box::new(move || {
            let vectors = Arc::clone(&vectors);
            Box::pin(async move { vectors.heartbeat().await })
        }),
    }
}
