//! An episode is in the store and in the vector store, or in neither, however its making ends.
//!
//! Before an episode goes to the vector store its id is noted as unsettled; the commit that stores the episode takes the note
//! away. What still is noted when nobody makes it any more was left behind by a kill or an outage, and is taken out again.

use std::collections::HashSet;
use std::sync::PoisonError;

use super::model::StoredEpisode;
use super::numbering;
use super::service::ProjectService;
use crate::clients::vectors::{Metadata, VectorError};
use crate::log;
use crate::store::StoreError;
use crate::web::error::ApiError;

impl ProjectService {
    /// Notes the episode as unsettled, then puts it into the vector store; if that fails, takes it out again.
    pub(super) async fn put_into_vectors(&self, episode: &StoredEpisode) -> Result<(), ApiError> {
        let id = episode.id.clone();
        self.store
            .write(move |transaction| numbering::unsettle(transaction, &id))
            .await?;
        let put = self
            .vectors
            .put(metadata(episode), &episode.script.markdown)
            .await;
        if let Err(error) = put {
            // The vector store may have done it all the same; what cannot be taken out now is later. After a time-out that is not
            // even tried: it would only take as long once more.
            if !error.is_timeout() {
                let _ = self.take_out_of_vectors(&episode.id).await;
            }
            return Err(self.vector_store_down(&error));
        }
        Ok(())
    }

    async fn take_out_of_vectors(&self, episode_id: &str) -> Result<(), VectorError> {
        self.vectors.remove(episode_id).await?;
        let id = episode_id.to_owned();
        let settled = self
            .store
            .write(move |transaction| numbering::settle(transaction, &id))
            .await;
        if let Err(error) = settled {
            log::line(super::NAME, error);
        }
        Ok(())
    }

    /// Takes episodes out of the vector store whose making was broken off by a kill or an outage.
    pub(super) async fn settle_left_behind(&self) -> Result<(), StoreError> {
        for id in self.left_behind().await? {
            // An outage is found by the first one; the others wait for the next round.
            if self.take_out_of_vectors(&id).await.is_err() {
                break;
            }
        }
        Ok(())
    }

    /// Episodes that are unsettled and that nobody makes any more.
    async fn left_behind(&self) -> Result<Vec<String>, StoreError> {
        let mut ids = self.store.read(numbering::unsettled).await?;
        {
            let making = self.making();
            ids.retain(|id| !making.contains(id));
        }
        // Whose making came to its end between those two looks may have been stored by it. Its note is gone then, and no other one
        // can be: an id is noted once.
        let still: HashSet<String> = self
            .store
            .read(numbering::unsettled)
            .await?
            .into_iter()
            .collect();
        ids.retain(|id| still.contains(id));
        Ok(ids)
    }

    fn making(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.in_the_making
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// An episode in the making; when this is dropped it is made, or left behind.
pub(super) struct Making<'a> {
    service: &'a ProjectService,
    id: String,
}

impl<'a> Making<'a> {
    pub(super) fn of(service: &'a ProjectService, id: &str) -> Self {
        service.making().insert(id.to_owned());
        Self {
            service,
            id: id.to_owned(),
        }
    }
}

impl Drop for Making<'_> {
    fn drop(&mut self) {
        self.service.making().remove(&self.id);
    }
}

/// What the vector store is told of an episode.
pub(super) fn metadata(episode: &StoredEpisode) -> Metadata {
    Metadata {
        project_id: episode.project_id.clone(),
        episode_id: episode.id.clone(),
        number: episode.number,
        title: episode.title.clone(),
    }
}
