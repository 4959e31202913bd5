//! Projects and episodes: as they are stored and as they are answered.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::rfc3339;
use crate::words::{Word, words};

words! {
    /// What a project is to become.
    pub enum ProjectType {
        /// A drama.
        Drama = "drama",
        /// A comedy.
        Comedy = "comedy",
        /// A romance.
        Romance = "romance",
        /// A thriller.
        Thriller = "thriller",
        /// A documentary.
        Documentary = "documentary",
        /// A series for the web.
        WebSeries = "web_series",
        /// A short film.
        ShortFilm = "short_film",
        /// An advertisement.
        Advertisement = "advertisement",
        /// Something to learn from.
        Education = "education",
    }
}

words! {
    /// How far a project is.
    pub enum ProjectStatus {
        /// Where each begins.
        Planning = "planning",
        /// Being worked on.
        InProgress = "in_progress",
        /// Done.
        Completed = "completed",
        /// Waiting.
        OnHold = "on_hold",
        /// Given up.
        Cancelled = "cancelled",
    }
}

/// A project as it is stored. The type is text, so that a defect can store what is none.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StoredProject {
    /// `proj_<uuid>`.
    pub id: String,
    /// Orders projects by their creation.
    pub sequence: u64,
    /// Its name.
    pub name: String,
    /// The word of a [`ProjectType`].
    pub kind: String,
    /// How far it is.
    pub status: ProjectStatus,
    /// In a few words; may be empty.
    pub description: String,
    /// Percent.
    pub progress: u64,
    /// Milliseconds since 1970.
    pub created_at_ms: u64,
    /// Milliseconds since 1970.
    pub updated_at_ms: u64,
}

/// A stored type that no version of this service knows.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the project {id} has the unknown type `{kind}`; correct it in the store")]
pub struct UnknownType {
    id: String,
    kind: String,
}

impl StoredProject {
    /// As it is answered.
    ///
    /// # Errors
    /// [`UnknownType`].
    pub fn answer(&self) -> Result<Project, UnknownType> {
        let kind = ProjectType::from_word(&self.kind).ok_or_else(|| UnknownType {
            id: self.id.clone(),
            kind: self.kind.clone(),
        })?;
        Ok(Project {
            id: self.id.clone(),
            name: self.name.clone(),
            kind,
            status: self.status,
            description: self.description.clone(),
            progress: self.progress,
            created_at: rfc3339(self.created_at_ms),
            updated_at: rfc3339(self.updated_at_ms),
        })
    }
}

/// A project.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Project {
    /// `proj_<uuid>`.
    #[schema(pattern = "^proj_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
    pub id: String,
    /// Its name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// What it is to become.
    #[serde(rename = "type")]
    pub kind: ProjectType,
    /// How far it is.
    pub status: ProjectStatus,
    /// In a few words; may be empty.
    #[schema(max_length = 5000)]
    pub description: String,
    /// Percent.
    #[schema(maximum = 100)]
    pub progress: u64,
    /// When it was made.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it was last changed.
    #[schema(format = DateTime)]
    pub updated_at: String,
}

/// A text and its size.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Script {
    /// The text.
    #[schema(min_length = 1)]
    pub markdown: String,
    /// How many tokens it has, as given, or a quarter of its characters if that was not given.
    pub tokens: u64,
}

/// An episode as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StoredEpisode {
    /// A UUID.
    pub id: String,
    /// Its project.
    pub project_id: String,
    /// Its number in the project.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// Its text.
    pub script: Script,
    /// What it was made from; may be empty.
    pub prompt_snapshot: String,
    /// Milliseconds since 1970.
    pub created_at_ms: u64,
}

impl StoredEpisode {
    /// As it is answered.
    pub fn answer(self) -> Episode {
        Episode {
            id: self.id,
            project_id: self.project_id,
            number: self.number,
            title: self.title,
            script: self.script,
            prompt_snapshot: self.prompt_snapshot,
            created_at: rfc3339(self.created_at_ms),
        }
    }
}

/// An episode.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Episode {
    /// Its id.
    #[schema(format = "uuid")]
    pub id: String,
    /// Its project.
    pub project_id: String,
    /// Its number in the project: 1, 2, 3, ..., never given twice.
    #[schema(minimum = 1)]
    pub number: u64,
    /// Its title; `<project name> - Ep. <number>` if none was given.
    pub title: String,
    /// Its text.
    pub script: Script,
    /// What it was made from; may be empty.
    pub prompt_snapshot: String,
    /// When it was made.
    #[schema(format = DateTime)]
    pub created_at: String,
}

/// All projects in numbers.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProjectSummary {
    /// How many there are.
    pub total_projects: u64,
    /// How many of each status; every status is there.
    pub status_counts: BTreeMap<&'static str, u64>,
    /// How many of each type; every type is there.
    pub type_counts: BTreeMap<&'static str, u64>,
    /// Percent; 0 without projects.
    #[schema(minimum = 0, maximum = 100)]
    pub average_progress: f64,
}

/// What went with a project.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeletedProject {
    /// Always true.
    pub deleted: bool,
    /// The project that is gone.
    pub project_id: String,
    /// How many episodes went with it.
    pub deleted_episodes: u64,
}

/// An episode that is gone.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeletedEpisode {
    /// Always true.
    pub deleted: bool,
    /// The episode that is gone.
    pub episode_id: String,
}

/// The number that the next episode gets.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NextNumber {
    /// The number.
    #[schema(minimum = 1)]
    pub next_number: u64,
}

/// The episodes of a project in numbers.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EpisodeStats {
    /// How many there are.
    pub total_episodes: u64,
    /// The highest number ever given; 0 before the first.
    pub last_number: u64,
    /// The tokens of all scripts.
    pub total_tokens: u64,
    /// The words of all scripts.
    pub total_words: u64,
}
