//! The retry queue over HTTP.

use std::sync::Arc;

use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::job_table;
use super::save::{QueueStats, SaveReport};
use super::service::GenerationService;
use crate::web::detached;
use crate::web::envelope::{Answer, Failure, Success};
use crate::web::error::ApiError;
use crate::web::path::Ids;

type Service = State<Arc<GenerationService>>;

/// The retry queue in numbers.
#[utoipa::path(get, path = "/api/v1/retry/queue/stats", tag = "retry", operation_id = "getRetryQueueStats", responses(
    (status = 200, description = "The numbers", body = Success<QueueStats>),
))]
async fn stats(State(service): Service) -> Result<Answer<QueueStats>, ApiError> {
    let stats = service.parts.store.read(job_table::queue_stats).await?;
    Ok(Answer::ok("the retry queue in numbers", stats))
}

/// How the saving of a generation stands.
#[utoipa::path(get, path = "/api/v1/retry/jobs/{jobId}", tag = "retry", operation_id = "getRetryJob",
    params(("jobId" = String, Path, description = "The generation")),
    responses(
    (status = 200, description = "How it stands", body = Success<SaveReport>),
    (status = 404, description = "There is no such generation", body = Failure),
))]
async fn report(
    State(service): Service,
    Ids(id): Ids<String>,
) -> Result<Answer<SaveReport>, ApiError> {
    let report = service.save_report(&id).await?;
    Ok(Answer::ok("how the saving stands", report))
}

/// Puts a dead letter back into the queue.
#[utoipa::path(post, path = "/api/v1/retry/generations/{jobId}/save", tag = "retry", operation_id = "saveAgain",
    params(("jobId" = String, Path, description = "The generation")),
    responses(
    (status = 200, description = "It is no dead letter and stays as it is", body = Success<SaveReport>),
    (status = 202, description = "It is in the queue again", body = Success<SaveReport>),
    (status = 404, description = "There is no such generation", body = Failure),
))]
async fn save(
    State(service): Service,
    Ids(id): Ids<String>,
) -> Result<Answer<SaveReport>, ApiError> {
    let (was_dead, report) = detached(async move { service.save_again(&id).await }).await?;
    Ok(if was_dead {
        Answer::accepted("it is in the queue again", report)
    } else {
        Answer::ok("it is no dead letter and stays as it is", report)
    })
}

pub(super) fn router() -> OpenApiRouter<Arc<GenerationService>> {
    OpenApiRouter::default()
        .routes(routes!(stats))
        .routes(routes!(report))
        .routes(routes!(save))
}
