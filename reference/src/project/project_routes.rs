//! Projects over HTTP.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::Uri;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{
    DeletedProject, Project, ProjectStatus, ProjectSummary, ProjectType, StoredProject,
};
use super::project_table;
use super::requests::{self, NewProject, ProjectChange, ProjectQuery};
use super::service::ProjectService;
use crate::defects::Defect;
use crate::web::documentation::{BodyRefusals, QueryRefusals};
use crate::web::envelope::{Answer, Failure, Success};
use crate::web::error::ApiError;
use crate::web::path::Ids;
use crate::web::{body, detached};
use crate::words::Word;

type Service = State<Arc<ProjectService>>;

/// Projects, newest first.
#[utoipa::path(get, path = "/api/v1/projects", tag = "projects", operation_id = "listProjects", params(ProjectQuery), responses(
    (status = 200, description = "Those that were asked for", body = Success<Vec<Project>>),
    QueryRefusals,
))]
async fn list(State(service): Service, uri: Uri) -> Result<Answer<Vec<Project>>, ApiError> {
    let query = ProjectQuery::read(&uri)?;
    let every_row_is_answered = service.has(Defect::UnknownTypeStored);
    let found = service
        .store
        .read(move |transaction| {
            let mut page = Vec::new();
            let mut skipped = 0;
            project_table::each(transaction, |project| {
                if every_row_is_answered && project.answer().is_err() {
                    page.insert(0, project);
                    return false;
                }
                if !query.wants(&project) {
                    return true;
                }
                if skipped < query.skip {
                    skipped += 1;
                } else if page.len() < query.limit {
                    page.push(project);
                }
                every_row_is_answered || page.len() < query.limit
            })?;
            Ok(page)
        })
        .await?;
    Ok(Answer::ok("the projects, newest first", answers(&found)?))
}

impl ProjectQuery {
    fn wants(&self, project: &StoredProject) -> bool {
        let has = |text: &str, wanted: &str| text.to_lowercase().contains(wanted);
        self.kind.is_none_or(|kind| kind.word() == project.kind)
            && self.status.is_none_or(|status| status == project.status)
            && self.search.as_deref().is_none_or(|wanted| {
                has(&project.name, wanted) || has(&project.description, wanted)
            })
    }
}

fn answers(projects: &[StoredProject]) -> Result<Vec<Project>, ApiError> {
    projects
        .iter()
        .map(StoredProject::answer)
        .collect::<Result<_, _>>()
        .map_err(ApiError::internal)
}

/// Makes a project.
#[utoipa::path(post, path = "/api/v1/projects", tag = "projects", operation_id = "createProject", request_body = NewProject,
    params(("Idempotency-Key" = Option<String>, Header, description = "One key never makes two projects", pattern = "^[A-Za-z0-9_-]{1,255}$")),
    responses(
    (status = 200, description = "The same key again: the first answer", body = Success<Project>, headers(("Idempotency-Replayed" = bool, description = "`true`"))),
    (status = 201, description = "It is made", body = Success<Project>),
    (status = 409, description = "The key was used for another request, or one with it does not end", body = Failure),
    BodyRefusals,
))]
async fn create(State(service): Service, request: Request) -> Result<Response, ApiError> {
    let headers = request.headers().clone();
    let path = request.uri().path().to_owned();
    let body = body::json(request, service.shell.body_timeout).await?;
    let new = NewProject::read(body, service.shell.defects)?;
    let claim = service.idempotency.claim(&headers, &path, &new)?;
    detached(async move {
        service
            .idempotency
            .once(claim, |claim| service.create_project(new, claim))
            .await
    })
    .await
}

/// The newest projects.
#[utoipa::path(get, path = "/api/v1/projects/recent", tag = "projects", operation_id = "listRecentProjects",
    params(("limit" = Option<u64>, Query, description = "How many; 10 if not given", minimum = 1, maximum = 100)),
    responses(
    (status = 200, description = "They", body = Success<Vec<Project>>),
    QueryRefusals,
))]
async fn recent(State(service): Service, uri: Uri) -> Result<Answer<Vec<Project>>, ApiError> {
    if service.has(Defect::FixedPathsShadowed) {
        return Err(ApiError::project_not_found("recent"));
    }
    let limit = requests::recent_limit(&uri)?;
    let found = service
        .store
        .read(move |transaction| {
            let mut newest = Vec::new();
            project_table::each(transaction, |project| {
                newest.push(project);
                newest.len() < limit
            })?;
            Ok(newest)
        })
        .await?;
    Ok(Answer::ok("the newest projects", answers(&found)?))
}

