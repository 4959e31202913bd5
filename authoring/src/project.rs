//! What kind of suite is in a folder.

use std::{
    fs,
    path::{Path, PathBuf},
};

use assay_grants::Grants;
use assay_report::hint::Hinted;
use serde::Deserialize;
use thiserror::Error;
use toml::{Table, Value};

use crate::{FileError, template::Language};

/// The most bytes of a `Cargo.toml` or `pyproject.toml`.
const MAX_MANIFEST: u64 = 1 << 20;
/// What a suite in Python is called where `pyproject.toml` does not say.
const PYTHON_SUITE: &str = "suite.py";

/// A folder with a suite.
#[derive(Clone, Debug, PartialEq)]
pub struct Project {
    /// The folder, as one of its own paths.
    pub folder: PathBuf,
    /// What its component is called, without `.wasm`.
    pub name: String,
    /// What it is written in, and what is special to it.
    pub kind: Kind,
}

/// What a suite is written in.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A crate that is a `cdylib`.
    Rust,
    /// A module of Python.
    Python {
        /// Its file, in the folder.
        suite: PathBuf,
        /// The folder that has the package `assay`; without it the one that the host carries.
        sdk: Option<PathBuf>,
        /// What it declares that it wants to be granted: `[tool.assay.wants]`.
        wants: Box<Grants>,
    },
}

/// Why a folder is no suite.
#[derive(Debug, Error)]
pub enum ProjectError {
    /// Neither a crate nor a module.
    #[error("`{}` has no suite: neither a `Cargo.toml` nor a `pyproject.toml` or `suite.py`", folder.display())]
    Nothing {
        /// Where was looked.
        folder: PathBuf,
    },
    /// A crate, and not one that becomes a component.
    #[error("`{}` makes no component", manifest.display())]
    NoComponent {
        /// Its `Cargo.toml`.
        manifest: PathBuf,
    },
    /// A workspace, of which none knows which of its crates is meant.
    #[error("`{}` is that of a workspace, and of no crate", manifest.display())]
    Workspace {
        /// Its `Cargo.toml`.
        manifest: PathBuf,
    },
    /// A manifest that cannot be understood.
    #[error("`{}` is not as it must be: {problem}", manifest.display())]
    Malformed {
        /// Which.
        manifest: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// What `pyproject.toml` names is not there.
    #[error("`{}` names `{what}`, and there is no `{}`", manifest.display(), path.display())]
    Missing {
        /// The `pyproject.toml`.
        manifest: PathBuf,
        /// The key.
        what: &'static str,
        /// What should be there.
        path: PathBuf,
    },
    /// A file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
}

impl Hinted for ProjectError {
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Nothing { .. } => {
                "go to the folder of a suite, or make one: `host new my-suite --language rust`"
                    .to_owned()
            }
            Self::NoComponent { .. } => {
                "write `crate-type = [\"cdylib\"]` under `[lib]`".to_owned()
            }
            Self::Workspace { .. } => "give the folder of the suite's own crate".to_owned(),
            Self::Malformed { .. } => "compare it with one that `host new` makes".to_owned(),
            Self::Missing { what, .. } => format!("correct `{what}` under `[tool.assay]`"),
            Self::File(error) => return error.hint(),
        })
    }
}

impl Project {
    /// Looks what is in a folder.
    pub fn find(folder: &Path) -> Result<Self, ProjectError> {
        let folder = folder
            .canonicalize()
            .map_err(FileError::of("find", folder))?;
        let crate_manifest = folder.join("Cargo.toml");
        if crate_manifest.is_file() {
            return rust(folder, crate_manifest);
        }
        python(folder)
    }

    /// What it is written in.
    pub fn language(&self) -> Language {
        match self.kind {
            Kind::Rust => Language::Rust,
            Kind::Python { .. } => Language::Python,
        }
    }
}

/// What a suite in Python says of itself in `pyproject.toml`.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ToolAssay {
    suite: Option<PathBuf>,
    sdk: Option<PathBuf>,
    wants: Box<Grants>,
}

