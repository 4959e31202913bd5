//! Projects.

use assay_sdk::{Problem, Result, check_eq, cleanup, located};
use serde::{Deserialize, Serialize};

use crate::api::{Service, User};
use crate::{answer, names};

/// What a project is made from.
#[derive(Clone, Debug, Serialize)]
pub struct NewProject {
    /// 1 to 200 characters.
    pub name: String,
    /// `drama`, `comedy`, ...
    #[serde(rename = "type")]
    pub kind: String,
    /// At most 5000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl NewProject {
    /// A drama of that name.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind: "drama".to_owned(),
            description: Some("made by a suite, and removed by it".to_owned()),
        }
    }
}

/// A project as the service answers it.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Project {
    /// `proj_<uuid>`.
    pub id: String,
    /// As given.
    pub name: String,
    /// In lower case.
    #[serde(rename = "type")]
    pub kind: String,
    /// `planning`, `in_progress`, `completed`, `on_hold` or `cancelled`.
    pub status: String,
    /// As given.
    #[serde(default)]
    pub description: Option<String>,
    /// In percent; none in the original's shape.
    #[serde(default)]
    pub progress: Option<f64>,
    /// When it was made.
    #[serde(alias = "created_at")]
    pub created_at: String,
    /// When it was changed last.
    #[serde(default, alias = "updated_at")]
    pub updated_at: Option<String>,
}

impl User {
    /// Makes a project.
    #[track_caller]
    pub fn create_project(&self, new: &NewProject) -> impl Future<Output = Result<Project>> {
        located(async move {
            let request = self
                .request("POST", Service::Project, "/projects")
                .json(new);
            answer::data(&self.call(request, &[201]).await?)
        })
    }

    /// Makes a project that is deleted at the end of the case, and checked to be gone.
    #[track_caller]
    pub fn temporary_project(&self, purpose: &str) -> impl Future<Output = Result<Project>> {
        located(async move {
            let project = self
                .create_project(&NewProject::named(names::unique(purpose)))
                .await?;
            let (user, id) = (self.clone(), project.id.clone());
            cleanup(async move {
                user.delete_project(&id).await?;
                check_eq!(
                    user.has_project(&id).await?,
                    false,
                    "the project is gone after the case"
                );
                Ok::<(), Problem>(())
            });
            Ok(project)
        })
    }

    /// A project.
    #[track_caller]
    pub fn project(&self, id: &str) -> impl Future<Output = Result<Project>> {
        located(async move {
            let request = self.request("GET", Service::Project, &format!("/projects/{id}"));
            answer::data(&self.call(request, &[200]).await?)
        })
    }

    /// Whether a project is there.
    #[track_caller]
    pub fn has_project(&self, id: &str) -> impl Future<Output = Result<bool>> {
        located(async move {
            self.exists(Service::Project, &format!("/projects/{id}"))
                .await
        })
    }

    /// Deletes a project; one that is gone already is as good.
    #[track_caller]
    pub fn delete_project(&self, id: &str) -> impl Future<Output = Result<()>> {
        located(async move {
            let request = self.request("DELETE", Service::Project, &format!("/projects/{id}"));
            self.call(request, &[200, 204, 404]).await.map(drop)
        })
    }
}

#[cfg(test)]
mod tests {
    use assay_sdk::http::Response;

    use super::*;

    #[test]
    fn a_project_is_read_in_both_shapes() {
        let enveloped = r#"{"success":true,"data":{"id":"proj_1","name":"a","type":"drama","status":"planning","description":"d",
            "progress":0,"createdAt":"2026-01-01T00:00:00Z","updatedAt":"2026-01-01T00:00:00Z"}}"#;
        let bare = r#"{"id":"proj_1","name":"a","type":"drama","status":"planning","description":"d","logline":null,
            "created_at":"2026-01-01T00:00:00","updated_at":"2026-01-01T00:00:00"}"#;
        for (body, progress) in [(enveloped, Some(0.0)), (bare, None)] {
            let project: Project = answer::data(&Response::for_tests(200, &[], body)).unwrap();
            assert_eq!(
                (project.id.as_str(), project.kind.as_str(), project.progress),
                ("proj_1", "drama", progress)
            );
            assert!(project.created_at.starts_with("2026"));
        }
    }
}
