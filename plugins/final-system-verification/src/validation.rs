//! What is accepted at its edges, and that what is refused does no harm to others.

use assay_client::{Api, NewEpisode, NewProject, Project, Service, data, unique};
use assay_sdk::prelude::*;
use serde_json::{Value, json};

use crate::refusal::{INVALID, check_refusal};

/// An unknown type is refused, and afterwards everybody can still read all lists of projects
#[case(tags = ["validation", "errors"], timeout = "20s", needs = ["project-service"])]
async fn an_unknown_type_harms_nobody(api: Api) -> Result<()> {
    let (careless, reader) = (api.user("careless client"), api.user("reader"));
    let good = reader.temporary_project("beside a bad one").await?;
    let bad = NewProject {
        kind: "epic".to_owned(),
        ..NewProject::named(unique("of an unknown type"))
    };
    let refused = careless
        .request("POST", Service::Project, "/projects")
        .json(&bad)
        .send()
        .await?;
    let fields = check_refusal("an unknown type", &refused, INVALID);
    check_eq!(fields, ["type"], "the field is named");
    for search in [None, Some(good.name.as_str())] {
        let request = reader.request("GET", Service::Project, "/projects");
        let request = match search {
            Some(name) => request.query("search", name),
            None => request,
        };
        let list = request.send().await?;
        check_eq!(list.status(), 200, "the list can be read");
        if let (Some(_), 200) = (search, list.status()) {
            let found: Vec<Project> = data(&list)?;
            check_eq!(
                found,
                std::slice::from_ref(&good),
                "a search finds what is there"
            );
        }
    }
    Ok(())
}

/// Words are taken in any case and answered in lower case
#[case(tags = ["validation"], timeout = "20s", needs = ["project-service"])]
async fn words_are_taken_in_any_case(api: Api) -> Result<()> {
    let user = api.user("shouting client");
    let project = user.temporary_project("in any case").await?.id;
    let path = format!("/projects/{project}");
    for (kind, status) in [("COMEDY", "In_Progress"), ("Web_Series", "ON_HOLD")] {
        let response = user
            .request("PUT", Service::Project, &path)
            .json(&json!({"type": kind, "status": status}))
            .send()
            .await?
            .expect_status(200)?;
        let changed: Project = data(&response)?;
        check_eq!(
            (changed.kind, changed.status),
            (kind.to_lowercase(), status.to_lowercase()),
            "both are answered in lower case"
        );
    }
    Ok(())
}

/// The longest name, title and description, and the largest and smallest figures, are taken as they are
#[case(tags = ["validation"], timeout = "20s", needs = ["project-service", "generation-service"])]
async fn values_at_their_limits_are_taken(api: Api) -> Result<()> {
    let user = api.user("thorough client");
    let project = user.temporary_project("at the limits").await?.id;
    // Characters count, and not bytes.
    let (name, description) = ("ä".repeat(200), "ä".repeat(5_000));
    let response = user
        .request("PUT", Service::Project, &format!("/projects/{project}"))
        .json(&json!({"name": name, "description": description}))
        .send()
        .await?
        .expect_status(200)?;
    let changed: Project = data(&response)?;
    check_eq!(
        (changed.name, changed.description),
        (name.clone(), Some(description.clone()))
    );
    let episode = user
        .create_episode(&project, &NewEpisode::new(&name, "m"))
        .await?;
    check_eq!(
        (episode.title.as_str(), episode.markdown()),
        (name.as_str(), "m")
    );
    for (temperature, length) in [(0.0, 100), (2.0, 10_000)] {
        let body = json!({
            "projectId": project, "title": name, "description": description,
            "temperature": temperature, "lengthTarget": length,
        });
        let response = user
            .request("POST", Service::Generation, "/generations")
            .json(&body)
            .send()
            .await?
            .expect_status(201)?;
        let job: Value = data(&response)?;
        let id = job["jobId"].as_str().context("it has an id")?;
        user.cancel(id).await?;
    }
    Ok(())
}

/// Progress goes from 0 to 100, and 100 makes the project completed
#[case(tags = ["validation"], timeout = "20s", needs = ["project-service"])]
async fn full_progress_completes_a_project(api: Api) -> Result<()> {
    let user = api.user("author");
    let project = user.temporary_project("in progress").await?.id;
    let path = format!("/projects/{project}/progress");
    for (progress, completed) in [(0, false), (99, false), (100, true)] {
        let response = user
            .request("PATCH", Service::Project, &path)
            .query("progress", progress)
            .send()
            .await?
            .expect_status(200)?;
        let answered: Project = data(&response)?;
        check_eq!(
            (answered.progress, answered.status == "completed"),
            (Some(f64::from(progress)), completed)
        );
        check_eq!(user.project(&project).await?, answered, "it is stored");
    }
    Ok(())
}
