//! From the folder of a suite to its component, whatever it is written in.

mod cargo;
mod error;
mod python;

use std::{
    fs,
    path::{Path, PathBuf},
};

use assay_grants::{Grants, declaration};

use crate::{
    FileError, Toolchain,
    project::{Kind, Project},
};

pub use error::BuildError;

/// The target of components in Rust.
pub const TARGET: &str = "wasm32-wasip2";

/// How a suite is built.
#[derive(Clone, Debug, Default)]
pub struct BuildOptions {
    /// Where the component goes, as `NAME.wasm`; `plugins` of the suite's folder if not given.
    pub out: Option<PathBuf>,
    /// Nothing is fetched: what is not there is an error.
    pub offline: bool,
    /// Where what is made on the way is kept; `target` of the suite's folder if not given, and for Rust what cargo says.
    pub target: Option<PathBuf>,
    /// The compilers.
    pub toolchain: Toolchain,
}

/// A component that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    /// Its file.
    pub component: PathBuf,
    /// Bytes of it.
    pub size: u64,
    /// Whether it is other than before: a file with the same bytes is left as it is, so that what is compiled of it stays good.
    pub changed: bool,
}

/// Makes the component. What compilers say goes to standard error, as they say it. Dropping the future ends them.
pub async fn build(project: &Project, options: &BuildOptions) -> Result<Built, BuildError> {
    let made = match &project.kind {
        Kind::Rust => cargo::component(project, options).await?,
        Kind::Python { suite, sdk, wants } => {
            let made = python::component(project, suite, sdk.as_deref(), options).await?;
            declare(&made, wants)?;
            made
        }
    };
    let folder = match &options.out {
        Some(folder) => folder.clone(),
        None => project.folder.join("plugins"),
    };
    Ok(place(&made, &folder, &project.name)?)
}

/// Adds what the suite wants to its component. A suite in Rust has it already, by its macro.
fn declare(component: &Path, wants: &Grants) -> Result<(), BuildError> {
    if wants.is_nothing() {
        return Ok(());
    }
    let bytes = fs::read(component).map_err(FileError::of("read", component))?;
    let declaring = declaration::declare(&bytes, wants)?;
    fs::write(component, declaring).map_err(FileError::of("write", component))?;
    Ok(())
}

/// Puts a component where it belongs, in one step: nobody reads half of one.
fn place(made: &Path, folder: &Path, name: &str) -> Result<Built, FileError> {
    fs::create_dir_all(folder).map_err(FileError::of("make", folder))?;
    let component = folder.join(format!("{name}.wasm"));
    let new = fs::read(made).map_err(FileError::of("read", made))?;
    let changed = !fs::read(&component).is_ok_and(|old| old == new);
    if changed {
        let partial = folder.join(format!(".{name}.wasm.partial"));
        fs::write(&partial, &new).map_err(FileError::of("write", &partial))?;
        fs::rename(&partial, &component).map_err(FileError::of("write", &component))?;
    }
    Ok(Built {
        component,
        size: new.len() as u64,
        changed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_is_replaced_only_by_another_one() {
        let base = tempfile::tempdir().unwrap();
        let (made, folder) = (base.path().join("made"), base.path().join("out"));
        fs::write(&made, b"one").unwrap();
        let built = place(&made, &folder, "shop").unwrap();
        assert_eq!(
            built,
            Built {
                component: folder.join("shop.wasm"),
                size: 3,
                changed: true
            }
        );
        assert!(!place(&made, &folder, "shop").unwrap().changed);
        fs::write(&made, b"three").unwrap();
        assert!(place(&made, &folder, "shop").unwrap().changed);
        assert_eq!(fs::read(&built.component).unwrap(), b"three");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    }
}
