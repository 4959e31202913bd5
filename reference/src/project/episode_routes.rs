//! Episodes over HTTP.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{DeletedEpisode, Episode, EpisodeStats, NextNumber, StoredEpisode};
use super::monitoring::Outcome;
use super::monitoring::feed::Change;
use super::requests::{NewEpisode, ScriptChange};
use super::service::ProjectService;
use super::{episode_table, numbering};
use crate::defects::Defect;
use crate::web::documentation::BodyRefusals;
use crate::web::envelope::{Answer, Failure, Success};
use crate::web::error::{ApiError, ErrorCode};
use crate::web::path::Ids;
use crate::web::{body, detached};

type Service = State<Arc<ProjectService>>;

/// The episodes of a project, by number.
#[utoipa::path(get, path = "/api/v1/projects/{id}/episodes", tag = "episodes", operation_id = "listEpisodes",
    params(("id" = String, Path, description = "The project")),
    responses(
    (status = 200, description = "All of them", body = Success<Vec<Episode>>),
    (status = 404, description = "There is no such project", body = Failure),
))]
async fn list(
    State(service): Service,
    Ids(id): Ids<String>,
) -> Result<Answer<Vec<Episode>>, ApiError> {
    service.require_project(&id).await?;
    let episodes = service
        .store
        .read(move |transaction| episode_table::of_project(transaction, &id))
        .await?;
    let answers = episodes.into_iter().map(StoredEpisode::answer).collect();
    Ok(Answer::ok("the episodes, by number", answers))
}

/// Makes an episode with the next number of its project.
#[utoipa::path(post, path = "/api/v1/projects/{id}/episodes", tag = "episodes", operation_id = "createEpisode", request_body = NewEpisode,
    params(
        ("id" = String, Path, description = "The project"),
        ("Idempotency-Key" = Option<String>, Header, description = "One key never makes two episodes", pattern = "^[A-Za-z0-9_-]{1,255}$"),
    ),
    responses(
    (status = 200, description = "The same key again: the first answer", body = Success<Episode>, headers(("Idempotency-Replayed" = bool, description = "`true`"))),
    (status = 201, description = "It is made, and in the vector store", body = Success<Episode>),
    (status = 404, description = "There is no such project", body = Failure),
    (status = 409, description = "The key was used for another request, or one with it does not end", body = Failure),
    (status = 503, description = "The vector store is down; nothing is made and no number is used", body = Failure),
    BodyRefusals,
))]
async fn create(
    State(service): Service,
    Ids(id): Ids<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let headers = request.headers().clone();
    let path = request.uri().path().to_owned();
    let body = body::json(request, service.shell.body_timeout).await?;
    let new = NewEpisode::read(body)?;
    let claim = service.idempotency.claim(&headers, &path, &new)?;
    detached(async move {
        let under_way = service.monitoring.creations.begin(&service.gauges);
        let answer = service
            .idempotency
            .once(claim, |claim| service.create_episode(&id, new, claim))
            .await;
        if let Some(outcome) = outcome(&answer) {
            under_way.end(outcome);
        }
        if let Err(error) = &answer
            && error.status.is_server_error()
        {
            service.monitoring.feed.publish(&Change::CreationFailed {
                project_id: &id,
                status: error.status.as_u16(),
            });
        }
        answer
    })
    .await
}

/// How a creation ended; none for a repeat and for the client's other mistakes, which are no operations.
fn outcome(answer: &Result<Response, ApiError>) -> Option<Outcome> {
    match answer {
        Ok(made) if made.status() == StatusCode::CREATED => Some(Outcome::Succeeded),
        Err(error) if error.status.is_server_error() => Some(Outcome::Failed),
        Err(error) if error.code == ErrorCode::IdempotencyConflict => Some(Outcome::Conflict),
        Ok(_) | Err(_) => None,
    }
}

/// The number that the next episode gets.
#[utoipa::path(get, path = "/api/v1/projects/{id}/episodes/_next-number", tag = "episodes", operation_id = "getNextNumber",
    params(("id" = String, Path, description = "The project")),
    responses(
    (status = 200, description = "The number", body = Success<NextNumber>),
    (status = 404, description = "There is no such project", body = Failure),
))]
async fn next_number(
    State(service): Service,
    Ids(id): Ids<String>,
) -> Result<Answer<NextNumber>, ApiError> {
    if service.has(Defect::FixedPathsShadowed) {
        return Err(ApiError::episode_not_found("_next-number"));
    }
    service.require_project(&id).await?;
    let next_number = service.next_number(&id).await?;
    Ok(Answer::ok("the next number", NextNumber { next_number }))
}

