//! What the configuration is made from: a file, variables and a command line, read by somebody else.

use std::path::PathBuf;

use crate::config::document::Document;

/// What the configuration is made from. Nothing else of the world is looked at.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// The `assay.toml`; none if there is none.
    pub document: Option<Document>,
    /// The working folder: relative paths of variables and arguments start here, and all if there is no document.
    pub directory: PathBuf,
    /// All variables whose names begin with `ASSAY_`.
    pub variables: Vec<(String, String)>,
    /// What the command line says.
    pub overrides: Overrides,
    /// The seed, unless somebody gives one.
    pub seed: u64,
}

/// What the command line says.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// Values of `[run]`: the key and its text, as a variable would give it; the argument is `--KEY`.
    pub run: Vec<(&'static str, String)>,
    /// Documents that are to be made: the key of `[report]` and the path; the argument is `--KEY`.
    pub report: Vec<(&'static str, String)>,
    /// Values of `[history]`: the key and its text.
    pub history: Vec<(&'static str, String)>,
    /// `--set`, as given: `a.b=value`.
    pub set: Vec<String>,
    /// `--service`, as given: `NAME=URL`.
    pub services: Vec<String>,
    /// `--grant`, as given: `NAME: KEY=VALUE,...; ...`.
    pub grants: Vec<String>,
    /// `--filter`, as given.
    pub filter: Vec<String>,
    /// `--no-progress`.
    pub no_progress: bool,
}
