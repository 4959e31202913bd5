//! What orchestrators ask: `/health`, `/healthz`, `/livez`, `/readyz`, `/metrics`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::future::{BoxFuture, join_all};
use serde::Serialize;
use tokio::time::{Instant, timeout};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Shell;
use super::envelope::{Answer, BadNews, Success, bad_news};
use super::error::{ApiError, ErrorCode};
use super::observe::TraceId;
use crate::clients::cache::Cache;
use crate::defects::Defect;
use crate::words::words;

/// The most time that one dependency gets to answer.
const PROBE_TIMEOUT: Duration = Duration::from_millis(400);

/// Asks a dependency whether it is there.
pub type Check = Box<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;
/// Brings gauges up to date before they are read.
pub type Refresh = Box<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

/// A dependency and how to ask it.
pub struct Probe {
    /// The service's name: `vector-store`.
    pub name: &'static str,
    /// As it is configured.
    pub url: String,
    /// What the lack of it is called; none if the service does without.
    pub required: Option<ErrorCode>,
    /// Asks it.
    pub check: Check,
}

impl Probe {
    /// The cache, which every service does without.
    pub fn cache(cache: &Arc<Cache>, url: &str) -> Self {
        let cache = Arc::clone(cache);
        Self {
            name: "cache",
            url: url.to_owned(),
            required: None,
            check: Box::new(move || {
                let cache = Arc::clone(&cache);
                Box::pin(async move { cache.ping().await })
            }),
        }
    }
}

impl fmt::Debug for Probe {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Probe({} at {})", self.name, self.url)
    }
}

/// A service as its operator sees it.
pub struct Operations {
    /// The service.
    pub shell: Arc<Shell>,
    /// What it depends on.
    pub probes: Vec<Probe>,
    /// Brings its gauges up to date.
    pub refresh: Refresh,
}

impl fmt::Debug for Operations {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Operations({:?})", self.probes)
    }
}

words! {
    /// How a service is.
    pub enum HealthStatus {
        /// Everything is there.
        Healthy = "healthy",
        /// A dependency that it can do without is down.
        Degraded = "degraded",
        /// A dependency that it needs is down.
        Unhealthy = "unhealthy",
    }
}

words! {
    /// How a dependency is.
    pub enum DependencyStatus {
        /// It answered.
        Up = "up",
        /// It did not.
        Down = "down",
    }
}

/// How a service and its dependencies are.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Health {
    /// Its name.
    service: &'static str,
    /// Its version.
    version: &'static str,
    /// How it is.
    status: HealthStatus,
    /// The port that it listens on.
    #[schema(minimum = 1)]
    port: u16,
    /// Whole seconds since it started.
    uptime_seconds: u64,
    /// By the name of the service.
    dependencies: BTreeMap<&'static str, Dependency>,
}

/// How a dependency is.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Dependency {
    /// Whether it answered.
    status: DependencyStatus,
    /// As it is configured.
    url: String,
    /// Whether the service needs it.
    required: bool,
    /// Milliseconds until it answered; null if it did not.
    #[schema(required, minimum = 0)]
    latency_ms: Option<f64>,
    /// Why it did not; null if it did.
    #[schema(required)]
    error: Option<String>,
}

/// Whether a service can work.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Readiness {
    /// Whether everything that it needs is there.
    ready: bool,
    /// The names of those that are missing.
    missing: Vec<&'static str>,
}

/// That a process lives.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Liveness {
    /// Always true: who is dead does not answer.
    alive: bool,
}

impl Operations {
    /// Asks all dependencies at once.
    async fn ask(&self) -> (BTreeMap<&'static str, Dependency>, Option<ApiError>) {
        if self.shell.defects.has(Defect::ConstantHealth) {
            return (BTreeMap::new(), None);
        }
        let answers = join_all(self.probes.iter().map(ask_one)).await;
        let lack = self
            .probes
            .iter()
            .zip(&answers)
            .find_map(|(probe, answer)| {
                let reason = answer.error.as_deref()?;
                let message = format!("{} is down: {reason}", probe.name);
                Some(ApiError {
                    retry_after_s: Some(1),
                    ..ApiError::new(probe.required?, message)
                })
            });
        let dependencies = self
            .probes
            .iter()
            .map(|probe| probe.name)
            .zip(answers)
            .collect();
        (dependencies, lack)
    }
}

