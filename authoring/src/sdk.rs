//! Where a new suite has its SDK from.

use std::path::{Path, PathBuf};

use assay_report::hint::Hinted;
use thiserror::Error;
use toml::{Table, Value};

use crate::{FileError, bounded};

/// The most bytes of a `Cargo.toml`.
const MAX_MANIFEST: u64 = 1 << 20;
/// The most bytes of a `Cargo.lock`; that of this workspace has a hundredth.
const MAX_LOCK: u64 = 16 << 20;

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
    /// The SDK of the checkout that a program is somewhere in, or of this folder if it is a checkout; published where there is none.
    ///
    /// Of the program's place all folders above are looked at, and of the other one only itself: it may be a path of another machine, and
    /// what is above it here is anybody's.
    pub fn near(program: Option<&Path>, checkout: Option<&Path>) -> Self {
        let above = program.into_iter().flat_map(Path::ancestors);
        above
            .chain(checkout)
            .find(|folder| is_checkout(folder))
            .map_or(Self::Version, |folder| Self::Path(folder.join("sdk")))
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
            Some(lock) => {
                Some(bounded::read(&lock, MAX_LOCK).map_err(FileError::of("read", &lock))?)
            }
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
    let manifest = manifest(folder);
    let name = manifest.get("package").and_then(|table| table.get("name"));
    name.and_then(Value::as_str) == Some("assay-sdk")
}

/// Whether a folder is that of a workspace which has the SDK among its crates.
fn is_checkout(folder: &Path) -> bool {
    let manifest = manifest(folder);
    let workspace = manifest.get("workspace");
    let members = workspace.and_then(|table| table.get("members"));
    let members = members.and_then(Value::as_array);
    let is_member =
        members.is_some_and(|members| members.iter().any(|member| member.as_str() == Some("sdk")));
    is_member && is_sdk(&folder.join("sdk"))
}

/// The `Cargo.toml` of a folder; empty where there is none that can be understood.
fn manifest(folder: &Path) -> Table {
    let text = bounded::read(&folder.join("Cargo.toml"), MAX_MANIFEST);
    text.unwrap_or_default().parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::fs;

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
    fn a_program_in_the_repository_leads_to_its_sdk_and_another_one_to_the_published() {
        let elsewhere = tempfile::tempdir().unwrap();
        let inside = repository().join("target/debug/host");
        let sdk = SdkSource::Path(repository().join("sdk"));
        let checkout = repository();
        let near = |program, checkout| SdkSource::near(Some(program), checkout);
        assert_eq!(near(&inside, None), sdk);
        assert_eq!(near(&inside, Some(elsewhere.path())), sdk);
        assert_eq!(near(elsewhere.path(), Some(&*checkout)), sdk);
        assert_eq!(near(elsewhere.path(), None), SdkSource::Version);
        assert_eq!(SdkSource::near(None, Some(&checkout)), sdk);
    }

    #[test]
    fn what_is_above_the_folder_of_the_build_is_not_trusted() {
        let inside = repository().join("host");
        assert_eq!(SdkSource::near(None, Some(&inside)), SdkSource::Version);
    }

    #[test]
    fn a_crate_that_calls_itself_the_sdk_is_not_found_without_the_workspace_around_it() {
        let base = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = base.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let near = || SdkSource::near(Some(&base.path().join("bin/host")), None);
        write("sdk/Cargo.toml", "[package]\nname = \"assay-sdk\"\n");
        assert_eq!(near(), SdkSource::Version);
        write("Cargo.toml", "[workspace]\nmembers = [\"other\"]\n");
        assert_eq!(near(), SdkSource::Version);
        write(
            "Cargo.toml",
            "[workspace]\nmembers = [\"other\", \"sdk\"]\n",
        );
        assert_eq!(near(), SdkSource::Path(base.path().join("sdk")));
        write("sdk/Cargo.toml", "[package]\nname = \"mine\"\n");
        assert_eq!(near(), SdkSource::Version);
    }

    #[test]
    fn a_manifest_and_a_lock_without_end_are_not_read() {
        let base = tempfile::tempdir().unwrap();
        let text = "[package]\nname = \"assay-sdk\"\n";
        fs::create_dir(base.path().join("sdk")).unwrap();
        let sdk = base.path().join("sdk/Cargo.toml");
        let full = |more: u64| {
            let rest = usize::try_from(MAX_MANIFEST + more).unwrap() - text.len();
            format!("{text}{}", "#".repeat(rest))
        };
        let source = SdkSource::Path(base.path().to_owned());
        fs::write(&sdk, full(0)).unwrap();
        assert!(source.find().is_ok());
        let lock = fs::File::create(base.path().join("Cargo.lock")).unwrap();
        lock.set_len(MAX_LOCK).unwrap();
        assert!(source.find().is_ok());
        lock.set_len(MAX_LOCK + 1).unwrap();
        assert!(matches!(source.find(), Err(SdkError::File(_))));
        fs::write(&sdk, full(1)).unwrap();
        assert!(matches!(source.find(), Err(SdkError::Missing { .. })));
    }
}
