//! What only tests may do, behind `--test-hooks`: the public interface rightly cannot make a gap or a repeated number.

use std::sync::Arc;

use axum::extract::{Request, State};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::Episode;
use super::requests::RawEpisode;
use super::service::ProjectService;
use crate::web::documentation::BodyRefusals;
use crate::web::envelope::{Answer, Failure, Success};
use crate::web::error::ApiError;
use crate::web::path::Ids;
use crate::web::{body, detached};

/// Inserts an episode with a number of the caller's choice.
#[utoipa::path(post, path = "/api/v1/testing/projects/{id}/episodes", tag = "testing", operation_id = "insertRawEpisode", request_body = RawEpisode,
    params(("id" = String, Path, description = "The project")),
    responses(
    (status = 201, description = "It is inserted", body = Success<Episode>),
    (status = 404, description = "There is no such project", body = Failure),
    (status = 503, description = "The vector store is down", body = Failure),
    BodyRefusals,
))]
async fn insert_raw(
    State(service): State<Arc<ProjectService>>,
    Ids(id): Ids<String>,
    request: Request,
) -> Result<Answer<Episode>, ApiError> {
    let body = body::json(request, service.shell.body_timeout).await?;
    let raw = RawEpisode::read(body)?;
    let episode = detached(async move { service.insert_raw(&id, raw).await }).await?;
    Ok(Answer::created("the episode is inserted", episode.answer()))
}

pub(super) fn router() -> OpenApiRouter<Arc<ProjectService>> {
    OpenApiRouter::default().routes(routes!(insert_raw))
}
