//! Undoes what is noted of containers and compose projects, through the engines that the notes name. A project that another host uses
//! meanwhile is that host's.

use assay_report::hint;
use async_trait::async_trait;

use super::{entry::Entry, heal::Undoing};
use crate::environment::docker::{Claim, DockerError, Engine, Project, Removal};

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
            Ok(
                match raised.remove(&project.parts, project.volumes).await? {
                    Removal::Gone { abandoned } => {
                        abandoned.iter().map(ToString::to_string).collect()
                    }
                    Removal::MadeAnew => Vec::new(),
                },
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        environment::docker::scripted::{Holds, ScriptedProject},
        journal::entry,
    };

    async fn noted(shop: &ScriptedProject) -> Entry {
        Entry::Project(entry::Project {
            engine: shop.engine.address().to_owned(),
            name: shop.project.name().to_owned(),
            volumes: true,
            parts: shop.project.parts(true).await.unwrap(),
        })
    }

    #[tokio::test]
    async fn a_project_whose_network_the_engine_keeps_is_undone_and_the_network_told() {
        let shop = ScriptedProject::new()
            .await
            .with_network("access", Holds::Endpoint(usize::MAX))
            .with_volume("data", false);
        let told = Engines.undo(&noted(&shop).await).await.unwrap();
        assert_eq!(told.len(), 1);
        assert!(told[0].contains("the network `access`"), "{told:?}");
        assert!(told[0].contains("only its restart frees it"), "{told:?}");
        assert_eq!(shop.left(), ["access"]);
    }

    #[tokio::test]
    async fn a_project_on_an_engine_that_goes_in_the_middle_is_not_undone() {
        let shop = ScriptedProject::on_an_engine_until(Some("DELETE /volumes"))
            .await
            .with_container("web")
            .with_volume("data", false);
        let why = Engines.undo(&noted(&shop).await).await.unwrap_err();
        assert!(why.contains("no Docker engine answers"), "{why}");
    }
}
