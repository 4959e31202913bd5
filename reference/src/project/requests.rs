//! What clients may send, as it is documented and as it is checked.

use axum::http::Uri;
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::model::{ProjectStatus, ProjectType, Script};
use crate::defects::{Defect, Defects};
use crate::web::error::ApiError;
use crate::web::fields::{Fields, Parameters};
use crate::words::Word;

/// The longest name and title, in characters.
const NAME: usize = 200;
/// The longest description, in characters.
const DESCRIPTION: usize = 5_000;
/// The longest text: the limit of the body is reached first.
const ANY: usize = 1 << 20;
/// The largest number of tokens.
const TOKENS: u64 = 1 << 31;
/// The largest number of entries to skip.
const SKIP: u64 = 1 << 31;

/// A project to be made.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewProject {
    /// Its name.
    #[schema(min_length = 1, max_length = 200)]
    pub(super) name: String,
    /// What it is to become, in any case.
    #[serde(rename = "type")]
    #[schema(value_type = ProjectType)]
    pub(super) kind: String,
    /// In a few words.
    #[schema(required = false, max_length = 5000)]
    pub(super) description: String,
}

impl NewProject {
    pub(super) fn read(body: Value, defects: Defects) -> Result<Self, ApiError> {
        let mut fields = Fields::of(body);
        let name = fields.required_text("name", 1..=NAME);
        fields.must_have("type");
        let kind = if defects.has(Defect::UnknownTypeStored) {
            fields
                .text("type", 0..=ANY)
                .map(|kind| kind.to_ascii_lowercase())
        } else {
            fields
                .word::<ProjectType>("type")
                .map(|kind| kind.word().to_owned())
        };
        let description = fields.text("description", 0..=DESCRIPTION);
        fields.finish()?;
        Ok(Self {
            name,
            kind: kind.unwrap_or_default(),
            description: description.unwrap_or_default(),
        })
    }
}

/// What is to be changed of a project; the rest stays.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ProjectChange {
    /// Its name.
    #[schema(min_length = 1, max_length = 200)]
    pub(super) name: Option<String>,
    /// What it is to become, in any case.
    #[serde(rename = "type")]
    pub(super) kind: Option<ProjectType>,
    /// In a few words.
    #[schema(max_length = 5000)]
    pub(super) description: Option<String>,
    /// How far it is.
    pub(super) status: Option<ProjectStatus>,
}

impl ProjectChange {
    pub(super) fn read(body: Value) -> Result<Self, ApiError> {
        let mut fields = Fields::of(body);
        let change = Self {
            name: fields.text("name", 1..=NAME),
            kind: fields.word("type"),
            description: fields.text("description", 0..=DESCRIPTION),
            status: fields.word("status"),
        };
        fields.finish()?;
        Ok(change)
    }
}

/// Which projects are wanted.
#[derive(Clone, Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ProjectQuery {
    /// How many of the newest are left out.
    #[param(required = false, minimum = 0, maximum = 2_147_483_648_u64)]
    pub(super) skip: usize,
    /// How many are wanted at most; 20 if not given.
    #[param(required = false, minimum = 1, maximum = 100)]
    pub(super) limit: usize,
    /// Only those that have this in name or description, in any case.
    #[param(required = false, max_length = 200)]
    pub(super) search: Option<String>,
    /// Only those of this type.
    #[param(required = false, rename = "type")]
    pub(super) kind: Option<ProjectType>,
    /// Only those of this status.
    #[param(required = false)]
    pub(super) status: Option<ProjectStatus>,
}

impl ProjectQuery {
    pub(super) fn read(uri: &Uri) -> Result<Self, ApiError> {
        let mut parameters = Parameters::of(uri);
        let query = Self {
            skip: count(&mut parameters, "skip", 0, SKIP, 0),
            limit: count(&mut parameters, "limit", 1, 100, 20),
            search: parameters
                .text("search", 0..=NAME)
                .map(|text| text.to_lowercase()),
            kind: parameters.word("type"),
            status: parameters.word("status"),
        };
        parameters.finish()?;
        Ok(query)
    }
}