/// The episodes of a project in numbers.
#[utoipa::path(get, path = "/api/v1/projects/{id}/episodes/_stats", tag = "episodes", operation_id = "getEpisodeStats",
    params(("id" = String, Path, description = "The project")),
    responses(
    (status = 200, description = "The numbers", body = Success<EpisodeStats>),
    (status = 404, description = "There is no such project", body = Failure),
))]
async fn stats(
    State(service): Service,
    Ids(id): Ids<String>,
) -> Result<Answer<EpisodeStats>, ApiError> {
    if service.has(Defect::FixedPathsShadowed) {
        return Err(ApiError::episode_not_found("_stats"));
    }
    service.require_project(&id).await?;
    let stats = service
        .store
        .read(move |transaction| {
            let mut stats = EpisodeStats {
                last_number: numbering::last(transaction, &id)?,
                ..EpisodeStats::default()
            };
            for episode in episode_table::of_project(transaction, &id)? {
                stats.total_episodes += 1;
                stats.total_tokens += episode.script.tokens;
                stats.total_words += episode.script.markdown.split_whitespace().count() as u64;
            }
            Ok(stats)
        })
        .await?;
    Ok(Answer::ok("the episodes in numbers", stats))
}

/// An episode.
#[utoipa::path(get, path = "/api/v1/projects/{id}/episodes/{episodeId}", tag = "episodes", operation_id = "getEpisode",
    params(
        ("id" = String, Path, description = "The project"),
        ("episodeId" = String, Path, description = "The episode"),
    ),
    responses(
    (status = 200, description = "The episode", body = Success<Episode>),
    (status = 404, description = "There is no such project, or it has no such episode", body = Failure),
))]
async fn get(
    State(service): Service,
    Ids((id, episode_id)): Ids<(String, String)>,
) -> Result<Answer<Episode>, ApiError> {
    let episode = service.episode(&id, &episode_id).await?;
    Ok(Answer::ok("the episode", episode.answer()))
}

/// Deletes an episode. Its number is never given again.
#[utoipa::path(delete, path = "/api/v1/projects/{id}/episodes/{episodeId}", tag = "episodes", operation_id = "deleteEpisode",
    params(
        ("id" = String, Path, description = "The project"),
        ("episodeId" = String, Path, description = "The episode"),
    ),
    responses(
    (status = 200, description = "It is gone, here and in the vector store", body = Success<DeletedEpisode>),
    (status = 404, description = "There is no such project, or it has no such episode", body = Failure),
    (status = 503, description = "The vector store is down; nothing is changed", body = Failure),
))]
async fn delete(
    State(service): Service,
    Ids((id, episode_id)): Ids<(String, String)>,
) -> Result<Answer<DeletedEpisode>, ApiError> {
    let deleted = detached(async move { service.delete_episode(&id, &episode_id).await }).await?;
    Ok(Answer::ok("the episode is deleted", deleted))
}

/// Puts a script in place of the one an episode has.
#[utoipa::path(put, path = "/api/v1/projects/{id}/episodes/{episodeId}/script", tag = "episodes", operation_id = "changeScript", request_body = ScriptChange,
    params(
        ("id" = String, Path, description = "The project"),
        ("episodeId" = String, Path, description = "The episode"),
    ),
    responses(
    (status = 200, description = "The episode as it is now, in the vector store too", body = Success<Episode>),
    (status = 404, description = "There is no such project, or it has no such episode", body = Failure),
    (status = 503, description = "The vector store is down; nothing is changed", body = Failure),
    BodyRefusals,
))]
async fn change_script(
    State(service): Service,
    Ids((id, episode_id)): Ids<(String, String)>,
    request: Request,
) -> Result<Answer<Episode>, ApiError> {
    let body = body::json(request, service.shell.body_timeout).await?;
    let change = ScriptChange::read(body)?;
    let episode =
        detached(async move { service.change_script(&id, &episode_id, change).await }).await?;
    Ok(Answer::ok("the script is changed", episode.answer()))
}

pub(super) fn router() -> OpenApiRouter<Arc<ProjectService>> {
    OpenApiRouter::default()
        .routes(routes!(list, create))
        .routes(routes!(next_number))
        .routes(routes!(stats))
        .routes(routes!(get, delete))
        .routes(routes!(change_script))
}