/// All projects in numbers.
#[utoipa::path(get, path = "/api/v1/projects/stats/summary", tag = "projects", operation_id = "summarizeProjects", responses(
    (status = 200, description = "The numbers", body = Success<ProjectSummary>),
))]
async fn summary(State(service): Service) -> Result<Answer<ProjectSummary>, ApiError> {
    let summary = service
        .store
        .read(|transaction| {
            let mut summary = ProjectSummary {
                total_projects: 0,
                status_counts: zero_each::<ProjectStatus>(),
                type_counts: zero_each::<ProjectType>(),
                average_progress: 0.0,
            };
            let mut progress = 0;
            project_table::each(transaction, |project| {
                summary.total_projects += 1;
                progress += project.progress;
                *summary
                    .status_counts
                    .entry(project.status.word())
                    .or_default() += 1;
                if let Some(kind) = ProjectType::from_word(&project.kind) {
                    *summary.type_counts.entry(kind.word()).or_default() += 1;
                }
                true
            })?;
            summary.average_progress = mean(progress, summary.total_projects);
            Ok(summary)
        })
        .await?;
    Ok(Answer::ok("all projects in numbers", summary))
}

fn zero_each<W: Word>() -> BTreeMap<&'static str, u64> {
    W::ALL.iter().map(|value| (value.word(), 0)).collect()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "sums of percents stay far below 2^52"
)]
fn mean(sum: u64, count: u64) -> f64 {
    if count == 0 {
        0.0
    } else {
        sum as f64 / count as f64
    }
}

/// A project.
#[utoipa::path(get, path = "/api/v1/projects/{id}", tag = "projects", operation_id = "getProject",
    params(("id" = String, Path, description = "The project")),
    responses(
    (status = 200, description = "The project", body = Success<Project>),
    (status = 404, description = "There is no such project", body = Failure),
))]
async fn get(State(service): Service, Ids(id): Ids<String>) -> Result<Answer<Project>, ApiError> {
    Ok(Answer::ok("the project", service.project(&id).await?))
}

/// Changes a project.
#[utoipa::path(put, path = "/api/v1/projects/{id}", tag = "projects", operation_id = "changeProject", request_body = ProjectChange,
    params(("id" = String, Path, description = "The project")),
    responses(
    (status = 200, description = "The project as it is now", body = Success<Project>),
    (status = 404, description = "There is no such project", body = Failure),
    BodyRefusals,
))]
async fn change(
    State(service): Service,
    Ids(id): Ids<String>,
    request: Request,
) -> Result<Answer<Project>, ApiError> {
    let body = body::json(request, service.shell.body_timeout).await?;
    let change = ProjectChange::read(body)?;
    let project = detached(async move {
        service
            .change_project(&id, |project| change.apply(project))
            .await
    })
    .await?;
    Ok(Answer::ok("the project is changed", project))
}

/// Deletes a project and its episodes.
#[utoipa::path(delete, path = "/api/v1/projects/{id}", tag = "projects", operation_id = "deleteProject",
    params(("id" = String, Path, description = "The project")),
    responses(
    (status = 200, description = "It is gone, and its episodes with it", body = Success<DeletedProject>),
    (status = 404, description = "There is no such project", body = Failure),
    (status = 503, description = "The vector store is down; nothing is changed", body = Failure),
))]
async fn delete(
    State(service): Service,
    Ids(id): Ids<String>,
) -> Result<Answer<DeletedProject>, ApiError> {
    let deleted = detached(async move { service.delete_project(&id).await }).await?;
    Ok(Answer::ok("the project is deleted", deleted))
}

/// Notes how far a project is; 100 completes it.
#[utoipa::path(patch, path = "/api/v1/projects/{id}/progress", tag = "projects", operation_id = "setProgress",
    params(
        ("id" = String, Path, description = "The project"),
        ("progress" = u64, Query, description = "Percent", minimum = 0, maximum = 100),
    ),
    responses(
    (status = 200, description = "The project as it is now", body = Success<Project>),
    (status = 404, description = "There is no such project", body = Failure),
    QueryRefusals,
))]
async fn progress(
    State(service): Service,
    Ids(id): Ids<String>,
    uri: Uri,
) -> Result<Answer<Project>, ApiError> {
    let progress = requests::progress(&uri)?;
    let project = detached(async move {
        service
            .change_project(&id, move |project| {
                project.progress = progress;
                if progress == 100 {
                    project.status = ProjectStatus::Completed;
                }
            })
            .await
    })
    .await?;
    Ok(Answer::ok("the progress is noted", project))
}

pub(super) fn router() -> OpenApiRouter<Arc<ProjectService>> {
    OpenApiRouter::default()
        .routes(routes!(list, create))
        .routes(routes!(recent))
        .routes(routes!(summary))
        .routes(routes!(get, change, delete))
        .routes(routes!(progress))
}
