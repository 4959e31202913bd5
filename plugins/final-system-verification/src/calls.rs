//! Requests of documented operations, with all that they need to succeed.

use assay_client::{NewEpisode, NewGeneration, Service, User, data, idempotency_key};
use assay_sdk::http::{Request, Response};
use assay_sdk::prelude::*;
use serde_json::{Value, json};

use crate::document::{Document, Operation};
use crate::sample::{self, Known};

/// The header that makes a request one that is done once.
pub(crate) const KEY: &str = "Idempotency-Key";

/// Makes what an operation needs to succeed: a project, and an episode, a generation and an alert of it, each if it asks for one. It has them
/// for itself, so that no other operation sees what it does to them.
pub(crate) async fn things_for(user: &User, operation: &Operation<'_>) -> Result<Known> {
    let mut known = Known::new();
    let needs = |name: &str| operation.path.contains(&format!("{{{name}}}"));
    let takes_project = operation.body().is_some() || operation.path.ends_with("/generations");
    if !(needs("id") || needs("jobId") || needs("alertId") || takes_project) {
        return Ok(known);
    }
    let project = user.temporary_project("documented").await?.id;
    if needs("episodeId") {
        let episode = user
            .create_episode(&project, &NewEpisode::new("Documented", "# A scene"))
            .await?;
        known.insert("episodeId", json!(episode.id));
    }
    if needs("jobId") {
        let job = user
            .start(&NewGeneration::new(&project, "Documented"))
            .await?
            .job_id;
        known.insert("jobId", json!(job));
        let user = user.clone();
        cleanup(async move { user.cancel(&job).await });
    }
    if needs("alertId") {
        known.insert("alertId", json!(alert_of(user, &project).await?));
    }
    known.insert("id", json!(project));
    known.insert("projectId", json!(project));
    Ok(known)
}

/// The id of the alert of a project whose first number is missing.
async fn alert_of(user: &User, project: &str) -> Result<String> {
    user.insert_episode(project, 2).await?;
    user.check_alerts().await?;
    let alerts = user.active_alerts().await?.into_iter();
    let mut of_project = alerts.filter(|alert| alert.project_id.as_deref() == Some(project));
    let alert = of_project.next().context("the project has an alert")?;
    Ok(alert.alert_id)
}

/// The request of an operation that succeeds, with every parameter and every field that it takes.
pub(crate) fn succeeding(
    user: &User,
    service: Service,
    document: &Document,
    operation: &Operation<'_>,
    known: &Known,
) -> Request {
    let mut request = addressed(user, service, document, operation, known);
    if operation.takes_header(KEY) {
        request = request.header(KEY, idempotency_key());
    }
    match operation.body() {
        Some(schema) => request.json(&sample::sample(document, schema, known)),
        None => request,
    }
}

/// The request of an operation with the parameters of its address, and no redirect followed.
pub(crate) fn addressed(
    user: &User,
    service: Service,
    document: &Document,
    operation: &Operation<'_>,
    known: &Known,
) -> Request {
    let mut url = format!("{}{}", user.api().base(service), operation.path);
    let mut query = Vec::new();
    for parameter in operation.parameters() {
        let value = known
            .get(parameter.name)
            .cloned()
            .unwrap_or_else(|| sample::sample(document, parameter.schema, known));
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        match parameter.place {
            "path" => url = url.replace(&format!("{{{}}}", parameter.name), &text),
            "query" => query.push((parameter.name, text)),
            _ => {}
        }
    }
    let request = user
        .request_to(&operation.method, url)
        .redirects(0)
        .name(operation.to_string());
    query
        .into_iter()
        .fold(request, |request, (name, text)| request.query(name, text))
}

/// Has what a request made removed at the end of the case.
pub(crate) fn undo_at_the_end(user: &User, response: &Response) {
    let made: Value = match data(response) {
        Ok(made) if response.status() == 201 => made,
        _ => return,
    };
    let user = user.clone();
    let (job, id) = (text(&made, "jobId"), text(&made, "id"));
    cleanup(async move {
        match (job, id) {
            (Some(job), _) => user.cancel(&job).await,
            // An episode goes with its project.
            (None, Some(id)) if id.starts_with("proj_") => user.delete_project(&id).await,
            (None, _) => Ok(()),
        }
    });
}

fn text(object: &Value, field: &str) -> Option<String> {
    object.get(field)?.as_str().map(str::to_owned)
}
