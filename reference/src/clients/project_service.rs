//! The project service, as the generation service sees it.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use serde::Deserialize;
use serde_json::json;
use thiserror::Error;

use super::http_client;
use crate::defects::{Defect, Defects};
use crate::project::model::Episode;

/// How many redirects of a health address are followed.
const REDIRECTS: usize = 3;

/// Why the project service did not do it.
#[derive(Debug, Error)]
pub enum ProjectServiceError {
    /// No answer, or not in time.
    #[error("the project service does not answer: {0}")]
    Unreachable(#[from] reqwest::Error),
    /// It cannot do it now.
    #[error("the project service answered {0}")]
    Unavailable(StatusCode),
    /// It will never do it: the project is gone, or the request is wrong.
    #[error("the project service refused with {0}")]
    Refused(StatusCode),
}

impl ProjectServiceError {
    /// Whether the same request may succeed later.
    pub const fn is_passing(&self) -> bool {
        !matches!(self, Self::Refused(_))
    }
}

/// A client for the project service.
#[derive(Clone, Debug)]
pub struct ProjectService {
    client: Client,
    prober: Client,
    url: String,
}

#[derive(Deserialize)]
struct Envelope<T> {
    data: T,
}

impl ProjectService {
    /// The project service at this address, which is connected to when it is first used. A call takes no longer than `timeout`.
    ///
    /// # Errors
    /// When the TLS backend cannot be set up.
    pub fn new(url: &str, timeout: Duration, defects: Defects) -> Result<Self, reqwest::Error> {
        let redirects = if defects.has(Defect::HealthRedirectNotFollowed) {
            Policy::none()
        } else {
            Policy::limited(REDIRECTS)
        };
        Ok(Self {
            client: http_client(Policy::none(), timeout)?,
            prober: http_client(redirects, timeout)?,
            url: url.trim_end_matches('/').to_owned(),
        })
    }

    /// Whether there is such a project.
    ///
    /// # Errors
    /// [`ProjectServiceError`].
    pub async fn has_project(&self, id: &str) -> Result<bool, ProjectServiceError> {
        if !is_plain(id) {
            return Ok(false);
        }
        let url = self.project_url(id);
        let response = self.client.get(url).send().await?;
        match response.status() {
            StatusCode::NOT_FOUND => Ok(false),
            _ => accepted(response).map(|_| true),
        }
    }

    /// Stores an episode. The same key stores it once, however often this is called.
    ///
    /// # Errors
    /// [`ProjectServiceError`].
    pub async fn store_episode(
        &self,
        project_id: &str,
        key: &str,
        title: &str,
        markdown: &str,
        tokens: u64,
        prompt: &str,
    ) -> Result<Episode, ProjectServiceError> {
        let response = self
            .client
            .post(format!("{}/episodes", self.project_url(project_id)))
            .header("idempotency-key", key)
            .json(&json!({
                "title": title,
                "script": {"markdown": markdown, "tokens": tokens},
                "promptSnapshot": prompt,
            }))
            .send()
            .await?;
        let envelope: Envelope<Episode> = accepted(response)?.json().await?;
        Ok(envelope.data)
    }

    /// Whether the project service says that it is well, at the address that it redirects.
    ///
    /// # Errors
    /// Why not.
    pub async fn health(&self) -> Result<(), String> {
        let response = self
            .prober
            .get(format!("{}/healthz", self.url))
            .send()
            .await
            .map_err(|error| error.to_string())?;
        if response.status().is_success() {
            Ok(())
        } else {
            Err(format!("it answered {}", response.status()))
        }
    }

    fn project_url(&self, id: &str) -> String {
        format!("{}/api/v1/projects/{id}", self.url)
    }
}

/// Whether an id can be a part of a path as it is; ids that the project service gives all can.
fn is_plain(id: &str) -> bool {
    !id.is_empty()
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

fn accepted(response: Response) -> Result<Response, ProjectServiceError> {
    let status = response.status();
    if status.is_success() {
        Ok(response)
    } else if status.is_server_error()
        || matches!(
            status,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT
        )
    {
        Err(ProjectServiceError::Unavailable(status))
    } else {
        Err(ProjectServiceError::Refused(status))
    }
}
