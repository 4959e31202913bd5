//! What only tests may do, behind `--test-hooks`: the public interface rightly cannot make a gap or a repeated number, nor a creation
//! that fails or takes long.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::extract::{Request, State};
use serde::Serialize;
use serde_json::Value;
use tokio::time::sleep;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::Episode;
use super::requests::RawEpisode;
use super::service::ProjectService;
use crate::web::documentation::BodyRefusals;
use crate::web::envelope::{Answer, Failure, Success};
use crate::web::error::ApiError;
use crate::web::fields::Fields;
use crate::web::path::Ids;
use crate::web::{body, detached};

/// How many creations can be made to fail, and for how many milliseconds each can be held.
const MOST: u64 = 10_000;

/// What tests do to the creation of episodes.
#[derive(Debug, Default)]
pub(super) struct Interference {
    fail_next: AtomicU64,
    delay_ms: AtomicU64,
}

impl Interference {
    fn set(&self, wanted: CreationHook) {
        self.fail_next.store(wanted.fail_next, Ordering::SeqCst);
        self.delay_ms.store(wanted.delay_ms, Ordering::SeqCst);
    }

    /// Waits as long as a creation is to take more; whether it then is to fail.
    pub(super) async fn meet(&self) -> bool {
        let delay = self.delay_ms.load(Ordering::SeqCst);
        if delay > 0 {
            sleep(Duration::from_millis(delay)).await;
        }
        let one_less = |left: u64| left.checked_sub(1);
        self.fail_next
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less)
            .is_ok()
    }
}

/// What is to be done to the creation of episodes.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CreationHook {
    /// So many of the next ones fail as if the vector store were down.
    #[schema(minimum = 0, maximum = 10000)]
    fail_next: u64,
    /// Each takes so much longer, from now on.
    #[schema(minimum = 0, maximum = 10000)]
    delay_ms: u64,
}

impl CreationHook {
    fn read(body: Value) -> Result<Self, ApiError> {
        let mut fields = Fields::of(body);
        let hook = Self {
            fail_next: fields.required_integer("failNext", 0..=MOST),
            delay_ms: fields.required_integer("delayMs", 0..=MOST),
        };
        fields.finish()?;
        Ok(hook)
    }
}

/// What was forgotten.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Forgotten {
    /// How many operations were in the window.
    forgotten: u64,
}

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

/// Makes creations of episodes fail or take longer; both 0 ends it.
#[utoipa::path(put, path = "/api/v1/testing/episode-creations", tag = "testing", operation_id = "interfereWithCreations", request_body = CreationHook, responses(
    (status = 200, description = "So it is from now on", body = Success<CreationHook>),
    BodyRefusals,
))]
async fn interfere(
    State(service): State<Arc<ProjectService>>,
    request: Request,
) -> Result<Answer<CreationHook>, ApiError> {
    let body = body::json(request, service.shell.body_timeout).await?;
    let hook = CreationHook::read(body)?;
    service.interference.set(hook);
    Ok(Answer::ok("so it is from now on", hook))
}

/// Empties the window of the monitoring. Counters stay.
#[utoipa::path(delete, path = "/api/v1/testing/operations", tag = "testing", operation_id = "forgetOperations", responses(
    (status = 200, description = "Nothing is in the window", body = Success<Forgotten>),
))]
async fn forget_operations(State(service): State<Arc<ProjectService>>) -> Answer<Forgotten> {
    let forgotten = service.monitoring.creations.forget();
    Answer::ok("the window is empty", Forgotten { forgotten })
}

pub(super) fn router() -> OpenApiRouter<Arc<ProjectService>> {
    OpenApiRouter::default()
        .routes(routes!(insert_raw))
        .routes(routes!(interfere))
        .routes(routes!(forget_operations))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn as_many_creations_fail_as_were_asked_for() {
        let interference = Interference::default();
        assert!(!interference.meet().await);
        interference.set(CreationHook {
            fail_next: 2,
            delay_ms: 500,
        });
        let begun = tokio::time::Instant::now();
        let met = [
            interference.meet().await,
            interference.meet().await,
            interference.meet().await,
        ];
        assert_eq!(met, [true, true, false]);
        assert_eq!(begun.elapsed(), Duration::from_millis(1_500));
    }
}
