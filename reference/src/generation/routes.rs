//! Generations over HTTP.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, Uri, header};
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::events::number_of;
use super::job_table;
use super::model::{AcceptedJob, CanceledJob, Job, JobStats, StoredJob};
use super::requests::{JobQuery, NewJob};
use super::service::GenerationService;
use super::stream;
use crate::defects::Defect;
use crate::web::documentation::{BodyRefusals, QueryRefusals};
use crate::web::envelope::{Answer, Failure, Success};
use crate::web::error::ApiError;
use crate::web::observe::connection_of;
use crate::web::path::Ids;
use crate::web::{body, detached};

type Service = State<Arc<GenerationService>>;

/// Asks for a script.
#[utoipa::path(post, path = "/api/v1/generations", tag = "generations", operation_id = "createGeneration", request_body = NewJob,
    params(("Idempotency-Key" = Option<String>, Header, description = "One key never makes two generations", pattern = "^[A-Za-z0-9_-]{1,255}$")),
    responses(
    (status = 200, description = "The same key again: the first answer", body = Success<AcceptedJob>, headers(("Idempotency-Replayed" = bool, description = "`true`"))),
    (status = 201, description = "It is queued", body = Success<AcceptedJob>),
    (status = 404, description = "There is no such project", body = Failure),
    (status = 409, description = "The key was used for another request, or one with it does not end", body = Failure),
    (status = 503, description = "The project service is down; nothing is made", body = Failure),
    BodyRefusals,
))]
async fn create(State(service): Service, request: Request) -> Result<Response, ApiError> {
    let headers = request.headers().clone();
    let path = request.uri().path().to_owned();
    let body = body::json(request, service.parts.shell.body_timeout).await?;
    let new = NewJob::read(body)?;
    let claim = service.idempotency.claim(&headers, &path, &new)?;
    detached(async move {
        // Before the lock of the key: requests with one key must not wait for the project service one after another.
        if let Some(claim) = &claim
            && let Some(replayed) = service.idempotency.replayed(claim).await?
        {
            return Ok(replayed);
        }
        service.needs_project(&new.project_id).await?;
        service
            .idempotency
            .once(claim, |claim| service.create(new, claim))
            .await
    })
    .await
}

/// Generations, newest first.
#[utoipa::path(get, path = "/api/v1/generations", tag = "generations", operation_id = "listGenerations", params(JobQuery), responses(
    (status = 200, description = "Those that were asked for", body = Success<Vec<Job>>),
    QueryRefusals,
))]
async fn list(State(service): Service, uri: Uri) -> Result<Answer<Vec<Job>>, ApiError> {
    let query = JobQuery::read(&uri)?;
    let found = service
        .parts
        .store
        .read(move |transaction| {
            let mut page = Vec::new();
            let mut skipped = 0;
            job_table::each(transaction, |job| {
                let wanted = query.status.is_none_or(|status| status == job.status)
                    && query
                        .project_id
                        .as_ref()
                        .is_none_or(|project| *project == job.project_id);
                if wanted && skipped < query.skip {
                    skipped += 1;
                } else if wanted {
                    page.push(job);
                }
                page.len() < query.limit
            })?;
            Ok(page.into_iter().map(StoredJob::answer).collect())
        })
        .await?;
    Ok(Answer::ok("the generations, newest first", found))
}

/// The generations that are not finished, oldest first.
#[utoipa::path(get, path = "/api/v1/generations/active", tag = "generations", operation_id = "listActiveGenerations", responses(
    (status = 200, description = "They", body = Success<Vec<Job>>),
))]
async fn active(State(service): Service) -> Result<Answer<Vec<Job>>, ApiError> {
    if service.has(Defect::FixedPathsShadowed) {
        return Err(ApiError::job_not_found("active"));
    }
    let found = service
        .parts
        .store
        .read(|transaction| {
            let jobs = job_table::unfinished(transaction)?;
            Ok(jobs.into_iter().map(StoredJob::answer).collect())
        })
        .await?;
    Ok(Answer::ok("the generations that are not finished", found))
}

/// All generations in numbers.
#[utoipa::path(get, path = "/api/v1/generations/_stats", tag = "generations", operation_id = "getGenerationStats", responses(
    (status = 200, description = "The numbers", body = Success<JobStats>),
))]
async fn stats(State(service): Service) -> Result<Answer<JobStats>, ApiError> {
    if service.has(Defect::FixedPathsShadowed) {
        return Err(ApiError::job_not_found("_stats"));
    }
    Ok(Answer::ok(
        "all generations in numbers",
        service.parts.tally.stats(),
    ))
}

/// A generation.
#[utoipa::path(get, path = "/api/v1/generations/{jobId}", tag = "generations", operation_id = "getGeneration",
    params(("jobId" = String, Path, description = "The generation")),
    responses(
    (status = 200, description = "The generation", body = Success<Job>),
    (status = 404, description = "There is no such generation", body = Failure),
))]
async fn get(State(service): Service, Ids(id): Ids<String>) -> Result<Answer<Job>, ApiError> {
    Ok(Answer::ok("the generation", service.job(&id).await?))
}

/// Cancels a generation. A finished one, and one whose text is made, stays as it is.
#[utoipa::path(delete, path = "/api/v1/generations/{jobId}", tag = "generations", operation_id = "cancelGeneration",
    params(("jobId" = String, Path, description = "The generation")),
    responses(
    (status = 200, description = "How it is now", body = Success<CanceledJob>),
    (status = 404, description = "There is no such generation", body = Failure),
))]
async fn cancel(
    State(service): Service,
    Ids(id): Ids<String>,
) -> Result<Answer<CanceledJob>, ApiError> {
    let canceled = detached(async move { service.cancel(&id).await }).await?;
    Ok(Answer::ok("how the generation is now", canceled))
}

/// The events of a generation, as server-sent events: all of them from the start, or from after `Last-Event-ID`, up to the final one.
#[utoipa::path(get, path = "/api/v1/generations/{jobId}/events", tag = "generations", operation_id = "streamEvents",
    params(
        ("jobId" = String, Path, description = "The generation"),
        ("Last-Event-ID" = Option<String>, Header, description = "`<jobId>:<n>`; one that is not known is ignored"),
    ),
    responses(
    (status = 200, description = "`progress`, `preview`, `completed` and `failed`, each with one line of JSON", body = String, content_type = "text/event-stream"),
    (status = 404, description = "There is no such generation", body = Failure),
))]
async fn events(
    State(service): Service,
    Ids(id): Ids<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let job = service.stored(&id).await?;
    let after = match request.headers().get("last-event-id") {
        None => 0,
        Some(_) if service.has(Defect::NoReplay) => service.before_newest_progress(&id).await?,
        Some(value) => value
            .to_str()
            .ok()
            .and_then(|text| number_of(text, &id))
            .filter(|number| (1..=job.last_event).contains(number))
            .unwrap_or(0),
    };
    let connection = connection_of(&request);
    let mut response = Response::new(stream::body(service, id, after, connection).await);
    for (name, value) in [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-cache, no-transform"),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    // Nginx would otherwise hold events back.
    response
        .headers_mut()
        .insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

pub(super) fn router() -> OpenApiRouter<Arc<GenerationService>> {
    OpenApiRouter::default()
        .routes(routes!(list, create))
        .routes(routes!(active))
        .routes(routes!(stats))
        .routes(routes!(get, cancel))
        .routes(routes!(events))
}
