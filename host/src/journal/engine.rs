//! Undoes what is noted of containers and compose projects, through the engines that the notes name. A project that another host uses
//! meanwhile is that host's.

use assay_report::hint;
use async_trait::async_trait;

use super::{entry::Entry, heal::Undoing};
use crate::environment::docker::{Claim, DockerError, Engine, Project};

/// The engines that entries name.
#[derive(Clone, Copy, Debug, Default)]
pub struct Engines;

#[async_trait]
impl Undoing for Engines {
    async fn undo(&self, entry: &Entry) -> Result<Vec<String>, String> {
        undo(entry).await.map_err(|error| hint::told(&error))
    }
}

async fn undo(entry: &Entry) -> Result<Vec<String>, DockerError> {
    match entry {
        Entry::Container(container) => {
            let engine = Engine::connect_to(&container.engine).await?;
            let _claim = Claim::take(&Project::new(engine.clone(), &container.project)).await?;
            container.original.bring_back(&engine).await
        }
        Entry::Project(project) => {
            let engine = Engine::connect_to(&project.engine).await?;
            let raised = Project::new(engine, &project.name);
            let _claim = Claim::take(&raised).await?;
            raised.remove(&project.containers, project.volumes).await?;
            Ok(Vec::new())
        }
    }
}
