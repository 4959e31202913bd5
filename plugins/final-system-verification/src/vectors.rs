//! The vector store as it is, asked over Chroma's HTTP API and past the services.

use assay_client::{Episode, User};
use assay_sdk::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

/// Where a collection is, as Chroma has it when nothing else is configured.
const DATABASE: &str = "/api/v2/tenants/default_tenant/databases/default_database/collections";
/// The collection that the project service keeps episodes in.
const COLLECTION: &str = "episodes";

/// The vector store of the environment.
pub(crate) struct VectorStore {
    user: User,
    base: String,
}

/// An episode as the vector store has it.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub(crate) struct Document {
    pub(crate) id: String,
    pub(crate) text: String,
    pub(crate) metadata: Value,
}

impl From<&Episode> for Document {
    /// What the vector store has to have of an episode.
    fn from(episode: &Episode) -> Self {
        Self {
            id: episode.id.clone(),
            text: episode.markdown().to_owned(),
            metadata: json!({
                "projectId": episode.project_id,
                "episodeId": episode.id,
                "number": episode.number,
                "title": episode.title,
            }),
        }
    }
}

#[derive(Deserialize)]
struct Collection {
    id: String,
}

/// Chroma answers in columns.
#[derive(Deserialize)]
struct Columns {
    ids: Vec<String>,
    documents: Vec<Option<String>>,
    metadatas: Vec<Value>,
}

impl VectorStore {
    pub(crate) fn of_environment(user: &User) -> Result<Self> {
        Ok(Self {
            user: user.clone(),
            base: context::service_url("vector-store")?,
        })
    }

    /// The documents of a project, by number; none also if nobody made the collection yet.
    pub(crate) async fn documents(&self, project: &str) -> Result<Vec<Document>> {
        let Some(collection) = self.collection().await? else {
            return Ok(Vec::new());
        };
        let url = format!("{}{DATABASE}/{}/get", self.base, collection.id);
        let wanted =
            json!({"where": {"projectId": project}, "include": ["documents", "metadatas"]});
        let columns: Columns = self
            .user
            .request_to("POST", url)
            .json(&wanted)
            .send()
            .await?
            .expect_status(200)?
            .json()?;
        Ok(columns.into_documents())
    }

    async fn collection(&self) -> Result<Option<Collection>> {
        let url = format!("{}{DATABASE}/{COLLECTION}", self.base);
        let response = self.user.request_to("GET", url).send().await?;
        if response.status() == 404 {
            return Ok(None);
        }
        Ok(Some(response.expect_status(200)?.json()?))
    }
}

impl Columns {
    fn into_documents(self) -> Vec<Document> {
        let rest = self.documents.into_iter().zip(self.metadatas);
        let rows = self.ids.into_iter().zip(rest);
        let mut documents: Vec<Document> = rows
            .map(|(id, (text, metadata))| Document {
                id,
                text: text.unwrap_or_default(),
                metadata,
            })
            .collect();
        documents.sort_by_key(|document| document.metadata["number"].as_u64());
        documents
    }
}

/// Checks that the vector store has exactly these episodes of a project, word for word.
pub(crate) async fn check_agrees(
    store: &VectorStore,
    project: &str,
    episodes: &[Episode],
    when: &str,
) -> Result<()> {
    let expected: Vec<Document> = episodes.iter().map(Document::from).collect();
    check_eq!(
        store.documents(project).await?,
        expected,
        "the vector store has exactly the project's episodes {when}"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_become_documents_by_number() {
        let columns: Columns = serde_json::from_value(json!({
            "ids": ["b", "a"], "documents": ["two", null], "metadatas": [{"number": 2}, {"number": 1}], "embeddings": null,
        }))
        .unwrap();
        let found: Vec<(String, String)> = columns
            .into_documents()
            .into_iter()
            .map(|document| (document.id, document.text))
            .collect();
        let expected = [("a", ""), ("b", "two")];
        assert_eq!(
            found,
            expected.map(|(id, text)| (id.to_owned(), text.to_owned()))
        );
    }
}
