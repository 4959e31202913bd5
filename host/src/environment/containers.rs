//! The part of an environment that is a compose project: one that runs is used and left as it was, one that does not is brought up
//! and taken down again.

#[cfg(test)]
mod tests;

use tokio::sync::Mutex;

use crate::{
    config::{ContainerSettings, DockerSettings, ServiceSettings},
    environment::{
        EnvironmentError,
        control::Control as _,
        docker::{
            Claim, Compose, Container, DockerError, Engine, NotMended, Part, Place, Project, Raised,
        },
        probe::Probe,
    },
    journal::{
        Journal, JournalError, Note,
        entry::{self, Entry},
    },
};

/// The project and those of its containers that are services of the environment.
#[derive(Debug)]
pub(super) struct Containers {
    project: Project,
    list: Vec<Container>,
    standing: Standing,
    _claim: Claim,
}

/// Whether the project is up, and by whom.
#[derive(Debug)]
enum Standing {
    /// It is not.
    Down,
    /// It ran before.
    Found,
    /// It was brought up here.
    Raised(Box<Mutex<Raised>>),
}

impl Containers {
    /// Claims the project, whether it is up or not.
    pub(super) async fn claim(settings: &DockerSettings) -> Result<Self, DockerError> {
        let project = Project::new(Engine::connect().await?, &settings.project);
        let claim = Claim::take(&project).await?;
        let standing = if project.is_up().await? {
            Standing::Found
        } else {
            Standing::Down
        };
        Ok(Self {
            project,
            list: Vec::new(),
            standing,
            _claim: claim,
        })
    }

    /// Whether the project is up: it was before, or was brought up here.
    pub(super) fn is_up(&self) -> bool {
        !matches!(self.standing, Standing::Down)
    }

    fn is_raised(&self) -> bool {
        matches!(self.standing, Standing::Raised(_))
    }

    /// Brings the project up, which is written down in the journal before.
    pub(super) async fn raise(
        &mut self,
        settings: &DockerSettings,
        variables: Vec<(String, String)>,
        journal: Option<&Journal>,
    ) -> Result<(), DockerError> {
        let compose = Compose::find(&settings.compose, &self.project, variables).await?;
        let new_volumes = !self.project.has_volumes().await?;
        let note = self.note(journal, new_volumes, Vec::new()).await?;
        let mut raised = Raised::up(compose, self.project.clone(), new_volumes, note).await?;
        // From now on a project of this name with other containers is not this one.
        let parts = self.project.parts(new_volumes).await?;
        let note = self.note(journal, new_volumes, parts.clone()).await?;
        raised.consists_of(parts, note).await?;
        self.standing = Standing::Raised(Box::new(Mutex::new(raised)));
        Ok(())
    }

    /// Writes down that the project has to be taken down, with these parts if they are known.
    async fn note(
        &self,
        journal: Option<&Journal>,
        volumes: bool,
        parts: Vec<Part>,
    ) -> Result<Option<Note>, JournalError> {
        let Some(journal) = journal else {
            return Ok(None);
        };
        let entry = Entry::Project(entry::Project {
            engine: self.project.engine().address().to_owned(),
            name: self.project.name().to_owned(),
            volumes,
            parts,
        });
        journal.note(entry).await.map(Some)
    }

    /// The engine that the project is on.
    pub(super) fn engine(&self) -> &Engine {
        self.project.engine()
    }

    /// Finds the container of a service, waits until it is ready, and answers its URL.
    pub(super) async fn add(
        &mut self,
        service: &ServiceSettings,
        settings: &ContainerSettings,
        probe: &Probe,
    ) -> Result<String, EnvironmentError> {
        let place = Place {
            service: service.name.clone(),
            container: settings.container.clone(),
            port: settings.port,
            scheme: settings.scheme.clone(),
            readiness: service.readiness.clone(),
        };
        let container = Container::find(&self.project, &place, probe.clone()).await?;
        let url = container.url().to_owned();
        self.list.push(container);
        Ok(url)
    }

    /// How to undo whatever is done to the container of a service, if this host dies before it could. None for those that are not
    /// here, and where the whole project is taken down then.
    pub(super) fn undoing(&self, service: &str) -> Option<Entry> {
        if self.is_raised() {
            return None;
        }
        let mut containers = self.list.iter();
        let container = containers.find(|known| known.name() == service)?;
        Some(Entry::Container(entry::Container {
            engine: self.project.engine().address().to_owned(),
            project: self.project.name().to_owned(),
            service: service.to_owned(),
            original: container.original().clone(),
        }))
    }

    /// Whether a service is one of its containers, and goes when this environment goes.
    pub(super) fn ends(&self, service: &str) -> bool {
        self.is_raised() && self.list.iter().any(|known| known.name() == service)
    }

    /// The project's name.
    pub(super) fn project(&self) -> &str {
        self.project.name()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Container> {
        self.list.iter()
    }

    /// Takes the project down if it was brought up here; else leaves its containers as they were found, and strikes out of the journal
    /// what was noted of them. Answers what could not be done; of that the journal has a note still, unless only the engine can do it.
    pub(super) async fn down(&self, journal: Option<&Journal>) -> Vec<EnvironmentError> {
        if let Standing::Raised(raised) = &self.standing {
            // What fails here is tried again, in the background, when it is dropped.
            let mut raised = raised.lock().await;
            return match raised.down().await {
                Ok(abandoned) => abandoned.into_iter().map(EnvironmentError::from).collect(),
                Err(problem) => vec![EnvironmentError::NotDown {
                    project: self.project().to_owned(),
                    volumes: raised.volumes(),
                    problem,
                }],
            };
        }
        leave(&self.list, self.project(), journal).await
    }
}

/// Leaves containers as they were found. An engine that does not answer is told once, and not of each container to which nothing was done.
async fn leave(
    containers: &[Container],
    project: &str,
    journal: Option<&Journal>,
) -> Vec<EnvironmentError> {
    let mut failed = Vec::new();
    let mut not_seen = None;
    for container in containers {
        let service = || container.name().to_owned();
        match mend(container, journal).await {
            Ok(gone) if gone.is_empty() => {}
            Ok(gone) => failed.push(EnvironmentError::Gone {
                service: service(),
                what: gone.join(", "),
            }),
            Err(NotMended::NotSeen(problem)) => not_seen = not_seen.or(Some(problem)),
            Err(NotMended::Changed(problem)) => failed.push(EnvironmentError::NotPutBack {
                service: service(),
                problem,
            }),
        }
    }
    failed.extend(not_seen.map(|problem| EnvironmentError::NotSeen {
        project: project.to_owned(),
        problem,
    }));
    failed
}

/// Puts a container back as it was found; answers what of it is gone for good.
async fn mend(container: &Container, journal: Option<&Journal>) -> Result<Vec<String>, NotMended> {
    let is_its = |entry: &Entry| match entry {
        Entry::Container(noted) => noted.original.id == container.id(),
        Entry::Project(_) => false,
    };
    let notes = journal.map_or_else(Vec::new, |journal| journal.open(is_its));
    let gone = container.mend(!notes.is_empty()).await?;
    for note in notes {
        note.strike().await.map_err(DockerError::from)?;
    }
    Ok(gone)
}
