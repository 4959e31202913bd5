//! The lines of a journal: who wrote it, what was about to be done and how to undo it, and what is undone.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::environment::{
    docker::{Original, Part, down_by_hand},
    identity::Identity,
};

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Line {
    /// The first one.
    Head(Head),
    /// Something is about to be done.
    Note {
        /// From 1.
        id: u64,
        /// How to undo it.
        entry: Entry,
    },
    /// It is undone.
    Strike {
        /// Which note.
        id: u64,
    },
}

/// Who wrote a journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Head {
    /// Which shape the lines have: [`VERSION`].
    pub version: u32,
    /// The run; `environment-NAME` for one that is kept.
    pub run: String,
    /// The host.
    pub host: Identity,
    /// The boot of the machine in which it ran: what ran then does not run in another one.
    pub boot: String,
    /// Where it made its folders of data.
    pub temporary: PathBuf,
}

/// The shape that this host writes, and the only one that it reads.
pub const VERSION: u32 = 1;

/// How to undo what the kernel does not undo when the host dies. Each can be done again without harm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Entry {
    /// A container is changed.
    Container(Container),
    /// A compose project is brought up, and is to be taken down.
    Project(Project),
}

/// A container that is changed, and how it was before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Container {
    /// Where the engine listens, as `DOCKER_HOST` has it.
    pub engine: String,
    /// The compose project that it belongs to.
    pub project: String,
    /// The service of that project.
    pub service: String,
    /// How it was.
    pub original: Original,
}

/// A compose project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Project {
    /// Where the engine listens, as `DOCKER_HOST` has it.
    pub engine: String,
    /// The project's name.
    pub name: String,
    /// Whether its volumes go with it: they were not there before.
    pub volumes: bool,
    /// What goes with it, once all of that is there; empty while it comes up.
    pub parts: Vec<Part>,
}

impl Entry {
    /// How a person does it by hand.
    pub fn by_hand(&self) -> String {
        match self {
            Self::Project(Project { name, volumes, .. }) => down_by_hand(name, *volumes),
            Self::Container(Container { project, .. }) => format!(
                "`docker compose --project-name {project} up --detach --force-recreate` beside its compose file makes the containers anew"
            ),
        }
    }

    /// What undoing it means, for people.
    pub fn words(&self) -> String {
        match self {
            Self::Project(Project { name, .. }) => format!("take the project `{name}` down"),
            Self::Container(Container {
                project, service, ..
            }) => format!("bring back the container of `{service}` in the project `{project}`"),
        }
    }
}
