//! Episodes: numbered scripts of a project.

use assay_sdk::{Result, located};
use serde::{Deserialize, Serialize};

use crate::answer;
use crate::api::{Service, User};

/// A text and its size.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Script {
    /// The text.
    pub markdown: String,
    /// Its size for a model.
    #[serde(default)]
    pub tokens: u64,
}

/// What an episode is made from; the number is the server's.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewEpisode {
    /// At most 200 characters.
    pub title: String,
    /// The text.
    pub script: Script,
    /// What the text was made from.
    pub prompt_snapshot: String,
}

impl NewEpisode {
    /// An episode of that title and text.
    pub fn new(title: impl Into<String>, markdown: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            script: Script {
                markdown: markdown.into(),
                tokens: 0,
            },
            prompt_snapshot: String::new(),
        }
    }
}

/// An episode as the service answers it.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Episode {
    /// A UUID.
    pub id: String,
    /// The project it belongs to.
    #[serde(alias = "project_id")]
    pub project_id: String,
    /// 1, 2, 3, ... in each project.
    pub number: u64,
    /// As given.
    pub title: String,
    /// The text; the original may have none.
    #[serde(default)]
    pub script: Option<Script>,
    /// What the text was made from.
    #[serde(default, alias = "prompt_snapshot")]
    pub prompt_snapshot: Option<String>,
    /// When it was made.
    #[serde(alias = "created_at")]
    pub created_at: String,
}

impl Episode {
    /// The text; empty if there is none.
    pub fn markdown(&self) -> &str {
        self.script.as_ref().map_or("", |script| &script.markdown)
    }
}

impl User {
    /// Makes an episode.
    #[track_caller]
    pub fn create_episode(
        &self,
        project: &str,
        new: &NewEpisode,
    ) -> impl Future<Output = Result<Episode>> {
        located(async move {
            let path = format!("/projects/{project}/episodes");
            let request = self.request("POST", Service::Project, &path).json(new);
            answer::data(&self.call(request, &[201]).await?)
        })
    }

    /// All episodes of a project, by number.
    #[track_caller]
    pub fn episodes(&self, project: &str) -> impl Future<Output = Result<Vec<Episode>>> {
        located(async move {
            let path = format!("/projects/{project}/episodes");
            let request = self.request("GET", Service::Project, &path);
            answer::data(&self.call(request, &[200]).await?)
        })
    }

    /// An episode.
    #[track_caller]
    pub fn episode(&self, project: &str, id: &str) -> impl Future<Output = Result<Episode>> {
        located(async move {
            let path = format!("/projects/{project}/episodes/{id}");
            let request = self.request("GET", Service::Project, &path);
            answer::data(&self.call(request, &[200]).await?)
        })
    }

    /// Whether an episode is there.
    #[track_caller]
    pub fn has_episode(&self, project: &str, id: &str) -> impl Future<Output = Result<bool>> {
        located(async move {
            self.exists(
                Service::Project,
                &format!("/projects/{project}/episodes/{id}"),
            )
            .await
        })
    }

    /// Deletes an episode that is there.
    #[track_caller]
    pub fn delete_episode(&self, project: &str, id: &str) -> impl Future<Output = Result<()>> {
        located(async move {
            let path = format!("/projects/{project}/episodes/{id}");
            let request = self.request("DELETE", Service::Project, &path);
            self.call(request, &[200, 204]).await.map(drop)
        })
    }
}

#[cfg(test)]
mod tests {
    use assay_sdk::http::Response;

    use super::*;

    #[test]
    fn an_episode_is_read_in_both_shapes() {
        let camel = r#"{"success":true,"data":{"id":"e","projectId":"p","number":1,"title":"t","script":{"markdown":"m","tokens":4},
            "promptSnapshot":"","createdAt":"2026-01-01T00:00:00Z"}}"#;
        let snake = r#"{"id":"e","project_id":"p","number":1,"title":"t","script":null,"prompt_snapshot":"","created_at":"2026"}"#;
        for (body, markdown) in [(camel, "m"), (snake, "")] {
            let episode: Episode = answer::data(&Response::for_tests(200, &[], body)).unwrap();
            assert_eq!((episode.project_id.as_str(), episode.number), ("p", 1));
            assert_eq!(episode.markdown(), markdown);
        }
    }
}
