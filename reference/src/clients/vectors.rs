//! The episodes in the vector store, over Chroma's HTTP API (`/api/v2`).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use reqwest::{Client, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use thiserror::Error;
use tokio::sync::RwLock;

use super::embedding::embed;
use crate::defects::{Defect, Defects};

/// The collection that holds the episodes of all projects.
const COLLECTION: &str = "episodes";
const DATABASE: &str = "api/v2/tenants/default_tenant/databases/default_database";

/// Why the vector store did not do it.
#[derive(Debug, Error)]
pub enum VectorError {
    /// No answer, or not in time.
    #[error("the vector store does not answer: {0}")]
    Unreachable(#[from] reqwest::Error),
    /// An answer that is none.
    #[error("the vector store answered {status}: {text}")]
    Refused {
        /// The status.
        status: StatusCode,
        /// The first part of the body.
        text: String,
    },
}

impl VectorError {
    /// Whether it took all the time that a call may take.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::Unreachable(error) if error.is_timeout())
    }
}

/// An episode as the vector store has it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    /// Its project.
    pub project_id: String,
    /// Itself, and the id of its document.
    pub episode_id: String,
    /// Its number.
    pub number: u64,
    /// Its title.
    pub title: String,
}

/// The vector store.
#[derive(Debug)]
pub enum Vectors {
    /// The configured one.
    Remote(Remote),
    /// The service's own memory: episode id to project id.
    Own(Mutex<HashMap<String, String>>),
}

/// A Chroma.
#[derive(Debug)]
pub struct Remote {
    client: Client,
    url: String,
    /// The id of the collection, once it is known.
    collection: RwLock<Option<String>>,
}

#[derive(Deserialize)]
struct Collection {
    id: String,
}

impl Vectors {
    /// The vector store at this address, which is connected to when it is first used.
    pub fn new(client: Client, url: &str, defects: Defects) -> Self {
        if defects.has(Defect::ConfigurationIgnored) {
            return Self::Own(Mutex::default());
        }
        Self::Remote(Remote {
            client,
            url: url.trim_end_matches('/').to_owned(),
            collection: RwLock::new(None),
        })
    }

    /// Puts an episode there, in place of what it was.
    ///
    /// # Errors
    /// [`VectorError`]; the episode may be there all the same after a time-out.
    pub async fn put(&self, metadata: Metadata, markdown: &str) -> Result<(), VectorError> {
        match self {
            Self::Remote(remote) => {
                let body = json!({
                    "ids": [metadata.episode_id],
                    "embeddings": [embed(markdown)],
                    "documents": [markdown],
                    "metadatas": [metadata],
                });
                remote.change("upsert", &body).await
            }
            Self::Own(entries) => {
                let mut entries = entries.lock().unwrap_or_else(PoisonError::into_inner);
                entries.insert(metadata.episode_id, metadata.project_id);
                Ok(())
            }
        }
    }

    /// Removes an episode, if it is there.
    ///
    /// # Errors
    /// [`VectorError`].
    pub async fn remove(&self, episode_id: &str) -> Result<(), VectorError> {
        match self {
            Self::Remote(remote) => remote.change("delete", &json!({"ids": [episode_id]})).await,
            Self::Own(entries) => {
                let mut entries = entries.lock().unwrap_or_else(PoisonError::into_inner);
                entries.remove(episode_id);
                Ok(())
            }
        }
    }

    /// Removes all episodes of a project.
    ///
    /// # Errors
    /// [`VectorError`].
    pub async fn remove_project(&self, project_id: &str) -> Result<(), VectorError> {
        match self {
            Self::Remote(remote) => {
                remote
                    .change("delete", &json!({"where": {"projectId": project_id}}))
                    .await
            }
            Self::Own(entries) => {
                let mut entries = entries.lock().unwrap_or_else(PoisonError::into_inner);
                entries.retain(|_, project| project != project_id);
                Ok(())
            }
        }
    }

    /// Whether the vector store answers.
    ///
    /// # Errors
    /// Why not.
    pub async fn heartbeat(&self) -> Result<(), String> {
        match self {
            Self::Remote(remote) => remote
                .client
                .get(format!("{}/api/v2/heartbeat", remote.url))
                .send()
                .await
                .and_then(reqwest::Response::error_for_status)
                .map(drop)
                .map_err(|error| error.to_string()),
            Self::Own(_) => Ok(()),
        }
    }
}

impl Remote {
    /// Posts to the collection. If the collection is gone since it was last seen, it is made anew, once.
    async fn change(&self, action: &str, body: &Value) -> Result<(), VectorError> {
        let known = self.collection.read().await.clone();
        if let Some(id) = known {
            match self.post(&format!("collections/{id}/{action}"), body).await {
                Err(VectorError::Refused {
                    status: StatusCode::NOT_FOUND,
                    ..
                }) => {}
                other => return other.map(drop),
            }
        }
        let id = self.make_collection().await?;
        self.post(&format!("collections/{id}/{action}"), body)
            .await
            .map(drop)
    }

    async fn make_collection(&self) -> Result<String, VectorError> {
        let mut known = self.collection.write().await;
        let body = json!({"name": COLLECTION, "get_or_create": true});
        let collection: Collection = self.post("collections", &body).await?.json().await?;
        *known = Some(collection.id.clone());
        Ok(collection.id)
    }

    async fn post(&self, path: &str, body: &Value) -> Result<reqwest::Response, VectorError> {
        let url = format!("{}/{DATABASE}/{path}", self.url);
        let response = self.client.post(url).json(body).send().await?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let text = response.text().await.unwrap_or_default();
        Err(VectorError::Refused {
            status,
            text: text.chars().take(200).collect(),
        })
    }
}
