//! The monitoring over HTTP.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use serde::Serialize;
use serde_json::Value;
use tokio::time::Instant;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::service::ProjectService;
use super::feed;
use super::integrity;
use super::model::{
    ActiveAlerts, Alert, AlertCheck, IntegrityCheck, IntegritySummary, PerformanceStats,
    ProjectIntegrity, Repair,
};
use crate::defects::Defect;
use crate::web::documentation::{BodyRefusals, QueryRefusals};
use crate::web::envelope::{Answer, Failure, Success};
use crate::web::error::{ApiError, ErrorCode};
use crate::web::fields::{Fields, Parameters};
use crate::web::path::Ids;
use crate::web::{body, detached};

type Service = State<Arc<ProjectService>>;

/// Which check is wanted.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CheckWish {
    /// Whether the integrity of each unhealthy project is answered too.
    deep: bool,
}

/// How a repair is wanted.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RepairWish {
    /// Whether only to say what would be changed.
    dry_run: bool,
}

fn one_flag(body: Value, name: &str) -> Result<bool, ApiError> {
    let mut fields = Fields::of(body);
    let flag = fields.required_boolean(name);
    fields.finish()?;
    Ok(flag)
}

/// The numbers of all projects.
#[utoipa::path(get, path = "/api/v1/monitoring/episodes/integrity/summary", tag = "monitoring", operation_id = "getIntegritySummary", responses(
    (status = 200, description = "Those that were ever given a number", body = Success<IntegritySummary>),
))]
async fn summary(State(service): Service) -> Result<Answer<IntegritySummary>, ApiError> {
    let survey = service.store.read(integrity::survey).await?;
    let summary = IntegritySummary::from(&survey);
    Ok(Answer::ok("the numbers of all projects", summary))
}

/// The numbers of a project.
#[utoipa::path(get, path = "/api/v1/monitoring/episodes/integrity/projects/{id}", tag = "monitoring", operation_id = "getIntegrity",
    params(("id" = String, Path, description = "The project")),
    responses(
    (status = 200, description = "Its gaps and duplicates", body = Success<ProjectIntegrity>),
    (status = 404, description = "There is no such project", body = Failure),
))]
async fn of_project(
    State(service): Service,
    Ids(id): Ids<String>,
) -> Result<Answer<ProjectIntegrity>, ApiError> {
    service.require_project(&id).await?;
    let wanted = id.clone();
    let findings = service
        .store
        .read(move |transaction| integrity::of_project(transaction, &wanted))
        .await?;
    let integrity = ProjectIntegrity::of(id, findings);
    Ok(Answer::ok("the numbers of the project", integrity))
}

/// Looks at all numbers now, and raises and resolves the alerts that are due.
#[utoipa::path(post, path = "/api/v1/monitoring/episodes/integrity/run-check", tag = "monitoring", operation_id = "checkIntegrity", request_body = CheckWish, responses(
    (status = 200, description = "What was found", body = Success<IntegrityCheck>),
    BodyRefusals,
))]
async fn run_check(
    State(service): Service,
    request: Request,
) -> Result<Answer<IntegrityCheck>, ApiError> {
    let body = body::json(request, service.shell.body_timeout).await?;
    let deep = one_flag(body, "deep")?;
    let begun = Instant::now();
    let evaluation = service.evaluate().await?;
    let summary = IntegritySummary::from(&evaluation.survey);
    let issues = evaluation.survey.issues.into_iter().filter(|_| deep);
    let check = IntegrityCheck {
        deep,
        duration_ms: begun.elapsed().as_secs_f64() * 1e3,
        summary,
        raised: evaluation.changes.raised,
        resolved: evaluation.changes.resolved,
        projects: issues
            .map(|(id, findings)| ProjectIntegrity::of(id, findings))
            .collect(),
    };
    Ok(Answer::ok("the numbers are checked", check))
}

/// Numbers the episodes of a project anew, without gap and duplicate.
#[utoipa::path(post, path = "/api/v1/monitoring/episodes/integrity/projects/{id}/fix-gaps", tag = "monitoring", operation_id = "fixGaps", request_body = RepairWish,
    params(("id" = String, Path, description = "The project")),
    responses(
    (status = 200, description = "What is changed, or would be", body = Success<Repair>),
    (status = 404, description = "There is no such project", body = Failure),
    (status = 503, description = "The vector store is down; no number is changed", body = Failure),
    BodyRefusals,
))]
async fn fix_gaps(
    State(service): Service,
    Ids(id): Ids<String>,
    request: Request,
) -> Result<Answer<Repair>, ApiError> {
    let body = body::json(request, service.shell.body_timeout).await?;
    let dry_run = one_flag(body, "dryRun")?;
    let repair = detached(async move { service.fix_gaps(&id, dry_run).await }).await?;
    Ok(Answer::ok("the changes of the numbers", repair))
}

