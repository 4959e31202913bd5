//! A compose project that was brought up here, until it is down again: Compose takes it down, because only it knows its file, and what
//! Compose leaves is removed without it. It stops at the first part that the engine refuses to remove, or goes on and calls that success.

use std::process::Stdio;

use super::{
    abandoned::Abandoned,
    compose::{Compose, STOP_SECONDS},
    error::DockerError,
    part::Part,
    project::Project,
    removal::Removal,
};
use crate::journal::{JournalError, Note};

/// A project that was brought up here. Dropping it has Compose take the project down in the background; [`Raised::down`] waits for it, and
/// sees to it that nothing is left.
#[derive(Debug)]
pub struct Raised {
    compose: Compose,
    project: Project,
    /// What it has, once it is up.
    parts: Vec<Part>,
    /// Whether its volumes are new, and go with it.
    volumes: bool,
    is_down: bool,
    /// That it has to be taken down if this host cannot.
    note: Option<Note>,
}

impl Raised {
    /// Brings the project up. What is half up after an error, or when nobody waits any more, is taken down again; the note of that is
    /// struck out when it is down.
    pub async fn up(
        compose: Compose,
        project: Project,
        new_volumes: bool,
        note: Option<Note>,
    ) -> Result<Self, DockerError> {
        let mut raised = Self {
            compose,
            project,
            parts: Vec::new(),
            volumes: new_volumes,
            is_down: false,
            note,
        };
        let up = raised.compose.run(&["up", "-d"]).await;
        if let Err(error) = up {
            // The reason that is told is the first one.
            let _ = raised.down().await;
            return Err(error);
        }
        Ok(raised)
    }

    /// Whether its volumes are new, and go with it.
    pub fn volumes(&self) -> bool {
        self.volumes
    }

    /// Now it is known what it has: nothing else is taken down with it. The note takes the place of the one before.
    pub async fn consists_of(
        &mut self,
        parts: Vec<Part>,
        note: Option<Note>,
    ) -> Result<(), JournalError> {
        self.parts = parts;
        match std::mem::replace(&mut self.note, note) {
            Some(before) => before.strike().await,
            None => Ok(()),
        }
    }

    /// Takes the project down, and answers what of it only the engine can free. A second call does nothing.
    pub async fn down(&mut self) -> Result<Vec<Abandoned>, DockerError> {
        if self.is_down {
            return Ok(Vec::new());
        }
        let composed = self.compose.run(self.arguments()).await;
        let abandoned = match self.project.remove(&self.parts, self.volumes).await? {
            Removal::Gone { abandoned } => abandoned,
            // Only Compose knows whether the containers that came meanwhile are in its way.
            Removal::MadeAnew => composed.map(|()| Vec::new())?,
        };
        self.is_down = true;
        if let Some(note) = self.note.take() {
            note.strike().await?;
        }
        Ok(abandoned)
    }

    fn arguments(&self) -> &'static [&'static str] {
        if self.volumes {
            &["down", "--timeout", STOP_SECONDS, "--volumes"]
        } else {
            &["down", "--timeout", STOP_SECONDS]
        }
    }
}

impl Drop for Raised {
    fn drop(&mut self) {
        if self.is_down {
            return;
        }
        // It goes on when the host has ended, and what it leaves is in the journal. That it cannot be started has no one left to be told to.
        let mut down = self.compose.command(self.arguments());
        let _ = down.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    }
}

#[cfg(test)]
pub(in crate::environment) mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::{
        environment::docker::scripted::{Holds, ScriptedProject},
        journal::{
            Journal,
            entry::{self, Entry},
        },
    };

    /// What is brought up with a Compose that ends so, and its note.
    pub(in crate::environment) async fn raised_with(
        program: &str,
        shop: &ScriptedProject,
        journal: &Journal,
    ) -> Raised {
        let noted = Entry::Project(entry::Project {
            engine: shop.engine.address().to_owned(),
            name: shop.project.name().to_owned(),
            volumes: true,
            parts: shop.project.parts(true).await.unwrap_or_default(),
        });
        Raised {
            compose: Compose::scripted(program, &shop.project),
            project: shop.project.clone(),
            parts: shop.project.parts(true).await.unwrap_or_default(),
            volumes: true,
            is_down: false,
            note: Some(journal.note(noted).await.unwrap()),
        }
    }

    fn journal() -> (TempDir, Journal) {
        let place = TempDir::new().unwrap();
        let journal = Journal::create(place.path(), "run").unwrap();
        (place, journal)
    }

    #[tokio::test]
    async fn what_compose_leaves_is_removed_whether_it_says_so_or_not() {
        for program in ["false", "true"] {
            let shop = ScriptedProject::new()
                .await
                .with_container("web")
                .with_network("near", Holds::Nothing)
                .with_volume("data", false);
            let (_place, journal) = journal();
            let mut raised = raised_with(program, &shop, &journal).await;
            assert_eq!(raised.down().await.unwrap(), []);
            assert_eq!(shop.left(), [""; 0], "{program}");
            drop(raised);
            assert_eq!(journal.close().unwrap(), [], "{program}");
        }
    }

    #[tokio::test]
    async fn a_network_that_the_engine_keeps_is_answered_and_nothing_of_it_is_in_the_journal() {
        let shop = ScriptedProject::new()
            .await
            .with_network("access", Holds::Endpoint(usize::MAX))
            .with_volume("data", false);
        let (_place, journal) = journal();
        let mut raised = raised_with("false", &shop, &journal).await;
        let abandoned = raised.down().await.unwrap();
        assert_eq!(abandoned[0].network, "access");
        assert_eq!(shop.left(), ["access"]);
        assert_eq!(
            raised.down().await.unwrap(),
            [],
            "a second call does nothing"
        );
        drop(raised);
        assert_eq!(journal.close().unwrap(), []);
    }

    #[tokio::test]
    async fn a_project_that_is_not_taken_down_stays_in_the_journal() {
        let shop = ScriptedProject::on_an_engine_until(Some("DELETE"))
            .await
            .with_container("web")
            .with_volume("data", false);
        let (_place, journal) = journal();
        let mut raised = raised_with("false", &shop, &journal).await;
        let error = raised.down().await.unwrap_err();
        assert!(matches!(error, DockerError::NoEngine { .. }), "{error}");
        drop(raised);
        let left = journal.close().unwrap();
        let name = shop.project.name();
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].words(), format!("take the project `{name}` down"));
        let by_hand = format!("`docker compose --project-name {name} down --volumes`");
        assert_eq!(left[0].by_hand(), by_hand);
    }

    #[tokio::test]
    async fn what_compose_says_of_containers_that_came_meanwhile_holds() {
        for program in ["false", "true"] {
            let shop = ScriptedProject::new().await.with_container("web");
            let (_place, journal) = journal();
            let mut raised = raised_with(program, &shop, &journal).await;
            let shop = shop.with_container("another");
            let down = raised.down().await;
            assert_eq!(down.is_ok(), program == "true", "{down:?}");
            assert_eq!(shop.left(), ["another", "web"]);
        }
    }
}
