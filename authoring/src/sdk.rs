//! Where a new suite has its SDK from.

use std::{
    fs,
    path::{Path, PathBuf},
};

use assay_report::hint::Hinted;
use thiserror::Error;

use crate::FileError;

/// Where a suite's SDK is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SdkSource {
    /// Published, in this version's line. `assay-sdk` is not on crates.io yet, so a suite in Rust does not build with it so far.
    Version,
    /// A folder on this machine: `sdk` of Assay's repository, or the repository itself.
    Path(PathBuf),
}

/// An SDK that was found in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// The folder of the crate `assay-sdk`.
    pub(crate) rust: PathBuf,
    /// The folder that has the Python package `assay`.
    pub(crate) python: PathBuf,
    /// The versions that the SDK was tested with, so that a suite builds wherever the SDK does, without a network too.
    pub(crate) lock: Option<String>,
}

/// Why a folder is no SDK.
#[derive(Debug, Error)]
pub enum SdkError {
    /// Neither it nor its `sdk` is the crate `assay-sdk`.
    #[error("`{}` has no crate `assay-sdk`", path.display())]
    Missing {
        /// As it was given.
        path: PathBuf,
    },
    /// A path that cannot stand in a file of text.
    #[error("the path `{}` is no UTF-8", path.display())]
    Unwritable {
        /// The folder.
        path: PathBuf,
    },
    /// A file of it cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
}

impl Hinted for SdkError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Missing { .. } => {
                Some("give the folder `sdk` of a checkout of Assay's repository".to_owned())
            }
            Self::Unwritable { .. } => {
                Some("move it to a folder whose name is plain text".to_owned())
            }
            Self::File(error) => error.hint(),
        }
    }
}

impl SdkSource {
    /// The SDK of the checkout that one of these places is in, such as the folder of the running program; published where there is none.
    pub fn near<'a>(places: impl IntoIterator<Item = &'a Path>) -> Self {
        let above = places.into_iter().flat_map(Path::ancestors);
        above
            .map(|folder| folder.join("sdk"))
            .find(|folder| is_sdk(folder))
            .map_or(Self::Version, Self::Path)
    }

    /// What is in the folder; none if the SDK is published.
    pub(crate) fn find(&self) -> Result<Option<Found>, SdkError> {
        let Self::Path(path) = self else {
            return Ok(None);
        };
        let folder = [path.clone(), path.join("sdk")]
            .into_iter()
            .find(|folder| is_sdk(folder))
            .ok_or_else(|| SdkError::Missing { path: path.clone() })?;
        let rust = folder
            .canonicalize()
            .map_err(FileError::of("find", &folder))?;
        if rust.to_str().is_none() {
            return Err(SdkError::Unwritable { path: rust });
        }
        let lock = rust.parent().map(|folder| folder.join("Cargo.lock"));
        let lock = match lock.filter(|lock| lock.is_file()) {
            Some(lock) => Some(fs::read_to_string(&lock).map_err(FileError::of("read", &lock))?),
            None => None,
        };
        Ok(Some(Found {
            python: rust.join("python"),
            rust,
            lock,
        }))
    }
}

/// Whether a folder is that of the crate `assay-sdk`.
fn is_sdk(folder: &Path) -> bool {
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    let manifest: toml::Table = manifest.parse().unwrap_or_default();
    let name = manifest.get("package").and_then(|table| table.get("name"));
    name.and_then(toml::Value::as_str) == Some("assay-sdk")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .unwrap()
            .canonicalize()
            .unwrap()
    }

    #[test]
    fn the_folder_of_the_sdk_and_that_of_the_repository_are_both_taken() {
        let of_sdk = SdkSource::Path(repository().join("sdk")).find().unwrap();
        assert_eq!(SdkSource::Path(repository()).find().unwrap(), of_sdk);
        let found = of_sdk.unwrap();
        assert_eq!(found.rust, repository().join("sdk"));
        assert!(found.lock.unwrap().contains("wit-bindgen"));
    }

    #[test]
    fn a_folder_without_the_sdk_is_refused() {
        let empty = tempfile::tempdir().unwrap();
        let error = SdkSource::Path(empty.path().to_owned()).find().unwrap_err();
        assert!(matches!(error, SdkError::Missing { .. }), "{error}");
    }

    #[test]
    fn a_place_in_the_repository_leads_to_its_sdk_and_another_one_to_the_published() {
        let elsewhere = tempfile::tempdir().unwrap();
        let inside = repository().join("target/debug");
        let places = [elsewhere.path(), inside.as_path()];
        let sdk = SdkSource::Path(repository().join("sdk"));
        assert_eq!(SdkSource::near(places), sdk);
        assert_eq!(SdkSource::near([elsewhere.path()]), SdkSource::Version);
    }
}
