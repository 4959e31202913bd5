//! What clients may send, as it is documented and as it is checked.

use axum::http::Uri;
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::model::JobStatus;
use crate::project::model::ProjectType;
use crate::web::error::ApiError;
use crate::web::fields::{Fields, Parameters};

/// The longest title and the longest id, in characters.
const NAME: usize = 200;
/// The longest description, in characters.
const DESCRIPTION: usize = 5_000;
/// The largest number of entries to skip.
const SKIP: u64 = 1 << 31;
/// The length of a text for which none was given, in words.
const LENGTH: u64 = 300;
/// The temperature if none was given.
const TEMPERATURE: f64 = 0.7;
/// How many characters of the description make a title if none was given.
const TITLE_OF_DESCRIPTION: usize = 60;

/// A generation to be made.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewJob {
    /// The project that gets the episode.
    #[schema(min_length = 1, max_length = 200)]
    pub(super) project_id: String,
    /// What the script is about.
    #[schema(min_length = 1, max_length = 5000)]
    pub(super) description: String,
    /// The title of the episode; the beginning of the description if absent.
    #[schema(required = false, max_length = 200)]
    pub(super) title: String,
    /// What kind of script; `drama` if absent.
    #[schema(required = false)]
    pub(super) script_type: ProjectType,
    /// Which model; kept, and without influence here.
    #[schema(max_length = 200)]
    pub(super) model: Option<String>,
    /// How free the model is; 0.7 if absent. Without influence here.
    #[schema(required = false, minimum = 0, maximum = 2)]
    pub(super) temperature: f64,
    /// How many words; 300 if absent.
    #[schema(required = false, minimum = 100, maximum = 10000)]
    pub(super) length_target: u64,
}

impl NewJob {
    pub(super) fn read(body: Value) -> Result<Self, ApiError> {
        let mut fields = Fields::of(body);
        let project_id = fields.required_text("projectId", 1..=NAME);
        let description = fields.required_text("description", 1..=DESCRIPTION);
        let title = fields
            .text("title", 0..=NAME)
            .filter(|title| !title.is_empty())
            .unwrap_or_else(|| beginning(&description));
        let job = Self {
            project_id,
            title,
            script_type: fields.word("scriptType").unwrap_or(ProjectType::Drama),
            model: fields.text("model", 0..=NAME),
            temperature: fields
                .number("temperature", 0.0..=2.0)
                .unwrap_or(TEMPERATURE),
            length_target: fields
                .integer("lengthTarget", 100..=10_000)
                .unwrap_or(LENGTH),
            description,
        };
        fields.finish()?;
        Ok(job)
    }
}

fn beginning(description: &str) -> String {
    let line = description.lines().next().unwrap_or_default().trim();
    if line.is_empty() {
        return "Untitled".to_owned();
    }
    line.chars().take(TITLE_OF_DESCRIPTION).collect()
}

/// Which generations are wanted.
#[derive(Clone, Debug, Default, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(super) struct JobQuery {
    /// How many of the newest are left out.
    #[param(required = false, minimum = 0, maximum = 2_147_483_648_u64)]
    pub(super) skip: usize,
    /// How many are wanted at most; 20 if not given.
    #[param(required = false, minimum = 1, maximum = 100)]
    pub(super) limit: usize,
    /// Only those of this project.
    #[param(required = false, max_length = 200)]
    pub(super) project_id: Option<String>,
    /// Only those of this status.
    #[param(required = false)]
    pub(super) status: Option<JobStatus>,
}

impl JobQuery {
    pub(super) fn read(uri: &Uri) -> Result<Self, ApiError> {
        let mut parameters = Parameters::of(uri);
        let skip = parameters.integer("skip", 0..=SKIP);
        let limit = parameters.integer("limit", 1..=100);
        let query = Self {
            skip: skip
                .and_then(|skip| usize::try_from(skip).ok())
                .unwrap_or(0),
            limit: limit
                .and_then(|limit| usize::try_from(limit).ok())
                .unwrap_or(20),
            project_id: parameters.text("projectId", 0..=NAME),
            status: parameters.word("status"),
        };
        parameters.finish()?;
        Ok(query)
    }
}
