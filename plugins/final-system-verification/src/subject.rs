//! What refusals are tried on: a project with an episode, and every endpoint that takes a body, with one that it takes.

use assay_client::{Api, Episode, NewEpisode, Project, Service, User, data};
use assay_sdk::http::Request;
use assay_sdk::prelude::*;
use serde_json::{Value, json};

/// An endpoint that takes a body.
pub(crate) struct Endpoint {
    /// What tables call it.
    pub(crate) name: &'static str,
    service: Service,
    method: &'static str,
    path: String,
    /// A body that it takes.
    pub(crate) good: Value,
}

/// A project with an episode, as they are before anything is tried on them.
pub(crate) struct Subject {
    pub(crate) user: User,
    pub(crate) project: Project,
    pub(crate) episode: Episode,
}

impl Subject {
    pub(crate) async fn new(api: &Api, purpose: &str) -> Result<Self> {
        let user = api.user("careless client");
        let project = user.temporary_project(purpose).await?;
        let episode = user
            .create_episode(&project.id, &NewEpisode::new("Kept", "# Kept as it is"))
            .await?;
        Ok(Self {
            user,
            project,
            episode,
        })
    }

    /// Every endpoint that takes a body.
    pub(crate) fn endpoints(&self) -> [Endpoint; 5] {
        let (project, episode) = (&self.project.id, &self.episode.id);
        let script = json!({"script": {"markdown": "# Another"}});
        let endpoint = |name, service, method, path: String, good| Endpoint {
            name,
            service,
            method,
            path,
            good,
        };
        [
            endpoint(
                "create project",
                Service::Project,
                "POST",
                "/projects".to_owned(),
                json!({"name": "Another", "type": "drama"}),
            ),
            endpoint(
                "change project",
                Service::Project,
                "PUT",
                format!("/projects/{project}"),
                json!({"name": "Another"}),
            ),
            endpoint(
                "create episode",
                Service::Project,
                "POST",
                format!("/projects/{project}/episodes"),
                script.clone(),
            ),
            endpoint(
                "change script",
                Service::Project,
                "PUT",
                format!("/projects/{project}/episodes/{episode}/script"),
                script,
            ),
            endpoint(
                "create generation",
                Service::Generation,
                "POST",
                "/generations".to_owned(),
                json!({"projectId": project, "description": "Another"}),
            ),
        ]
    }

    /// A request to an endpoint, still without a body.
    pub(crate) fn request(&self, endpoint: &Endpoint) -> Request {
        self.user
            .request(endpoint.method, endpoint.service, &endpoint.path)
    }

    /// Checks that nothing came of what was tried: project and episode are as before, and there is no other episode and no generation.
    pub(crate) async fn check_unchanged(&self) -> Result<()> {
        let (user, id) = (&self.user, &self.project.id);
        check_eq!(
            user.project(id).await?,
            self.project,
            "the project is as before"
        );
        let episodes = user.episodes(id).await?;
        check_eq!(
            episodes,
            std::slice::from_ref(&self.episode),
            "its episode is as before"
        );
        check_eq!(
            generations(user, id).await?,
            Vec::<String>::new(),
            "it has no generation"
        );
        Ok(())
    }
}

/// The ids of the generations of a project, newest first.
pub(crate) async fn generations(user: &User, project: &str) -> Result<Vec<String>> {
    let response = user
        .request("GET", Service::Generation, "/generations")
        .query("projectId", project)
        .query("limit", 100)
        .send()
        .await?
        .expect_status(200)?;
    let jobs: Vec<Value> = data(&response)?;
    let ids = jobs.iter().map(|job| job["jobId"].as_str());
    ids.map(|id| id.map(str::to_owned).context("a generation has an id"))
        .collect()
}