fn rust(folder: PathBuf, manifest: PathBuf) -> Result<Project, ProjectError> {
    let table = read(&manifest)?;
    let Some(package) = table.get("package") else {
        return Err(ProjectError::Workspace { manifest });
    };
    let kinds = table
        .get("lib")
        .and_then(|lib| lib.get("crate-type").or_else(|| lib.get("crate_type")))
        .and_then(Value::as_array);
    if !kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind.as_str() == Some("cdylib"))) {
        return Err(ProjectError::NoComponent { manifest });
    }
    let name = name_of(package, &manifest)?.ok_or_else(|| ProjectError::Malformed {
        manifest,
        problem: "the package has no name".to_owned(),
    })?;
    Ok(Project {
        folder,
        name,
        kind: Kind::Rust,
    })
}

fn python(folder: PathBuf) -> Result<Project, ProjectError> {
    let manifest = folder.join("pyproject.toml");
    let table = if manifest.is_file() {
        read(&manifest)?
    } else {
        Table::new()
    };
    let own = own_of(&table, &manifest)?;
    let suite = folder.join(own.suite.as_deref().unwrap_or(Path::new(PYTHON_SUITE)));
    if !suite.is_file() {
        return Err(match own.suite {
            Some(_) => missing(&manifest, "suite", suite),
            None => ProjectError::Nothing { folder },
        });
    }
    let sdk = own.sdk.map(|sdk| folder.join(sdk));
    if let Some(sdk) = &sdk {
        let package = sdk.join("assay/__init__.py");
        if !package.is_file() {
            return Err(missing(&manifest, "sdk", package));
        }
    }
    let named = match table.get("project") {
        Some(project) => name_of(project, &manifest)?,
        None => None,
    };
    let folder_name = || {
        folder
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
    };
    Ok(Project {
        name: named
            .or_else(folder_name)
            .unwrap_or_else(|| "suite".to_owned()),
        folder,
        kind: Kind::Python {
            suite,
            sdk,
            wants: own.wants,
        },
    })
}

/// `[tool.assay]` of a `pyproject.toml`; empty where there is none.
fn own_of(table: &Table, manifest: &Path) -> Result<ToolAssay, ProjectError> {
    let own = table.get("tool").and_then(|tool| tool.get("assay"));
    let own = own
        .cloned()
        .map_or(Ok(ToolAssay::default()), Value::try_into);
    own.map_err(|error| ProjectError::Malformed {
        manifest: manifest.to_owned(),
        problem: format!(
            "`[tool.assay]`: {}",
            error.to_string().trim().replace('\n', " ")
        ),
    })
}

fn missing(manifest: &Path, what: &'static str, path: PathBuf) -> ProjectError {
    ProjectError::Missing {
        manifest: manifest.to_owned(),
        what,
        path,
    }
}

/// The name in a manifest, which becomes that of a file.
fn name_of(table: &Value, manifest: &Path) -> Result<Option<String>, ProjectError> {
    let Some(name) = table.get("name").and_then(Value::as_str) else {
        return Ok(None);
    };
    let letter_is_good = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    if name.is_empty() || name.starts_with('.') || !name.chars().all(letter_is_good) {
        return Err(ProjectError::Malformed {
            manifest: manifest.to_owned(),
            problem: format!("`{name}` is no name for a file"),
        });
    }
    Ok(Some(name.to_owned()))
}

fn read(manifest: &Path) -> Result<Table, ProjectError> {
    let malformed = |problem: String| ProjectError::Malformed {
        manifest: manifest.to_owned(),
        problem,
    };
    let size = fs::metadata(manifest)
        .map_err(FileError::of("read", manifest))?
        .len();
    if size > MAX_MANIFEST {
        return Err(malformed(format!(
            "it has {size} bytes, and may have {MAX_MANIFEST}"
        )));
    }
    let text = fs::read_to_string(manifest).map_err(FileError::of("read", manifest))?;
    text.parse()
        .map_err(|error: toml::de::Error| malformed(error.message().to_owned()))
}

#[cfg(test)]
mod tests;