/// The creations of episodes, measured in the window.
#[utoipa::path(get, path = "/api/v1/monitoring/episodes/performance/stats", tag = "monitoring", operation_id = "getPerformance", responses(
    (status = 200, description = "The figures", body = Success<PerformanceStats>),
))]
async fn stats(State(service): Service) -> Answer<PerformanceStats> {
    let mut stats = service.monitoring.creations.stats();
    if service.has(Defect::PerformanceConstant) {
        stats.average_duration_seconds = Some(0.5);
        stats.p95_duration_seconds = Some(2.1);
        stats.success_rate_percentage = Some(98.5);
        stats.total_operations_today = 1_247;
    }
    Answer::ok("the creations of episodes", stats)
}

/// The active alerts.
#[utoipa::path(get, path = "/api/v1/monitoring/episodes/alerts/active", tag = "monitoring", operation_id = "listActiveAlerts", responses(
    (status = 200, description = "All of them, oldest first", body = Success<ActiveAlerts>),
))]
async fn active(State(service): Service) -> Answer<ActiveAlerts> {
    let alerts = service.monitoring.alerts().active();
    Answer::ok("the active alerts", alerts.into())
}

/// Evaluates the alert rules now.
#[utoipa::path(post, path = "/api/v1/monitoring/episodes/alerts/check", tag = "monitoring", operation_id = "checkAlerts", responses(
    (status = 200, description = "What each rule measured, and what was raised and resolved", body = Success<AlertCheck>),
))]
async fn check_alerts(State(service): Service) -> Result<Answer<AlertCheck>, ApiError> {
    let evaluation = service.evaluate().await?;
    let check = AlertCheck {
        rules: evaluation.readings,
        raised: evaluation.changes.raised,
        resolved: evaluation.changes.resolved,
    };
    Ok(Answer::ok("the rules are evaluated", check))
}

/// Resolves an active alert. It comes again only after its condition was gone.
#[utoipa::path(post, path = "/api/v1/monitoring/episodes/alerts/{alertId}/resolve", tag = "monitoring", operation_id = "resolveAlert",
    params(("alertId" = String, Path, description = "The alert, by the id that is listed")),
    responses(
    (status = 200, description = "It is resolved", body = Success<Alert>),
    (status = 404, description = "No active alert has this id", body = Failure),
))]
async fn resolve(State(service): Service, Ids(id): Ids<String>) -> Result<Answer<Alert>, ApiError> {
    let alert = service.resolve_alert(&id).await.ok_or_else(|| {
        ApiError::new(
            ErrorCode::AlertNotFound,
            format!("no active alert has the id `{id}`"),
        )
    })?;
    Ok(Answer::ok("the alert is resolved", alert))
}

/// Every change, as server-sent events: what is kept, or what came after `Last-Event-ID`, and then live.
#[utoipa::path(get, path = "/api/v1/monitoring/episodes/feed", tag = "monitoring", operation_id = "followChanges",
    params(
        ("Last-Event-ID" = Option<String>, Header, description = "`<start>:<n>`; one that is not known is ignored"),
        ("replayOnly" = Option<bool>, Query, description = "Ends instead of going on live"),
    ),
    responses(
    (status = 200, description = "The events", body = String, content_type = "text/event-stream"),
    QueryRefusals,
))]
async fn follow(State(service): Service, request: Request) -> Result<Response, ApiError> {
    let mut parameters = Parameters::of(request.uri());
    let replay_only = parameters.boolean("replayOnly").unwrap_or_default();
    parameters.finish()?;
    let feed = &service.monitoring.feed;
    let last_event_id = request.headers().get("last-event-id");
    let place = feed.place(last_event_id.and_then(|value| value.to_str().ok()));
    let shutdown = service.monitoring.shutdown.clone();
    Ok(event_stream(feed::body(feed, place, replay_only, shutdown)))
}

fn event_stream(body: Body) -> Response {
    let mut response = Response::new(body);
    for (name, value) in [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-cache, no-transform"),
    ] {
        let value = HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
    response
}

pub(in super::super) fn router() -> OpenApiRouter<Arc<ProjectService>> {
    OpenApiRouter::default()
        .routes(routes!(summary))
        .routes(routes!(of_project))
        .routes(routes!(run_check))
        .routes(routes!(fix_gaps))
        .routes(routes!(stats))
        .routes(routes!(active))
        .routes(routes!(check_alerts))
        .routes(routes!(resolve))
        .routes(routes!(follow))
}