fn count(parameters: &mut Parameters, name: &str, least: u64, most: u64, absent: usize) -> usize {
    parameters
        .integer(name, least..=most)
        .and_then(|number| usize::try_from(number).ok())
        .unwrap_or(absent)
}

/// How many of the newest projects are wanted.
pub(super) fn recent_limit(uri: &Uri) -> Result<usize, ApiError> {
    let mut parameters = Parameters::of(uri);
    let limit = count(&mut parameters, "limit", 1, 100, 10);
    parameters.finish()?;
    Ok(limit)
}

/// How far a project is, in percent.
pub(super) fn progress(uri: &Uri) -> Result<u64, ApiError> {
    let mut parameters = Parameters::of(uri);
    let progress = parameters.required_integer("progress", 0..=100);
    parameters.finish()?;
    Ok(progress)
}

/// A script as it is given.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GivenScript {
    /// The text.
    #[schema(min_length = 1)]
    markdown: String,
    /// How many tokens it has; 0 or absent has it estimated.
    #[schema(required = false, maximum = 2_147_483_648_u64)]
    tokens: u64,
}

impl From<GivenScript> for Script {
    fn from(given: GivenScript) -> Self {
        let estimate = given.markdown.chars().count().div_ceil(4) as u64;
        Self {
            markdown: given.markdown,
            tokens: if given.tokens == 0 {
                estimate
            } else {
                given.tokens
            },
        }
    }
}

fn script(fields: &mut Fields) -> GivenScript {
    fields.must_have("script");
    fields
        .object("script", |script| GivenScript {
            markdown: script.required_text("markdown", 1..=ANY),
            tokens: script.integer("tokens", 0..=TOKENS).unwrap_or_default(),
        })
        .unwrap_or_default()
}

/// An episode to be made. The server gives the number.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewEpisode {
    /// Its title.
    #[schema(max_length = 200)]
    pub(super) title: Option<String>,
    /// Its text.
    pub(super) script: GivenScript,
    /// What it was made from.
    #[schema(required = false)]
    pub(super) prompt_snapshot: String,
}

impl NewEpisode {
    pub(super) fn read(body: Value) -> Result<Self, ApiError> {
        let mut fields = Fields::of(body);
        let episode = Self {
            title: title(&mut fields),
            script: script(&mut fields),
            prompt_snapshot: fields.text("promptSnapshot", 0..=ANY).unwrap_or_default(),
        };
        fields.finish()?;
        Ok(episode)
    }
}

fn title(fields: &mut Fields) -> Option<String> {
    fields
        .text("title", 0..=NAME)
        .filter(|title| !title.is_empty())
}

/// A script in place of the one an episode has.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ScriptChange {
    /// The new text.
    pub(super) script: GivenScript,
    /// What it was made from; the old one stays if absent.
    pub(super) prompt_snapshot: Option<String>,
}

impl ScriptChange {
    pub(super) fn read(body: Value) -> Result<Self, ApiError> {
        let mut fields = Fields::of(body);
        let change = Self {
            script: script(&mut fields),
            prompt_snapshot: fields.text("promptSnapshot", 0..=ANY),
        };
        fields.finish()?;
        Ok(change)
    }
}

/// An episode as a test wants it, with a number of its choice.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RawEpisode {
    /// Its number; it may be there already.
    #[schema(minimum = 1, maximum = 2_147_483_648_u64)]
    pub(super) number: u64,
    /// Its title.
    #[schema(max_length = 200)]
    pub(super) title: Option<String>,
    /// Its text.
    #[schema(required = false)]
    pub(super) script: GivenScript,
}

impl RawEpisode {
    pub(super) fn read(body: Value) -> Result<Self, ApiError> {
        let mut fields = Fields::of(body);
        let number = fields.required_integer("number", 1..=TOKENS);
        let title = title(&mut fields);
        let script = fields.object("script", |script| GivenScript {
            markdown: script.required_text("markdown", 1..=ANY),
            tokens: script.integer("tokens", 0..=TOKENS).unwrap_or_default(),
        });
        fields.finish()?;
        Ok(Self {
            number,
            title,
            script: script.unwrap_or_else(|| GivenScript {
                markdown: format!("Episode {number}"),
                tokens: 0,
            }),
        })
    }
}