async fn ask_one(probe: &Probe) -> Dependency {
    let begun = Instant::now();
    let result = timeout(PROBE_TIMEOUT, (probe.check)())
        .await
        .unwrap_or_else(|_| Err(format!("no answer in {} ms", PROBE_TIMEOUT.as_millis())));
    let took_ms = begun.elapsed().as_secs_f64() * 1_000.0;
    Dependency {
        status: if result.is_ok() {
            DependencyStatus::Up
        } else {
            DependencyStatus::Down
        },
        url: probe.url.clone(),
        required: probe.required.is_some(),
        latency_ms: result
            .is_ok()
            .then_some((took_ms * 1_000.0).round() / 1_000.0),
        error: result.err(),
    }
}

/// How the service is.
#[utoipa::path(get, path = "/health", tag = "operations", operation_id = "getHealth", responses(
    (status = 200, description = "It works", body = Success<Health>),
    (status = 503, description = "A dependency that it needs is down", body = BadNews<Health>),
))]
async fn health(
    State(operations): State<Arc<Operations>>,
    Extension(TraceId(trace_id)): Extension<TraceId>,
) -> Response {
    let (dependencies, lack) = operations.ask().await;
    let all_up = dependencies
        .values()
        .all(|dependency| dependency.status == DependencyStatus::Up);
    let shell = &operations.shell;
    let health = Health {
        service: shell.service,
        version: env!("CARGO_PKG_VERSION"),
        status: match (&lack, all_up) {
            (Some(_), _) => HealthStatus::Unhealthy,
            (None, false) => HealthStatus::Degraded,
            (None, true) => HealthStatus::Healthy,
        },
        port: if shell.defects.has(Defect::ConstantHealth) {
            8000
        } else {
            shell.address.port()
        },
        uptime_seconds: shell.started.elapsed().as_secs(),
        dependencies,
    };
    match lack {
        Some(error) => bad_news(health, &error, &trace_id),
        None => Answer::ok("the service works", health).into_response(),
    }
}

/// How the service is, under the path of the interface.
#[utoipa::path(get, path = "/api/v1/health", tag = "operations", operation_id = "getHealthUnderApi", responses(
    (status = 200, description = "It works", body = Success<Health>),
    (status = 503, description = "A dependency that it needs is down", body = BadNews<Health>),
))]
async fn health_under_api(
    operations: State<Arc<Operations>>,
    trace_id: Extension<TraceId>,
) -> Response {
    health(operations, trace_id).await
}

/// The former address of `/health`.
#[utoipa::path(get, path = "/healthz", tag = "operations", operation_id = "getHealthRedirect", responses(
    (status = 307, description = "It is at `/health`", headers(("Location" = String, description = "`/health`"))),
))]
async fn healthz() -> Response {
    (
        StatusCode::TEMPORARY_REDIRECT,
        [(header::LOCATION, "/health")],
    )
        .into_response()
}

/// Whether the process lives.
#[utoipa::path(get, path = "/livez", tag = "operations", operation_id = "getLiveness", responses(
    (status = 200, description = "It does", body = Success<Liveness>),
))]
async fn livez() -> Answer<Liveness> {
    Answer::ok("the process lives", Liveness { alive: true })
}

/// Whether the service can work.
#[utoipa::path(get, path = "/readyz", tag = "operations", operation_id = "getReadiness", responses(
    (status = 200, description = "It can", body = Success<Readiness>),
    (status = 503, description = "A dependency that it needs is down", body = BadNews<Readiness>),
))]
async fn readyz(
    State(operations): State<Arc<Operations>>,
    Extension(TraceId(trace_id)): Extension<TraceId>,
) -> Response {
    let (dependencies, lack) = operations.ask().await;
    let missing = dependencies
        .into_iter()
        .filter(|(_, dependency)| {
            dependency.required && dependency.status == DependencyStatus::Down
        })
        .map(|(name, _)| name)
        .collect();
    let readiness = Readiness {
        ready: lack.is_none(),
        missing,
    };
    match lack {
        Some(error) => bad_news(readiness, &error, &trace_id),
        None => Answer::ok("the service can work", readiness).into_response(),
    }
}

/// Numbers for Prometheus; `OpenMetrics` if accepted.
#[utoipa::path(get, path = "/metrics", tag = "operations", operation_id = "getMetrics", responses(
    (status = 200, description = "The text format", body = String, content_type = "text/plain"),
))]
async fn metrics(State(operations): State<Arc<Operations>>, headers: HeaderMap) -> Response {
    (operations.refresh)().await;
    let (kind, text) = operations.shell.metrics.text(&headers);
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

/// The routes.
pub fn router(operations: Arc<Operations>) -> OpenApiRouter {
    OpenApiRouter::default()
        .routes(routes!(health))
        .routes(routes!(health_under_api))
        .routes(routes!(healthz))
        .routes(routes!(livez))
        .routes(routes!(readyz))
        .routes(routes!(metrics))
        .with_state(operations)
}
